package op

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// argumentTypes has one type at least of each physical representation.
var argumentTypes = []types.Type{types.Of(types.Boolean), types.Of(types.Int), types.Of(types.BigInt), types.NewTimestamp(3), types.NewDecimal(10, 2),
	types.NewDecimal(30, 2), types.Of(types.Double), types.Of(types.String), types.Of(types.Interval), types.NewArray(types.Of(types.BigInt)),
	types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Interval)}, types.Field{Name: "b", Type: types.NewArray(types.Of(types.Double))})}

// eachAggregate visits the parts of every aggregate over every type that it takes.
func eachAggregate(t *testing.T, visit func(t *testing.T, sig function.Signature, part function.Part, in types.Type)) {
	for _, name := range function.Names(function.Aggregate) {
		for _, in := range argumentTypes {
			sig, err := function.ResolveAggregate(name, []types.Type{in})
			if err != nil {
				sig, err = function.ResolveAggregate(name, []types.Type{in, in})
			}
			if err != nil {
				continue
			}
			for _, part := range sig.Parts {
				t.Run(fmt.Sprintf("%s of %s, %s", name, in, part.Func), func(t *testing.T) { visit(t, sig, part, in) })
			}
		}
	}
}

// TestKernelsKeepTheirSignatures: there is an accumulator for each part of an aggregate, and it
// does what the signature says.
func TestKernelsKeepTheirSignatures(t *testing.T) {
	eachAggregate(t, func(t *testing.T, sig function.Signature, part function.Part, in types.Type) {
		make := kernels[plan.AggKind(part.Func)]
		if make == nil {
			t.Fatal("there is no accumulator")
		}
		k := make(in, part.Result)
		if k.read != nil {
			if !part.Values || part.Changing == "" || sig.Merges || !sig.Retracts {
				t.Errorf("it is read from values: %+v", part)
			}
			return
		}
		if part.Changing != "" {
			changing := kernels[plan.AggKind(part.Changing)]
			if changing == nil {
				t.Fatalf("there is no accumulator %s", part.Changing)
			}
			if c := changing(in, part.Result); c.change == nil && c.read == nil {
				t.Errorf("%s cannot take rows back", part.Changing)
			}
			k.change = k.add
		}
		if (k.change != nil) != sig.Retracts || sig.Merges && k.combine == nil || k.add == nil || k.emit == nil || k.words == 0 {
			t.Errorf("retracts %v, merges %v: the accumulator is %+v", sig.Retracts, sig.Merges, k)
		}
	})
}

// argument makes rows of a key below 4, an argument that is sometimes NULL, a filter, and another
// argument. Values are such that sums of doubles are exact.
func argument(r *rand.Rand, in types.Type, n int) *column.Batch {
	b := column.NewBatch(types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "v", Type: in}, {Name: "f", Type: types.Of(types.Boolean)}, {Name: "w", Type: in}})
	for i := range n {
		for _, c := range []int{0, 2} {
			b.Cols[c].Grow(i + 1)
		}
		b.Cols[0].Ints[i], b.Cols[2].Bools[i] = r.Int64N(4), r.IntN(3) > 0
	}
	fillArgument(r, b.Cols[1], n)
	fillArgument(r, b.Cols[3], n)
	b.Rows = n
	return b
}

func fillArgument(r *rand.Rand, v *column.Vector, n int) {
	if v.Type.Physical() != types.PhysicalBytes {
		v.Grow(n)
	}
	for i := range n {
		x := r.Int64N(100) - 50
		switch v.Type.Physical() {
		case types.PhysicalList:
			v.SetText(i, []byte([]string{"[]", fmt.Sprintf("[%d]", x/30), fmt.Sprintf("[%d,null,%d]", x/30, x%3)}[r.IntN(3)]))
		case types.PhysicalStruct:
			v.SetText(i, fmt.Appendf(nil, `{"a":"%d days","b":[%d,null]}`, x/20, x%5))
		case types.PhysicalBool:
			v.Bools[i] = x > 0
		case types.PhysicalInt64:
			v.Ints[i] = x
		case types.PhysicalInt128:
			v.Wides[i] = column.FromInt64(x)
		case types.PhysicalInterval:
			p, _ := value.Interval{Months: x / 20, Days: x % 7, Micros: x}.Pack()
			v.Wides[i] = p
		case types.PhysicalFloat64:
			v.Floats[i] = float64(x) / 4
		case types.PhysicalBytes:
			v.AppendBytes(fmt.Appendf(nil, "%d", x))
		}
	}
	for i := range n {
		if r.IntN(4) == 0 {
			v.SetNull(i)
		}
	}
}

// groupsOf is a table of accumulators by key.
type groupsOf struct {
	t     *testing.T
	accs  *accumulators
	table *state.Table
	keyed
}

func newGroupsOf(t *testing.T, a plan.Agg, in types.Schema) *groupsOf {
	t.Helper()
	accs, err := newAccumulators([]plan.Agg{a}, in, 0)
	if err != nil {
		t.Fatal(err)
	}
	layout := state.Layout{Keys: []types.Type{in[0].Type}, Words: accs.words, Refs: accs.refs}
	return &groupsOf{t: t, accs: accs, table: store().Table("", layout), keyed: keyed{keys: []int{0}, init: accs.init}}
}

func (g *groupsOf) take(b *column.Batch, sel []int32) {
	g.t.Helper()
	if err := g.find(g.table, b, sel); err != nil {
		g.t.Fatal(err)
	}
	if err := g.accs.update(g.table, g.ids, b, sel); err != nil {
		g.t.Fatal(err)
	}
}

// merge takes the groups of another table.
func (g *groupsOf) merge(from *groupsOf) {
	g.t.Helper()
	var to, src []int32
	from.table.EachRow(func(id int32) {
		at, _, err := g.table.UpsertRow(from.table, id, g.init)
		if err != nil {
			g.t.Fatal(err)
		}
		to, src = append(to, at), append(src, id)
	})
	if err := g.accs.combine(g.table, to, from.table, src); err != nil {
		g.t.Fatal(err)
	}
}

// results gives a batch of keys and results.
func (g *groupsOf) results(a plan.Agg) *column.Batch {
	b := column.NewBatch(types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "r", Type: a.Typ}})
	out := groups{emitter: emitter{batch: b}, accs: g.accs, keys: 1}
	out.begin(nil, g.table)
	g.table.EachRow(func(id int32) { out.row(id, g.table.Acc(id), column.Insert) })
	out.write()
	return b
}

func (g *groupsOf) text(a plan.Agg) string {
	c, b := &collector{last: map[string]string{}, keys: 1}, g.results(a)
	if err := c.Emit(b); err != nil {
		g.t.Fatal(err)
	}
	return fmt.Sprint(c.last)
}

// TestAccumulatorsAgree: however rows come to an accumulator, its result is the same.
func TestAccumulatorsAgree(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	eachAggregate(t, func(t *testing.T, sig function.Signature, part function.Part, in types.Type) {
		if kernels[plan.AggKind(part.Func)](in, part.Result).read != nil {
			return // TestChangingLists and its like
		}
		r := rand.New(rand.NewPCG(seed, 1))
		c := agreement{Agg: plan.Agg{Kind: plan.AggKind(part.Func), Arg: 1, More: more(sig), Filter: 2, Typ: part.Result}, first: argument(r, in, 20), second: argument(r, in, 300)}
		c.in = types.Schema{{Type: types.Of(types.Int)}, {Type: in}, {Type: types.Of(types.Boolean)}, {Type: in}}
		ways := map[string]string{"in batches": c.batches(t), "filtered before": c.filtered(t), "combined": c.combined(t)}
		if sig.Merges {
			ways["of partial results"] = c.partial(t)
		}
		if sig.Retracts && part.Changing == "" {
			ways["with rows that are taken back"] = c.changed(t, argument(r, in, 50))
		}
		want := c.single(t)
		for how, got := range ways {
			if got != want {
				t.Errorf("%s it is %s, row by row %s", how, got, want)
			}
		}
	})
}

// more is the second argument of an aggregate that takes two.
func more(sig function.Signature) []int {
	if len(sig.Args) == 2 {
		return []int{3}
	}
	return nil
}

// agreement is an aggregate and the two batches that all ways are tried with.
type agreement struct {
	plan.Agg
	in            types.Schema
	first, second *column.Batch
}

func (c agreement) single(t *testing.T) string {
	g := newGroupsOf(t, c.Agg, c.in)
	for _, b := range []*column.Batch{c.first, c.second} {
		for i := range int32(b.Rows) {
			g.take(b, []int32{i})
		}
	}
	return g.text(c.Agg)
}

func (c agreement) batches(t *testing.T) string {
	g := newGroupsOf(t, c.Agg, c.in)
	g.take(c.first, nil)
	g.take(c.second, nil)
	return g.text(c.Agg)
}

func (c agreement) filtered(t *testing.T) string {
	c.Filter = -1
	g := newGroupsOf(t, c.Agg, c.in)
	for _, b := range []*column.Batch{c.first, c.second} {
		var sel []int32
		b.Each(func(i int) {
			if b.Cols[2].Bools[i] {
				sel = append(sel, int32(i))
			}
		})
		g.take(b, sel)
	}
	return g.text(c.Agg)
}

// halves are the groups of each batch.
func (c agreement) halves(t *testing.T) (left, right *groupsOf) {
	left, right = newGroupsOf(t, c.Agg, c.in), newGroupsOf(t, c.Agg, c.in)
	left.take(c.first, nil)
	right.take(c.second, nil)
	return left, right
}

func (c agreement) partial(t *testing.T) string {
	left, right := c.halves(t)
	merged := c.Agg
	merged.Merge, merged.Filter, merged.More = true, -1, nil
	g := newGroupsOf(t, merged, types.Schema{{Type: types.Of(types.Int)}, {Type: c.Typ}})
	g.take(left.results(c.Agg), nil)
	g.take(right.results(c.Agg), nil)
	return g.text(c.Agg)
}

func (c agreement) combined(t *testing.T) string {
	left, right := c.halves(t)
	left.merge(right)
	return left.text(c.Agg)
}

func (c agreement) changed(t *testing.T, gone *column.Batch) string {
	g := newGroupsOf(t, c.Agg, c.in)
	g.take(c.first, nil)
	g.take(gone, nil)
	gone.Kinds = make([]column.RowKind, gone.Rows)
	for i := range gone.Kinds {
		gone.Kinds[i] = column.Delete
	}
	g.take(gone, nil)
	g.take(c.second, nil)
	return g.text(c.Agg)
}
