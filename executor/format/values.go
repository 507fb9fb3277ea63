package format

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// withoutMark leaves out the byte order mark that some editors put in front of UTF-8; it is
// no part of a record.
func withoutMark(record []byte) []byte {
	if len(record) >= 3 && record[0] == 0xEF && record[1] == 0xBB && record[2] == 0xBF {
		return record[3:]
	}
	return record
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

// setNull and present work on a row that may have been set before.
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
