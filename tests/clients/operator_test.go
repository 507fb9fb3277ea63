package clients

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/cmd/node"
	"slipway/kafkaio/kafkatest"
)

// lines gives the log's lines that hold all of the texts.
func (l *keptLog) lines(texts ...string) (out []string) {
	for _, line := range strings.Split(l.String(), "\n") {
		holds := line != ""
		for _, text := range texts {
			holds = holds && strings.Contains(line, text)
		}
		if holds {
			out = append(out, line)
		}
	}
	return out
}

// TestRowsLeftOutAreLogged: what on.error=skip leaves out and what comes late stands in
// the log, by topic, partition, offset and reason, the first of each kind at once and not
// every one of them.
func TestRowsLeftOutAreLogged(t *testing.T) {
	log := &keptLog{}
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), log, "kafka.broker.list="+b.Address)
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) TBLPROPERTIES ("topic"="in", "format"="json", "on.error"="skip", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select window_start, count(k) from table(tumble(table i, descriptor(ts), interval '10' second)) group by window_start, window_end")`)
	b.Produce("in", 0, `{"k":"x","ts":"2026-01-01 00:00:01"}`, `{"k":`, `{"k":"y","ts":"2026-01-01 00:00:01"}`, `{"k":1,"ts":"2026-01-01 00:00:31"}`)
	fieldIs(t, c, "j", "watermark", "2026-01-01 00:00:30.000")
	b.Produce("in", 0, `{"k":1,"ts":"2026-01-01 00:00:02"}`, `{"k":2,"ts":"2026-01-01 00:00:03"}`, `{"k":2}`)
	fieldIs(t, c, "j", "rows late", "2")
	fieldIs(t, c, "j", "rows failed", "4")
	n.Kill() // the end says what was only counted
	for what, texts := range map[string][]string{
		"a value that does not fit": {"level=WARN", "job=default.j", "rows=1", "topic=in partition=0 offset=0", "column k"},
		"a broken record":           {"level=WARN", "job=default.j", "rows=1", "topic=in partition=0 offset=1", "malformed JSON"},
		"another of the first kind": {"level=WARN", "job=default.j", "rows=1", "topic=in partition=0 offset=2", "column k"},
		"a row without a time":      {"level=WARN", "job=default.j", "rows=1", "without an event time"},
	} {
		if got := log.lines(texts...); len(got) != 1 {
			t.Errorf("%s: %d lines hold %q\n%s", what, len(got), texts, log)
		}
	}
	late := 0
	for _, line := range log.lines("level=WARN", "job=default.j", "came late", `window_end="2026-01-01 00:00:10.000"`, `watermark="2026-01-01 00:00:30.000"`) {
		_, rest, _ := strings.Cut(line, "rows=")
		count, _, _ := strings.Cut(rest, " ")
		k, _ := strconv.Atoi(count)
		late += k
	}
	if late != 2 {
		t.Errorf("the lines tell of %d late rows of 2\n%s", late, log)
	}
}

// TestWatermarkBesideAnIdlePartition: what is shown is what closes windows, though a
// partition that fell silent stands far behind; and who restores it goes on from there.
func TestWatermarkBesideAnIdlePartition(t *testing.T) {
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address, "server.console.listen=127.0.0.1:0", "server.parallelism=2")
	defer n.Kill()
	b.Topic("in", 2)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) TBLPROPERTIES ("topic"="in", "format"="json", "watermark.idle.timeout"="300", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select window_start, count(*) from table(tumble(table i, descriptor(ts), interval '10' second)) group by window_start, window_end")
			JOBPROPERTIES ("morphling.job.parallelism"="2", "morphling.job.enable.checkpoint"="true")`)
	at := func(second int) string { return fmt.Sprintf(`{"k":1,"ts":"2026-01-01 00:00:%02d.000"}`, second) }
	b.Produce("in", 1, at(1))
	fieldIs(t, c, "j", "watermark of in-1", "2026-01-01 00:00:01.000, idle")
	b.Produce("in", 0, at(1), at(30), at(59))
	if got := len(b.Consume("out", 2)); got != 2 {
		t.Fatalf("%d windows", got)
	}
	const reached = "2026-01-01 00:00:59.000"
	fieldIs(t, c, "j", "watermark", reached)
	if got := fields(t, c, "SHOW STREAMJOB j")["watermark of in-0"]; !strings.HasPrefix(got, reached) {
		t.Errorf("the watermark of in-0 is %q", got)
	}
	page := get(t, "http://"+n.ConsoleAddress()+"/metrics")
	for _, want := range []string{`slipway_job_watermark_seconds{job="default.j"} 1.767225659e+09`, `slipway_job_split_watermark_seconds{job="default.j",split="in-1"} 1.767225601e+09`} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	mustExec(t, c, "STOP STREAMJOB j; START STREAMJOB j")
	fieldIs(t, c, "j", "watermark", reached)
}

// TestJobsThatDoNotComeBack: behind a restart of the server, also a clean one, a job
// without auto failover is stopped and says why wherever one looks.
func TestJobsThatDoNotComeBack(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
	mustExec(t, c, passThrough+`"morphling.job.enable.auto.failover"="false")`)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
	defer n.Kill()
	if got := log.lines("level=WARN", "job is not started", "job=default.j", "morphling.job.enable.auto.failover"); len(got) != 1 {
		t.Errorf("%d lines\n%s", len(got), log)
	}
	f := fields(t, c, "SHOW STREAMJOB j")
	if f["state"] != "STOPPED" || !strings.Contains(f["reason"], "waits for START STREAMJOB") || f["last failure"] != "" {
		t.Errorf("the job says %v", f)
	}
	asked := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
	if got := asked.ask("SHOW STREAMJOBS"); !strings.Contains(got, "NOTICE 00000: stopped since the server ended, because they do not come back by themselves (morphling.job.enable.auto.failover), and waiting for START STREAMJOB: j\n") {
		t.Error(got)
	}
	mustExec(t, c, "START STREAMJOB j")
	fieldIs(t, c, "j", "reason", "")
	mustExec(t, c, "STOP STREAMJOB j")
	fieldIs(t, c, "j", "reason", "")
}

// TestFailedJobIsShown with what happened, when, and the way out.
func TestFailedJobIsShown(t *testing.T) {
	b, c := outside(t, t.TempDir(), &keptLog{})
	b.Topic("in", 1)
	b.Topic("out", 1)
	b.Produce("in", 0, `{"k":"bad"}`)
	mustExec(t, c, passThrough+`"morphling.job.enable.auto.failover"="true")`)
	fieldIs(t, c, "j", "state", "FAILED")
	f := fields(t, c, "SHOW STREAMJOB j")
	if !strings.Contains(f["last failure"], "topic in partition 0 offset 0: column k") || strings.Contains(f["last failure"], "HINT") || !strings.Contains(f["hint"], `"on.error"="skip"`) ||
		f["failed at"] == "" || f["since"] == "" {
		t.Errorf("the job says %v", f)
	}
}

// answer is what a path of the console gives.
func answer(t *testing.T, n *node.Node, path string) (status int, body string) {
	t.Helper()
	r, err := http.Get("http://" + n.ConsoleAddress() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// TestHealth: a failed job is found by its name, time and reason, also behind a restart of
// the server; that the brokers are away is another answer, and that the process lives a third.
func TestHealth(t *testing.T) {
	directory := t.TempDir()
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	sets := []string{"kafka.broker.list=" + b.Address, "server.console.listen=127.0.0.1:0"}
	n, c := startIn(t, directory, &keptLog{}, sets...)
	says := func(path string, status int, texts ...string) {
		t.Helper()
		got, body := answer(t, n, path)
		if got != status {
			t.Errorf("%s answers %d %s", path, got, body)
		}
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("%s says %s, not %s", path, body, text)
			}
		}
	}
	says("/healthz", 200, `"status":"ok","role":"leader","failed":[]`)
	says("/readyz", 200, `{"status":"ok","role":"leader","checks":{"brokers":"ok","clients":"ok","disk":"ok","leader":"ok"}}`)
	b.Produce("in", 0, `{"k":"bad"}`)
	mustExec(t, c, passThrough+`"morphling.job.enable.auto.failover"="true")`)
	fieldIs(t, c, "j", "state", "FAILED")
	failedAt := strings.Replace(fields(t, c, "SHOW STREAMJOB j")["failed at"], " ", "T", 1)
	for range 2 {
		says("/healthz", 503, `"status":"jobs have failed"`, `"failed":[{"name":"default.j","since":"`+failedAt[:len("2006-01-02T15:04:05")], `"failure":"stage 0 task 0: topic in partition 0 offset 0: column k`)
		says("/readyz", 200)
		n.Kill()
		n, _ = startIn(t, directory, &keptLog{}, sets...)
	}
	defer func() { n.Kill() }()
	b.Cluster.Close()
	says("/readyz", 503, `"status":"not ready"`, `"brokers":"the brokers do not answer`, `"clients":"ok"`)
	says("/livez", 200, `{"status":"ok"}`)
}

// TestQueriesAreQuiet: what a client asks leaves nothing in the log while all is well.
func TestQueriesAreQuiet(t *testing.T) {
	log := &keptLog{}
	b, c := outside(t, t.TempDir(), log)
	atStart := log.String()
	b.Topic("in", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json"); INSERT INTO i VALUES (1)`)
	if got := len(table(t, c, "SELECT k FROM i LIMIT 1")); got != 1 {
		t.Errorf("%d rows", got)
	}
	if log.String() != atStart {
		t.Errorf("the log says\n%s", log)
	}
}
