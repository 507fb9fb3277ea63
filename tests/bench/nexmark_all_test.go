//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/nexmark"
	"slipway/tests/process"
)

// flink is what Flink 2.2 makes of a query, in million records per CPU-second: warm, Table API, one
// parallel task, heap state, Kafka JSON at both ends, the same distributions, broker not counted.
var flink = map[string]float64{"q0": 0.170, "q1": 0.163, "q2": 0.383, "q3": 0.094, "q5": 0.219, "q7": 0.112, "q8": 0.061, "q12": 0.241, "q15": 0.120, "q16": 0.072,
	"q17": 0.122, "q18": 0.105, "q22": 0.166}

// TestNexmarkAll prints what every query of the benchmark costs from Kafka JSON to Kafka JSON, and the
// state that it holds when it has read everything; it judges nothing. tests/nexmark holds the answers.
func TestNexmarkAll(t *testing.T) {
	events := int64(500_000)
	if n, err := strconv.ParseInt(os.Getenv("SLIPWAY_BENCH_RECORDS"), 10, 64); err == nil {
		events = n
	}
	dir, ctx := t.TempDir(), context.Background()
	broker, err := process.Start(t, filepath.Join(dir, "broker.log"), nil, "broker", "--set", "server.data.directory="+dir+"/broker", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Kill()
	server, err := process.Start(t, filepath.Join(dir, "server.log"), nil, "server", "--set", "server.data.directory="+dir+"/data", "--set", "server.sql.listen=127.0.0.1:0",
		"--set", "server.console.listen=", "--set", "kafka.broker.list="+broker.Kafka)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	counts := loadAll(t, broker.Kafka, nexmark.Make(events, eventsPerSecond, 1))
	c, err := pgx.Connect(ctx, "postgres://bench@"+server.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	exec := func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for name, columns := range map[string]string{"person": nexmark.PersonColumns, "auction": nexmark.AuctionColumns, "bid": nexmark.BidColumns, "side_input": nexmark.SideColumns} {
		more := ""
		if name == "side_input" {
			more = nexmark.SideProperties
		}
		exec(fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest"%s)`, name, columns, name, more))
	}
	fmt.Printf("Nexmark, %d events, Kafka JSON -> Kafka JSON, broker in its own process, its CPU not counted\n", events)
	fmt.Printf("%-5s %9s %22s %14s %7s %12s\n", "query", "records", "slipway M/CPU-s (M/s)", "Flink M/CPU-s", "ratio", "state KB")
	for _, q := range nexmark.Queries {
		records := int64(0)
		for table := range tablesOf(q.SQL) {
			records += counts[table]
		}
		into := "out_" + q.Name
		if q.Keyless { // its corrections have no key: they are counted and thrown away
			exec(fmt.Sprintf(`CREATE TABLE %s (%s) TBLPROPERTIES ("connector"="blackhole", "sink.changelog"="append")`, into, q.Sink))
		} else {
			createTopic(t, broker.Kafka, into)
			exec(fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"="%s", "format"="json")`, into, q.Sink, into))
		}
		ours := measure(t, server, broker.Kafka, records, "n_"+q.Name, func() {
			exec(fmt.Sprintf(`CREATE STREAMJOB n_%s AS ($$insert into %s %s$$) JOBPROPERTIES ("morphling.job.checkpoint.interval"="500", "morphling.job.parallelism"="1")`, q.Name, into, q.SQL))
		})
		state := stateOf(t, c, "n_"+q.Name)
		exec("DROP STREAMJOB n_" + q.Name)
		beside, ratio := "-", "-"
		if f := flink[q.Name]; f > 0 {
			beside, ratio = fmt.Sprintf("%.3f", f), fmt.Sprintf("%.1f", ours.perCPUSecond()/f)
		}
		fmt.Printf("%-5s %9d %14.2f (%.2f) %14s %7s %12s\n", q.Name, records, ours.perCPUSecond(), ours.perSecond(), beside, ratio, state)
	}
}

// tablesOf are the streams that a query reads.
func tablesOf(sql string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?i)(?:FROM|JOIN|TABLE|,) (person|auction|bid)\b`).FindAllStringSubmatch(sql, -1) {
		out[m[1]] = true
	}
	return out
}

// stateOf is what a job says of the bytes of its state.
func stateOf(t *testing.T, c *pgx.Conn, job string) string {
	t.Helper()
	rows, err := c.Query(context.Background(), "SHOW STREAMJOB "+job)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if v := rows.RawValues(); string(v[0]) == "state bytes" {
			n, _ := strconv.ParseInt(string(v[1]), 10, 64)
			return strconv.FormatInt(n>>10, 10)
		}
	}
	return "?"
}

// loadAll writes the events into a topic for each kind, two partitions each, and the side input.
func loadAll(t *testing.T, broker string, e *nexmark.Events) map[string]int64 {
	t.Helper()
	c := client(t, broker, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	counts := map[string]int64{}
	send := func(topic string, value []byte) {
		c.Produce(context.Background(), &kgo.Record{Topic: topic, Value: value, Partition: int32(counts[topic] % 2)}, nil)
		counts[topic]++
	}
	for _, topic := range []string{"person", "auction", "bid", "side_input"} {
		createTopic(t, broker, topic)
	}
	for i := range e.Persons {
		send("person", e.Persons[i].JSON())
	}
	for i := range e.Auctions {
		send("auction", e.Auctions[i].JSON())
	}
	for i := range e.Bids {
		send("bid", e.Bids[i].JSON())
	}
	for key := range int64(10_000) {
		send("side_input", fmt.Appendf(nil, `{"key":%d,"value":%q}`, key, nexmark.SideValue(key)))
	}
	if err := c.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	return counts
}
