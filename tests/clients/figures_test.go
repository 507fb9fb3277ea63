package clients

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"slipway/kafkaio/kafkatest"
)

// one is a row of a query, its values as texts.
func one(t *testing.T, c *pgx.Conn, sql string) string {
	t.Helper()
	var out []string
	for _, row := range table(t, c, sql) {
		out = append(out, strings.Join(row, " "))
	}
	return strings.Join(out, "; ")
}

// TestFiguresAreTables: what went through a job stands in the tables of the schema slipway, by operator, task and split; of a
// job that does not run the figures are NULL.
func TestFiguresAreTables(t *testing.T) {
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address, "server.parallelism=4")
	t.Cleanup(n.Kill)
	b.Topic("in", 2)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select window_start, count(*) from table(tumble(table i, descriptor(ts), interval '10' second)) where k > 0 group by window_start, window_end");
		CREATE STREAMJOB waits AS ("insert into o select ts, k from i"); STOP STREAMJOB waits`)
	record := func(second int) string { return fmt.Sprintf(`{"k":1,"ts":"2026-01-01 00:00:%02d.000"}`, second) }
	b.Produce("in", 0, record(1), record(2), record(21))
	b.Produce("in", 1, record(41))
	is := func(sql, want string) {
		t.Helper()
		got := ""
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if got = one(t, c, sql); got == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s\ngives %s\nwant  %s", sql, got, want)
			}
		}
	}
	is("SELECT kind, rows_in, rows_out, tasks, state_bytes > 0, watermark FROM slipway.operators WHERE job = 'default.j' AND kind = 'source'", "source 4 4 2 f 2026-01-01 00:00:20.000")
	is("SELECT name, skew FROM slipway.operators WHERE job = 'default.j' AND kind = 'source'", "default.i (kafka) 1.5")
	is("SELECT count(*), count(id) FROM slipway.operators WHERE job = 'default.j' AND name LIKE 'window aggregate%' AND state_rows > 0", "1 1")
	is("SELECT kind, rows_in FROM slipway.operators WHERE job = 'default.j' AND kind = 'sink'", "sink 1")
	is("SELECT split, position, end_position, lag, watermark, idle FROM slipway.splits WHERE job = 'default.j' ORDER BY split", "in-0 3 3 0 2026-01-01 00:00:20.000 f; in-1 1 1 0 2026-01-01 00:00:40.000 f")
	is("SELECT sum(rows_in) FROM slipway.tasks WHERE job = 'default.j' AND stage = 0", "4")
	is("SELECT count(*) > 0 FROM slipway.tasks WHERE job = 'default.j' AND busy + idle + blocked BETWEEN 0.99 AND 1.01 AND idle > 0.5", "t")
	is("SELECT tasks > 1, rows_in, rows_out, lag, watermark FROM slipway.jobs WHERE full_name = 'default.j'", "t 4 1 0 2026-01-01 00:00:20.000")
	is("SELECT tasks, rows_in, rows_in_per_s, lag, busy FROM slipway.jobs WHERE name = 'waits'", "    ")
	is("SELECT kind, tasks, rows_in, busy, watermark FROM slipway.operators WHERE job = 'default.waits' AND kind <> 'operator' ORDER BY place", "source    ; sink    ")
	is("SELECT from_stage, to_stage, partitioning FROM slipway.edges WHERE job = 'default.j' ORDER BY 1 LIMIT 1", "0 1 single")
	is("SELECT value, source FROM slipway.settings WHERE name = 'server.parallelism'", "4 flag")
	is("SELECT job, source FROM slipway.properties WHERE property = 'morphling.job.checkpoint.interval' ORDER BY job", "default.j default; default.waits default")
	if _, err := c.Exec(context.Background(), "SHOW OPERATORS FOR STREAMJOB nothing"); err == nil || !strings.Contains(err.Error(), "42704") {
		t.Errorf("of a job that is not there: %v", err)
	}
}
