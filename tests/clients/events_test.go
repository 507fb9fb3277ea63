package clients

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"slipway/kafkaio/kafkatest"
)

// notified waits for a notification whose payload holds a text.
func notified(t *testing.T, c *pgx.Conn, text string) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		n, err := c.WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("waiting for %q: %v", text, err)
		}
		var e map[string]any
		if err := json.Unmarshal([]byte(n.Payload), &e); err != nil || n.Channel != "streamjob_events" {
			t.Fatalf("%s: %s: %v", n.Channel, n.Payload, err)
		}
		if strings.Contains(n.Payload, text) {
			return e
		}
	}
}

// TestFailuresAndEvents: what fails of a job is kept with its class, its record and what was done, also over a restart of the
// server; who listens is told, also while the client rests, and no more behind UNLISTEN.
func TestFailuresAndEvents(t *testing.T) {
	b := kafkatest.Start(t)
	directory := t.TempDir()
	n, c := startIn(t, directory, &keptLog{}, "kafka.broker.list="+b.Address)
	t.Cleanup(func() { n.Kill() })
	listener := connect(t, n, "")
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, listener, "LISTEN streamjob_events")
	mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (k BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select k from i")`)
	b.Produce("in", 0, `{"k":1}`, `{"k":"x"}`)
	e := notified(t, listener, `"kind":"failure"`)
	if d := e["detail"].(map[string]any); d["class"] != "data" || d["topic"] != "in" || d["offset"] != 1.0 || e["job"] != "default.j" || e["severity"] != "error" {
		t.Errorf("the event is %v", e)
	}
	fieldIs(t, c, "j", "state", "FAILED")
	const query = "SELECT job, class, sqlstate, action, stage, task, topic, partition, record_offset, hint LIKE '%on.error%', message LIKE '%column k%' FROM slipway.failures"
	const want = "default.j data 22P02 not restarted: the job has FAILED 0 0 in 0 1 t t"
	if got := one(t, c, query); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := one(t, c, "SELECT count(*) FROM slipway.events WHERE job = 'default.j' AND kind = 'job state' AND message LIKE '%is FAILED%'"); got != "1" {
		t.Errorf("%s events tell that the job has failed", got)
	}
	if got := one(t, c, "SELECT count(*) FROM slipway.events WHERE kind = 'definition' AND message = 'CREATE STREAMJOB j AS'"); got != "1" {
		t.Errorf("%s events tell that it was declared", got)
	}
	mustExec(t, listener, "UNLISTEN *")
	mustExec(t, c, "DROP STREAM IF EXISTS nothing")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	for {
		n, err := listener.WaitForNotification(ctx)
		if err != nil {
			break
		}
		if strings.Contains(n.Payload, "DROP STREAM") {
			t.Errorf("behind UNLISTEN came %s", n.Payload)
		}
	}
	n.Kill()
	n, c = startIn(t, directory, &keptLog{}, "kafka.broker.list="+b.Address)
	if got := one(t, c, query); got != want {
		t.Errorf("behind a restart of the server\n%s\nwant\n%s", got, want)
	}
}

// TestShowWatermark: of two partitions the one that is behind is named, with the record that would end the next window.
func TestShowWatermark(t *testing.T) {
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	t.Cleanup(n.Kill)
	b.Topic("in", 2)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select window_start, count(*) from table(tumble(table i, descriptor(ts), interval '10' second)) group by window_start, window_end")`)
	b.Produce("in", 0, `{"k":1,"ts":"2026-01-01 00:00:26.000"}`)
	b.Produce("in", 1, `{"k":1,"ts":"2026-01-01 00:00:56.000"}`)
	eventually(t, "both partitions are read", func() bool { return fields(t, c, "SHOW STREAMJOB j")["watermark"] == "2026-01-01 00:00:25.000" })
	rows := table(t, c, "SHOW WATERMARK FOR STREAMJOB j")
	if len(rows) != 3 || rows[0][2] != "default.i in-0" || rows[0][4] != "t" || rows[1][4] != "f" {
		t.Fatalf("the partitions: %q", rows)
	}
	w := rows[2]
	if w[1] != "window" || w[3] != "2026-01-01 00:00:25.000" || w[7] != "2026-01-01 00:00:30.000" || w[8] != "2026-01-01 00:00:31.000" || !strings.Contains(w[9], "in-0 of default.i holds it") {
		t.Errorf("the window: %q", w)
	}
	b.Produce("in", 0, `{"k":1,"ts":"`+w[8][:19]+`"}`)
	fieldIs(t, c, "j", "rows out", "1")
	mustExec(t, c, "STOP STREAMJOB j")
	if _, err := c.Exec(context.Background(), "SHOW WATERMARK FOR STREAMJOB j"); err == nil || !strings.Contains(err.Error(), "55000") {
		t.Errorf("of a job that does not run: %v", err)
	}
}
