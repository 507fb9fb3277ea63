package column

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/sql/types"
	"slipway/sql/value"
)

// The model of a value: nil, bool, int64, number, Int128, string, or a list of such: the
// elements of an ARRAY, keys and values in turn of a MAP, the fields of a STRUCT.
type number uint64 // the bits of a float64

// seeded gives numbers that a failed run names; -0 and NaN are among the values.
func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// row makes a STRUCT of names and types in turn.
func row(fields ...any) types.Type {
	var list []types.Field
	for i := 0; i < len(fields); i += 2 {
		list = append(list, types.Field{Name: fields[i].(string), Type: fields[i+1].(types.Type)})
	}
	return types.NewStruct(list...)
}

var (
	truth, bigint, double, text = types.Of(types.Boolean), types.Of(types.BigInt), types.Of(types.Double), types.Of(types.String)

	flat = []types.Type{
		truth, types.Of(types.TinyInt), bigint, types.Of(types.Float), double, types.NewDecimal(12, 3), types.NewDecimal(38, 10), text, types.Of(types.Binary),
		types.Of(types.JSON), types.Of(types.Date), types.NewTimestamp(6), types.NewTimestampTZ(0), types.NewTime(3), types.Of(types.Interval),
	}
)

func randomType(r *rand.Rand, depth int) types.Type {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(3) {
		case 0:
			return types.NewArray(randomType(r, depth-1))
		case 1:
			return types.NewMap(randomType(r, 0), randomType(r, depth-1))
		}
		fields := make([]types.Field, 1+r.IntN(10))
		for i := range fields {
			fields[i] = types.Field{Name: fmt.Sprint("f", i), Type: randomType(r, depth-1)}
		}
		return types.NewStruct(fields...)
	}
	return flat[r.IntN(len(flat))]
}

func randomSchema(r *rand.Rand) (s types.Schema) {
	for i := range 1 + r.IntN(5) {
		s = append(s, types.Column{Name: fmt.Sprint("c", i), Type: randomType(r, 3)})
	}
	return s
}

// randomValue is small on purpose: equal values must meet.
func randomValue(r *rand.Rand, t types.Type, nulls bool) any {
	if nulls && r.IntN(5) == 0 {
		return nil
	}
	fields := t.Fields()
	switch {
	case t.Kind == types.Struct:
		list := make([]any, len(fields))
		for i, f := range fields {
			list[i] = randomValue(r, f.Type, true)
		}
		return list
	case len(fields) == 1:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, fields[0].Type, true)
		}
		return list
	case len(fields) == 2:
		return randomEntries(r, fields)
	}
	return randomLeaf(r, t)
}

func randomEntries(r *rand.Rand, fields []types.Field) any {
	var keys []any
	for range r.IntN(4) {
		keys = append(keys, randomValue(r, fields[0].Type, false))
	}
	slices.SortFunc(keys, order)
	keys = slices.CompactFunc(keys, func(a, b any) bool { return order(a, b) == 0 })
	list := []any{}
	for _, k := range keys {
		list = append(list, k, randomValue(r, fields[1].Type, true))
	}
	return list
}

func randomLeaf(r *rand.Rand, t types.Type) any {
	switch t.Kind {
	case types.Boolean:
		return r.IntN(2) == 0
	case types.Float, types.Double:
		some := []float64{0, math.Copysign(0, -1), 1.5, -1.5, math.Inf(1), math.Inf(-1), math.NaN(), -math.Float64frombits(nanBits), math.MaxFloat32, -1e-30}
		return number(math.Float64bits(float64(float32(some[r.IntN(len(some))]))))
	case types.String:
		return []string{"", "a", "ab", "\x00", "a\x00", "a\x00b", "é", "\"\\\n", " x ", "\x01"}[r.IntN(10)]
	case types.Binary:
		return []string{"", "\x00", "\xff", "\x00\xff", "\x00\x01", "ab"}[r.IntN(6)]
	case types.JSON:
		return []string{"1", "null", `{"a":[1,"x"]}`, `"text"`, "[]"}[r.IntN(5)]
	case types.Date:
		return int64(r.IntN(5) - 2)
	case types.Time:
		return int64(r.IntN(86_400_000)) * 1000
	case types.TimestampTZ:
		return int64(r.IntN(5)-2) * 1_000_000
	case types.TinyInt, types.Timestamp:
		return int64(r.IntN(256) - 128)
	case types.Interval:
		some := []value.Interval{{Days: 30}, {Days: -1, Micros: -5}, {Micros: -1}, {Days: int64(r.IntN(1 << 20)), Micros: r.Int64N(Day)}}
		p, _ := some[r.IntN(len(some))].Pack()
		return p
	case types.Decimal:
		n := r.Int64N(2_000_000_000_000-1) - 1_000_000_000_000 + 1
		if t.Physical() == types.PhysicalInt64 {
			return n % 1_000_000_000_000
		}
		some := []value.Int128{{}, FromInt64(n), FromInt64(-1), {Hi: n, Lo: uint64(n)}, {Hi: -1, Lo: 5}, {Hi: 0, Lo: math.MaxUint64}}
		return some[r.IntN(len(some))]
	}
	return []int64{0, 1, -1, math.MinInt64, math.MaxInt64, r.Int64()}[r.IntN(6)]
}

// put appends a value of the model.
func put(v *Vector, x any) {
	if x == nil {
		v.AppendNull()
		return
	}
	list, nested := x.([]any)
	if !nested {
		v.AppendScalar(scalarOf(x))
		return
	}
	if v.Type.Kind == types.Struct {
		for i, k := range v.Kids {
			put(k, list[i])
		}
		v.Present()
		return
	}
	off := v.Kids[0].Len()
	for i, e := range list {
		put(v.Kids[i%len(v.Kids)], e)
	}
	v.appendView(off, len(list)/len(v.Kids))
}

func scalarOf(x any) (s value.Scalar) {
	switch x := x.(type) {
	case bool:
		s.Bool = x
	case int64:
		s.Int = x
	case number:
		s.Float = math.Float64frombits(uint64(x))
	case Int128:
		s.Wide = x
	case string:
		s.Text = []byte(x)
	}
	return s
}

// get reads a value into the model.
func get(v *Vector, i int) any {
	if v.Null(i) {
		return nil
	}
	switch v.Type.Physical() {
	case types.PhysicalBool:
		return v.Bools[i]
	case types.PhysicalInt64:
		return v.Ints[i]
	case types.PhysicalFloat64:
		return number(math.Float64bits(v.Floats[i]))
	case types.PhysicalInt128, types.PhysicalInterval:
		return v.Wides[i]
	case types.PhysicalBytes:
		return string(v.Bytes(i))
	case types.PhysicalStruct:
		list := make([]any, len(v.Kids))
		for k, kid := range v.Kids {
			list[k] = get(kid, i)
		}
		return list
	}
	list := []any{}
	for e := range int(v.Views[i].Len) {
		for _, kid := range v.Kids {
			list = append(list, get(kid, int(v.Views[i].Off)+e))
		}
	}
	return list
}

// same tells that two values of the model are one, bit by bit.
func same(a, b any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

// order is the order of the model: NULL behind all.
func order(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(boolWord(a == nil), boolWord(b == nil))
	}
	switch x := a.(type) {
	case bool:
		return cmp.Compare(boolWord(x), boolWord(b.(bool)))
	case int64:
		return cmp.Compare(x, b.(int64))
	case number:
		f, g := math.Float64frombits(uint64(x)), math.Float64frombits(uint64(b.(number)))
		return -cmp.Compare(-f, -g) // NaN behind
	case Int128:
		return x.Big().Cmp(b.(Int128).Big())
	case string:
		return bytes.Compare([]byte(x), []byte(b.(string)))
	}
	return slices.CompareFunc(a.([]any), b.([]any), order)
}

func check(t *testing.T, v *Vector, want []any) {
	t.Helper()
	if v.Len() != len(want) {
		t.Fatalf("%s: %d rows, want %d", v.Type, v.Len(), len(want))
	}
	for i, w := range want {
		if got := get(v, i); !same(got, w) {
			t.Fatalf("%s: row %d is %#v, want %#v", v.Type, i, got, w)
		}
	}
}

// TestVectorsAgainstModel appends, gathers, sets and empties vectors of random types.
func TestVectorsAgainstModel(t *testing.T) {
	r := seeded(t)
	for range 300 {
		typ := randomType(r, 3)
		vs, want := [2]*Vector{NewVector(typ), NewVector(typ)}, [2][]any{}
		for range 40 {
			to, from := r.IntN(2), r.IntN(2)
			switch n := len(want[from]); r.IntN(8) {
			case 0:
				vs[to].Reset()
				want[to] = nil
			case 1, 2:
				if to != from {
					vs[to].AppendRows(vs[from], nil, n)
					want[to] = append(want[to], want[from]...)
				}
			case 3, 4:
				var sel []int32
				for i := range n {
					if r.IntN(2) == 0 {
						sel = append(sel, int32(i))
						want[to] = append(want[to], want[from][i])
					}
				}
				if len(sel) > 0 {
					vs[to].AppendRows(vs[from], sel, n)
				}
			case 5:
				if i := r.IntN(len(want[to]) + 1); i < min(n, len(want[to])) {
					vs[to].setRow(i, vs[from], i)
					want[to][i] = want[from][i]
				}
			default:
				x := randomValue(r, typ, true)
				put(vs[to], x)
				want[to] = append(want[to], x)
			}
			if len(want[to]) > 300 {
				vs[to].Reset()
				want[to] = nil
			}
			check(t, vs[0], want[0])
			check(t, vs[1], want[1])
		}
	}
}

// TestEqualityOrderHash: they agree with one another and with the model.
func TestEqualityOrderHash(t *testing.T) {
	r := seeded(t)
	for range 500 {
		typ := randomType(r, 2)
		v := NewVector(typ)
		var all []any
		for range 30 {
			all = append(all, randomValue(r, typ, true))
			put(v, all[len(all)-1])
		}
		hashes := HashColumns(nil, &Batch{Rows: v.Len(), Cols: []*Vector{v}}, []int{0})
		for i, a := range all {
			for j, b := range all {
				want := order(a, b)
				if got := compareRows(of(typ), v, i, v, j); cmp.Compare(got, 0) != want || v.Equal(i, j) != (want == 0) {
					t.Fatalf("%s: %#v and %#v: %d, equal %t, want %d", typ, a, b, got, v.Equal(i, j), want)
				}
				if want == 0 && hashes[i] != hashes[j] {
					t.Fatalf("%s: %#v and %#v are equal and have different hashes", typ, a, b)
				}
			}
		}
	}
}

// TestNestedHashesTellApart: what differs in shape alone hashes differently.
func TestNestedHashesTellApart(t *testing.T) {
	typ := types.NewArray(types.NewArray(types.Of(types.BigInt)))
	v := NewVector(typ)
	one, two := int64(1), int64(2)
	for _, x := range []any{
		[]any{}, []any{[]any{}}, []any{nil}, []any{[]any{nil}}, []any{[]any{one, two}}, []any{[]any{one}, []any{two}}, []any{[]any{two, one}},
		[]any{[]any{}, []any{one, two}}, nil,
	} {
		put(v, x)
	}
	seen := map[uint64]int{}
	for i, h := range HashColumns(nil, &Batch{Rows: v.Len(), Cols: []*Vector{v}}, []int{0}) {
		if j, ok := seen[h]; ok {
			t.Errorf("%v and %v have one hash", get(v, i), get(v, j))
		}
		seen[h] = i
	}
}

// TestReusedVectorsAllocateNothing: a batch of nested columns that goes round.
func TestReusedVectorsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	typ := types.NewMap(text, types.NewArray(row("a", bigint, "b", text)))
	schema := types.Schema{{Name: "m", Type: typ}, {Name: "n", Type: types.Of(types.BigInt)}}
	from, to := NewBatch(schema), NewBatch(schema)
	for i := range 500 {
		put(from.Cols[0], randomValue(r, typ, true))
		from.Cols[1].AppendInt(int64(i))
		from.Rows++
		if i%3 > 0 {
			from.Sel = append(from.Sel, int32(i))
		}
	}
	hashes := make([]uint64, BatchRows)
	if n := testing.AllocsPerRun(20, func() {
		to.Reset()
		to.AppendBatch(from, nil)
		hashes = HashColumns(hashes, to, []int{0})
	}); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// TestTextBytes: texts count however deep they lie, and the parts of arrays, since a batch is heavy by them.
func TestTextBytes(t *testing.T) {
	b := NewBatch(types.Schema{{Name: "a", Type: text}, {Name: "b", Type: types.NewArray(types.NewMap(text, types.Of(types.Binary)))}})
	put(b.Cols[0], "four")
	put(b.Cols[1], []any{[]any{"k", "seven b"}, nil})
	if n := b.TextBytes(); n != 12+4*8 { // two maps, a key and a value
		t.Errorf("%d bytes of texts", n)
	}
}
