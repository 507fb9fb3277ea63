// Package datagen is the source that makes rows up: typed random or sequential
// fields at a rate. Row n of a split is always the same, so a restore goes on
// exactly where the checkpoint was.
package datagen

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Connector makes generators.
type Connector struct {
	catalog.NothingBehind
	executor.NoSink
	executor.NoLookup
}

// Declaration implements catalog.Connector.
func (Connector) Declaration() *catalog.Declaration { return declaration }

// Check implements catalog.Connector.
func (Connector) Check(r *catalog.Relation) ([]string, error) {
	_, err := fieldsOf(r.Recorded(), declaration.Values(r))
	return nil, err
}

// Splits implements executor.Connector.
func (Connector) Splits(_ context.Context, s *plan.Source) (int, error) {
	return int(splitCount.Get(declaration.Read(s.Properties))), nil
}

// Ends implements executor.Connector: a generator with an amount ends by itself.
func (Connector) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, nil }

// NewSource implements executor.Connector.
func (Connector) NewSource(s *plan.Source) (executor.Source, error) {
	v := declaration.Read(s.Properties)
	fields, err := fieldsOf(s.Declared, v)
	if err != nil {
		return nil, err
	}
	g := &source{pace: newPace(v, s), seed: uint64(seed.Get(v)), batch: column.NewBatch(s.Out)}
	for _, c := range s.Columns {
		g.fields = append(g.fields, fields[c])
	}
	g.arrival = s.ArrivalColumn != ""
	return g, nil
}

// field makes the values of one column.
type field struct {
	typ      types.Type
	salt     uint64
	sequence bool
	now      bool // a TIMESTAMP that follows the clock
	lo, hi   int64
	nulls    float64
	length   int
	words    []string
}

func fieldsOf(declared types.Schema, v *conf.Values) ([]field, error) {
	given := v.Family(fieldOptions.Key)
	out := make([]field, len(declared))
	for i, c := range declared {
		f := field{typ: c.Type, salt: uint64(i+1) * 0x9E3779B97F4A7C15, lo: 0, hi: 99, length: 10}
		if c.Type.IsMoment() {
			f.now = true
		}
		out[i] = f
	}
	for key, text := range given {
		name, option, _ := strings.Cut(key, ".")
		i := declared.Index(name)
		if i < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "property \"fields.%s\": there is no column %q", key, name)
		}
		if err := out[i].set(strings.ToLower(option), text); err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "property \"fields.%s\": %v", key, err)
		}
	}
	return out, nil
}

func (f *field) set(option, text string) (err error) {
	switch option {
	case "kind":
		f.sequence = text == "sequence"
		f.now = false
		if text != "sequence" && text != "random" {
			err = fmt.Errorf("%q is neither random nor sequence", text)
		}
	case "min", "start":
		f.lo, err = strconv.ParseInt(text, 10, 64)
	case "max", "end":
		f.hi, err = strconv.ParseInt(text, 10, 64)
	case "length":
		f.length, err = strconv.Atoi(text)
	case "null-rate":
		f.nulls, err = strconv.ParseFloat(text, 64)
	case "values":
		f.words = strings.Split(text, ",")
		for _, w := range f.words {
			if _, fault := value.ReadJSON([]byte(w)); f.typ.Kind == types.JSON && fault != value.OK {
				return fault.Error(f.typ, []byte(w))
			}
		}
	default:
		err = fmt.Errorf("unknown option %q; there are kind, min, max, start, end, length, null-rate, values", option)
	}
	return err
}

// mix is SplitMix64's finaliser.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}

// source makes the rows of its splits.
type source struct {
	pace
	fields  []field
	seed    uint64
	arrival bool
	batch   *column.Batch
}

// Next implements executor.Source.
func (g *source) Next(context.Context) (*column.Batch, error) {
	split, n, err := g.turn()
	if err != nil || n == 0 {
		return nil, err
	}
	return g.make(split, n), nil
}

func (g *source) make(s, n int) *column.Batch {
	b := g.batch
	b.Reset()
	for _, c := range b.Cols {
		c.Grow(n)
	}
	now := time.Now().UnixMilli() * column.Millisecond
	first := g.advance(s, n)
	for i, f := range g.fields {
		f.fill(b.Cols[i], n, g.seed, int64(s), first, int64(g.splits), now)
	}
	if g.arrival {
		for i := range n {
			b.Cols[len(b.Cols)-1].Ints[i] = now
		}
	}
	b.Rows, b.Split = n, s
	return b
}

// fill makes rows first, first+1, … of a split.
func (f *field) fill(v *column.Vector, n int, seed uint64, split, first, splits, now int64) {
	span := uint64(f.hi-f.lo) + 1
	for i := range n {
		row := (first+int64(i))*splits + split // numbers of all splits together
		x := mix(seed + uint64(row)*0x9E3779B97F4A7C15 + f.salt)
		if f.nulls > 0 && float64(mix(x)>>11)/(1<<53) < f.nulls {
			v.SetNull(i)
			continue
		}
		number := f.lo + int64(x%max(span, 1))
		if f.sequence {
			number = f.lo + row
		}
		switch v.Type.Physical() {
		case types.PhysicalInt64:
			v.Ints[i] = number
			switch {
			case f.now:
				v.Ints[i] = now
			case v.Type.IsMoment():
				v.Ints[i] = number * column.Millisecond
			case v.Type.Kind == types.Decimal:
				v.Ints[i] = number * value.Pow10[v.Type.Scale]
			}
		case types.PhysicalBool:
			v.Bools[i] = x&1 == 1
		case types.PhysicalFloat64:
			v.Floats[i] = float64(f.lo) + float64(x>>11)/(1<<53)*float64(f.hi-f.lo)
		case types.PhysicalInt128:
			v.Wides[i] = column.FromInt64(number)
		case types.PhysicalBytes:
			f.text(v, i, x)
		}
	}
}

func (f *field) text(v *column.Vector, i int, x uint64) {
	off := len(v.Slab)
	if len(f.words) > 0 {
		v.Slab = append(v.Slab, f.words[x%uint64(len(f.words))]...)
	} else {
		quoted := v.Type.Kind == types.JSON
		if quoted {
			v.Slab = append(v.Slab, '"')
		}
		for range f.length {
			v.Slab = append(v.Slab, 'a'+byte(x%26))
			x = mix(x + 1)
		}
		if quoted {
			v.Slab = append(v.Slab, '"')
		}
	}
	v.Views[i] = column.View{Off: uint32(off), Len: uint32(len(v.Slab) - off)}
}
