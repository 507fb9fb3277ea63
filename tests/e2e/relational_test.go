package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// relation is a job over the input that joins, ranks or corrects, and what it must have given in the end.
type relation struct {
	name    string
	columns []string // of its sink, with their types
	key     int      // so many of the first columns are the sink's key; 0: each row is given once
	query   string
	// late: rows that come late are written to a stream of their own, and all are in one of the two.
	late   bool
	answer func(input []event) []string // rows as text
}

// relations are a join of two streams, a session window, the first three of each key, a chain of
// two aggregates, an outer join and an aggregate, each of which corrects what it has given, and rows in the order of
// their times, of which those that come late are in a stream of their own.
var relations = []relation{
	{"joined", []string{"id BIGINT", "other BIGINT", "k STRING"}, 0,
		"select a.id, b.id, a.k from s_input a join s_again b on a.id = b.id where a.v >= 0 and mod(b.v, 2) = 0", false, joined},
	{"sessions", []string{"k STRING", "ws TIMESTAMP(3)", "we TIMESTAMP(3)", "n BIGINT", "s BIGINT"}, 0,
		`select k, window_start, window_end, count(*), sum(v) from table(session(table s_input partition by k, descriptor(ts), interval '2' second))
		where v >= 0 group by k, window_start, window_end`, false, sessions},
	{"top", []string{"k STRING", "place BIGINT", "id BIGINT", "v BIGINT"}, 2,
		"select k, place, id, v from (select k, id, v, row_number() over (partition by k order by v desc, id) as place from s_input where v >= " +
			"0) t where place <= 3", false, top},
	{"chain", []string{"n BIGINT", "keys BIGINT"}, 1,
		`select n, count(*) from (select a.k, a.n + coalesce(b.n, 0) as n from (select k, count(*) as n from s_input where v >= 0 group by k) a
		left join (select k, count(*) as n from s_again where v >= 0 and mod(v, 2) = 0 group by k) b on a.k = b.k) x group by n`, false, chain},
	{"split", []string{"id BIGINT", "k STRING"}, 0,
		"select id, k from (select id, k, sum(v) over (partition by k order by at) as s from s_disordered where v >= 0) t where s >= 0", true, split},
}

func joined(input []event) (out []string) {
	for _, e := range input {
		if e.Value%2 == 0 {
			out = append(out, line(e.ID, e.ID, e.Key))
		}
	}
	return out
}

const gapMillis = 2000

func sessions(input []event) (out []string) {
	for key, list := range byKey(input) {
		slices.SortFunc(list, func(a, b event) int { return cmp.Compare(a.Time, b.Time) })
		var t totals
		start := list[0].Time
		for i, e := range list {
			t = t.with(e.Value)
			if i == len(list)-1 || list[i+1].Time >= e.Time+gapMillis {
				out = append(out, line(key, text(start), text(e.Time+gapMillis), t.Count, t.Sum))
				t = totals{}
				if i < len(list)-1 {
					start = list[i+1].Time
				}
			}
		}
	}
	return out
}

func top(input []event) (out []string) {
	for key, list := range byKey(input) {
		slices.SortFunc(list, func(a, b event) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.ID, b.ID)) })
		for i, e := range list[:min(3, len(list))] {
			out = append(out, line(key, i+1, e.ID, e.Value))
		}
	}
	return out
}

func chain(input []event) (out []string) {
	keys := map[int]int{}
	for _, list := range byKey(input) {
		n := len(list)
		for _, e := range list {
			n += int(1 - e.Value%2)
		}
		keys[n]++
	}
	for n, k := range keys {
		out = append(out, line(n, k))
	}
	return out
}

func split(input []event) (out []string) {
	for _, e := range input {
		out = append(out, line(e.ID, e.Key))
	}
	return out
}

func byKey(input []event) map[string][]event {
	out := map[string][]event{}
	for _, e := range input {
		out[e.Key] = append(out[e.Key], e)
	}
	return out
}

func text(millis int64) string { return time.UnixMilli(millis).UTC().Format(textTime) }

func line(values ...any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

// declareRelations makes the jobs of relations beside those of declare.
func (c *cluster) declareRelations() {
	c.mustExec(`CREATE STREAM s_again (id BIGINT, k STRING, v BIGINT) TBLPROPERTIES ("topic"="input", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	c.mustExec(`CREATE STREAM s_disordered (id BIGINT, k STRING, v BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at)
		TBLPROPERTIES ("topic"="input", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	for _, r := range relations {
		createReplicated(c.t, c.kafka, max(1, c.replicas), r.topics()...)
		columns := strings.Join(r.columns, ", ")
		if r.key > 0 {
			columns += ", PRIMARY KEY (" + strings.Join(r.names()[:r.key], ", ") + ")"
		}
		c.mustExec(fmt.Sprintf(`CREATE STREAM s_%s (%s) TBLPROPERTIES ("topic"="%[1]s", "format"="json")`, r.name, columns))
		properties := c.properties()
		if r.late {
			late := r.topics()[1]
			c.mustExec(fmt.Sprintf(`CREATE STREAM s_%s (%s, reason STRING) TBLPROPERTIES ("topic"="%[1]s", "format"="json")`, late, strings.Join(r.columns, ", ")))
			properties = strings.TrimSuffix(properties, ")") + fmt.Sprintf(`, "late"="divert", "late.stream"="s_%s")`, late)
		}
		c.mustExec(fmt.Sprintf(`CREATE STREAMJOB j_%s AS ("insert into s_%[1]s %s") `, r.name, r.query) + properties)
	}
}

// topics are that of its sink, and that of late rows.
func (r relation) topics() []string {
	if r.late {
		return []string{r.name, r.name + "_late"}
	}
	return []string{r.name}
}

func (r relation) names() (out []string) {
	for _, c := range r.columns {
		name, _, _ := strings.Cut(c, " ")
		out = append(out, name)
	}
	return out
}

// verifyRelations reads their topics until they hold everything, and judges them.
func (c *cluster) verifyRelations(input []event) {
	for _, r := range relations {
		want := map[string]string{}
		for _, l := range r.answer(input) {
			want[r.keyOf(l)] = l
		}
		var v verdict
		for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
			v = r.judge(c.t, c.kafka, want)
			if v.Lost+v.Wrong+v.Foreign == 0 || time.Now().After(deadline) {
				break
			}
		}
		c.t.Logf("%-9s %s", r.name+":", v)
		if !v.ok() || v.Repeated > 0 {
			c.t.Errorf("%s differs from a plain batch computation over %d rows", r.name, len(want))
		}
	}
}

// keyOf is what tells the rows of a sink apart: its key, or all of a row.
func (r relation) keyOf(line string) string {
	if r.key == 0 {
		return line
	}
	return strings.Join(strings.SplitN(line, " ", r.key+1)[:r.key], " ")
}

// judge compares what is committed: each row once, or the newest one of each key.
func (r relation) judge(t testing.TB, broker string, want map[string]string) (v verdict) {
	got, keys := map[string]string{}, map[string]string{}
	read := map[string]int{}
	take := func(rec *kgo.Record) {
		read[rec.Topic]++
		if rec.Value == nil {
			delete(got, keys[string(rec.Key)])
			return
		}
		l := r.line(t, rec.Value)
		key := r.keyOf(l)
		if _, again := got[key]; again && r.key == 0 {
			v.Repeated++
		}
		got[key], keys[string(rec.Key)] = l, key
	}
	for _, topic := range r.topics() {
		consumeAll(t, broker, topic, take)
		if read[topic] == 0 {
			v.Wrong++
			v.note("nothing is in %s", topic)
		}
	}
	if r.late {
		v.note("%v rows", read)
	}
	compareMaps(&v, want, got)
	return v
}

// line is a record as answers write it.
func (r relation) line(t testing.TB, value []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	fields := map[string]any{}
	if err := d.Decode(&fields); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	var values []any
	for _, name := range r.names() {
		values = append(values, fields[name])
	}
	return line(values...)
}
