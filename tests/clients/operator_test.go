package clients

import (
	"strconv"
	"strings"
	"testing"

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
