package format

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// Rows is a batch that takes the rows of records. Its columns are longer than the batch
// while it is filled: a reader sets values in place, without a call for each.
type Rows struct {
	Batch *column.Batch
	n     int // rows that were added
	room  int // rows that all columns have room for
	plain int // room, while all rows are inserts and no kinds are noted; else 0
}

// Begin empties a batch and makes room for as many rows as are expected.
func (r *Rows) Begin(b *column.Batch, expected int) {
	b.Reset()
	r.Batch, r.n = b, 0
	r.reserve(max(1, expected))
	r.plain = r.room
}

func (r *Rows) reserve(rows int) {
	for _, c := range r.Batch.Cols {
		c.Grow(rows)
	}
	r.room = rows
}

// Len is the number of rows that were added.
func (r *Rows) Len() int { return r.n }

// Add gives the place of a new row. The reader sets every column of it.
func (r *Rows) Add(kind column.RowKind) int {
	if r.n >= r.plain || kind != column.Insert {
		r.extend(kind)
	}
	r.n++
	return r.n - 1
}

// extend makes room for a row, and notes what it does if that is to be noted; the rows
// before it that have no kind are inserts.
func (r *Rows) extend(kind column.RowKind) {
	if r.n == r.room {
		r.reserve(2 * r.room)
	}
	b := r.Batch
	if r.plain = r.room; kind == column.Insert && len(b.Kinds) == 0 {
		return
	}
	r.plain = 0
	for len(b.Kinds) < r.n {
		b.Kinds = append(b.Kinds, column.Insert)
	}
	b.Kinds = append(b.Kinds[:r.n], kind)
}

// Read adds the rows of a record, or nothing and an error.
func (r *Rows) Read(from Reader, record *Record) error {
	before := r.n
	err := from.Read(record, r)
	if err == nil && r.n-before > MaxRows {
		err = sqlerr.New(sqlerr.TooComplex, "the record gives %d rows, more than %d", r.n-before, MaxRows)
	}
	if err != nil {
		r.n = before
	}
	return err
}

// End gives the batch with the rows that were added.
func (r *Rows) End() *column.Batch {
	for _, c := range r.Batch.Cols {
		c.Grow(r.n)
	}
	r.Batch.Kinds = r.Batch.Kinds[:min(r.n, len(r.Batch.Kinds))] // the last record may have failed
	r.Batch.Rows = r.n
	return r.Batch
}
