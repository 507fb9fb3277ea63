// Package format turns record values and keys into columns and back: JSON, delimited text,
// raw bytes. Decoders read only the columns that a query needs.
package format

import (
	"fmt"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Decoder fills row `row` of a batch from one value. The batch's vectors have room
// for the row; strings go into their slabs. After an error the row is filled anew.
type Decoder interface {
	Decode(value []byte, b *column.Batch, row int) error
}

// Encoder writes rows.
type Encoder interface {
	// Takes is why the format cannot write rows of b as they are; nil if it can.
	Takes(b *column.Batch) error
	// Append writes row i of b.
	Append(dst []byte, b *column.Batch, i int) []byte
	// AppendKey writes the key columns of row i.
	AppendKey(dst []byte, b *column.Batch, i int) []byte
}

// Options are what a format needs to know of a stream.
type Options struct {
	Declared   types.Schema
	Columns    []int // that are needed, ascending; the batch's columns, in order
	Keys       []int // columns of the batch that make the record key, in its order
	Fields     string
	TimeFormat string
}

// withoutMark leaves out the byte order mark that some editors put in front of UTF-8; it is
// no part of a record.
func withoutMark(record []byte) []byte {
	if len(record) >= 3 && record[0] == 0xEF && record[1] == 0xBB && record[2] == 0xBF {
		return record[3:]
	}
	return record
}

// Delimiter of Hive's text files.
const Delimiter = "\001"

// Name gives the format in force: the property, else delimited.
func Name(properties map[string]string) string {
	if f := properties[conf.Format.Name()]; f != "" {
		return f
	}
	return "delimited"
}

// NewDecoder makes the decoder of a format.
func NewDecoder(name string, o Options) (Decoder, error) {
	switch name {
	case "json":
		return newJSONDecoder(o), nil
	case "delimited":
		return newDelimitedDecoder(o), nil
	case "raw":
		return rawDecoder{name: o.Declared[0].Name}, nil
	}
	return nil, fmt.Errorf("format %q does not exist", name)
}

// NewEncoder makes the encoder of a format.
func NewEncoder(name string, o Options) (Encoder, error) {
	switch name {
	case "json":
		return newJSONEncoder(o), nil
	case "delimited":
		return &delimitedEncoder{fields: o.Fields, keys: o.Keys, columns: all(o.Declared)}, nil
	case "raw":
		return &delimitedEncoder{keys: o.Keys, columns: []int{0}}, nil
	}
	return nil, fmt.Errorf("format %q does not exist", name)
}

func all(s types.Schema) []int {
	out := make([]int, len(s))
	for i := range out {
		out[i] = i
	}
	return out
}

// inColumn says which column a value is wrong for.
func inColumn(name string, err error) error {
	e := sqlerr.From(err)
	return sqlerr.New(e.Code, "column %s: %s", name, e.Message).WithCause(err)
}

// setNull and the other setters below work on a row that may have been set before.
func setNull(v *column.Vector, row int) {
	v.SetNull(row)
	if v.Type.Physical() == types.PhysicalBytes {
		v.Views[row] = column.View{}
	}
}

func present(v *column.Vector, row int) {
	if v.Valid != nil {
		for row>>6 >= len(v.Valid) {
			v.Valid = append(v.Valid, ^uint64(0))
		}
		v.Valid.Set(row)
	}
}

// rawDecoder takes the whole value for its one column.
type rawDecoder struct{ name string }

func (d rawDecoder) Decode(value []byte, b *column.Batch, row int) error {
	if len(b.Cols) == 0 {
		return nil
	}
	if value == nil {
		setNull(b.Cols[0], row)
		return nil
	}
	if b.Cols[0].Type.Kind != types.Binary {
		value = withoutMark(value)
	}
	present(b.Cols[0], row)
	if err := b.Cols[0].SetText(row, value); err != nil {
		return inColumn(d.name, err)
	}
	return nil
}
