package op

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var (
	intT   = types.Of(types.Int)
	sideIn = types.Schema{{Name: "k", Type: intT}, {Name: "v", Type: intT}}
)

// pair is a row of either side; nil is NULL.
type pair [2]*int64

func (p pair) text() string {
	parts := make([]string, 2)
	for i, x := range p {
		if parts[i] = "NULL"; x != nil {
			parts[i] = fmt.Sprint(*x)
		}
	}
	return strings.Join(parts, " ")
}

// changingRows is a multiset of rows that is changed at random.
type changingRows struct {
	rows    []pair
	appends bool
	apart   bool // a row that becomes another is deleted, and the other one inserted
}

func randomValue(r *rand.Rand) *int64 {
	if r.IntN(6) == 0 {
		return nil
	}
	x := r.Int64N(5)
	return &x
}

// batch makes some changes and gives them: rows that come, go, and become others.
func (c *changingRows) batch(r *rand.Rand) *column.Batch {
	b := column.NewBatch(sideIn)
	add := func(p pair, k column.RowKind) {
		for i, x := range p {
			if x == nil {
				b.Cols[i].AppendNull()
			} else {
				b.Cols[i].AppendInt(*x)
			}
		}
		b.Rows++
		b.Kinds = append(b.Kinds, k)
	}
	for range 1 + r.IntN(8) {
		fresh := pair{randomValue(r), randomValue(r)}
		if c.appends || len(c.rows) < 3 || r.IntN(2) == 0 {
			c.rows = append(c.rows, fresh)
			add(fresh, column.Insert)
			continue
		}
		at := r.IntN(len(c.rows))
		old := c.rows[at]
		if r.IntN(2) == 0 {
			c.rows = slices.Delete(c.rows, at, at+1)
			add(old, column.Delete)
			continue
		}
		c.rows[at] = fresh
		if c.apart {
			add(old, column.Delete)
			add(fresh, column.Insert)
			continue
		}
		add(old, column.UpdateBefore)
		add(fresh, column.UpdateAfter)
	}
	if c.appends && r.IntN(2) == 0 {
		b.Kinds = nil
	}
	return b
}

// clear takes all rows back.
func (c *changingRows) clear() *column.Batch {
	b := column.NewBatch(sideIn)
	for _, p := range c.rows {
		for i, x := range p {
			if x == nil {
				b.Cols[i].AppendNull()
			} else {
				b.Cols[i].AppendInt(*x)
			}
		}
		b.Rows++
		b.Kinds = append(b.Kinds, column.Delete)
	}
	c.rows = nil
	return b
}

// applied is a changelog applied: how often each row is there.
type applied struct {
	t      *testing.T
	before bool // old versions are given
	rows   map[string]int
}

func (a *applied) Emit(b *column.Batch) error {
	updated := false // an old version was given, the new one follows
	b.Each(func(i int) {
		var cells []string
		for _, v := range b.Cols {
			if v.Null(i) {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, string(column.AppendText(nil, v, i)))
			}
		}
		row := strings.Join(cells, " ")
		kind := b.Kind(i)
		if updated != (kind == column.UpdateAfter) && a.before {
			a.t.Fatalf("%s %s: an old version must stand in front of its new one", kind, row)
		}
		if updated = kind == column.UpdateBefore; updated && !a.before {
			a.t.Fatalf("old version %s, which nobody wants", row)
		}
		if !a.before && kind == column.UpdateAfter { // the row's other versions are by its first columns
			for other := range a.rows {
				if strings.HasPrefix(other, cells[0]+" "+cells[1]+" ") && other != row && len(cells) == 3 {
					if a.rows[other]--; a.rows[other] == 0 {
						delete(a.rows, other)
					}
					break
				}
			}
		}
		if kind.Retracts() {
			if a.rows[row]--; a.rows[row] < 0 {
				a.t.Fatalf("%s %s: it was not given", kind, row)
			}
		} else {
			a.rows[row]++
		}
		if a.rows[row] == 0 {
			delete(a.rows, row)
		}
	})
	return nil
}

// semiCase is a plan and the three-valued condition that it stands for.
type semiCase struct {
	name string
	plan plan.SemiJoin
	cond func(l, r pair) verdict
}

// and is the conjunction of three-valued truths.
func and(a, b verdict) verdict {
	switch {
	case a == isFalse || b == isFalse:
		return isFalse
	case a == isUnknown || b == isUnknown:
		return isUnknown
	}
	return isTrue
}

func compared(a, b *int64, test func(a, b int64) bool) verdict {
	switch {
	case a == nil || b == nil:
		return isUnknown
	case test(*a, *b):
		return isTrue
	}
	return isFalse
}

func equal(a, b int64) bool { return a == b }
func less(a, b int64) bool  { return a < b }

func semiCases() []semiCase {
	lv, rv := &plan.Column{Index: 1, Name: "v", Typ: intT}, &plan.Column{Index: 3, Name: "v", Typ: intT}
	smaller := &plan.Call{Func: "<", Args: []plan.Expr{lv, rv}, Typ: types.Of(types.Boolean)}
	key := []int{0}
	known := func(v verdict) verdict {
		if v == isUnknown {
			return isFalse
		}
		return v
	}
	return []semiCase{
		{"keys", plan.SemiJoin{LeftKeys: key, RightKeys: key}, func(l, r pair) verdict { return known(compared(l[0], r[0], equal)) }},
		{"keys and more", plan.SemiJoin{LeftKeys: key, RightKeys: key, On: smaller}, func(l, r pair) verdict {
			return known(and(compared(l[0], r[0], equal), compared(l[1], r[1], less)))
		}},
		{"all pairs", plan.SemiJoin{On: smaller}, func(l, r pair) verdict { return known(compared(l[1], r[1], less)) }},
		{"nothing", plan.SemiJoin{}, func(l, r pair) verdict { return isTrue }},
		{"NULL keys", plan.SemiJoin{LeftKeys: key, RightKeys: key, Unknown: true}, func(l, r pair) verdict { return compared(l[0], r[0], equal) }},
		{"unknown pairs", plan.SemiJoin{LeftKeys: key, RightKeys: key, On: smaller, Unknown: true}, func(l, r pair) verdict {
			if compared(l[0], r[0], equal) != isTrue {
				return isFalse
			}
			return compared(l[1], r[1], less)
		}},
	}
}

// verdict is the answer for one left row.
func (c *semiCase) verdict(l pair, right []pair) verdict {
	v := isFalse
	for _, r := range right {
		switch now := c.cond(l, r); {
		case now == isTrue:
			return isTrue
		case now == isUnknown:
			v = isUnknown
		}
	}
	return v
}

// semiAnswer is the result over whole inputs.
func semiAnswer(c *semiCase, kind plan.SemiKind, left, right []pair) map[string]int {
	out := map[string]int{}
	for _, l := range left {
		switch v := c.verdict(l, right); {
		case kind == plan.Mark:
			out[l.text()+" "+[...]string{"false", "true", "NULL"}[v]]++
		case kind == plan.Semi && v == isTrue, kind == plan.Anti && v == isFalse:
			out[l.text()]++
		}
	}
	return out
}

// TestSemiJoinAgainstLoop: behind every batch of either side the changelog, applied, is what a
// loop over all pairs gives; and nothing is kept when all rows have gone.
func TestSemiJoinAgainstLoop(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, c := range semiCases() {
		for _, kind := range []plan.SemiKind{plan.Semi, plan.Anti, plan.Mark} {
			for flags := range 16 {
				name := fmt.Sprintf("%s/%s/%d", c.name, kind, flags)
				t.Run(name, func(t *testing.T) { runSemiJoin(t, rand.New(rand.NewPCG(seed, uint64(flags))), &c, kind, flags) })
			}
		}
	}
}

func runSemiJoin(t *testing.T, r *rand.Rand, c *semiCase, kind plan.SemiKind, flags int) {
	p := c.plan
	p.Op, p.Kind, p.Right, p.Out = "semi", kind, sideIn, slices.Clone(sideIn)
	if kind == plan.Mark {
		p.Out = append(p.Out, types.Column{Name: "found", Type: types.Of(types.Boolean)})
	}
	left, right := &changingRows{appends: flags&1 != 0}, &changingRows{appends: flags&2 != 0}
	p.RightAppends, p.EmitBefore, p.Final = right.appends, flags&4 != 0 || flags&8 != 0, flags&8 != 0
	if p.Final && (!left.appends || !right.appends) {
		return
	}
	left.apart = !p.EmitBefore
	j, err := NewSemiJoin(&p, []types.Schema{sideIn, sideIn}, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	out := &applied{t: t, before: p.EmitBefore, rows: map[string]int{}}
	for step := range 60 {
		port := r.IntN(2)
		if err := j.Process(port, []*changingRows{left, right}[port].batch(r), out); err != nil {
			t.Fatal(err)
		}
		if p.Final {
			continue
		}
		if want := semiAnswer(c, kind, left.rows, right.rows); !maps.Equal(out.rows, want) {
			t.Fatalf("behind batch %d, of port %d:\n%v\ninstead of\n%v", step, port, out.rows, want)
		}
	}
	if p.Final {
		if err := j.OnWatermark(executor.EndWatermark, out); err != nil {
			t.Fatal(err)
		}
		if want := semiAnswer(c, kind, left.rows, right.rows); !maps.Equal(out.rows, want) {
			t.Fatalf("at the end:\n%v\ninstead of\n%v", out.rows, want)
		}
		return
	}
	if left.appends || right.appends {
		return
	}
	for port, side := range []*changingRows{left, right} {
		if err := j.Process(port, side.clear(), out); err != nil {
			t.Fatal(err)
		}
	}
	if n, m := j.left.Len(), j.right.Len(); n+m+len(out.rows) > 0 {
		t.Errorf("all rows have gone; of the left %d are kept, of the right %d, given are %v", n, m, out.rows)
	}
}

// TestChangingSemiJoin: also through checkpoints, restores and any number of tasks.
func TestChangingSemiJoin(t *testing.T) {
	for _, c := range semiCases() {
		for _, kind := range []plan.SemiKind{plan.Semi, plan.Anti, plan.Mark} {
			t.Run(fmt.Sprintf("%s/%s", c.name, kind), func(t *testing.T) {
				p := c.plan
				p.Op, p.Kind, p.Right, p.Out, p.EmitBefore = "semi", kind, sideIn, slices.Clone(sideIn), true
				if kind == plan.Mark {
					p.Out = append(p.Out, types.Column{Name: "found", Type: types.Of(types.Boolean)})
				}
				alone := len(p.LeftKeys) == 0 || p.Unknown && p.On == nil
				hash := p.LeftKeys
				if alone {
					hash = nil
				}
				in := executortest.Input{Schema: sideIn, Hash: hash}
				executortest.Check{
					Inputs: []executortest.Input{in, in},
					New: func() (executor.Operator, error) {
						return NewSemiJoin(&p, []types.Schema{sideIn, sideIn}, expr.Options{})
					},
					Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return semiTuples(&c, kind, in) },
					Before: true, Single: alone, Most: 60,
				}.Run(t)
			})
		}
	}
}

func semiTuples(c *semiCase, kind plan.SemiKind, in [][]executortest.Tuple) (out []executortest.Tuple) {
	var sides [2][]pair
	for i, rows := range in {
		for _, t := range rows {
			var p pair
			for k, x := range t {
				if n, ok := x.(int64); ok {
					p[k] = &n
				}
			}
			sides[i] = append(sides[i], p)
		}
	}
	for i, l := range sides[0] {
		switch v := c.verdict(l, sides[1]); {
		case kind == plan.Mark:
			out = append(out, append(slices.Clone(in[0][i]), [...]any{false, true, nil}[v]))
		case kind == plan.Semi && v == isTrue, kind == plan.Anti && v == isFalse:
			out = append(out, in[0][i])
		}
	}
	return out
}
