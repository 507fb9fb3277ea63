package format

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Raw is the whole value for one column.
var Raw = &Format{
	Name: "raw", Text: "The whole value for the one column.",
	Check: oneColumn, NewReader: singleReader(newRawDecoder), NewWriter: singleWriter(newRawEncoder),
}

func oneColumn(declared types.Schema) error {
	if len(declared) == 1 {
		return plain("raw")(declared)
	}
	return sqlerr.New(sqlerr.InvalidParameter, "format raw takes one column")
}

type rawDecoder struct{ name string }

func newRawDecoder(o Options) decoder { return rawDecoder{name: o.Declared[0].Name} }

func (d rawDecoder) decode(value []byte, b *column.Batch, row int) error {
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

// wholeKey implements decoder: all of the key is the one column.
func (rawDecoder) wholeKey([]byte, []string) error { return nil }

func newRawEncoder(o Options) encoder { return &delimitedEncoder{keys: o.Keys, columns: []int{0}} }
