package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDivert: records that a format refuses are rows of another stream, with bytes, place and reason,
// under the same checkpoints as the others; also killed and restored.
func TestDivert(t *testing.T) {
	var input, good, bad []string
	for i := range 40 {
		record := fmt.Sprintf(`{"id":%d,"k":"x"}`, i)
		good = append(good, fmt.Sprintf(`{"id":%d}`, i))
		if i%4 == 3 {
			record, good = fmt.Sprintf(`{"id":"no%d"`, i), good[:len(good)-1]
			bad = append(bad, fmt.Sprintf(`{"topic":"TOPIC","partition":%d,"offset":%d,"value":"{\"id\":\"no%d\"","other":null}`, i%topicPartitions, i/topicPartitions, i))
		}
		input = append(input, record)
	}
	slices.Sort(good)
	slices.Sort(bad)
	for _, m := range modes[:3] {
		t.Run(m.name, func(t *testing.T) {
			s := newServer(t)
			g := &golden{t: t, server: s, mode: m, prefix: "divert_" + m.name, random: random(m.name), sink: "-"}
			dead := g.stream(t, "dead", "topic STRING, partition INT, offset BIGINT, value STRING, other DATE")
			g.stream(t, "out", "id BIGINT")
			src := stream{name: g.stream(t, "src", "id BIGINT, k STRING"), input: strings.Join(input, "\n")}
			if err := s.try(fmt.Sprintf(`ALTER STREAM %s SET ("on.error"="divert")`, src.name)); err == nil {
				t.Error("there is nowhere to divert to, and it is accepted")
			}
			s.exec(t, fmt.Sprintf(`ALTER STREAM %s SET ("on.error"="divert", "on.error.stream"=%q)`, src.name, dead))
			g.feed(t, []stream{src}, true)
			s.exec(t, g.jobOf("INSERT INTO {out} SELECT id FROM {src} WHERE id >= 0", m.parallelism[0]))
			job := g.name("job")
			if m.kill {
				s.awaitRead(t, job, []stream{src})
				s.kill()
				s.start()
				s.exec(t, "STOP STREAMJOB "+job)
				s.exec(t, "START STREAMJOB "+job)
				g.feed(t, []stream{src}, false)
			}
			s.awaitRead(t, job, []stream{src})
			s.exec(t, "STOP STREAMJOB "+job)
			for name, want := range map[string][]string{"out": good, "dead": bad} {
				got := g.settle(s.consume(t, g.name(name)))
				if text := strings.ReplaceAll(strings.Join(want, "\n")+"\n", "TOPIC", src.name); got != text {
					t.Errorf("%s is\n%swant\n%s", name, got, text)
				}
			}
			s.exec(t, "DROP STREAMJOB "+job)
		})
	}
}

// TestDivertRows: rows that cannot be computed are written there too, as JSON with the reason: in front
// of an exchange and behind one.
func TestDivertRows(t *testing.T) {
	queries := map[string]string{
		"project":   "INSERT INTO {out} SELECT id, id + 1000 FROM {src}",
		"filter":    "INSERT INTO {out} SELECT id, id FROM {src} WHERE id + 1000 > 0",
		"behind":    "INSERT INTO {out} SELECT id, n + 1000 FROM (SELECT id, max(id) AS n FROM {src} GROUP BY id, TUMBLE(ts, INTERVAL '1' SECOND)) t",
		"aggregate": "INSERT INTO {out} SELECT id, max(id + 1000) FROM {src} GROUP BY id, TUMBLE(ts, INTERVAL '1' SECOND)",
	}
	const most = 1<<63 - 1
	var input, good, bad []string
	for i := range 40 {
		id := i
		if i%4 == 3 {
			id = most - i
			bad = append(bad, fmt.Sprint(id))
		} else {
			good = append(good, fmt.Sprint(id))
		}
		input = append(input, fmt.Sprintf(`{"id":%d,"ts":"2026-01-01 00:00:%02d.000"}`, id, i))
	}
	for i := range 8 { // behind which all windows have ended
		input = append(input, fmt.Sprintf(`{"id":%d,"ts":"2026-01-01 01:00:00.000"}`, 1000+i))
	}
	slices.Sort(good)
	slices.Sort(bad)
	s := newServer(t)
	for name, query := range queries {
		for _, m := range modes[1:3] {
			t.Run(name+" "+m.name, func(t *testing.T) {
				g := &golden{t: t, server: s, mode: m, prefix: name + "_" + m.name, random: random(m.name), sink: "-"}
				dead := g.stream(t, "dead", "topic STRING, value STRING, reason STRING")
				g.stream(t, "out", "id BIGINT, n BIGINT")
				src := stream{name: g.stream(t, "src", "id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE"), input: strings.Join(input, "\n")}
				s.exec(t, fmt.Sprintf(`ALTER STREAM %s SET ("on.error"="divert", "on.error.stream"=%q)`, src.name, dead))
				g.feed(t, []stream{src}, true)
				s.exec(t, g.jobOf(query, m.parallelism[0]))
				job := g.name("job")
				if m.kill {
					s.awaitRead(t, job, []stream{src})
					s.kill()
					s.start()
					g.feed(t, []stream{src}, false)
				}
				s.awaitRead(t, job, []stream{src})
				s.exec(t, "STOP STREAMJOB "+job)
				if got := numbers(s.committed(t, g.name("out")), `"id":`); !slices.Equal(got, good) {
					t.Errorf("the result is\n%s\nwant\n%s", got, good)
				}
				dropped := s.committed(t, dead)
				if got := numbers(dropped, `\":`); !slices.Equal(got, bad) {
					t.Errorf("diverted is\n%s\nwant\n%s", dropped, bad)
				}
				for _, d := range dropped {
					if !strings.HasPrefix(d, `{"topic":null,"value":"{`) || !strings.Contains(d, "out of range") {
						t.Errorf("diverted is %s", d)
					}
				}
				s.exec(t, "DROP STREAMJOB "+job)
			})
		}
	}
}

// numbers are those behind a text in some rows, each once, but for those that only let time go on.
func numbers(rows []string, behind string) (out []string) {
	for _, row := range rows {
		_, rest, _ := strings.Cut(row, behind)
		n := rest[:strings.IndexFunc(rest+"x", func(c rune) bool { return c < '0' || c > '9' })]
		if len(n) != 4 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
