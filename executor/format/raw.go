package format

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Raw is the whole value for one column.
var Raw = &Format{
	Name: "raw", Text: "The whole value for the one column, an array, map or row as JSON.",
	Check: oneColumn, NewReader: singleReader(newRawDecoder), NewWriter: singleWriter(newRawEncoder),
}

func oneColumn(declared types.Schema) error {
	if len(declared) == 1 {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameter, "format raw takes one column")
}

type rawDecoder struct{ name string }

func newRawDecoder(o Options) decoder { return rawDecoder{name: o.Declared[0].Name} }

func (d rawDecoder) decode(value []byte, b *column.Batch, row int) error {
	if len(b.Cols) == 0 {
		return nil
	}
	t := b.Cols[0].Type
	if value == nil || string(value) == `\N` && !t.IsText() && t.Kind != types.Binary {
		setNull(b.Cols[0], row) // of a text it may be the text
		return nil
	}
	if t.Kind != types.Binary {
		value = withoutMark(value)
	}
	present(b.Cols[0], row)
	if err := b.Cols[0].SetText(row, value); err != nil {
		return inColumn(d.name, err)
	}
	return nil
}

// wholeKey implements decoder: all of the key is the one column.
func (rawDecoder) wholeKey([]byte, []string) error { return nil }

func newRawEncoder(o Options) encoder {
	o.Fields = ""
	e := newDelimitedEncoder(o).(*delimitedEncoder)
	if o.Declared[0].Type.IsNested() {
		e.null = "null" // as JSON has it
	}
	return e
}
