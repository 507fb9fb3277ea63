package jdbc

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"slipway/executor/column"
	"slipway/sql/types"
)

type postgresDialect struct{}

func (postgresDialect) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// text: also what is no text there (uuid, enum, inet) has one; CHAR(n) is without its blanks.
func (postgresDialect) text(c string, _ types.Type) string { return c + "::text" }

// binary: \x and digits.
func (postgresDialect) binary(text []byte) ([]byte, error) {
	return hex.DecodeString(string(bytes.TrimPrefix(text, []byte(`\x`))))
}

func (postgresDialect) kinds(table string, columns []string) string {
	for i, c := range columns {
		columns[i] = "pg_typeof(t." + c + ")::text"
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM (SELECT 1) AS one LEFT JOIN " + table + " AS t ON false"
}

// postgresTypes of keys that are not text.
var postgresTypes = map[types.Kind]string{
	types.Boolean: "bool", types.TinyInt: "int8", types.SmallInt: "int8", types.Int: "int8", types.BigInt: "int8", types.Float: "float4", types.Double: "float8",
	types.Decimal: "numeric", types.Date: "date", types.Time: "time", types.Timestamp: "timestamp", types.TimestampTZ: "timestamptz", types.Binary: "bytea", types.UUID: "uuid",
}

// operand is a key column and the type of what it is compared with, chosen so that an index of the
// column serves: of types that have no text to compare with their text is compared.
func (k keyColumn) operand() (column, typ string) {
	if typ := postgresTypes[k.typ.Kind]; typ != "" {
		return k.name, typ
	}
	switch k.kind {
	case "character varying", "text", "name", "citext":
		return k.name, "text"
	case "character":
		return k.name, "bpchar"
	case "uuid":
		return k.name, "uuid"
	}
	return k.name + "::text", "text"
}

func (postgresDialect) among(key []keyColumn, keys *column.Batch) (string, []any) {
	var names, arrays []string
	lists := make([]strings.Builder, len(key))
	for i, k := range key {
		name, typ := k.operand()
		names, arrays = append(names, name), append(arrays, fmt.Sprintf("$%d::%s[]", i+1, typ))
	}
	n := 0
	for r := range keys.Rows {
		if impossible(key, keys, r) {
			continue
		}
		for i := range key {
			between := ","
			if n == 0 {
				between = "{"
			}
			lists[i].WriteString(between + quoteElement(postgresText(keys.Cols[i], r)))
		}
		n++
	}
	if n == 0 {
		return "", nil
	}
	var args []any
	for i := range lists {
		args = append(args, lists[i].String()+"}")
	}
	if len(key) == 1 {
		return names[0] + " = ANY(" + arrays[0] + ")", args
	}
	return "(" + strings.Join(names, ", ") + ") IN (SELECT * FROM unnest(" + strings.Join(arrays, ", ") + "))", args
}

// impossible: a text that is not written as uuids are meets none, and the server would refuse to
// read it; nor does it take the byte zero in a text.
func impossible(key []keyColumn, keys *column.Batch, r int) bool {
	for i, k := range key {
		if !k.typ.IsText() {
			continue
		}
		b := keys.Cols[i].Bytes(r)
		if k.kind == "uuid" && !isUUID(b) || strings.IndexByte(string(b), 0) >= 0 {
			return true
		}
	}
	return false
}

func isUUID(b []byte) bool {
	if len(b) != 36 {
		return false
	}
	for i, c := range b {
		switch dash := i == 8 || i == 13 || i == 18 || i == 23; {
		case dash != (c == '-'):
			return false
		case !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

func postgresText(v *column.Vector, i int) string {
	if v.Type.Kind == types.Binary {
		return `\x` + hex.EncodeToString(v.Bytes(i))
	}
	return textOf(v, i)
}

// quoteElement writes an element of an array.
func quoteElement(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func (postgresDialect) compared(k keyColumn, v *column.Vector, n int) (left, place string, arg any) {
	text := postgresText(v, 0)
	switch {
	case k.typ.IsText() && !strings.Contains(text, "\x00"):
		return k.name + "::text", fmt.Sprintf("$%d::text", n), text
	case slices.Contains(postgresKinds[k.typ.Kind], k.kind):
		return k.name, fmt.Sprintf("$%d::%s", n, postgresTypes[k.typ.Kind]), text
	}
	return "", "", nil
}

func (postgresDialect) behind(key []keyColumn, row *column.Batch) (string, []any) {
	var names, places []string
	var args []any
	for i, k := range key {
		kind := k.kind
		if kind == "character" { // which is one of it
			kind = "bpchar"
		}
		names, places = append(names, k.name), append(places, fmt.Sprintf("$%d::%s", i+1, kind))
		args = append(args, postgresText(row.Cols[i], 0))
	}
	return "(" + strings.Join(names, ", ") + ") > (" + strings.Join(places, ", ") + ")", args
}
