// Package query runs every file of testdata as a stream job over Kafka, three
// times: plainly; with a checkpoint every few milliseconds; and killed half-way and
// restored at another parallelism. All three must give the rows that stand in the
// file.
//
// A file reads:
//
//	sink
//	id BIGINT, v STRING
//	----
//
//	query
//	select id, upper(s) from src
//	----
//	{"id":1,"v":"A"}
//
// `input` replaces the rows of the stream src (testdata/input.jsonl); a line "@key value" is a
// record with a key, "@key" one that deletes. `source` replaces the columns of src. `setup` holds
// statements to run first, with {name} for a name of the file's own, `error` expects CREATE STREAMJOB to be refused with the text below.
// Rows are sorted; of an upsert sink the last row of each key counts. After -rewrite
// read the difference as code.
package query

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgconn"
)

// sourceColumns are those of src in every file.
const sourceColumns = `id BIGINT, k STRING, i INT, b BIGINT, d DECIMAL(10,2), f DOUBLE, s STRING, x BOOLEAN, dt DATE, ts TIMESTAMP(3),
	WATERMARK FOR ts AS ts - INTERVAL '2' SECOND`

// mode is one way to run a query.
type mode struct {
	name        string
	checkpoints bool
	kill        bool
	parallelism []int // before and after the kill
	repeats     bool  // rows may come twice (at least once)
}

var modes = []mode{
	{name: "plain", parallelism: []int{1}},
	{name: "checkpointed", checkpoints: true, parallelism: []int{2}},
	{name: "killed", checkpoints: true, kill: true, parallelism: []int{1, 3}, repeats: true},
}

func TestQueries(t *testing.T) {
	defaultInput, err := os.ReadFile("testdata/input.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			s := newServer(t)
			for i, path := range files {
				name := strings.TrimSuffix(filepath.Base(path), ".test")
				t.Run(name, func(t *testing.T) {
					g := &golden{t: t, server: s, mode: m, input: string(defaultInput), source: sourceColumns, prefix: fmt.Sprintf("%s_%d", m.name, i)}
					datadriven.RunTest(t, path, g.run)
				})
			}
		})
	}
}

// golden is one file in one mode.
type golden struct {
	t       *testing.T
	server  *server
	mode    mode
	input   string
	source  string // columns of src
	sink    string
	setup   []string // run when src and the sink are there
	prefix  string   // of the names this file makes
	queries int
}

func (g *golden) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "input":
		g.input = d.Input
		return ""
	case "source":
		g.source = d.Input
		return ""
	case "sink":
		g.sink = d.Input
		return ""
	case "setup":
		g.setup = strings.Split(d.Input, ";\n")
		return ""
	case "query":
		g.queries++
		return g.query(t, d.Input)
	case "error":
		g.queries++
		return g.refused(t, d.Input)
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return ""
}

// name makes the file's own names, so that all files share one server.
func (g *golden) name(what string) string {
	return strings.ReplaceAll(fmt.Sprintf("%s_%s_%d", what, g.prefix, g.queries), "-", "_")
}

// braced is a name of this file: {src}, {sink}, {job}, and what setup declares.
var braced = regexp.MustCompile(`\{(\w+)\}`)

// named gives braced names their full form, which no other file has.
func (g *golden) named(sql string) string {
	return braced.ReplaceAllStringFunc(sql, func(m string) string { return g.name(m[1 : len(m)-1]) })
}

func (g *golden) declare(t *testing.T) (source, sink string) {
	t.Helper()
	source, sink = g.name("src"), g.name("sink")
	g.server.topics(t, source, sink)
	g.server.exec(t, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`, source, g.source, source))
	g.server.exec(t, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json"%s)`, sink, g.sink, sink, g.changelog()))
	for _, statement := range g.setup {
		g.server.exec(t, g.named(statement))
	}
	return source, sink
}

// changelog: a sink line that begins with "append:" takes changes as rows.
func (g *golden) changelog() string {
	if strings.Contains(g.sink, "/*changes*/") {
		return `, "sink.changelog"="append"`
	}
	return ""
}

func (g *golden) create(sink, query string, parallelism int) string {
	body := fmt.Sprintf("insert into %s %s", sink, g.named(query))
	properties := []string{fmt.Sprintf(`"morphling.job.parallelism"="%d"`, parallelism),
		`"morphling.job.enable.auto.failover"="true"`, `"morphling.job.checkpoint.interval"="30"`}
	if !g.mode.checkpoints {
		properties = append(properties, `"morphling.job.enable.checkpoint"="false"`)
	}
	return fmt.Sprintf("CREATE STREAMJOB %s AS ($body$%s$body$) JOBPROPERTIES (%s)", g.name("job"), body, strings.Join(properties, ", "))
}

func (g *golden) query(t *testing.T, query string) string {
	source, sink := g.declare(t)
	rows := strings.Split(strings.TrimSpace(g.input), "\n")
	half := rows
	if g.mode.kill {
		half = rows[:len(rows)/2]
	}
	g.server.produce(t, source, half)
	g.server.exec(t, g.create(sink, query, g.mode.parallelism[0]))
	job := g.name("job")
	if g.mode.kill {
		g.server.awaitRead(t, job, source)
		g.server.kill(t)
		g.server.start(t)
		g.server.exec(t, fmt.Sprintf(`STOP STREAMJOB %s`, job))
		g.server.exec(t, fmt.Sprintf(`ALTER STREAMJOB %s SET ("morphling.job.parallelism"="%d")`, job, g.mode.parallelism[1]))
		g.server.exec(t, fmt.Sprintf(`START STREAMJOB %s`, job))
		g.server.produce(t, source, rows[len(half):])
	}
	g.server.awaitRead(t, job, source)
	g.server.exec(t, fmt.Sprintf(`STOP STREAMJOB %s`, job))
	out := g.settle(g.server.consume(t, sink))
	g.server.exec(t, fmt.Sprintf(`DROP STREAMJOB %s`, job))
	return out
}

// settle brings rows into the form of the file.
func (g *golden) settle(rows []row) string {
	upsert := strings.Contains(strings.ToUpper(g.sink), "PRIMARY KEY")
	var lines []string
	if upsert {
		last := map[string]string{}
		for _, r := range rows {
			last[r.key] = r.value
		}
		lines = slices.Collect(maps.Values(last))
		lines = slices.DeleteFunc(lines, func(v string) bool { return v == "" })
	} else {
		for _, r := range rows {
			lines = append(lines, r.value)
		}
	}
	slices.SortFunc(lines, cmp.Compare[string])
	if g.mode.repeats {
		lines = slices.Compact(lines)
	}
	if len(lines) == 0 {
		return "-\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

func (g *golden) refused(t *testing.T, query string) string {
	source, sink := g.declare(t)
	err := g.server.try(g.create(sink, query, 1))
	if err == nil {
		return "accepted\n"
	}
	var b bytes.Buffer
	if e, ok := err.(*pgconn.PgError); ok {
		fmt.Fprintf(&b, "%s: %s\n", e.Code, e.Message)
		if e.Hint != "" {
			fmt.Fprintf(&b, "hint: %s\n", e.Hint)
		}
	} else {
		fmt.Fprintln(&b, err)
	}
	return strings.NewReplacer(source, "src", sink, "sink").Replace(b.String())
}

// within fails the test when done does not come true in time.
func within(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for !done(ctx) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}
