// Package releases holds what former builds have stored, and checks that this one goes on
// from it. README.md says how a set is made.
package releases

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
)

// set is one release's stored data in one recovery mode: `archive`.tar.gz holds the folders
// as they were when the server had ended, this what must come of them.
type set struct {
	// Mode is the recovery mode.
	Mode string `json:"mode"`
	// Relations are the columns of everything that was declared.
	Relations map[string][]string `json:"relations"`
	// Jobs are those that were there.
	Jobs []string `json:"jobs"`
	// Then are the statements with which stopped jobs go on.
	Then []string `json:"then"`
	// More is the input that the stored data has not seen.
	More []message `json:"more"`
	// Results are what the topics hold at the end, by topic.
	Results map[string][]string `json:"results"`
}

// message is a record of an input topic.
type message struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Value     string `json:"value"`
}

// lastBy names the topics of which only the last record per field counts: how many changes
// come before follows from how rows came together in batches.
var lastBy = map[string]string{"o_changes": "k"}

// sumBy names the topics whose rows are added up: the windows of arrival time are cut by
// the clock.
var sumBy = map[string]string{"w_arrival": "k"}

// server is one slipway under test with its broker.
type server struct {
	*process.Process
	t     *testing.T
	kafka string
}

func (s *server) ask(sql string) ([][]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, "postgres://test@"+s.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		var row []string
		for _, v := range rows.RawValues() {
			row = append(row, string(v))
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

func (s *server) must(sql string) [][]string {
	s.t.Helper()
	out, err := s.ask(sql)
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return out
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 90 s", what)
		}
	}
}

// jobs gives the status of each job, by name.
func (s *server) jobs() (map[string]string, error) {
	rows, err := s.ask("SHOW STREAMJOBS")
	out := map[string]string{}
	for _, r := range rows {
		out[r[0]] = r[2]
	}
	return out, err
}

// columns are the names and types of a relation's columns.
func (s *server) columns(relation string) (out []string) {
	for _, kind := range []string{"STREAM", "TABLE", "VIEW"} {
		rows, err := s.ask("DESCRIBE " + kind + " " + relation)
		if err == nil {
			for _, r := range rows {
				out = append(out, r[0]+" "+r[1])
			}
			return out
		}
	}
	return nil
}

func (s *server) client(opts ...kgo.Opt) *kgo.Client {
	s.t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(s.kafka), kgo.DisableClientMetrics(), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

func (s *server) produce(list []message) {
	s.t.Helper()
	c := s.client()
	for _, m := range list {
		r := &kgo.Record{Topic: m.Topic, Partition: m.Partition, Value: []byte(m.Value)}
		if err := c.ProduceSync(context.Background(), r).FirstErr(); err != nil {
			s.t.Fatal(err)
		}
	}
}

// results reads what is committed in a topic, sorted: of keyed records the last of each key.
func (s *server) results(topic string) []string {
	s.t.Helper()
	byKey, plain := map[string]string{}, []string{}
	s.consume(topic, func(r *kgo.Record) {
		switch {
		case sumBy[topic] != "":
			add(s.t, byKey, sumBy[topic], r.Value)
		case lastBy[topic] != "":
			byKey[field(s.t, r.Value, lastBy[topic])] = string(r.Value)
		case r.Key == nil:
			plain = append(plain, string(r.Value))
		case r.Value == nil:
			delete(byKey, string(r.Key))
		default:
			byKey[string(r.Key)] = string(r.Value)
		}
	})
	out := append(plain, slices.Collect(maps.Values(byKey))...)
	slices.Sort(out)
	return out
}

func field(t *testing.T, value []byte, name string) string {
	t.Helper()
	var row map[string]json.RawMessage
	if err := json.Unmarshal(value, &row); err != nil {
		t.Fatalf("%v in %s", err, value)
	}
	return string(row[name])
}

func add(t *testing.T, sums map[string]string, by string, value []byte) {
	t.Helper()
	k, n, sum := field(t, value, by), 0, 0
	fmt.Sscan(field(t, value, "n"), &n)
	if i := strings.LastIndexByte(sums[k], ' '); i >= 0 {
		fmt.Sscan(sums[k][i:], &sum)
	}
	sums[k] = fmt.Sprintf("%s %d", k, sum+n)
}

// consume reads a topic from its beginning to its present last stable offset.
func (s *server) consume(topic string, each func(*kgo.Record)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := s.client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords())
	ends, err := kadm.NewClient(c).ListCommittedOffsets(ctx, topic)
	if err != nil {
		s.t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			s.t.Fatalf("reading %s: %v, left %v", topic, err, left)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if end, ok := left[r.Partition]; !ok || r.Offset >= end {
				return
			}
			if !r.Attrs.IsControl() {
				each(r)
			}
			if r.Offset == left[r.Partition]-1 {
				delete(left, r.Partition)
			}
		})
	}
}

func unpack(file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, h.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
}
