// Package query runs every file of testdata as a stream job over Kafka, four times: plainly; with a
// checkpoint every few milliseconds; killed half-way and restored at another parallelism; and with
// shuffled input. Aggregates run in two phases but for the last, and the last two split those of
// DISTINCT values; queries of such run killed in all ways that these can be found. All must give the rows that stand in the file.
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
// There are two streams, {src} (or src) and {src2}, which is there if the file names it:
//
//	src   id BIGINT, k STRING, i INT, b BIGINT, d DECIMAL(10,2), f DOUBLE, s STRING, x BOOLEAN, dt DATE, ts TIMESTAMP(3)
//	src2  id BIGINT, ref BIGINT, k STRING, i INT, d DECIMAL(10,2), s STRING, ts TIMESTAMP(3)
//
// src2 is made for joins: ref are ids of src that repeat, are NULL or are not there; k are those of
// src, some of no row there, some NULL; times are those of src and some between. Both have WATERMARK
// FOR ts AS ts - INTERVAL '2' SECOND, and a last row far behind the others in each partition.
//
// `input` and `input2` replace their rows (testdata/input.jsonl, input2.jsonl); a line "@key value" is a
// record with a key, "@key" one that deletes. `source` and `source2` replace their columns. `setup`
// holds statements to run first, with {name} for a name of the file's own, also of a topic, which is made; `error` expects CREATE
// STREAMJOB to be refused with the text below. Rows are sorted; of an upsert sink the last row of
// each key counts. `properties` are those of the job: "k"="v", …. After -rewrite read the
// difference as code.
//
// Shuffled input: rows change places within the bound of the stream's watermark, so that none
// becomes late (freely, if there is no watermark), and go to random partitions; those with one key
// stay in order in their partition. src2 is written before src. The seed is the file's name. A file
// whose answer depends on the order says why, in front of its queries:
//
//	unshuffled
//	the first row that arrives is kept
//	----
package query

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgconn"
)

// sourceColumns are those of src in every file.
const sourceColumns = `id BIGINT, k STRING, i INT, b BIGINT, d DECIMAL(10,2), f DOUBLE, s STRING, x BOOLEAN, dt DATE, ts TIMESTAMP(3),
	WATERMARK FOR ts AS ts - INTERVAL '2' SECOND`

// secondColumns are those of src2.
const secondColumns = `id BIGINT, ref BIGINT, k STRING, i INT, d DECIMAL(10,2), s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND`

// mode is one way to run a query.
type mode struct {
	name        string
	checkpoints bool
	kill        bool
	parallelism []int // before and after the kill
	repeats     bool  // rows may come twice (at least once)
	shuffled    bool
	properties  string // of the jobs
	files       string // which alone run in this mode; empty: all
}

var modes = []mode{
	{name: "plain", parallelism: []int{1}},
	{name: "checkpointed", checkpoints: true, parallelism: []int{2}},
	{name: "killed", checkpoints: true, kill: true, parallelism: []int{1, 3}, repeats: true, properties: `"morphling.aggregate.distinct.split"="all", "morphling.aggregate.distinct.split.windows"="true"`},
	{name: "shuffled", shuffled: true, parallelism: []int{2}, properties: `"morphling.aggregate.two.phases"="false", "morphling.aggregate.distinct.split"="true", "morphling.aggregate.distinct.split.windows"="true"`},
	distinct("false", 1, 4), distinct("auto", 4, 1), distinct("keyless", 1, 4), distinct("all", 4, 1), distinct("all", 1, 4), distinct("true", 4, 1),
}

// distinct is a mode for queries of DISTINCT values, which some tasks find, and others when it was killed.
func distinct(split string, before, after int) mode {
	return mode{name: fmt.Sprintf("distinct_%s_%d_%d", split, before, after), checkpoints: true, kill: true, parallelism: []int{before, after},
		repeats: true, properties: fmt.Sprintf(`"morphling.aggregate.distinct.split"=%q, "morphling.aggregate.distinct.split.windows"="true"`, split), files: "distinct_"}
}

// atOnce is how many files run at a time, on one server.
const atOnce = 6

func TestQueries(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	inputs := []string{read(t, "testdata/input.jsonl"), read(t, "testdata/input2.jsonl")}
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			s := newServer(t)
			each(files, func(i int, path string) {
				defer s.kills.join()()
				name := strings.TrimSuffix(filepath.Base(path), ".test")
				if !strings.HasPrefix(name, m.files) {
					return
				}
				t.Run(name, func(t *testing.T) {
					g := &golden{t: t, server: s, mode: m, prefix: fmt.Sprintf("%s_%d", m.name, i), random: random(name), streams: []stream{
						{name: "src", columns: sourceColumns, input: inputs[0]}, {name: "src2", columns: secondColumns, input: inputs[1]},
					}}
					datadriven.RunTest(t, path, g.run)
				})
			})
		})
	}
}

func read(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// each calls f of all files, for some at a time. A file that was left out by -run takes no time.
func each(files []string, f func(i int, path string)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		all.Go(func() {
			for i := range next {
				f(i, files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	all.Wait()
}

// golden is one file in one mode.
type golden struct {
	t       *testing.T
	server  *server
	mode    mode
	streams []stream // that a query may read
	sink    string
	setup   []string // run when the streams and the sink are there
	prefix  string   // of the names this file makes
	queries int
	// properties of the job, beside those of the mode: "k"="v", …
	properties string
	random     *rand.Rand
}

func (g *golden) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "input":
		g.streams[0].input = d.Input
	case "input2":
		g.streams[1].input = d.Input
	case "source":
		g.streams[0].columns = d.Input
	case "source2":
		g.streams[1].columns = d.Input
	case "sink":
		g.sink = d.Input
	case "setup":
		g.setup = strings.Split(d.Input, ";\n")
	case "properties":
		g.properties = d.Input
	case "unshuffled":
		if g.mode.shuffled {
			t.Skip(d.Input)
		}
	case "query":
		g.queries++
		return g.query(t, d.Input)
	case "error":
		g.queries++
		return g.refused(t, d.Input)
	default:
		t.Fatalf("unknown command %s", d.Cmd)
	}
	return ""
}

// name makes the file's own names, so that all files share one server.
func (g *golden) name(what string) string {
	return strings.ReplaceAll(fmt.Sprintf("%s_%s_%d", what, g.prefix, g.queries), "-", "_")
}

// braced is a name of this file: {src}, {sink}, {job}, and what setup declares.
var braced = regexp.MustCompile(`\{(\w+)\}`)

// ownTopic is a topic that setup declares a stream of: src and src2 have theirs.
var ownTopic = regexp.MustCompile(`"topic"="\{(\w+)\}"`)

// named gives braced names their full form, which no other file has.
func (g *golden) named(sql string) string {
	return braced.ReplaceAllStringFunc(sql, func(m string) string { return g.name(m[1 : len(m)-1]) })
}

// declare makes the streams that the query or the setup names, src if they name none, and the sink.
func (g *golden) declare(t *testing.T, query string) (read []stream, sink string) {
	t.Helper()
	text := query + strings.Join(g.setup, "")
	for i, s := range g.streams {
		if !strings.Contains(text, "{"+s.name+"}") && (i > 0 || strings.Contains(text, "{src2}")) {
			continue
		}
		s.name = g.name(s.name)
		g.server.topics(t, s.name)
		g.server.exec(t, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`, s.name, s.columns, s.name))
		read = append(read, s)
	}
	sink = g.name("sink")
	g.server.topics(t, sink)
	g.server.exec(t, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json"%s)`, sink, g.sink, sink, g.changelog()))
	for _, statement := range g.setup {
		for _, m := range ownTopic.FindAllStringSubmatch(statement, -1) {
			if !slices.ContainsFunc(g.streams, func(s stream) bool { return s.name == m[1] }) {
				g.server.topics(t, g.name(m[1]))
			}
		}
		g.server.exec(t, g.named(statement))
	}
	return read, sink
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
	for _, p := range []string{g.mode.properties, g.properties} {
		if p != "" {
			properties = append(properties, strings.ReplaceAll(p, "{sink}", sink))
		}
	}
	return fmt.Sprintf("CREATE STREAMJOB %s AS ($body$%s$body$) JOBPROPERTIES (%s)", g.name("job"), body, strings.Join(properties, ", "))
}

func (g *golden) query(t *testing.T, query string) string {
	streams, sink := g.declare(t, query)
	if g.mode.shuffled {
		slices.Reverse(streams)
	}
	g.feed(t, streams, true)
	g.server.exec(t, g.create(sink, query, g.mode.parallelism[0]))
	job := g.name("job")
	if g.mode.kill {
		g.server.awaitRead(t, job, streams)
		g.server.kills.wait(func() { g.server.kill(); g.server.start() })
		g.server.exec(t, fmt.Sprintf(`STOP STREAMJOB %s`, job))
		g.server.exec(t, fmt.Sprintf(`ALTER STREAMJOB %s SET ("morphling.job.parallelism"="%d")`, job, g.mode.parallelism[1]))
		g.server.exec(t, fmt.Sprintf(`START STREAMJOB %s`, job))
		g.feed(t, streams, false)
	}
	g.server.awaitRead(t, job, streams)
	g.server.exec(t, fmt.Sprintf(`STOP STREAMJOB %s`, job))
	out := g.settle(g.server.consume(t, sink))
	g.server.exec(t, fmt.Sprintf(`DROP STREAMJOB %s`, job))
	return out
}

// feed writes the rows of the streams: all of them, or where the job is killed the first half and
// later the second.
func (g *golden) feed(t *testing.T, streams []stream, first bool) {
	t.Helper()
	for _, s := range streams {
		rows := strings.Split(strings.TrimSpace(s.input), "\n")
		half := len(rows) / 2
		switch {
		case g.mode.shuffled:
			g.server.produce(t, s.name, shuffle(g.random, s.columns, rows), g.random)
		case !g.mode.kill:
			g.server.produce(t, s.name, rows, nil)
		case first:
			g.server.produce(t, s.name, rows[:half], nil)
		default:
			g.server.produce(t, s.name, rows[half:], nil)
		}
	}
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
	streams, sink := g.declare(t, query)
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
	names := []string{sink, "sink"}
	for _, s := range streams {
		names = append(names, s.name, s.name[:strings.Index(s.name, "_"+g.prefix)])
	}
	return strings.NewReplacer(names...).Replace(b.String())
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
