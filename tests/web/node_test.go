package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/cmd/node"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// start starts a node with a console, and a sink that is slow.
func start(t *testing.T, sets ...string) *node.Node {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, append([]string{
		"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=127.0.0.1:0", "server.embedded.broker.listen=127.0.0.1:0",
	}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(context.Background(), cfg, slog.New(slog.DiscardHandler), &slow{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			t.Errorf("the clean end: %v", err)
		}
	})
	return n
}

// jobs are one that does well, one whose sink is slow, one that fails, and one that reads what the first writes.
const jobs = `
CREATE TABLE orders (id BIGINT, product STRING, amount DECIMAL(10,2), ordered TIMESTAMP(3), WATERMARK FOR ordered AS ordered - INTERVAL '1' SECOND)
	TBLPROPERTIES ("connector"="datagen", "rows-per-second"="200", "fields.id.kind"="sequence",
		"fields.product.values"="tea,coffee,cocoa", "fields.amount.max"="500");
CREATE TABLE flood (id BIGINT, product STRING) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="20000", "fields.id.kind"="sequence",
	"fields.product.values"="tea,coffee,cocoa");
CREATE STREAM totals (product STRING, window_start TIMESTAMP(3), orders BIGINT, total DECIMAL(38,2)) TBLPROPERTIES ("topic"="totals", "format"="json");
CREATE STREAM large (product STRING, orders BIGINT) TBLPROPERTIES ("topic"="large", "format"="json");
CREATE TABLE archive (product STRING, n BIGINT) TBLPROPERTIES ("connector"="slow");
CREATE TABLE gone (n BIGINT) TBLPROPERTIES ("connector"="blackhole");
CREATE STREAMJOB count_orders AS ("INSERT INTO totals SELECT product, window_start, count(*), sum(amount)
	FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered), INTERVAL '1' SECOND)) GROUP BY product, window_start, window_end")
	JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="1000", "morphling.job.parallelism"="2",
		"morphling.job.delivery.guarantee"="exactly_once");
CREATE STREAMJOB large_orders AS ("INSERT INTO large SELECT product, orders FROM totals WHERE orders > 10")
	JOBPROPERTIES ("morphling.job.parallelism"="1");
CREATE STREAMJOB archive_orders AS ("INSERT INTO archive SELECT max(product), id FROM flood GROUP BY id")
	JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="1000", "morphling.job.parallelism"="2");
CREATE STREAMJOB divide AS ("INSERT INTO gone SELECT 100 / (id - 300) FROM orders")
	JOBPROPERTIES ("morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="1");
`

// client is a session with the console, as a program has one.
type client struct {
	t       *testing.T
	url     string
	cookie  string
	headers map[string]string
}

func (c *client) post(path string, body any) (status int, answer string) {
	c.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", c.url+path, strings.NewReader(string(b)))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	for k, v := range c.headers {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if set := resp.Header.Get("Set-Cookie"); set != "" {
		c.cookie, _, _ = strings.Cut(set, ";")
	}
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(all)
}

// exec runs statements that must not fail.
func (c *client) exec(sql string) string {
	c.t.Helper()
	status, answer := c.post("/api/query", map[string]any{"sql": sql})
	if status != http.StatusOK || strings.Contains(answer, `{"error":`) {
		c.t.Fatalf("%d %s", status, answer)
	}
	return answer
}

// slow is a connector whose sink takes its time over each row, as a database does that is too small.
type slow struct {
	catalog.NothingBehind
	executor.NoSource
	executor.NoCommitter
	executor.NoLookup
}

func (*slow) Declaration() *catalog.Declaration {
	return &catalog.Declaration{Name: "slow", Text: "Takes its time.", Sink: &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce}}}
}

func (*slow) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }

func (*slow) NewSink(*plan.Sink) (executor.Sink, error) { return slowSink{}, nil }

type slowSink struct{}

func (slowSink) Open(context.Context, *executor.Env) error { return nil }
func (slowSink) Write(b *column.Batch) error {
	rows := 0
	b.Each(func(int) { rows++ })
	time.Sleep(time.Duration(rows) * 200 * time.Microsecond)
	return nil
}
func (slowSink) Prepare(context.Context, checkpoint.ID) ([]byte, error) { return nil, nil }
func (slowSink) Commit(context.Context, checkpoint.ID) error            { return nil }
func (slowSink) Tick(time.Time) (time.Time, error)                      { return time.Time{}, nil }
func (slowSink) Close() error                                           { return nil }
