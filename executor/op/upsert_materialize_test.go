package op

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var upserted = types.Schema{{Name: "v", Type: types.Of(types.BigInt)}, {Name: "k", Type: types.Of(types.String)}}

// TestUpsertMaterialize: behind every batch the reader has the newest row of each key that has rows left. A key is written once in a
// batch at most, and deleted only when it has no row left.
func TestUpsertMaterialize(t *testing.T) {
	r := executortest.Random(t)
	m := NewUpsertMaterialize(&plan.UpsertMaterialize{Keys: []int{1}, Out: upserted})
	s := store()
	must(t, m.Open(env(s)))
	var live []executortest.Tuple // in the order in which they came
	serial := int64(0)
	reader := map[string]string{}
	written := map[string]int{}
	out := outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) {
			row := executortest.TupleOf(b, i)
			key := row[1:].String()
			written[key]++
			_, there := reader[key]
			switch kind := b.Kind(i); {
			case kind == column.Delete && !there, (kind == column.Insert) == there && kind != column.Delete, kind == column.UpdateBefore:
				t.Fatalf("%s %s, the reader has it: %t", kind, row, there)
			case kind == column.Delete:
				delete(reader, key)
			default:
				reader[key] = row.String()
			}
		})
		return nil
	})
	for round := range 400 {
		var kinds []column.RowKind
		var rows []executortest.Tuple
		most := 30
		if round >= 380 {
			most = 0
		}
		for range 1 + r.IntN(20) + len(live)*(round/399) {
			if n := len(live); n > 0 && (n > most || r.IntN(2) == 0) {
				i := r.IntN(n)
				rows, kinds = append(rows, live[i]), append(kinds, []column.RowKind{column.UpdateBefore, column.Delete}[r.IntN(2)])
				live = slices.Delete(live, i, i+1)
				continue
			}
			if most == 0 {
				break
			}
			serial++
			row := executortest.Tuple{serial, executortest.AnyValue(r, upserted[1].Type)}
			live = append(live, row)
			rows, kinds = append(rows, row), append(kinds, column.RowKind(2*r.IntN(2)))
		}
		clear(written)
		must(t, m.Process(0, batchOf(upserted, kinds, rows), out))
		must(t, m.Flush(out))
		want := map[string]string{}
		for _, row := range live {
			want[row[1:].String()] = row.String()
		}
		if fmt.Sprint(reader) != fmt.Sprint(want) {
			t.Fatalf("the reader has %v, want %v", reader, want)
		}
		for key, n := range written {
			if n > 1 {
				t.Fatalf("%s was written %d times", key, n)
			}
		}
	}
	if n := s.Rows(); n != 0 || len(live) != 0 {
		t.Errorf("%d rows of state are left", n)
	}
}

// TestUpsertMaterializeHolds: a deletion waits until the operator is flushed, and is none if the key comes again.
func TestUpsertMaterializeHolds(t *testing.T) {
	m := NewUpsertMaterialize(&plan.UpsertMaterialize{Keys: []int{1}, Out: upserted})
	must(t, m.Open(env(store())))
	var got strings.Builder
	out := outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { fmt.Fprintf(&got, "%s %s\n", b.Kind(i), executortest.TupleOf(b, i)) })
		return nil
	})
	type row = executortest.Tuple
	give := func(kind column.RowKind, rows ...row) string {
		got.Reset()
		must(t, m.Process(0, batchOf(upserted, slices.Repeat([]column.RowKind{kind}, len(rows)), rows), out))
		return got.String()
	}
	for _, step := range []struct{ got, want string }{
		{give(column.Insert, row{int64(1), "a"}, row{int64(2), "a"}, row{int64(1), "b"}), "+I (2, \"a\")\n+I (1, \"b\")\n"},
		{give(column.Delete, row{int64(1), "a"}), ""}, // an older one
		{give(column.Delete, row{int64(2), "a"}, row{int64(1), "b"}), ""},
		{give(column.Insert, row{int64(3), "a"}), "+U (3, \"a\")\n"},
		{give(column.Delete, row{int64(9), "c"}), ""}, // kept before the operator was there
		{give(column.Insert, row{int64(4), "d"}), "+I (4, \"d\")\n"},
	} {
		if step.got != step.want {
			t.Errorf("got %q, want %q", step.got, step.want)
		}
	}
	// A row that goes to another key deletes the former one at once.
	got.Reset()
	kinds := []column.RowKind{column.UpdateBefore, column.UpdateAfter}
	must(t, m.Process(0, batchOf(upserted, kinds, []row{{int64(4), "d"}, {int64(4), "e"}}), out))
	if want := "-D (4, \"d\")\n+I (4, \"e\")\n"; got.String() != want {
		t.Errorf("moved: %q, want %q", got.String(), want)
	}
	got.Reset()
	must(t, m.Flush(out))
	if want := "-D (1, \"b\")\n-D (9, \"c\")\n"; got.String() != want {
		t.Errorf("flushed %q, want %q", got.String(), want)
	}
	if got := give(column.Insert, row{int64(2), "b"}); got != "+I (2, \"b\")\n" {
		t.Errorf("got %q", got)
	}
}

// TestUpsertMaterializeForgets: rows go when their time to live has passed; the reader keeps what it has.
func TestUpsertMaterializeForgets(t *testing.T) {
	m := NewUpsertMaterialize(&plan.UpsertMaterialize{Keys: []int{1}, TTL: time.Minute, Out: upserted})
	s := store()
	must(t, m.Open(env(s)))
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m.expiry.now = func() time.Time { return now }
	none := outputFunc(func(b *column.Batch) error { return nil })
	for _, step := range []struct {
		after time.Duration
		key   string
		rows  int
	}{{0, "a", 1}, {40 * time.Second, "b", 2}, {40 * time.Second, "b", 1}, {2 * time.Minute, "c", 1}} {
		now = now.Add(step.after)
		must(t, m.Process(0, batchOf(upserted, nil, []executortest.Tuple{{int64(1), step.key}}), none))
		must(t, m.Flush(none))
		if n := s.Rows(); n != step.rows {
			t.Errorf("%d rows at %s, want %d", n, now, step.rows)
		}
	}
}
