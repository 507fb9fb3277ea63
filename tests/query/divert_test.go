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
