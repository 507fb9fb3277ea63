package kafkaio

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/format"
	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// changes is a format as a change log has it: the value is "before>after", the header op says
// what was done. A record gives no row, one or two.
var changes = &format.Format{
	Name: "changes", Changes: true, Headers: true,
	NewReader: func(format.Options) (format.Reader, error) { return changesReader{}, nil },
}

type changesReader struct{}

func (changesReader) Read(r *format.Record, rows *format.Rows) error {
	op := ""
	for _, h := range r.Headers {
		if h.Key == "op" {
			op = string(h.Value)
		}
	}
	before, after, _ := bytes.Cut(r.Value, []byte(">"))
	switch op {
	case "heartbeat":
		return nil
	case "create":
		return set(rows, column.Insert, after, r)
	case "delete":
		return set(rows, column.Delete, before, r)
	case "update":
		if err := set(rows, column.UpdateBefore, before, r); err != nil {
			return err
		}
		return set(rows, column.UpdateAfter, after, r)
	case "many":
		n, err := strconv.Atoi(string(after))
		for range n {
			if err == nil {
				err = set(rows, column.Insert, before, r)
			}
		}
		return err
	}
	return sqlerr.New(sqlerr.InvalidText, "operation %q is not known", op)
}

// set puts a number and the place and key of its record into a row.
func set(rows *format.Rows, kind column.RowKind, text []byte, r *format.Record) error {
	row := rows.Add(kind)
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return sqlerr.New(sqlerr.InvalidText, "%q is no number", text)
	}
	b := rows.Batch
	b.Cols[0].Ints[row] = n
	b.Cols[1].SetBytes(row, fmt.Appendf(nil, "%d/%d/%s", r.Split, r.Position, r.Key))
	if age := time.Since(time.UnixMicro(r.Time)); age < 0 || age > time.Hour {
		return fmt.Errorf("the record was written %s ago", age)
	}
	return nil
}

func change(op, key, value string) kafkatest.Record {
	return kafkatest.Record{Key: key, Value: value, Headers: [][2]string{{"other", "x"}, {"op", op}}}
}

var changesSchema = types.Schema{{Name: "n", Type: types.Of(types.BigInt)}, {Name: "place", Type: types.Of(types.String)}}

func openChanges(t *testing.T, b *kafkatest.Broker, env *executor.Env, properties map[string]string, restored ...[]byte) executor.Source {
	t.Helper()
	p := map[string]string{topicOption.Name(): "in", conf.Format.Name(): "changes", conf.OffsetStrategy.Name(): conf.Earliest}
	for k, v := range properties {
		p[k] = v
	}
	k := &Connector{Brokers: b.Address, Formats: append(format.Registry{changes}, format.All...)}
	s, err := k.NewSource(&plan.Source{Name: "default.s", Declared: changesSchema, Columns: []int{0, 1}, Properties: p, Out: changesSchema})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Open(t.Context(), env, restored); err != nil {
		t.Fatal(err)
	}
	return s
}

// batches reads until n rows have come or an error.
func batches(t *testing.T, s executor.Source, n int) (out []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(out) < n {
		b, err := s.Next(ctx)
		if err != nil {
			return out, err
		}
		if b == nil {
			select {
			case <-s.Ready():
			case <-ctx.Done():
				t.Fatalf("%d of %d rows came: %v", len(out), n, out)
			}
			continue
		}
		if b.Rows > column.MaxBatchRows || len(b.Kinds) > 0 && len(b.Kinds) != b.Rows || b.Cols[0].Len() != b.Rows {
			t.Fatalf("a batch of %d rows with %d kinds and %d values", b.Rows, len(b.Kinds), b.Cols[0].Len())
		}
		b.Each(func(i int) {
			out = append(out, fmt.Sprintf("%s %d %s", b.Kind(i), b.Cols[0].Ints[i], b.Cols[1].Bytes(i)))
		})
	}
	return out, nil
}

// TestRecordsOfChanges: a record gives no row, one or two, of the kinds that it says, from
// its value, key, headers and place; a record that fails in its second row gives none.
func TestRecordsOfChanges(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Send("in", change("create", "a", ">1"), change("heartbeat", "", ""), change("update", "a", "1>2"), change("update", "a", "2>x"), change("fly", "a", "2"),
		change("delete", "a", "2>"), kafkatest.Record{Key: "a", Tombstone: true, Headers: [][2]string{{"op", "heartbeat"}}}, change("create", "b", ">3"))
	env := testEnv(t, 0, 1)
	s := openChanges(t, b, env, map[string]string{conf.OnError.Name(): "skip"})
	got, err := batches(t, s, 5)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(got, ", "); all != "+I 1 0/0/a, -U 1 0/2/a, +U 2 0/2/a, -D 2 0/5/a, +I 3 0/7/b" {
		t.Error(all)
	}
	if failed, skipped := env.Counters.Failed.Load(), env.Counters.Skipped.Load(); failed != 2 || skipped != 1 {
		t.Errorf("%d records failed and %d had no value, want 2 and 1", failed, skipped)
	}
}

// TestChangesGoOnAtTheirPlace: the position behind a batch is behind whole records, whatever
// number of rows they gave, and rows that no full batch has room for are in it all the same.
func TestChangesGoOnAtTheirPlace(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	var list []kafkatest.Record
	for i := range 3000 {
		list = append(list, change("update", "", fmt.Sprintf("%d>%d", i, i+1)))
	}
	b.Send("in", list...)
	var got []string
	var restored [][]byte
	for len(got) < 6000 {
		s := openChanges(t, b, testEnv(t, 0, 1), nil, restored...)
		rows, err := batches(t, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, rows...)
		at, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		restored = [][]byte{at}
		s.Close()
	}
	for i := range 3000 {
		before, after := fmt.Sprintf("-U %d 0/%d/", i, i), fmt.Sprintf("+U %d 0/%d/", i+1, i)
		if got[2*i] != before || got[2*i+1] != after {
			t.Fatalf("rows %d: %q and %q, want %q and %q", 2*i, got[2*i], got[2*i+1], before, after)
		}
	}
	if len(got) != 6000 {
		t.Errorf("%d rows, want 6000", len(got))
	}
}

// TestOneRecordManyRows: a record may give more rows than a batch was made for, and not more
// than a batch can hold with those before.
func TestOneRecordManyRows(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Send("in", change("create", "", ">1"), change("many", "", fmt.Sprintf("7>%d", format.MaxRows)))
	s := openChanges(t, b, testEnv(t, 0, 1), nil)
	got, err := batches(t, s, 1+format.MaxRows)
	if err != nil || len(got) != 1+format.MaxRows {
		t.Fatalf("%d rows came, %v", len(got), err)
	}
	b.Send("in", change("many", "", fmt.Sprintf("8>%d", format.MaxRows+1)))
	_, err = batches(t, s, 1)
	wantPermanent(t, err, "topic in partition 0 offset 2", "2049 rows")
}

// TestFormatOfAnotherBuild: a stored format that this build does not have is never taken for the default.
func TestFormatOfAnotherBuild(t *testing.T) {
	_, err := (&Connector{}).NewSource(sourcePlan("in", conf.Format.Name(), "newer"))
	if err == nil || sqlerr.From(err).Message != `format "newer" does not exist` {
		t.Error(err)
	}
}

// logged writes a record a change, whatever its kind, and says in headers what it did.
var logged = &format.Format{Name: "logged", Changes: true, NewWriter: func(format.Options) (format.Writer, error) { return loggedWriter{}, nil }}

type loggedWriter struct{}

func (loggedWriter) Takes(*column.Batch) error { return nil }

func (loggedWriter) Write(b *column.Batch, i int, r *format.Record) bool {
	n := b.Cols[0].Ints[i]
	if n < 0 {
		return false
	}
	r.Key, r.Value, r.Headers = []byte("k"), fmt.Append(nil, n), nil
	if n > 0 {
		r.Headers = []format.Header{{Key: "op", Value: []byte(b.Kind(i).String())}, {Key: "nothing"}}
	}
	return true
}

// TestRecordsWithHeaders: a writer says of each row, whatever its kind, which record it is, or
// that it is none, with headers or without.
func TestRecordsWithHeaders(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	k := &Connector{Brokers: b.Address, Formats: format.Registry{logged}}
	p := sinkPlan("out", plan.Append)
	p.Properties[conf.Format.Name()] = "logged"
	s, err := k.NewSink(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Open(t.Context(), testEnv(t, 0, 1)); err != nil {
		t.Fatal(err)
	}
	write(t, s, rows(0, []column.RowKind{column.Insert, column.UpdateBefore, column.UpdateAfter, column.Insert, column.Delete}, 1, 1, 2, -1, 0))
	prepare(t, s)
	var got []string
	for _, r := range b.Consume("out", 4) {
		got = append(got, fmt.Sprint(r.Value, r.Headers))
	}
	if all := strings.Join(got, ", "); all != "1[[op +I] [nothing ]], 1[[op -U] [nothing ]], 2[[op +U] [nothing ]], 0[]" {
		t.Error(all)
	}
}

// TestFormatThatOnlyReads: it is said when a sink is made.
func TestFormatThatOnlyReads(t *testing.T) {
	k := &Connector{Formats: format.Registry{changes}}
	_, err := k.NewSink(&plan.Sink{Name: "default.t", Properties: map[string]string{conf.Format.Name(): "changes"}, Schema: changesSchema})
	if err == nil || sqlerr.From(err).Message != "format changes only reads" {
		t.Error(err)
	}
}
