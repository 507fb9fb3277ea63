package clients

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"slipway/kafkaio/kafkatest"
)

// changelog is a node over a broker whose topics have one partition, so that the order of
// their records can be seen.
type changelog struct {
	t *testing.T
	b *kafkatest.Broker
	c *pgx.Conn
}

func newChangelog(t *testing.T) *changelog {
	b, c := outside(t, t.TempDir(), &keptLog{})
	return &changelog{t, b, c}
}

// stream declares a stream over a topic of its own name; more are properties.
func (x *changelog) stream(name, columns string, more ...string) {
	x.t.Helper()
	x.b.Topic(name, 1)
	x.over(name, name, columns, more...)
}

func (x *changelog) over(name, topic, columns string, more ...string) {
	x.t.Helper()
	properties := append([]string{fmt.Sprintf(`"topic"="%s", "transwarp.consumer.reset.offset.strategy"="earliest"`, topic)}, more...)
	if !strings.Contains(strings.Join(more, ""), "format") {
		properties = append(properties, `"format"="json"`)
	}
	mustExec(x.t, x.c, fmt.Sprintf("CREATE STREAM %s (%s) TBLPROPERTIES (%s)", name, columns, strings.Join(properties, ", ")))
}

func (x *changelog) job(name, body string) {
	x.t.Helper()
	mustExec(x.t, x.c, fmt.Sprintf("CREATE STREAMJOB %s AS ($$%s$$) JOBPROPERTIES (\"morphling.job.checkpoint.interval\"=\"50\")", name, body))
	fieldIs(x.t, x.c, name, "state", "RUNNING")
}

// holds waits until a topic has as many records and compares them; a deletion reads "key -".
func (x *changelog) holds(topic string, want ...string) {
	x.t.Helper()
	var got []string
	eventually(x.t, topic, func() bool {
		got = got[:0]
		for _, r := range x.b.Committable(topic) {
			if r.Tombstone {
				r.Value = r.Key + " -"
			}
			got = append(got, r.Value)
		}
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		x.t.Errorf("%s holds\n%s\nwant\n%s", topic, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestOneRecordPerChange: a row that goes on is never deleted in between, whatever its key
// is made of; one whose key changes leaves the old key first; one that is gone is deleted.
func TestOneRecordPerChange(t *testing.T) {
	x := newChangelog(t)
	x.stream("src", "g STRING, v BIGINT")
	x.stream("tot", "k INT, total BIGINT, PRIMARY KEY (k)")
	x.stream("few", "g STRING, n BIGINT, PRIMARY KEY (g)")
	x.stream("up", "g STRING, total BIGINT, PRIMARY KEY (g)")
	x.stream("moved", "total BIGINT, g STRING, PRIMARY KEY (total)")
	x.stream("parity", "odd BOOLEAN, total BIGINT, PRIMARY KEY (odd)")
	x.job("jtot", "insert into tot select 1, sum(v) from src")
	x.job("jfew", "insert into few select g, count(*) from src group by g having count(*) < 3")
	x.job("jup", "insert into up select upper(g), sum(v) from src group by g")
	x.job("jmoved", "insert into moved select sum(v), g from src group by g")
	x.job("jparity", "insert into parity select mod(sum(v), 2) = 1, sum(v) from src")
	for i, v := range []string{`{"g":"a","v":5}`, `{"g":"a","v":10}`, `{"g":"a","v":101}`} {
		x.b.Produce("src", 0, v)
		x.holds("tot", []string{`{"k":1,"total":null}`, `{"k":1,"total":5}`, `{"k":1,"total":15}`, `{"k":1,"total":116}`}[:i+2]...)
		x.holds("few", []string{`{"g":"a","n":1}`, `{"g":"a","n":2}`, `{"g":"a"} -`}[:i+1]...)
		x.holds("up", []string{`{"g":"A","total":5}`, `{"g":"A","total":15}`, `{"g":"A","total":116}`}[:i+1]...)
		x.holds("moved", []string{`{"total":5,"g":"a"}`, `{"total":5} -`, `{"total":15,"g":"a"}`, `{"total":15} -`, `{"total":116,"g":"a"}`}[:2*i+1]...)
		x.holds("parity", []string{`{"odd":null,"total":null}`, `{"odd":null} -`, `{"odd":true,"total":5}`, `{"odd":true,"total":15}`, `{"odd":true} -`,
			`{"odd":false,"total":116}`}[:2+max(i+1, 2*i)]...)
	}
}

// TestSumOfSums: a stream with PRIMARY KEY as a source is corrected by later records, by
// deletions that an upsert sink wrote, and by those of others.
func TestSumOfSums(t *testing.T) {
	x := newChangelog(t)
	x.stream("src", "g STRING, v BIGINT")
	x.stream("agg", "g STRING, s BIGINT, PRIMARY KEY (g)")
	x.stream("tot", "k INT, n BIGINT, total BIGINT, PRIMARY KEY (k)")
	x.stream("records", "k INT, n BIGINT, total BIGINT, PRIMARY KEY (k)")
	x.over("agg_records", "agg", "g STRING, s BIGINT, PRIMARY KEY (g)", `"source.changelog"="append"`)
	x.job("ja", "insert into agg select g, sum(v) from src group by g having sum(v) < 100")
	x.job("jb", "insert into tot select 1, count(*), sum(s) from agg")
	x.job("jr", "insert into records select 1, count(*), sum(s) from agg_records")
	none := []string{`{"k":1,"n":0,"total":null}`}
	for i, v := range []string{`{"g":"a","v":10}`, `{"g":"a","v":5}`, `{"g":"b","v":1}`, `{"g":"a","v":500}`, `{"g":"b","v":500}`} {
		x.b.Produce("src", 0, v)
		x.holds("tot", append(none, []string{`{"k":1,"n":1,"total":10}`, `{"k":1,"n":1,"total":15}`, `{"k":1,"n":2,"total":16}`, `{"k":1,"n":1,"total":1}`, none[0]}[:i+1]...)...)
		x.holds("records", append(none, []string{`{"k":1,"n":1,"total":10}`, `{"k":1,"n":2,"total":25}`, `{"k":1,"n":3,"total":26}`}[:min(i+1, 3)]...)...)
	}
	fieldIs(t, x.c, "jr", "rows skipped", "2")
	fieldIs(t, x.c, "jb", "rows skipped", "0")
	x.b.Send("agg", kafkatest.Record{Key: `{"g":"c"}`, Value: `{"g":"c","s":7}`}, kafkatest.Record{Key: `{"g":"nobody"}`, Tombstone: true})
	x.holds("tot", none[0], `{"k":1,"n":1,"total":10}`, `{"k":1,"n":1,"total":15}`, `{"k":1,"n":2,"total":16}`, `{"k":1,"n":1,"total":1}`, none[0], `{"k":1,"n":1,"total":7}`)
}

// TestDeletions: the key of a record without value is read in the stream's format. One
// that cannot be read is a fault of the record; without PRIMARY KEY there is nothing to
// delete. Where key and value disagree the value counts.
func TestDeletions(t *testing.T) {
	x := newChangelog(t)
	for _, c := range []struct {
		format, columns, good, other, bad string
		records                           []kafkatest.Record
	}{
		{"json", "id BIGINT, s STRING, PRIMARY KEY (id)", `{"id":1}`, `{"id":2}`, `{"s":"x"}`,
			[]kafkatest.Record{{Key: "odd", Value: `{"id":1,"s":"a"}`}, {Key: `{"id":1}`, Value: "\xEF\xBB\xBF" + `{"id":2,"s":"b"}`}}},
		{"delimited", "id BIGINT, s STRING, PRIMARY KEY (s, id)", "a,b\x011", "c\x012", "a",
			[]kafkatest.Record{{Value: "1\x01a,b"}, {Value: "\xEF\xBB\xBF" + "2\x01c"}}},
		{"raw", "s STRING, PRIMARY KEY (s)", "a,b", "c", "", []kafkatest.Record{{Value: "a,b"}, {Value: "\xEF\xBB\xBF" + "c"}}},
	} {
		for _, onError := range []string{"skip", "fail"} {
			in, out := fmt.Sprintf("%s_%s", c.format, onError), fmt.Sprintf("%s_%s_out", c.format, onError)
			x.stream(in, c.columns, fmt.Sprintf(`"format"="%s", "on.error"="%s"`, c.format, onError))
			x.stream(out, "k INT, n BIGINT, PRIMARY KEY (k)")
			x.job("j"+in, fmt.Sprintf("insert into %s select 1, count(*) from %s", out, in))
			x.b.Send(in, c.records...)
			fieldIs(t, x.c, "j"+in, "rows in", "2")
			x.holds(out, `{"k":1,"n":0}`, `{"k":1,"n":2}`)
			x.b.Send(in, kafkatest.Record{Key: c.good, Tombstone: true})
			x.holds(out, `{"k":1,"n":0}`, `{"k":1,"n":2}`, `{"k":1,"n":1}`)
			x.b.Send(in, kafkatest.Record{Key: c.bad, Tombstone: true})
			if onError == "fail" {
				fieldIs(t, x.c, "j"+in, "state", "FAILED")
				if why := fields(t, x.c, "SHOW STREAMJOB j"+in)["last failure"]; !strings.Contains(why, "partition 0 offset 3") {
					t.Errorf("%s: %s", c.format, why)
				}
				continue
			}
			fieldIs(t, x.c, "j"+in, "rows failed", "1")
			x.b.Send(in, kafkatest.Record{Key: c.other, Tombstone: true})
			x.holds(out, `{"k":1,"n":0}`, `{"k":1,"n":2}`, `{"k":1,"n":1}`, `{"k":1,"n":0}`)
		}
	}
	x.stream("plain", "id BIGINT")
	x.stream("passed", "id BIGINT")
	x.job("jplain", "insert into passed select id from plain")
	x.b.Send("plain", kafkatest.Record{Key: "k", Tombstone: true}, kafkatest.Record{Value: "\xEF\xBB\xBF" + `{"id":1}`}, kafkatest.Record{Tombstone: true}, kafkatest.Record{Value: `{"id":2}`})
	x.holds("passed", `{"id":1}`, `{"id":2}`)
	fieldIs(t, x.c, "jplain", "rows skipped", "2")
	fieldIs(t, x.c, "jplain", "rows failed", "0")
	fieldIs(t, x.c, "jplain", "rows in", "2")
}

// TestNewestRowsWithinTheLimit: rows that are kept count to the memory limit.
func TestNewestRowsWithinTheLimit(t *testing.T) {
	n, c := startIn(t, t.TempDir(), &keptLog{}, "server.memory.limit=1MB")
	defer n.Kill()
	mustExec(t, c, `CREATE TABLE made (k BIGINT, s STRING, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="20000", "fields.k.max"="100000", "fields.s.length"="20");
		CREATE TABLE hole (k BIGINT, s STRING, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole");
		CREATE STREAMJOB j AS ("insert into hole select k, s from made where s <> ''")`)
	fieldIs(t, c, "j", "state", "FAILED")
	if why := fields(t, c, "SHOW STREAMJOB j")["last failure"]; !strings.Contains(why, "state would pass server.memory.limit") {
		t.Error(why)
	}
}

// TestFromItsBeginning: without a word on where to begin, rows that were there before the
// job are rows of the stream, also where the job begins anew.
func TestFromItsBeginning(t *testing.T) {
	x := newChangelog(t)
	x.b.Topic("agg", 2)
	mustExec(t, x.c, `CREATE STREAM agg (g STRING, s BIGINT, PRIMARY KEY (g)) TBLPROPERTIES ("topic"="agg", "format"="json")`)
	x.stream("tot", "k INT, total BIGINT, PRIMARY KEY (k)")
	mustExec(t, x.c, `INSERT INTO agg VALUES ('a', 10); INSERT INTO agg VALUES ('a', 15), ('b', 1)`)
	x.job("jb", "insert into tot select 1, sum(s) from agg")
	last := func(want string) {
		t.Helper()
		eventually(t, want, func() bool {
			all := x.b.Committable("tot")
			return len(all) > 0 && all[len(all)-1].Value == want
		})
	}
	last(`{"k":1,"total":16}`)
	mustExec(t, x.c, `STOP STREAMJOB jb; START STREAMJOB jb FRESH; INSERT INTO agg VALUES ('b', 2)`)
	last(`{"k":1,"total":17}`)
}
