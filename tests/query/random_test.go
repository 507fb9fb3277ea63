package query

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRandomExactlyOnce: a job that gives each row a value of its own writes in transactions and is killed in the middle.
// Each row is there once, with one value, though some were computed again with another.
func TestRandomExactlyOnce(t *testing.T) {
	s := newServer(t)
	m := mode{name: "chance", checkpoints: true, kill: true, parallelism: []int{2, 2}}
	g := &golden{t: t, server: s, mode: m, prefix: "chance", random: random(m.name)}
	const rows = 400
	var input []string
	for i := range rows {
		input = append(input, fmt.Sprintf(`{"id":%d}`, i))
	}
	src := stream{name: g.stream(t, "src", "id BIGINT"), input: strings.Join(input, "\n")}
	outs := []string{g.stream(t, "one", "id BIGINT, u UUID, r DOUBLE, same BOOLEAN"), g.stream(t, "two", "id BIGINT, u UUID, r DOUBLE, same BOOLEAN")}
	g.feed(t, []stream{src}, true)
	// The second keeps its values in the state of a join.
	body := g.jobOf(`INSERT INTO {one} SELECT id, u, r, u = v FROM (SELECT id, u, u AS v, r FROM (SELECT id, gen_random_uuid() AS u, random() AS r FROM {src}) AS x) AS y;
INSERT INTO {two} SELECT a.id, CAST(a.u AS UUID), a.r, length(a.u) = 36 FROM (SELECT id, uuid() AS u, random() AS r FROM {src}) AS a JOIN {src} AS b ON a.id = b.id`, 2)
	s.exec(t, strings.Replace(body, "JOBPROPERTIES  (", `JOBPROPERTIES ("morphling.job.delivery.guarantee"="exactly_once", `, 1))
	job := g.name("job")
	s.awaitRead(t, job, []stream{src})
	g.feed(t, []stream{src}, false)
	s.kill() // rows of the second half may be in transactions that no checkpoint names
	s.start()
	s.awaitRead(t, job, []stream{src})
	s.exec(t, "STOP STREAMJOB "+job)
	for _, out := range outs {
		eachOnce(t, out, s.committed(t, out), rows)
	}
	s.exec(t, "DROP STREAMJOB "+job)
}

// eachOnce: as many rows, of as many ids and as many values.
func eachOnce(t *testing.T, out string, got []string, rows int) {
	t.Helper()
	ids, values := map[int64]bool{}, map[string]bool{}
	for _, text := range got {
		var row struct {
			ID   int64
			U    string
			R    float64
			Same bool
		}
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			t.Fatal(err)
		}
		if ids[row.ID], values[row.U] = true, true; !row.Same || row.R < 0 || row.R >= 1 || len(row.U) != 36 {
			t.Errorf("%s: %s", out, text)
		}
	}
	if len(got) != rows || len(ids) != rows || len(values) != rows {
		t.Errorf("%s has %d rows of %d ids with %d values, want %d", out, len(got), len(ids), len(values), rows)
	}
}
