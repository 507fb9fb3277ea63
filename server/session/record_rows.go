package session

import (
	"encoding/binary"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/server/pgwire"
	"slipway/sql/types"
)

// A STRUCT is a record to clients, as ROW (…) is in PostgreSQL: its fields in their order, without names. Those who
// want the names say slipway.struct.form = json, or CAST(x AS JSON).

// hasRow tells a type that is a STRUCT, or has one in it but in a MAP, which is JSON in any case.
func hasRow(t types.Type) bool { return t.Element().Kind == types.Struct }

// wireColumns are the columns of a result as the client is told of them.
func (s *session) wireColumns(schema types.Schema) []pgwire.Column {
	out := make([]pgwire.Column, len(schema))
	for i, c := range schema {
		out[i] = pgwire.Column{Name: c.Name, Type: c.Type}
		if hasRow(c.Type) && s.rowsAsJSON() {
			out[i].Type = types.Of(types.JSON)
		}
	}
	return out
}

func (s *session) rowsAsJSON() bool { return conf.StructForm.Get(s.settings) == "json" }

// rowsOut writes the rows of a result.
func (s *session) rowsOut() batchRow { return batchRow{zone: s.location(), json: s.rowsAsJSON()} }

// appendRecordText writes (1,"a b",) (PostgreSQL, "Composite Type Input and Output Syntax"); NULL is nothing.
func (r *batchRow) appendRecordText(dst []byte, v *column.Vector, i int) []byte {
	dst = append(dst, '(')
	for k, field := range v.Kids {
		if k > 0 {
			dst = append(dst, ',')
		}
		if field.Null(i) {
			continue
		}
		from := len(dst)
		dst = r.appendText(dst, field, i)
		if len(dst) == from || slices.ContainsFunc(dst[from:], func(c byte) bool { return strings.IndexByte("(),\"\\ \t\n\r\v\f", c) >= 0 }) {
			dst = quoted(dst, from, '"')
		}
	}
	return append(dst, ')')
}

// appendRecordBinary writes what record_send does: how many fields, and of each its type, its length and its value.
func (r *batchRow) appendRecordBinary(dst []byte, v *column.Vector, i int) (out []byte, err error) {
	out = binary.BigEndian.AppendUint32(dst, uint32(len(v.Kids)))
	for _, field := range v.Kids {
		out = binary.BigEndian.AppendUint32(out, field.Type.OID())
		if out, err = r.appendSized(out, field, i); err != nil {
			break
		}
	}
	return out, err
}
