package jdbc

import (
	"fmt"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// appendRow appends a row of texts to a batch. What is no value of its column is permanent: the row
// stays what it is. The batch is then of no use.
func (t *table) appendRow(b *column.Batch, columns []int, row [][]byte) error {
	for i, c := range columns {
		v := b.Cols[i]
		if row[i] == nil {
			v.AppendNull()
			continue
		}
		if err := t.appendText(v, row[i]); err != nil {
			fault := *sqlerr.From(err)
			fault.Message = fmt.Sprintf("column %s of %s: %s", t.columns[c].Name, t.name, fault.Message)
			return executor.Permanent(&fault)
		}
	}
	b.Rows++
	return nil
}

func (t *table) appendText(v *column.Vector, text []byte) error {
	if v.Type.Kind == types.Binary {
		raw, err := t.binary(text)
		v.AppendBytes(raw)
		return err
	}
	s, fault := value.Read(text, v.Type)
	if fault != value.OK {
		return fault.Error(v.Type, text)
	}
	v.AppendScalar(s)
	return nil
}
