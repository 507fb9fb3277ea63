package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestWrittenMetadata: key, headers and timestamp that INSERT gives are those of the record, and stand in no value; also
// killed and restored.
func TestWrittenMetadata(t *testing.T) {
	var input, want, values []string
	for i := range 12 {
		input = append(input, fmt.Sprintf(`{"id":%d}`, i))
		values = append(values, fmt.Sprintf(`{"v":"v%d","id":%d}`, i, i))
		row := fmt.Sprintf(`{"id":%d,"v":"v%d","key":"k%d","at":"2026-01-01 00:00:%02d.000","headers":{"n":"%d","of":"all"}}`, i, i, i, i, i)
		if i%3 == 2 {
			row = fmt.Sprintf(`{"id":%d,"v":"v%d","key":null,"at":null,"headers":{}}`, i, i)
		}
		want = append(want, row)
	}
	for _, m := range modes[:3] {
		t.Run(m.name, func(t *testing.T) {
			s := newServer(t)
			g := &golden{t: t, server: s, mode: m, prefix: "metadata_" + m.name, random: random(m.name), sink: "-"}
			g.stream(t, "mid", "v STRING, headers MAP<STRING, STRING> METADATA, id BIGINT, at TIMESTAMP(3) METADATA FROM 'timestamp', "+
				"key BINARY METADATA, off BIGINT METADATA FROM 'offset'")
			g.stream(t, "out", "id BIGINT, v STRING, key STRING, at TIMESTAMP(3), headers MAP<STRING, STRING>")
			src := stream{name: g.stream(t, "src", "id BIGINT"), input: strings.Join(input, "\n")}
			g.feed(t, []stream{src}, true)
			s.exec(t, g.jobOf(`INSERT INTO {mid} SELECT 'v' || id, IF(id % 3 = 2, null, MAP['of', 'all', 'n', CAST(id AS STRING)]), id,
				IF(id % 3 = 2, null, CAST('2026-01-01 00:00:' || LPAD(CAST(id AS STRING), 2, '0') AS TIMESTAMP(3))), IF(id % 3 = 2, null, CAST('k' || id AS BINARY)) FROM {src}`, m.parallelism[0]))
			job := g.name("job")
			if m.kill {
				s.awaitRead(t, job, []stream{src})
				s.kill()
				s.start()
				g.feed(t, []stream{src}, false)
			}
			s.awaitRead(t, job, []stream{src})
			s.exec(t, "STOP STREAMJOB "+job)
			s.exec(t, "DROP STREAMJOB "+job)
			check(t, "mid", g.settle(s.consume(t, g.name("mid"))), values)
			s.exec(t, g.jobOf("INSERT INTO {out} SELECT id, v, CAST(key AS STRING), IF(id % 3 = 2 AND at > '2026-02-01', null, at), headers FROM {mid} WHERE off >= 0", 1))
			s.awaitRead(t, job, []stream{{name: g.name("mid")}})
			s.exec(t, "STOP STREAMJOB "+job)
			check(t, "out", g.settle(s.consume(t, g.name("out"))), want)
			s.exec(t, "DROP STREAMJOB "+job)
		})
	}
}

func check(t *testing.T, name, got string, want []string) {
	t.Helper()
	slices.Sort(want)
	if text := strings.Join(want, "\n") + "\n"; got != text {
		t.Errorf("%s is\n%swant\n%s", name, got, text)
	}
}
