package column

import "slipway/sql/types"

// NewVector makes an empty vector of a type; its memory comes with its first rows.
func NewVector(t types.Type) *Vector {
	v := &Vector{Type: t, held: of(t)}
	v.fields = t.Fields()
	for _, f := range v.fields {
		v.Kids = append(v.Kids, NewVector(f.Type))
	}
	return v
}

// NewBatch makes an empty batch of a schema.
func NewBatch(schema types.Schema) *Batch {
	b := &Batch{Cols: make([]*Vector, len(schema))}
	for i, c := range schema {
		b.Cols[i] = NewVector(c.Type)
	}
	return b
}

// Reset empties the vector and keeps its memory.
func (v *Vector) Reset() {
	v.Valid = nil
	v.Bools, v.Ints, v.Floats = v.Bools[:0], v.Ints[:0], v.Floats[:0]
	v.Wides, v.Views, v.Slab = v.Wides[:0], v.Views[:0], Emptied(v.Slab)
	for _, k := range v.Kids {
		k.Reset()
	}
}

// keptSlab is the memory of texts that is kept from batch to batch in any case.
const keptSlab = 4 << 20

// Emptied is the memory of texts for the next use; what was much too large for the last
// one is given back.
func Emptied(slab []byte) []byte {
	if cap(slab) > keptSlab && len(slab) < cap(slab)/4 {
		return nil
	}
	return slab[:0]
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	b.Rows, b.Sel, b.Split = 0, nil, 0
	b.Kinds = b.Kinds[:0]
	if cap(b.Kinds) == 0 {
		b.Kinds = nil
	}
	for _, c := range b.Cols {
		c.Reset()
	}
}

// AppendNull appends a NULL.
func (v *Vector) AppendNull() {
	v.SetNull(v.held.extend(v))
}

// SetNull makes row i NULL; bits behind the last row mean present.
func (v *Vector) SetNull(i int) {
	if v.Valid == nil {
		v.Valid = v.allValid(i + 1)
	}
	v.coverRows(i + 1)
	v.Valid.Clear(i)
}

// SetPresent makes row i one that is not NULL.
func (v *Vector) SetPresent(i int) {
	if v.Valid != nil {
		v.coverRows(i + 1)
		v.Valid.Set(i)
	}
}

// allValid is a bitmap of present rows in the vector's own memory, which no former
// user of the vector reads any more. It covers as many rows as a batch may have: who appends
// a present row behind the last NULL need not look at it.
func (v *Vector) allValid(rows int) Bitmap {
	n := max(Words(rows), Words(MaxBatchRows))
	if cap(v.spare) < n {
		v.spare = make(Bitmap, n)
	}
	b := v.spare[:n]
	for i := range b {
		b[i] = ^uint64(0)
	}
	return b
}

// coverRows extends an existing bitmap over rows that are present.
func (v *Vector) coverRows(rows int) {
	if v.Valid == nil {
		return
	}
	for len(v.Valid) < Words(rows) {
		v.Valid = append(v.Valid, ^uint64(0))
	}
}

// AppendBytes appends a string value, copying it into the slab.
func (v *Vector) AppendBytes(b []byte) {
	off := len(v.Slab)
	v.Slab = append(v.Slab, b...)
	v.Views = append(v.Views, View{uint32(off), uint32(len(b))})
	v.coverRows(len(v.Views))
}

// AppendInt appends to Ints.
func (v *Vector) AppendInt(x int64) {
	v.Ints = append(v.Ints, x)
	v.coverRows(len(v.Ints))
}

// AppendRows appends the rows of src named by sel (nil: its first rows) to v.
func (v *Vector) AppendRows(src *Vector, sel []int32, rows int) {
	r := v.held
	at, n := r.length(v), rows
	if sel != nil {
		n = len(sel)
	}
	r.appendRows(v, src, sel, n)
	v.appendValidity(src, sel, at, n)
}

func (v *Vector) appendValidity(src *Vector, sel []int32, at, n int) {
	v.coverRows(at + n)
	if src.Valid == nil {
		return
	}
	if sel == nil {
		for i := range n {
			if !src.Valid.Get(i) {
				v.SetNull(at + i)
			}
		}
	}
	for i, s := range sel {
		if !src.Valid.Get(int(s)) {
			v.SetNull(at + i)
		}
	}
	v.coverRows(at + n)
}

// AppendBatch appends the rows of src named by sel (nil: src's own selection) to b.
func (b *Batch) AppendBatch(src *Batch, sel []int32) {
	if sel == nil {
		sel = src.Sel
	}
	n := src.Rows
	if sel != nil {
		n = len(sel)
	}
	for i, c := range b.Cols {
		c.AppendRows(src.Cols[i], sel, src.Rows)
	}
	b.appendKinds(src, sel, n)
	b.Rows += n
}

func (b *Batch) appendKinds(src *Batch, sel []int32, n int) {
	if len(src.Kinds) == 0 && len(b.Kinds) == 0 {
		return
	}
	for len(b.Kinds) < b.Rows {
		b.Kinds = append(b.Kinds, Insert)
	}
	if len(src.Kinds) == 0 { // also one that keeps the memory of kinds
		for range n {
			b.Kinds = append(b.Kinds, Insert)
		}
		return
	}
	b.Kinds = gather(b.Kinds, src.Kinds, sel, n)
}

// Each calls f with every live row; for code outside the row path.
func (b *Batch) Each(f func(row int)) {
	if b.Sel == nil {
		for i := range b.Rows {
			f(i)
		}
		return
	}
	for _, i := range b.Sel {
		f(int(i))
	}
}

// Kind is the kind of row i.
func (b *Batch) Kind(i int) RowKind {
	if len(b.Kinds) == 0 {
		return Insert
	}
	return b.Kinds[i]
}

// Present extends an existing validity bitmap over values that were set directly.
func (v *Vector) Present() { v.coverRows(v.Len()) }
