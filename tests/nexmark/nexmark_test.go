package nexmark

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
)

const (
	events   = 20_000
	seed     = 1
	patience = 90 * time.Second
)

// bench is a server with the benchmark's streams, full of events.
type bench struct {
	process *process.Process
	client  *kgo.Client
	events  *Events
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	p, err := process.Start(t, filepath.Join(dir, "server.log"), nil, "server", "--set", "server.data.directory="+dir+"/data", "--set",
		"server.sql.listen=127.0.0.1:0",
		"--set", "server.console.listen=", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	b := &bench{process: p, events: Make(events, 1000, seed)}
	b.client, err = kgo.NewClient(kgo.SeedBrokers(p.Kafka), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.client.Close)
	b.load(t)
	return b
}

// load fills the topics and declares the streams over them.
func (b *bench) load(t *testing.T) {
	t.Helper()
	for _, topic := range []string{"person", "auction", "bid", "side_input"} {
		b.create(t, topic)
	}
	for i := range b.events.Persons {
		b.produce("person", i, b.events.Persons[i].JSON())
	}
	for i := range b.events.Auctions {
		b.produce("auction", i, b.events.Auctions[i].JSON())
	}
	for i := range b.events.Bids {
		b.produce("bid", i, b.events.Bids[i].JSON())
	}
	for key := range int64(10_000) {
		b.produce("side_input", int(key), fmt.Appendf(nil, `{"key":%d,"value":%q}`, key, SideValue(key)))
	}
	if err := b.client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := b.connect(t)
	for _, s := range []struct{ name, columns, properties string }{{"person", PersonColumns, ""}, {"auction", AuctionColumns, ""}, {"bid", BidColumns, ""},
		{"side_input", SideColumns, SideProperties}} {
		b.exec(t, c, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest"%s)`,
			s.name, s.columns, s.name, s.properties))
	}
}

func (b *bench) create(t *testing.T, topic string) {
	t.Helper()
	if _, err := kadm.NewClient(b.client).CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) produce(topic string, i int, value []byte) {
	b.client.Produce(context.Background(), &kgo.Record{Topic: topic, Value: value, Partition: int32(i % 2)}, nil)
}

func (b *bench) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), "postgres://nexmark@"+b.process.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (b *bench) exec(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestNexmark runs every query over the events. A SELECT answers for all of them, and closes its windows at their
// end; a job's windows are those that the watermark has passed.
func TestNexmark(t *testing.T) {
	b := newBench(t)
	for _, q := range Queries {
		t.Run(q.Name+"/select", func(t *testing.T) { t.Parallel(); b.selects(t, q) })
		if !q.Keyless {
			t.Run(q.Name+"/job", func(t *testing.T) { t.Parallel(); b.runs(t, q) })
		}
	}
}

func (b *bench) selects(t *testing.T, q Query) {
	c := b.connect(t)
	b.exec(t, c, "SET slipway.select.rows = 1000000")
	rows, err := c.Query(t.Context(), q.SQL)
	if err != nil {
		t.Fatal(err)
	}
	var got []Row
	for rows.Next() {
		var r Row
		for _, v := range rows.RawValues() {
			if v == nil {
				r = append(r, nil)
			} else {
				r = append(r, string(v))
			}
		}
		got = append(got, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := b.events.Answer(q.Name, func(int64) bool { return true })
	if diff := Difference(Lines(q.comparable(got)), Lines(want)); diff != "" {
		t.Error(diff)
	}
}

// comparable is what is known beforehand of rows: of q12 how many bids a bidder made, whenever they were read.
func (q Query) comparable(rows []Row) (out []Row) {
	if q.Name != "q12" {
		return rows
	}
	counts := map[string]int{}
	for _, r := range rows {
		n := 0
		fmt.Sscan(fmt.Sprint(r[1]), &n)
		counts[fmt.Sprint(r[0])] += n
	}
	for bidder, n := range counts {
		out = append(out, Row{bidder, n})
	}
	return out
}

// runs runs a job until its sink has what is wanted, and looks again when it has been stopped.
func (b *bench) runs(t *testing.T, q Query) {
	sink := "sink_" + q.Name
	b.create(t, sink)
	c := b.connect(t)
	b.exec(t, c, fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json")`, sink, q.Sink, sink))
	last := b.events.Bids[len(b.events.Bids)-1].Time - 4*second
	want := Lines(b.events.Answer(q.Name, func(end int64) bool { return end <= last }))
	b.exec(t, c, fmt.Sprintf(`CREATE STREAMJOB job_%s AS ($$INSERT INTO %s %s$$) JOBPROPERTIES ("morphling.job.parallelism"="2", "morphling.job.checkpoint.interval"="100")`, q.Name, sink, q.SQL))
	diff := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if diff = Difference(Lines(q.comparable(b.read(t, q, sink))), want); diff == "" {
			break
		}
	}
	if diff != "" {
		t.Fatal(diff)
	}
	b.goesOn(t, c, q)
	b.exec(t, c, "STOP STREAMJOB job_"+q.Name)
	if diff := Difference(Lines(q.comparable(b.read(t, q, sink))), want); diff != "" {
		t.Errorf("when the job has been stopped: %s", diff)
	}
	b.exec(t, c, "DROP STREAMJOB job_"+q.Name)
}

// goesOn waits for more checkpoints than any edge between two tasks has room for: barriers that nobody
// reads have stopped such a job by then.
func (b *bench) goesOn(t *testing.T, c *pgx.Conn, q Query) {
	t.Helper()
	const enough = 20
	last := 0
	for deadline := time.Now().Add(patience); last < enough; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the job has completed %d checkpoints and no more", last)
		}
		rows, err := c.Query(t.Context(), "SHOW STREAMJOB job_"+q.Name)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			if v := rows.RawValues(); string(v[0]) == "last checkpoint" {
				fmt.Sscan(string(v[1]), &last)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// read gives the rows of a sink; of one with a key the newest of each.
func (b *bench) read(t *testing.T, q Query, topic string) (rows []Row) {
	t.Helper()
	ends, err := kadm.NewClient(b.client).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := int64(0)
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	c, err := kgo.NewClient(kgo.SeedBrokers(b.process.Kafka), kgo.ConsumeTopics(topic), kgo.DisableClientMetrics(), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	columns, keyed, newest := q.columns(), strings.Contains(q.Sink, "PRIMARY KEY"), map[string]Row{}
	for left > 0 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		fetches := c.PollFetches(ctx)
		cancel()
		if err := errors.Join(fetches.Err()); err != nil {
			t.Fatalf("reading %s: %v, %d records are left", topic, err, left)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			left--
			switch {
			case !keyed:
				rows = append(rows, decoded(t, r.Value, columns))
			case r.Value == nil:
				delete(newest, string(r.Key))
			default:
				newest[string(r.Key)] = decoded(t, r.Value, columns)
			}
		})
	}
	for _, r := range newest {
		rows = append(rows, r)
	}
	return rows
}

var column = regexp.MustCompile("`?(\\w+)`? (?:BIGINT|DECIMAL|DOUBLE|STRING|TIMESTAMP)")

// columns are the names of the sink's columns.
func (q Query) columns() (out []string) {
	for _, m := range column.FindAllStringSubmatch(q.Sink, -1) {
		out = append(out, m[1])
	}
	return out
}

func decoded(t *testing.T, value []byte, columns []string) (out Row) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	for _, c := range columns {
		v, ok := fields[c]
		if !ok {
			t.Fatalf("%s has no %s, of %v", value, c, slices.Clone(columns))
		}
		out = append(out, v)
	}
	return out
}
