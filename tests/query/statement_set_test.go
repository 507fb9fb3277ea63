package query

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// statementSet writes three streams from one: rows by key, rows as they are, and what both a filter
// and a shared aggregate give.
const statementSet = `EXECUTE STATEMENT SET BEGIN
	INSERT INTO {sums} SELECT k, count(*), sum(i) FROM {src} GROUP BY k;
	INSERT INTO {rows} SELECT id, upper(k) FROM {src} WHERE i > 0;
	INSERT INTO {rare} SELECT n, count(*) FROM (SELECT k, count(*) n FROM {src} GROUP BY k) t GROUP BY n;
END`

// alone are the same queries, each for itself.
var alone = map[string]string{
	"sums": "select k, count(*), sum(i) from {src} group by k",
	"rows": "select id, upper(k) from {src} where i > 0",
	"rare": "select n, count(*) from (select k, count(*) n from {src} group by k) t group by n",
}

var setSinks = map[string]string{
	"sums": "k STRING, n BIGINT, total BIGINT, PRIMARY KEY (k)",
	"rows": "id BIGINT, k STRING",
	"rare": "n BIGINT, keys BIGINT, PRIMARY KEY (n)",
}

// TestStatementSet: several INSERTs in one job give what each gives for itself, also killed and
// restored at another parallelism, and their stream is read once.
func TestStatementSet(t *testing.T) {
	input := read(t, "testdata/input.jsonl")
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			s := newServer(t)
			src := stream{name: "src", columns: sourceColumns, input: input}
			g := &golden{t: t, server: s, mode: m, prefix: "set_" + m.name, random: random(m.name)}
			src.name = g.stream(t, "src", sourceColumns)
			for sink, columns := range setSinks {
				g.stream(t, sink, columns)
			}
			g.feed(t, []stream{src}, true)
			g.runSet(t, src)
			for sink, columns := range setSinks {
				one := &golden{t: t, server: s, mode: m, sink: columns, prefix: "alone_" + sink + "_" + m.name, random: random(m.name),
					streams: []stream{{name: "src", columns: sourceColumns, input: input}}}
				g.sink = columns
				if got, want := g.settle(s.consume(t, g.name(sink))), one.query(t, alone[sink]); got != want {
					t.Errorf("%s is\n%swant\n%s", sink, got, want)
				}
			}
		})
	}
}

func (g *golden) runSet(t *testing.T, src stream) {
	job, streams := g.name("job"), []stream{src}
	g.server.exec(t, g.jobOf(statementSet, g.mode.parallelism[0]))
	if lags := g.figures(t, "SHOW STREAMJOB ", "lag of "); lags != topicPartitions {
		t.Errorf("the stream's %d partitions are read %d times", topicPartitions, lags)
	}
	if g.mode.kill {
		g.server.awaitRead(t, job, streams)
		g.server.kill()
		g.server.start()
		g.server.exec(t, "STOP STREAMJOB "+job)
		g.server.exec(t, fmt.Sprintf(`ALTER STREAMJOB %s SET ("morphling.job.parallelism"="%d")`, job, g.mode.parallelism[1]))
		g.server.exec(t, "START STREAMJOB "+job)
		g.feed(t, streams, false)
	}
	g.server.awaitRead(t, job, streams)
	if g.mode.name == "plain" { // the figures are those of the run, and no faster where there are checkpoints
		rows := strings.Count(strings.TrimSpace(src.input), "\n") + 1
		g.figures(t, "EXPLAIN ANALYZE STREAMJOB ", fmt.Sprintf("    now: 0 rows/s in (%d), 0 rows/s out (", rows))
		g.figures(t, "EXPLAIN ANALYZE STREAMJOB ", fmt.Sprintf("    now: 0 rows/s out (%d) of ", rows))
	}
	g.server.exec(t, "STOP STREAMJOB "+job)
	g.server.exec(t, "DROP STREAMJOB "+job)
}

// stream declares a stream over a topic of its own.
func (g *golden) stream(t *testing.T, name, columns string) string {
	t.Helper()
	full := g.name(name)
	g.server.topics(t, full)
	g.server.exec(t, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`, full, columns, full))
	return full
}

func (g *golden) jobOf(body string, parallelism int) string {
	_, rest, _ := strings.Cut(g.create("", "", parallelism), "JOBPROPERTIES")
	return fmt.Sprintf("CREATE STREAMJOB %s AS ($body$%s$body$) JOBPROPERTIES %s", g.name("job"), g.named(body), rest)
}

// figures counts the lines that a statement says of the job and that begin with something, once there
// are any.
func (g *golden) figures(t *testing.T, statement, begins string) (n int) {
	t.Helper()
	c, err := g.server.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	within(t, "the job shows "+begins, func(ctx context.Context) bool {
		rows, err := c.Query(ctx, statement+g.name("job"))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for n = 0; rows.Next(); {
			if v, err := rows.Values(); err == nil && strings.HasPrefix(fmt.Sprint(v[0]), begins) {
				n++
			}
		}
		return n > 0
	})
	return n
}
