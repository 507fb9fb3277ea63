package releases

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/tests/servers"
)

// refusal is of a job that cannot go on, because the dialect has changed what it means.
type refusal struct {
	says  string // part of the job's last failure
	topic string // that it writes to no more
}

// refused are those, by release and job.
var refused = map[string]refusal{
	// A stream with PRIMARY KEY was read as a row per record; its newest rows are in no checkpoint.
	"6eb9af0-keyed/keyed_sum": {"(newest row of default.by_i by (i)): the query has changed, or how its streams are read", "o_keyed_sum"},
}

// TestFormerReleases starts this build on what each former one has stored: catalogs read
// the same, and every job goes on from its checkpoint. Sources begin at the end of their
// topics unless a checkpoint says otherwise, so a sum that is right was restored.
func TestFormerReleases(t *testing.T) {
	sets, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(sets) == 0 {
		t.Fatalf("no sets: %v", err)
	}
	for _, file := range sets {
		name := strings.TrimSuffix(file, ".json")
		t.Run(strings.TrimPrefix(filepath.ToSlash(name), "testdata/"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := unpack(name+".tar.gz", dir); err != nil {
				t.Fatal(err)
			}
			want := read(t, file)
			if want.Mode == recordsMode {
				checkRecords(t, dir)
				return
			}
			check(t, start(t, want.Mode, dir), want, filepath.Base(filepath.Dir(file)))
		})
	}
}

func read(t *testing.T, file string) (out set) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}

func start(t *testing.T, mode, dir string) *server {
	t.Helper()
	if mode == "local" {
		return startLocal(t, "", dir)
	}
	z := servers.StartZooKeeper(t)
	loadNodes(t, z, dir)
	_, s := startOnQuorum(t, "", dir, z.Address)
	return s
}

func check(t *testing.T, s *server, want set, release string) {
	for relation, columns := range want.Relations {
		if got := s.columns(relation); !slices.Equal(got, columns) {
			t.Errorf("%s was declared as %v, it is read as %v", relation, columns, got)
		}
	}
	for _, sql := range want.Then {
		s.must(sql)
	}
	var now map[string]string
	eventually(t, "every job runs or has ended", func() bool {
		now, _ = s.jobs()
		return !slices.ContainsFunc(want.Jobs, func(j string) bool { return now[j] != "RUNNING" && now[j] != "FINISHED" && now[j] != "FAILED" })
	})
	for _, j := range want.Jobs {
		no, expected := refused[release+"/"+j]
		said := fmt.Sprint(s.must("SHOW STREAMJOB " + j))
		if (now[j] == "FAILED") != expected || !strings.Contains(said, no.says) {
			t.Errorf("job %s is %s: %s", j, now[j], said)
		}
		delete(want.Results, no.topic)
	}
	s.produce(want.More)
	for topic, rows := range want.Results {
		t.Run(topic, func(t *testing.T) {
			var got []string
			defer func() {
				if t.Failed() {
					t.Errorf("%s holds\n%s\nwant\n%s", topic, strings.Join(got, "\n"), strings.Join(rows, "\n"))
				}
			}()
			eventually(t, "the results are those of the build that stored the state", func() bool {
				got = s.results(topic)
				return slices.Equal(got, rows)
			})
		})
	}
}
