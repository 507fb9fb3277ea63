package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// lateQueries write the rows of windows one by one, so that each row is in the result or late.
var lateQueries = map[string]string{
	"tumble":            "SELECT id, count(*) FROM {src} GROUP BY id, TUMBLE(ts, INTERVAL '10' SECOND)",
	"hop":               "SELECT id, min(1) FROM {src} GROUP BY id, HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND) HAVING HOP_START(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND) >= TIMESTAMP '1970-01-01 00:00:00'",
	"distinct":          "SELECT id, count(DISTINCT k) FROM {src} GROUP BY id, TUMBLE(ts, INTERVAL '10' SECOND)",
	"session":           "SELECT id, count(*) FROM {src} GROUP BY id, SESSION(ts, INTERVAL '1' SECOND)",
	"rows":              "SELECT id, 1 FROM TABLE(SESSION(TABLE {src} PARTITION BY id, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
	"of windows":        "SELECT id, count(*) FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE window_end > TIMESTAMP '2000-01-01 00:00:00' GROUP BY id, window_start, window_end",
	"corrected tumble":  "SELECT id, count(*) FROM {src} GROUP BY id, TUMBLE(ts, INTERVAL '10' SECOND)",
	"corrected session": "SELECT id, count(*) FROM {src} GROUP BY id, SESSION(ts, INTERVAL '1' SECOND)",
	"corrected hop": "SELECT id, count(DISTINCT k) FROM {src} GROUP BY id, HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND) " +
		"HAVING HOP_START(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND) >= TIMESTAMP '1970-01-01 00:00:00'",
	"conditions": "SELECT id, count(*) FROM {src} SESSIONWINDOW (INIT[id >= 0] END[k IS NOT NULL] KEYEDBY (id))",
	"over":       "SELECT id, sum(1) OVER (PARTITION BY k ORDER BY ts) FROM {src}",
	"two inserts": "SELECT id, sum(1) OVER (PARTITION BY k ORDER BY ts) FROM {src} WHERE id % 2 = 0; " +
		"INSERT INTO {out} SELECT id, count(*) OVER (PARTITION BY id ORDER BY ts) FROM {src} WHERE id % 2 = 1",
	"in order":    "SELECT id, 1 FROM {src} ORDER BY ts",
	"over window": "SELECT id, count(*) OVER (PARTITION BY id, window_start, window_end) FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND))",
	"top": "SELECT id, n FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY id, window_start, window_end ORDER BY ts) AS n " +
		"FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND))) WHERE n = 1",
	"interval join": "SELECT a.id, 1 FROM {src} a LEFT JOIN (SELECT id AS other, ts AS at FROM {src}) b ON a.id = b.other AND a.ts BETWEEN b.at AND b.at + INTERVAL '1' SECOND",
	"both sides": "SELECT coalesce(a.id, b.id), 1 FROM (SELECT * FROM {src} WHERE id % 2 = 0) a FULL JOIN (SELECT * FROM {src} WHERE id % 2 = 1) b " +
		"ON a.id = b.id AND a.ts BETWEEN b.ts AND b.ts + INTERVAL '1' SECOND",
	"window join": "SELECT coalesce(a.id, b.id), 1 FROM (SELECT * FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE id % 2 = 0) a " +
		"FULL JOIN (SELECT * FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE id % 2 = 1) b " +
		"ON a.id = b.id AND a.window_start = b.window_start AND a.window_end = b.window_end",
	"temporal join": "SELECT a.id, 1 FROM {src} a LEFT JOIN {versions} FOR SYSTEM_TIME AS OF a.ts b ON a.id = b.id",
	"match":         "SELECT id, 1 FROM {src} MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts ALL ROWS PER MATCH PATTERN (a))",
	"pattern":       "SELECT e1.id, 1 FROM PATTERN (e1={src})",
	"set operation": "SELECT id, 1 FROM (SELECT id, k, window_start, window_end FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) " +
		"EXCEPT SELECT id, 'none', window_start, window_end FROM TABLE(TUMBLE(TABLE {src}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE id < 0)",
	"corrected session set": "SELECT id, count(DISTINCT k) FROM {src} GROUP BY id, SESSION(ts, INTERVAL '1' SECOND)",
	"corrected rows":        "SELECT id, 1 FROM TABLE(SESSION(TABLE {src} PARTITION BY id, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
	"session set":           "SELECT id, count(DISTINCT k) FROM {src} GROUP BY id, SESSION(ts, INTERVAL '1' SECOND)",
}

// lateEnd is the first number of rows that only let time go on.
const lateEnd = 400

// TestLate: rows that come when their windows have ended are rows of another stream, with their columns
// and the reason: each row is in the result or there, once, also killed and restored.
func TestLate(t *testing.T) {
	s := newServer(t)
	for name, query := range lateQueries {
		t.Run(name, func(t *testing.T) { checkLate(t, s, strings.ReplaceAll(name, " ", "_"), query) })
	}
}

func checkLate(t *testing.T, s *server, name, query string) {
	m := mode{name: "late", checkpoints: true, kill: true, parallelism: []int{2, 2}}
	g := &golden{t: t, server: s, mode: m, prefix: "late_" + name, random: random(name)}
	var input []string
	for i := range lateEnd { // every fifth row is an hour behind
		hour := 10
		if i%5 == 4 && i > 40 {
			hour = 9
		}
		input = append(input, fmt.Sprintf(`{"id":%d,"k":"k%d","ts":"2026-01-01 %02d:%02d:%02d.000"}`, i, i%3, hour, i/60, i%60))
	}
	for i := range 20 { // behind which all other windows have ended
		input = append(input, fmt.Sprintf(`{"id":%d,"k":"end","ts":"2026-01-01 12:00:00.000"}`, lateEnd+i))
	}
	src := stream{name: g.stream(t, "src", "id BIGINT, k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts"), input: strings.Join(input, "\n")}
	versions := stream{name: g.stream(t, "versions", "id BIGINT, k STRING, ts TIMESTAMP(3), PRIMARY KEY (id), WATERMARK FOR ts AS ts"), input: src.input}
	columns, more := "id BIGINT, n BIGINT", ""
	if strings.HasPrefix(name, "corrected") {
		columns, more = columns+", PRIMARY KEY (id)", `"morphling.window.allowed.lateness"="60000", `
	}
	outs := []string{g.stream(t, "out", columns), g.stream(t, "late", "reason STRING, id DECIMAL(10, 0), k STRING, other DATE, topic STRING NOT NULL, partition INT NOT NULL, offset BIGINT NOT NULL, key BINARY, value STRING")}
	sources := []stream{src}
	if strings.Contains(query, "{versions}") {
		sources = append(sources, versions)
	}
	g.feed(t, sources, true)
	body := g.jobOf("INSERT INTO {out} "+query, 2)
	properties := fmt.Sprintf(`JOBPROPERTIES ("late"="divert", "late.stream"=%q, "morphling.job.delivery.guarantee"="exactly_once", `, outs[1]) + more
	s.exec(t, strings.Replace(body, "JOBPROPERTIES  (", properties, 1))
	job := g.name("job")
	s.awaitRead(t, job, sources)
	g.feed(t, sources, false)
	s.kill()
	s.start()
	s.awaitRead(t, job, sources)
	s.exec(t, "STOP STREAMJOB "+job)
	seen := map[int]int{}
	for _, value := range s.committed(t, outs[0]) {
		if id := lateRow(t, value).ID; id < lateEnd {
			seen[id]++
		}
	}
	late, places := s.committed(t, outs[1]), map[place]bool{}
	for _, value := range late {
		row := lateRow(t, value)
		want := fmt.Sprintf("k%d", row.ID%3)
		if name == "in_order" { // of what SELECT gives
			want = ""
		}
		if row.K != want || !strings.HasPrefix(row.Reason, "late: "+lateReason(name)+" 2026-01-01 ") || row.Other != nil || !row.at(src.name, places) {
			t.Errorf("a late row is %s", value)
		}
		seen[row.ID] += 1000
	}
	if len(late) < 20 {
		t.Errorf("%d rows are late, of about 70", len(late))
	}
	once := map[int]bool{1: true, 2: strings.HasSuffix(name, "hop"), 1000: true}
	wrong := slices.DeleteFunc(slices.Collect(maps.Keys(seen)), func(id int) bool { return once[seen[id]] })
	if len(wrong) > 0 || len(seen) != lateEnd {
		t.Errorf("%d rows, not once: %v", len(seen), wrong)
	}
	s.exec(t, "DROP STREAMJOB "+job)
}

// lateReason is what had passed when a row came.
func lateReason(name string) string {
	if slices.Contains([]string{"conditions", "over", "two_inserts", "in_order", "interval_join", "both_sides", "temporal_join", "match", "pattern"}, name) {
		return "its time was"
	}
	return "its window ended at"
}

type lateJSON struct {
	ID     int
	K      string
	Reason string
	Other  *string
	place
	Key, Value *string
}

// place is where a record lay.
type place struct {
	Topic             string
	Partition, Offset int
}

// at tells that a late row has the bytes of its record in a topic, and its place, which no other has.
func (r *lateJSON) at(topic string, seen map[place]bool) bool {
	again := seen[r.place]
	seen[r.place] = true
	return !again && r.Topic == topic && r.Partition < 2 && r.Offset <= 420 && r.Value != nil && strings.HasPrefix(*r.Value, fmt.Sprintf(`{"id":%d,`, r.ID))
}

func lateRow(t *testing.T, value string) (row lateJSON) {
	t.Helper()
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	return row
}
