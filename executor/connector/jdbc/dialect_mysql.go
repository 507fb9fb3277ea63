package jdbc

import (
	"fmt"
	"strings"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

type mysqlDialect struct{}

func (mysqlDialect) quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// text: a BIT is a number, and a FLOAT has all its digits.
func (mysqlDialect) text(c string, t types.Type) string {
	switch t.Kind {
	case types.Boolean:
		return c + " + 0"
	case types.Float, types.Double:
		return c + " + 0E0"
	}
	return c
}

func (mysqlDialect) binary(text []byte) ([]byte, error) { return text, nil }

func (mysqlDialect) kinds(string, []string) string { return "" }

func (d mysqlDialect) among(key []keyColumn, keys *column.Batch) (string, []any) {
	var args []any
	var parts []string
	for r := range keys.Rows {
		for i := range key {
			args = append(args, mysqlValue(keys.Cols[i], r))
		}
		parts = append(parts, d.equal(key))
	}
	if len(key) == 1 {
		place := mysqlPlace(key[0].typ)
		return key[0].name + " IN (" + place + strings.Repeat(", "+place, keys.Rows-1) + ")", args
	}
	return strings.Join(parts, " OR "), args
}

func (mysqlDialect) equal(key []keyColumn) string {
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = k.name + " = " + mysqlPlace(k.typ)
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// mysqlPlace stands for a value: a DECIMAL is sent as text, and compared as a number.
func mysqlPlace(t types.Type) string {
	if t.Kind == types.Decimal {
		return fmt.Sprintf("CAST(? AS DECIMAL(%d, %d))", t.Precision, t.Scale)
	}
	return "?"
}

// mysqlValue is a value as the library writes it into the statement.
func mysqlValue(v *column.Vector, i int) any {
	switch {
	case v.Type.IsInteger():
		return v.Ints[i]
	case v.Type.Kind == types.Boolean:
		return v.Bools[i]
	case v.Type.Kind == types.Float || v.Type.Kind == types.Double:
		return v.Floats[i]
	case v.Type.Kind == types.Binary:
		return append([]byte{}, v.Bytes(i)...)
	case v.Type.Kind == types.TimestampTZ: // the session's zone is UTC
		return string(value.AppendTimestamp(nil, v.Ints[i], v.Type.Precision))
	}
	return textOf(v, i)
}

// compared: a text with the text of what is no text; times are left out, since a column of texts would
// be compared as such.
func (mysqlDialect) compared(k keyColumn, v *column.Vector, _ int) (left, place string, arg any) {
	switch {
	case k.typ.IsText():
		return "CAST(" + k.name + " AS CHAR)", "?", mysqlValue(v, 0)
	case k.typ.IsInteger() || k.typ.Kind == types.Boolean:
		return k.name, "?", mysqlValue(v, 0)
	}
	return "", "", nil
}

// behind: written out, since a comparison of rows uses no index.
func (d mysqlDialect) behind(key []keyColumn, row *column.Batch) (string, []any) {
	var parts []string
	var args []any
	for n, k := range key {
		part := k.name + " > " + mysqlPlace(k.typ)
		if n > 0 {
			part = d.equal(key[:n]) + " AND " + part
		}
		parts = append(parts, "("+part+")")
		for i := range n + 1 {
			args = append(args, mysqlValue(row.Cols[i], 0))
		}
	}
	return strings.Join(parts, " OR "), args
}
