//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
)

const bidColumns = `auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP(3), extra STRING,
	WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND`

// queries are Nexmark's, over the flat stream of bids.
var queries = []struct{ name, sink, sql string }{
	{"q0", "auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP(3), extra STRING", "select auction, bidder, price, dateTime, extra from bid"},
	{"q1", "auction BIGINT, bidder BIGINT, price DECIMAL(23,3), dateTime TIMESTAMP(3), extra STRING",
		"select auction, bidder, 0.908 * price, dateTime, extra from bid"},
	{"q2", "auction BIGINT, price BIGINT", "select auction, price from bid where mod(auction, 123) = 0"},
	{"q12", "bidder BIGINT, n BIGINT, s TIMESTAMP(3)", "select bidder, count(*), window_start from table(tumble(table bid, descriptor(dateTime), interval " +
		"'10' second)) group by bidder, window_start, window_end"},
	{"q5 inner", "auction BIGINT, n BIGINT, s TIMESTAMP(3)", "select auction, count(*), window_start from table(hop(table bid, descriptor(dateTime), interval " +
		"'2' second, interval '10' second)) group by auction, window_start, window_end"},
	{"q7 inner", "price BIGINT, s TIMESTAMP(3)", "select max(price), window_start from table(tumble(table bid, descriptor(dateTime), interval '10' second)) " +
		"group by window_start, window_end"},
	{"group", "auction BIGINT, n BIGINT, low BIGINT, high BIGINT, total DECIMAL(38,0), PRIMARY KEY (auction)",
		"select auction, count(*), min(price), max(price), sum(price) from bid group by auction"},
}

// TestNexmark prints figures and judges nothing.
func TestNexmark(t *testing.T) {
	records := int64(1_000_000)
	if n, err := strconv.ParseInt(os.Getenv("SLIPWAY_BENCH_RECORDS"), 10, 64); err == nil {
		records = n
	}
	broker := startBroker(t)
	began := time.Now()
	server := startServer(t, process.Binary(t), broker.Kafka)
	ready := time.Since(began)
	time.Sleep(time.Second)
	resident, err := server.Resident()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("start to ready %.2f s, resident memory idle %.0f MB\n", ready.Seconds(), float64(resident)/1e6)
	load(t, broker.Kafka, records)
	_, exec := connect(t, server)
	exec(fmt.Sprintf(`CREATE STREAM bid (%s) TBLPROPERTIES ("topic"="bid", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`, bidColumns))
	fromGenerator(t, server, exec, 10*records)
	fmt.Printf("%d bids, Kafka JSON -> Kafka JSON, broker in its own process, its CPU not counted\n", records)
	fmt.Printf("%-10s %22s %22s %8s\n", "query", "slipway M/CPU-s (M/s)", "plain loop M/CPU-s (M/s)", "ratio")
	for i, q := range queries {
		out := fmt.Sprintf("out%d", i)
		createTopic(t, broker.Kafka, out)
		createTopic(t, broker.Kafka, out+"_plain")
		exec(fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"="%s", "format"="json")`, out, q.sink, out))
		ours := measure(t, server, broker.Kafka, records, fmt.Sprintf("j%d", i), func() {
			exec(fmt.Sprintf(`CREATE STREAMJOB j%d AS ($$insert into %s %s$$) JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="250", "morphling.job.parallelism"="1")`, i, out, q.sql))
		})
		exec(fmt.Sprintf("DROP STREAMJOB j%d", i))
		plain, err := handWritten{broker: broker.Kafka, in: "bid", out: out + "_plain", records: records, query: q.name}.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%-10s %14.2f (%.2f) %16.2f (%.2f) %12.2f\n", q.name, ours.perCPUSecond(), ours.perSecond(), plain.perCPUSecond(), plain.perSecond(),
			ours.perCPUSecond()/plain.perCPUSecond())
	}
}

// fromGenerator measures generator -> blackhole: what the engine itself costs.
func fromGenerator(t *testing.T, server *process.Process, exec func(string), records int64) {
	t.Helper()
	exec(fmt.Sprintf(`CREATE STREAM made (%s) TBLPROPERTIES ("connector"="nexmark", "total-amount"="%d")`, bidColumns, records))
	fmt.Printf("%d bids, generator -> blackhole\n", records)
	fmt.Printf("%-10s %22s %22s %8s\n", "query", "slipway M/CPU-s (M/s)", "plain loop M/CPU-s (M/s)", "ratio")
	for i, q := range queries {
		exec(fmt.Sprintf(`CREATE TABLE hole%d (%s) TBLPROPERTIES ("connector"="blackhole")`, i, q.sink))
		before, err := server.CPU()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		job := fmt.Sprintf("g%d", i)
		exec(fmt.Sprintf(`CREATE STREAMJOB %s AS ($$insert into hole%d %s$$) JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="1000", "morphling.job.parallelism"="1")`,
			job, i, strings.ReplaceAll(strings.ReplaceAll(q.sql, "from bid", "from made"), "table bid", "table made")))
		waitFinished(t, server, job)
		after, err := server.CPU()
		if err != nil {
			t.Fatal(err)
		}
		ours := cost{records, after - before, time.Since(began)}
		exec("DROP STREAMJOB " + job)
		plain := generatedLoop(q.name, records)
		fmt.Printf("%-10s %14.2f (%.2f) %16.2f (%.2f) %12.2f\n", q.name, ours.perCPUSecond(), ours.perSecond(), plain.perCPUSecond(), plain.perSecond(),
			ours.perCPUSecond()/plain.perCPUSecond())
	}
}

// waitFinished waits for the end of a job over a bounded source.
func waitFinished(t *testing.T, server *process.Process, job string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, "postgres://bench@"+server.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		rows, err := c.Query(ctx, "SHOW STREAMJOBS LIKE '"+job+"'")
		if err != nil {
			t.Fatal(err)
		}
		state := ""
		for rows.Next() {
			state = string(rows.RawValues()[2])
		}
		if state == "FINISHED" {
			return
		}
		if state == "FAILED" || time.Now().After(deadline) {
			t.Fatalf("job %s is %s", job, state)
		}
	}
}

func client(t *testing.T, broker string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(broker), kgo.DisableClientMetrics(), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func createTopic(t *testing.T, broker, name string) {
	t.Helper()
	if _, err := kadm.NewClient(client(t, broker)).CreateTopic(context.Background(), 2, 1, nil, name); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, broker string, records int64) {
	t.Helper()
	createTopic(t, broker, "bid")
	c := client(t, broker, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	g := newBids(1)
	for i := range records {
		c.Produce(context.Background(), &kgo.Record{Topic: "bid", Value: g.append(make([]byte, 0, 300)), Partition: int32(i % 2)}, nil)
	}
	if err := c.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// measure gives the server's cost from the start of a job until its committed offsets
// reach the end of the input.
func measure(t *testing.T, server *process.Process, broker string, records int64, job string, start func()) cost {
	t.Helper()
	adm, ctx := kadm.NewClient(client(t, broker)), context.Background()
	before, err := server.CPU()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	start()
	for deadline := began.Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		sum := int64(0)
		if list, err := adm.FetchOffsets(ctx, "default."+job); err == nil {
			list.Each(func(o kadm.OffsetResponse) { sum += o.At })
		}
		if sum >= records {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s read %d of %d records", job, sum, records)
		}
	}
	after, err := server.CPU()
	if err != nil {
		t.Fatal(err)
	}
	return cost{records, after - before, time.Since(began)}
}
