//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/nexmark"
	"slipway/tests/process"
)

// flink is what Flink 2.2 makes of a query, in million records per CPU-second: warm, Table API, one
// parallel task, heap state, Kafka JSON at both ends, the same distributions, broker not counted.
var flink = map[string]float64{"q0": 0.170, "q1": 0.163, "q2": 0.383, "q3": 0.094, "q5": 0.219, "q7": 0.112, "q8": 0.061, "q12": 0.241, "q15": 0.120, "q16": 0.072,
	"q17": 0.122, "q18": 0.105, "q22": 0.166}

// honest are the queries whose plain loop does the whole of them, output included.
var honest = map[string]bool{"q0": true, "q1": true, "q2": true}

// TestNexmarkAll prints what every query of the benchmark costs from Kafka JSON to Kafka JSON, and the
// state that it holds when it has read everything; it judges nothing. tests/nexmark holds the answers.
// A query runs SLIPWAY_BENCH_ROUNDS times and the cheapest run counts: what else goes on in the machine only adds.
// SLIPWAY_BENCH_QUERIES is a regular expression of those to run, SLIPWAY_BENCH_BESIDE the path of another
// build of the server, which takes turns with this one.
func TestNexmarkAll(t *testing.T) {
	events, rounds := fromEnvironment("SLIPWAY_BENCH_RECORDS", 2_000_000), fromEnvironment("SLIPWAY_BENCH_ROUNDS", 2)
	broker := brokerAddress(t)
	counts := loadAll(t, broker, nexmark.Make(events, eventsPerSecond, 1))
	engines := []*engine{startEngine(t, broker, "this", process.Binary(t))}
	if other := os.Getenv("SLIPWAY_BENCH_BESIDE"); other != "" {
		engines = append(engines, startEngine(t, broker, "beside", other))
	}
	wanted := regexp.MustCompile("^(" + os.Getenv("SLIPWAY_BENCH_QUERIES") + ")$")
	fmt.Printf("Nexmark, %d events, Kafka JSON -> Kafka JSON, checkpoint every 10 s, the cheapest of %d runs; broker in its own process, its CPU not counted\n", events, rounds)
	fmt.Printf("%-5s %9s %22s %11s %14s %8s %10s %10s %10s\n", "query", "records", "slipway M/CPU-s (M/s)", "plain loop", "Flink M/CPU-s", "x Flink", "state KB", "rows", "bytes/row")
	for _, q := range nexmark.Queries {
		if os.Getenv("SLIPWAY_BENCH_QUERIES") != "" && !wanted.MatchString(q.Name) {
			continue
		}
		records := int64(0)
		for table := range tablesOf(q.SQL) {
			records += counts[table]
		}
		best := make([]outcome, len(engines))
		for round := range rounds {
			for i, e := range engines {
				best[i] = cheaper(best[i], e.run(q, round, records))
			}
		}
		printLine(q.Name, best, loopBeside(t, broker, q.Name, records))
	}
}

func fromEnvironment(name string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// printLine prints a query's line; of another build, if there is one, what it needs beside this one.
func printLine(query string, best []outcome, loop float64) {
	ours, beside, ratio, plain := best[0], "-", "-", "-"
	if f := flink[query]; f > 0 {
		beside, ratio = fmt.Sprintf("%.3f", f), fmt.Sprintf("%.1f", ours.perCPUSecond()/f)
	}
	if loop > 0 {
		plain = fmt.Sprintf("%.2f", loop)
	}
	fmt.Printf("%-5s %9d %14.2f (%.2f) %11s %14s %8s %10d %10d %10.1f", query, ours.records, ours.perCPUSecond(), ours.perSecond(), plain, beside, ratio,
		ours.stateBytes>>10, ours.stateRows, ours.perRow())
	if len(best) > 1 {
		fmt.Printf("   beside %.2f, this is %.2f times", best[1].perCPUSecond(), ours.perCPUSecond()/best[1].perCPUSecond())
	}
	fmt.Println()
}

// loopBeside runs the plain loop of a query, if one does all of it: million records per CPU-second, or 0.
func loopBeside(t *testing.T, broker, query string, records int64) float64 {
	t.Helper()
	if !honest[query] {
		return 0
	}
	createTopic(t, broker, "plain_"+query)
	c, err := handWritten{broker: broker, in: "bid", out: "plain_" + query, records: records, query: query}.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c.perCPUSecond()
}

var reads = regexp.MustCompile(`(?i)(?:(?:FROM|JOIN|TABLE) (person|auction|bid)\b)|(?:, (person|auction|bid) (?:AS )?[A-Z]\b)`)

// tablesOf are the streams that a query reads.
func tablesOf(sql string) map[string]bool {
	out := map[string]bool{}
	for _, m := range reads.FindAllStringSubmatch(sql, -1) {
		out[m[1]+m[2]] = true
	}
	return out
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
