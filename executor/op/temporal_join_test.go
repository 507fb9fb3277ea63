package op

import (
	"fmt"
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/plan"
)

// versionOf is the last row of a key among some that held at a time, nil if there was none.
func versionOf(rows []executortest.Tuple, key any, at int64) (found executortest.Tuple) {
	for _, v := range rows {
		t, timed := v[1].(int64)
		if timed && equalValues(v[0], key) && t <= at && (found == nil || found[1].(int64) <= t) {
			found = v
		}
	}
	return found
}

// asOf is the answer of a temporal join in event time.
func asOf(left, right []executortest.Tuple, keep bool, on func(l, r executortest.Tuple) bool) (out []string) {
	for _, l := range left {
		var v executortest.Tuple
		if at, timed := l[1].(int64); timed {
			v = versionOf(right, l[0], at)
		}
		switch {
		case v != nil && on(l, v):
			out = append(out, "+I "+slices.Concat(l, v).String())
		case keep:
			out = append(out, "+I "+slices.Concat(l, make(executortest.Tuple, len(timedIn))).String())
		}
	}
	return out
}

// TestTemporalJoin: each row that was in time meets the version that held then, of versions that
// come in any order before the watermark; behind it one version of each key is left.
func TestTemporalJoin(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, on := range []plan.Expr{nil, notSame()} {
			t.Run(fmt.Sprint(keep, on != nil), func(t *testing.T) {
				p := &plan.TemporalJoin{Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: keep}, Right: plan.TimedSide{Keys: []int{0}, Time: 1}, On: on,
					Width: len(timedIn), Out: sideBySideColumns}
				d := &timedRun{t: t, r: executortest.Random(t), hash: []int{0}, times: []int{1}}
				d.new = func() (executor.Operator, error) { return NewTemporalJoin(p, timedIn, timedIn, expr.Options{}) }
				d.late = func(port int, at int64) bool { return port == 0 && at < d.watermark }
				d.random = func(port int, now int64) executortest.Tuple {
					row := timedRow(d.r, now)
					if at, timed := row[1].(int64); port == 1 && timed {
						row[1] = max(at, d.watermark) // which version a late one is depends on what is left
					}
					return row
				}
				if left := d.run(60); left != 4 {
					t.Errorf("%d rows of state are left of 4 keys", left)
				}
				d.compare(asOf(d.rows[0], d.rows[1], keep, func(l, r executortest.Tuple) bool { return on == nil || l[2] != r[2] }))
			})
		}
	}
}

// kinds is a batch of rows with what they do.
func kinds(rows ...any) *column.Batch {
	b := column.NewBatch(timedIn)
	for _, x := range rows {
		switch x := x.(type) {
		case column.RowKind:
			b.Kinds = append(b.Kinds, x)
		case executortest.Tuple:
			executortest.AppendTuple(b, x)
		}
	}
	return b
}

func version(k string, t, v int64) executortest.Tuple { return executortest.Tuple{k, t, v} }

// TestVersionsAreDeleted: from the time of the deletion on there is no version; one without a time
// ends the newest version, and one that comes behind is there again.
func TestVersionsAreDeleted(t *testing.T) {
	for _, c := range []struct {
		changes *column.Batch
		want    []string // of rows at 1, 2, 3 …
	}{
		{kinds(column.Insert, version("a", 2, 20), column.Insert, version("a", 4, 40)), []string{"NULL", "20", "20", "40", "40"}},
		{kinds(column.Insert, version("a", 2, 20), column.Delete, version("a", 4, 20)), []string{"NULL", "20", "20", "NULL", "NULL"}},
		{kinds(column.Insert, version("a", 1, 10), column.Insert, version("a", 3, 30), column.Delete, executortest.Tuple{"a", nil, nil}), []string{"10", "10", "NULL", "NULL", "NULL"}},
		{kinds(column.Insert, version("a", 1, 10), column.Delete, executortest.Tuple{"a", nil, nil}, column.Insert, version("a", 3, 30)), []string{"NULL", "NULL", "30", "30", "30"}},
		{kinds(column.Insert, version("a", 1, 10), column.UpdateBefore, version("a", 1, 10), column.UpdateAfter, version("a", 3, 30)), []string{"10", "10", "30", "30", "30"}},
		{kinds(column.Delete, executortest.Tuple{"a", nil, nil}), []string{"NULL", "NULL", "NULL", "NULL", "NULL"}},
		{kinds(column.Insert, version("a", 2, 20), column.Delete, version("a", 2, 20), column.Insert, version("a", 2, 20)), []string{"NULL", "20", "20", "20", "20"}},
	} {
		p := &plan.TemporalJoin{Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Right: plan.TimedSide{Keys: []int{0}, Time: 1}, Width: 3, Out: sideBySideColumns}
		j, err := NewTemporalJoin(p, timedIn, timedIn, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Open(env(store())); err != nil {
			t.Fatal(err)
		}
		var got []string
		out := outputFunc(func(b *column.Batch) error {
			b.Each(func(r int) {
				got = append(got, fmt.Sprint(executortest.TupleOf(b, r)[1], " ", executortest.TupleOf(b, r)[5:]))
			})
			return nil
		})
		rows := kinds(version("a", 1, 0), version("a", 2, 0), version("a", 3, 0), version("a", 4, 0), version("a", 5, 0))
		for port, b := range []*column.Batch{rows, c.changes} {
			if err := j.Process(port, b, out); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.OnWatermark(executor.EndWatermark, out); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		for i, want := range c.want {
			if want = fmt.Sprintf("%d (%s)", i+1, want); got[i] != want {
				t.Errorf("%v: %s, want %s", c.want, got[i], want)
			}
		}
	}
}

// TestTemporalJoinInProcessingTime: a row meets the version that came last, and never another.
func TestTemporalJoinInProcessingTime(t *testing.T) {
	p := &plan.TemporalJoin{Left: plan.TimedSide{Keys: []int{0}, Keep: true}, Right: plan.TimedSide{Keys: []int{0}}, Newest: true, On: notSame(), Width: 3, Out: sideBySideColumns}
	j, err := NewTemporalJoin(p, timedIn, timedIn, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := store()
	if err := j.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	var got []string
	out := outputFunc(func(b *column.Batch) error {
		b.Each(func(r int) { got = append(got, executortest.TupleOf(b, r).String()) })
		return nil
	})
	row := kinds(version("a", 1, 0), executortest.Tuple{nil, int64(1), int64(0)})
	for _, step := range []struct {
		change *column.Batch
		want   string
	}{
		{kinds(column.Insert, version("b", 9, 9)), `("a", 1, 0, NULL, NULL, NULL)`},
		{kinds(column.Insert, version("a", 9, 8), column.Insert, version("a", 3, 7)), `("a", 1, 0, "a", 3, 7)`},
		{kinds(column.UpdateBefore, version("a", 3, 7), column.UpdateAfter, version("a", 4, 6)), `("a", 1, 0, "a", 4, 6)`},
		{kinds(column.Insert, version("a", 4, 0)), `("a", 1, 0, NULL, NULL, NULL)`}, // the condition
		{kinds(column.Delete, executortest.Tuple{"a", nil, nil}), `("a", 1, 0, NULL, NULL, NULL)`},
		{kinds(column.Delete, executortest.Tuple{"a", nil, nil}, column.Insert, version("a", 1, 1), column.Delete, version("a", 1, 1), column.Insert, version("a", 2, 2)), `("a", 1, 0, "a", 2, 2)`},
	} {
		got = nil
		for port, b := range []*column.Batch{step.change, row} {
			if err := j.Process(1-port, b, out); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(got)
		if want := []string{step.want, `(NULL, 1, 0, NULL, NULL, NULL)`}; !slices.Equal(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if err := j.Process(1, kinds(column.Delete, version("a", 0, 0), column.Delete, version("b", 0, 0)), out); err != nil || s.Rows() != 0 {
		t.Errorf("%d rows of state are left, %v", s.Rows(), err)
	}
}
