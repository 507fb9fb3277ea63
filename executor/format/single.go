package format

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Most formats are about one value: a record is a row, and its key has the columns of the
// primary key in the form of the value. decoder and encoder are what differs between them.

// decoder fills a row from a value.
type decoder interface {
	// decode fills row `row` of b, whose vectors have room for it; strings go into their
	// slabs. After an error the row is filled anew.
	decode(value []byte, b *column.Batch, row int) error
	// wholeKey refuses a value, just decoded, that had not exactly the named columns, or in a
	// form with names at least those: one that is missing would silently be NULL, and as a
	// key name another row.
	wholeKey(value []byte, names []string) error
}

// encoder writes rows.
type encoder interface {
	takes(b *column.Batch) error
	// appendValue writes row i of b.
	appendValue(dst []byte, b *column.Batch, i int) []byte
	// appendKey writes the key columns of row i.
	appendKey(dst []byte, b *column.Batch, i int) []byte
}

// single reads one row a record.
type single struct {
	values decoder
	keys   *keyDecoder // of deletions; nil where a record without value is none
}

// singleReader makes the readers of such a format.
func singleReader(newDecoder func(Options) decoder) func(Options) (Reader, error) {
	return func(o Options) (Reader, error) {
		s := &single{values: newDecoder(o)}
		if len(o.Keys) > 0 {
			s.keys = newKeyDecoder(newDecoder, o)
		}
		return s, nil
	}
}

// Read implements Reader: a record without value deletes the row of its key.
func (s *single) Read(r *Record, rows *Rows) error {
	if r.Value != nil {
		return s.values.decode(r.Value, rows.Batch, rows.Add(column.Insert))
	}
	if s.keys == nil {
		return nil
	}
	return s.keys.decode(r.Key, rows.Batch, rows.Add(column.Delete))
}

// keyDecoder reads record keys in the form in which an encoder writes them. They are read
// only where a record has no value: otherwise the value has the key's columns too, and
// its word counts.
type keyDecoder struct {
	keys    []int // columns of the batch, in the order of the primary key
	names   []string
	decoder decoder
	view    column.Batch // the batch's key columns
}

func newKeyDecoder(newDecoder func(Options) decoder, o Options) *keyDecoder {
	d := &keyDecoder{keys: o.Keys, view: column.Batch{Cols: make([]*column.Vector, len(o.Keys))}}
	declared := make(types.Schema, len(o.Keys))
	for i, k := range o.Keys {
		declared[i] = o.Declared[o.Columns[k]]
		d.names = append(d.names, declared[i].Name)
	}
	d.decoder = newDecoder(Options{Declared: declared, Columns: all(declared), Fields: o.Fields, Settings: o.Settings})
	return d
}

// decode fills the key columns of a row; the others become NULL.
func (d *keyDecoder) decode(key []byte, b *column.Batch, row int) error {
	if key == nil {
		return sqlerr.New(sqlerr.InvalidText, "a record without value deletes a row, but it has no key that says which")
	}
	for _, c := range b.Cols {
		setNull(c, row)
	}
	for i, k := range d.keys {
		d.view.Cols[i] = b.Cols[k]
	}
	err := d.decoder.decode(key, &d.view, row)
	if err == nil {
		err = d.decoder.wholeKey(key, d.names)
	}
	if err != nil {
		e := sqlerr.From(err)
		return sqlerr.New(e.Code, "the record's key: %s", e.Message).WithCause(err)
	}
	return nil
}

// singleRecords writes one record a row. Of a changed row the new version says all; a
// deleted row is a record without value, or in no record.
type singleRecords struct {
	encoder
	keyed, deletions bool
	key, value       []byte // of the row at hand, never nil: that would be a deletion
}

// singleWriter makes the writers of such a format.
func singleWriter(newEncoder func(Options) encoder) func(Options) (Writer, error) {
	return func(o Options) (Writer, error) {
		return &singleRecords{encoder: newEncoder(o), keyed: len(o.Keys) > 0, deletions: o.Deletions, key: make([]byte, 0, 128), value: make([]byte, 0, 512)}, nil
	}
}

// Takes implements Writer.
func (w *singleRecords) Takes(b *column.Batch) error { return w.takes(b) }

// Write implements Writer.
func (w *singleRecords) Write(b *column.Batch, i int, r *Record) bool {
	kind := b.Kind(i)
	if kind == column.UpdateBefore || kind == column.Delete && !w.deletions {
		return false
	}
	r.Key, r.Value = nil, nil
	if w.keyed {
		w.key = w.appendKey(w.key[:0], b, i)
		r.Key = w.key
	}
	if kind != column.Delete {
		w.value = w.appendValue(w.value[:0], b, i)
		r.Value = w.value
	}
	return true
}
