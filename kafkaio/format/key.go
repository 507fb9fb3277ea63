package format

import (
	"fmt"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// KeyDecoder reads record keys in the form in which an Encoder writes them. They are read
// only where a record has no value: otherwise the value has the key's columns too, and
// its word counts.
type KeyDecoder struct {
	keys    []int // columns of the batch, in the order of the primary key
	names   []string
	decoder Decoder
	view    column.Batch // the batch's key columns
}

// NewKeyDecoder makes the key decoder of a format; Options.Keys are columns of the batch.
func NewKeyDecoder(name string, o Options) (*KeyDecoder, error) {
	d := &KeyDecoder{keys: o.Keys, view: column.Batch{Cols: make([]*column.Vector, len(o.Keys))}}
	declared := make(types.Schema, len(o.Keys))
	for i, k := range o.Keys {
		declared[i] = o.Declared[o.Columns[k]]
		d.names = append(d.names, declared[i].Name)
	}
	var err error
	d.decoder, err = NewDecoder(name, Options{Declared: declared, Columns: all(declared), Fields: o.Fields, TimeFormat: o.TimeFormat})
	return d, err
}

// Decode fills the key columns of a row; the others become NULL.
func (d *KeyDecoder) Decode(key []byte, b *column.Batch, row int) error {
	if key == nil {
		return sqlerr.New(sqlerr.InvalidText, "a record without value deletes a row, but it has no key that says which")
	}
	for _, c := range b.Cols {
		setNull(c, row)
	}
	for i, k := range d.keys {
		d.view.Cols[i] = b.Cols[k]
	}
	err := d.decoder.Decode(key, &d.view, row)
	if err == nil {
		err = d.whole(key)
	}
	if err != nil {
		e := sqlerr.From(err)
		return sqlerr.New(e.Code, "the record's key: %s", e.Message).WithCause(err)
	}
	return nil
}

// whole sees that the key has just the columns of the primary key, or more of a JSON object:
// one that is missing would silently be NULL, and name another row.
func (d *KeyDecoder) whole(key []byte) error {
	switch f := d.decoder.(type) {
	case *jsonDecoder:
		for i, s := range f.seen {
			if s != f.serial {
				return sqlerr.New(sqlerr.InvalidText, "column %s of the primary key is missing", d.names[i])
			}
		}
	case *delimitedDecoder:
		if n := f.count(key); n != len(d.keys) {
			return sqlerr.New(sqlerr.InvalidText, "it has %s, the primary key %d", fields(n), len(d.keys))
		}
	}
	return nil
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}
