package executortest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/types"
)

// Tuple is a row as a test computes with it: a value per column, which is nil (NULL), an int64,
// a float64, a bool or a string. A DECIMAL of more than 18 digits and what is nested are a string
// as column.AppendText writes them; other types are as their vectors hold them.
type Tuple []any

// String is a text that is the same for tuples whose values are the same, and for no others.
func (t Tuple) String() string {
	out := append(make([]byte, 0, 12*len(t)), '(')
	for i, x := range t {
		if i > 0 {
			out = append(out, ", "...)
		}
		switch x := x.(type) {
		case nil:
			out = append(out, "NULL"...)
		case string:
			out = strconv.AppendQuote(out, x)
		case int64:
			out = strconv.AppendInt(out, x, 10)
		default:
			out = fmt.Append(out, x)
		}
	}
	return string(append(out, ')'))
}

// TupleOf reads row i of a batch.
func TupleOf(b *column.Batch, i int) Tuple {
	out := make(Tuple, len(b.Cols))
	for c, v := range b.Cols {
		if v.Null(i) {
			continue
		}
		switch v.Type.Physical() {
		case types.PhysicalInt64:
			out[c] = v.Ints[i]
		case types.PhysicalFloat64:
			out[c] = v.Floats[i]
		case types.PhysicalBool:
			out[c] = v.Bools[i]
		case types.PhysicalBytes:
			out[c] = string(v.Bytes(i))
		default:
			out[c] = string(column.AppendText(nil, v, i))
		}
	}
	return out
}

// AppendTuple appends a row to the columns of a batch; its kind is left to the caller.
func AppendTuple(b *column.Batch, t Tuple) {
	for c, v := range b.Cols {
		n := v.Len()
		switch x := t[c].(type) {
		case nil:
			v.AppendNull()
		case int64:
			v.AppendInt(x)
		case string:
			if v.Type.Physical() == types.PhysicalBytes {
				v.AppendBytes([]byte(x))
				continue
			}
			v.Grow(n + 1)
			v.Present()
			if err := v.SetText(n, []byte(x)); err != nil {
				panic(err)
			}
		case float64:
			v.Grow(n + 1)
			v.Present()
			v.Floats[n] = x
		case bool:
			v.Grow(n + 1)
			v.Present()
			v.Bools[n] = x
		}
	}
	b.Rows++
}

// Input is what reaches one port of an operator.
type Input struct {
	Schema types.Schema
	// Hash are the columns by whose hash rows go to tasks, as behind an exchange; changes of
	// rows that are alike in them stay in order. None: all go to the first task.
	Hash []int
	// Append: rows are added and never taken back.
	Append bool
	// Upsert, if set, are the columns of a key: an insert replaces the row of its key, and a
	// delete tells the key and nothing else.
	Upsert []int
	// Value gives a random value of a column; nil: AnyValue.
	Value func(r *rand.Rand, c int) any
}

// AnyValue gives a random value of a type: one of a few, so that values repeat, sometimes NULL.
func AnyValue(r *rand.Rand, t types.Type) any {
	if r.IntN(6) == 0 {
		return nil
	}
	n := int64(r.IntN(7)) - 2
	switch t.Physical() {
	case types.PhysicalInt64:
		return n
	case types.PhysicalFloat64:
		return float64(n) / 2
	case types.PhysicalBool:
		return n > 0
	case types.PhysicalBytes:
		return strings.Repeat("ab", int(n+2))
	case types.PhysicalInterval:
		return strconv.FormatInt(n, 10) + " days"
	case types.PhysicalInt128:
		return strconv.FormatInt(n, 10)
	}
	return nil
}

// change is a row with what it does.
type change struct {
	kind column.RowKind
	row  Tuple
}

// changes makes a random valid changelog of an input: what it takes back is there.
type changes struct {
	*Input
	r       *rand.Rand
	most    int     // rows that the input holds, about
	live    []Tuple // what a reader of the changelog holds now
	delayed []Tuple // new versions of rows whose old ones have been taken back
}

// next gives n changes, or a few less.
func (g *changes) next(n int) (out []change) {
	for len(out) < n {
		switch chance := g.r.IntN(10); {
		case len(g.delayed) > 0 && chance < 3:
			out = append(out, g.add(column.UpdateAfter, g.delayed[0]))
			g.delayed = g.delayed[1:]
		case g.Upsert != nil:
			out = append(out, g.upsert(chance))
		case g.Append || len(g.live) == 0 || chance < 5 && len(g.live) < g.most:
			out = append(out, g.add(column.Insert, g.random()))
		case chance < 8:
			out = g.update(out)
		default:
			out = append(out, g.remove(column.Delete, g.r.IntN(len(g.live))))
		}
	}
	return out
}

func (g *changes) random() Tuple {
	t := make(Tuple, len(g.Schema))
	for c, col := range g.Schema {
		if g.Value != nil {
			t[c] = g.Value(g.r, c)
		} else {
			t[c] = AnyValue(g.r, col.Type)
		}
	}
	return t
}

func (g *changes) add(k column.RowKind, t Tuple) change {
	g.live = append(g.live, t)
	return change{k, t}
}

func (g *changes) remove(k column.RowKind, i int) change {
	t := g.live[i]
	last := len(g.live) - 1
	g.live[i] = g.live[last]
	g.live = g.live[:last]
	return change{k, t}
}

// update changes some columns of a row. Mostly the new version follows at once.
func (g *changes) update(out []change) []change {
	old := g.remove(column.UpdateBefore, g.r.IntN(len(g.live)))
	row, other := slices.Clone(old.row), g.random()
	for c := range row {
		if g.r.IntN(3) == 0 {
			row[c] = other[c]
		}
	}
	out = append(out, old)
	if g.r.IntN(4) == 0 {
		g.delayed = append(g.delayed, row)
		return out
	}
	return append(out, g.add(column.UpdateAfter, row))
}

func (g *changes) upsert(chance int) change {
	row := g.random()
	at := slices.IndexFunc(g.live, func(t Tuple) bool { return g.keyOf(t) == g.keyOf(row) })
	if at >= 0 {
		g.remove(column.Delete, at)
	}
	if chance < 7 {
		return g.add(column.Insert, row)
	}
	for c := range row {
		if !slices.Contains(g.Upsert, c) {
			row[c] = nil
		}
	}
	return change{column.Delete, row}
}

func (g *changes) keyOf(t Tuple) string {
	var key Tuple
	for _, c := range g.Upsert {
		key = append(key, t[c])
	}
	return key.String()
}

// takeBack gives up to n deletes of what is there.
func (g *changes) takeBack(n int) (out []change) {
	g.delayed = nil
	for len(out) < n && len(g.live) > 0 {
		out = append(out, g.remove(column.Delete, g.r.IntN(len(g.live))))
	}
	return out
}

// Random gives the random numbers of a test, and writes how it is repeated: SLIPWAY_STATE_SEED
// is the seed of all tests of random state and changes.
func Random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if one, err := strconv.ParseUint(os.Getenv("SLIPWAY_STATE_SEED"), 10, 64); err == nil {
		seed = one
	}
	t.Logf("repeat with: SLIPWAY_STATE_SEED=%d go test -run '^%s$'", seed, t.Name())
	return rand.New(rand.NewPCG(seed, 1))
}
