// Package column holds the columnar batch that flows through a job: vectors of
// one type each, pointer-free, with an optional selection and optional row kinds.
//
// Ownership. A batch is lent: it is valid until the call that received it returns
// (Process, Write, Emit), or, for a batch from Source.Next, until the next Next.
// The lender then reuses the memory, so in the steady state no batch is allocated.
// The receiver must not change what it was lent (rows may be shared between
// batches of one chain) and copies what it keeps. Between two goroutines the
// exchange copies into a batch of the edge's own free list, which the reading
// task gives back.
package column

// Batch sizes in rows. Sources and operators aim at BatchRows and never exceed MaxBatchRows.
const (
	BatchRows    = 2048
	MaxBatchRows = 4096
)

// RowKind says what a row does to the result it belongs to.
type RowKind uint8

const (
	// Insert adds a row.
	Insert RowKind = iota
	// UpdateBefore takes back the old version of a changed row.
	UpdateBefore
	// UpdateAfter gives the new version of a changed row.
	UpdateAfter
	// Delete removes a row.
	Delete
)

// Retracts tells the kinds that take a row back.
func (k RowKind) Retracts() bool { return k == UpdateBefore || k == Delete }

func (k RowKind) String() string { return [...]string{"+I", "-U", "+U", "-D"}[k] }

// Batch is a number of rows, column by column.
type Batch struct {
	// Rows is the number of physical rows: the length of every column.
	Rows int
	Cols []*Vector
	// Sel lists the physical rows that are alive, ascending; nil means all. A
	// filter narrows Sel instead of moving values.
	Sel []int32
	// Kinds has one entry per physical row; nil means that every row is an Insert.
	Kinds []RowKind
	// Split is the index, within the source task, of the split (partition) the rows
	// come from; watermarks are kept per split. Meaningful only up to the end of the
	// chain that began with the source.
	Split int
}

// TextBytes is the memory of what in the batch has any length: texts, and the parts of arrays and maps.
func (b *Batch) TextBytes() (n int) {
	for _, c := range b.Cols {
		n += c.TextBytes()
	}
	return n
}

// TextBytes is that of one vector.
func (v *Vector) TextBytes() int {
	n := len(v.Slab)
	for _, k := range v.Kids {
		n += k.TextBytes() + 8*(len(k.Ints)+len(k.Floats)+len(k.Views)+2*len(k.Wides)) + len(k.Bools)
	}
	return n
}

// Live is the number of rows that are alive.
func (b *Batch) Live() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.Rows
}
