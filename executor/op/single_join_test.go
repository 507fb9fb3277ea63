package op

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// oneEach is a right side with one row a key at most.
type oneEach struct {
	rows    map[int64]pair
	appends bool
}

// batch makes some changes, of which what is taken back may come behind what is given.
func (o *oneEach) batch(r *rand.Rand) *column.Batch {
	b := column.NewBatch(sideIn)
	add := func(p pair, k column.RowKind) {
		appendPair(b, p)
		b.Kinds = append(b.Kinds, k)
	}
	for range 1 + r.IntN(6) {
		key := r.Int64N(5)
		fresh := pair{&key, randomValue(r)}
		old, there := o.rows[key]
		switch {
		case !there:
			o.rows[key] = fresh
			add(fresh, column.Insert)
		case o.appends:
		case r.IntN(3) == 0:
			delete(o.rows, key)
			add(old, column.Delete)
		case r.IntN(2) == 0:
			o.rows[key] = fresh
			add(fresh, column.Insert)
			add(old, column.Delete)
		default:
			o.rows[key] = fresh
			add(old, column.UpdateBefore)
			add(fresh, column.UpdateAfter)
		}
	}
	return b
}

func appendPair(b *column.Batch, p pair) {
	for i, x := range p {
		if x == nil {
			b.Cols[i].AppendNull()
		} else {
			b.Cols[i].AppendInt(*x)
		}
	}
	b.Rows++
}

func (o *oneEach) answer(left []pair, keyed bool) map[string]int {
	out := map[string]int{}
	for _, l := range left {
		partner := "NULL NULL"
		if keyed && l[0] != nil {
			if p, ok := o.rows[*l[0]]; ok {
				partner = p.text()
			}
		}
		out[l.text()+" "+partner]++
	}
	return out
}

var singlePlan = plan.SingleJoin{Op: "single", LeftKeys: []int{0}, RightKeys: []int{0}, EmitBefore: true, Width: 2, Out: slices.Concat(sideIn, sideIn)}

// TestSingleJoinAgainstMap: behind every batch each left row is there with the row of its key.
func TestSingleJoinAgainstMap(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for flags := range 8 {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, uint64(flags)))
			p := singlePlan
			left, right := &changingRows{appends: flags&1 != 0}, &oneEach{rows: map[int64]pair{}, appends: flags&2 != 0}
			p.Unique, p.RightAppends = flags&4 != 0, right.appends
			j := openSingle(t, &p)
			out := &applied{t: t, before: true, rows: map[string]int{}}
			for step := range 200 {
				port := r.IntN(2)
				b := []func(*rand.Rand) *column.Batch{left.batch, right.batch}[port](r)
				if err := errors.Join(j.Process(port, b, out), j.Flush(out)); err != nil {
					t.Fatal(err)
				}
				if want := right.answer(left.rows, true); !maps.Equal(out.rows, want) {
					t.Fatalf("behind batch %d, of port %d:\n%v\ninstead of\n%v", step, port, out.rows, want)
				}
			}
		})
	}
}

func openSingle(t *testing.T, p *plan.SingleJoin) *SingleJoin {
	t.Helper()
	j := NewSingleJoin(p, []types.Schema{sideIn, sideIn})
	if err := j.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestChangingSingleJoin: also through checkpoints, restores and any number of tasks; and nothing
// is kept in the end.
func TestChangingSingleJoin(t *testing.T) {
	one := types.Schema{{Name: "k", Type: intT}}
	p := &plan.SingleJoin{Op: "single", LeftKeys: []int{0}, RightKeys: []int{0}, EmitBefore: true, Width: 2, Unique: true, Out: slices.Concat(sideIn, one)}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: sideIn, Hash: []int{0}}, {Schema: one, Hash: []int{0}}},
		New:    func() (executor.Operator, error) { return NewSingleJoin(p, []types.Schema{sideIn, one}), nil },
		Want: func(in [][]executortest.Tuple) (out []executortest.Tuple) {
			for _, l := range in[0] {
				var key any
				if slices.ContainsFunc(in[1], func(r executortest.Tuple) bool { return r[0] == l[0] }) {
					key = l[0]
				}
				out = append(out, append(slices.Clone(l), key))
			}
			return out
		},
		Before: true,
	}.Run(t)
}

// TestSeveralRowsOfOne: several rows for a left row are an error when they stay, at once where
// nothing is taken back, and at the end.
func TestSeveralRowsOfOne(t *testing.T) {
	for _, c := range []struct {
		name  string
		p     func(*plan.SingleJoin)
		after time.Duration // the error comes
	}{
		{"appended", func(p *plan.SingleJoin) { p.RightAppends = true }, 0},
		{"changing", func(*plan.SingleJoin) {}, changePatience * time.Millisecond},
		{"at the end", func(p *plan.SingleJoin) { p.Final = true }, 0},
		{"unique", func(p *plan.SingleJoin) { p.Unique = true }, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := singlePlan
			c.p(&p)
			j := openSingle(t, &p)
			now := time.Unix(1_700_000_000, 0)
			j.now = func() time.Time { return now }
			out := &applied{t: t, before: true, rows: map[string]int{}}
			k, v := int64(1), int64(2)
			for port, rows := range [][]pair{{{&k, nil}}, {{&k, &k}, {&k, &v}, {&v, &k}, {&v, &v}}} {
				b := column.NewBatch(sideIn)
				for _, r := range rows {
					appendPair(b, r)
				}
				if err := j.Process(port, b, out); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.Flush(out); err != nil && c.after != 0 {
				t.Fatalf("at once: %v", err)
			} else if err == nil && c.after == 0 && !p.Final {
				t.Fatal("no error")
			}
			now = now.Add(c.after)
			err := j.Flush(out)
			if p.Final {
				err = j.OnWatermark(executor.EndWatermark, out)
			}
			if e, ok := errors.AsType[*sqlerr.Error](err); c.after > 0 || p.Final {
				if !ok || e.Code != sqlerr.CardinalityViolation {
					t.Errorf("later: %v", err)
				}
			}
		})
	}
}

// TestSemiAndSingleJoinsForget: rows that were not given for as long as the TTL are kept no longer,
// of either side; one that is taken back then is not given back.
func TestSemiAndSingleJoinsForget(t *testing.T) {
	semi := semiCases()[0].plan
	semi.Kind, semi.Right, semi.Out, semi.TTL = plan.Anti, sideIn, sideIn, time.Hour
	j, err := NewSemiJoin(&semi, []types.Schema{sideIn, sideIn}, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	single := singlePlan
	single.TTL, single.Unique = time.Hour, true
	k := NewSingleJoin(&single, []types.Schema{sideIn, sideIn})
	now := time.Unix(1_700_000_000, 0)
	j.now, k.now = func() time.Time { return now }, func() time.Time { return now }
	for name, o := range map[string]executor.Operator{"semi": j, "single": k} {
		if err := o.Open(env(store())); err != nil {
			t.Fatal(err)
		}
		out := &applied{t: t, before: true, rows: map[string]int{}}
		one, two := int64(1), int64(2)
		give := func(port int, kind column.RowKind, p pair) {
			b := column.NewBatch(sideIn)
			appendPair(b, p)
			b.Kinds = append(b.Kinds, kind)
			if err := errors.Join(o.Process(port, b, out), o.Flush(out)); err != nil {
				t.Fatal(name, err)
			}
		}
		give(0, column.Insert, pair{&one, &one})
		give(1, column.Insert, pair{&two, &two})
		now = now.Add(2 * time.Hour)
		give(0, column.Insert, pair{&one, &two})
		if before := len(out.rows); before != 2 {
			t.Errorf("%s: %v were given", name, out.rows)
		}
		give(0, column.Delete, pair{&one, &one})
		if len(out.rows) != 2 {
			t.Errorf("%s: a row that was forgotten was taken back: %v", name, out.rows)
		}
	}
	if n := j.left.Len() + j.right.Len() + k.left.Len() + k.right.Len(); n != 2 {
		t.Errorf("%d rows are kept, want the two that came last", n)
	}
}
