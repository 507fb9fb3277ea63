package pgcatalog

import (
	"fmt"
	"strings"

	"slipway/server/pgcatalog/engine"
)

// sqlNames are the names that format_type gives in place of those of pg_type.
var sqlNames = map[engine.Type]string{engine.Bool: "boolean", engine.Char: `"char"`, engine.Int2: "smallint", engine.Int4: "integer", engine.Int8: "bigint", engine.Float4: "real",
	engine.Float8: "double precision", engine.BPChar: "character", engine.Varchar: "character varying", engine.Timestamp: "timestamp without time zone",
	engine.Timestamptz: "timestamp with time zone", engine.Time: "time without time zone", engine.AnyType: `"any"`, 1266: "time with time zone"}

// formatType is format_type: a type's name with its modifier, -1 for none.
func formatType(t engine.Type, modifier int64) string {
	if e := t.Element(); e != 0 && t != engine.Int2Vector && t != engine.OIDVector {
		return formatType(e, modifier) + "[]"
	}
	line := typeLines[t]
	if line == nil {
		return "???"
	}
	name, ok := sqlNames[t]
	if !ok {
		name = line.name
	}
	if modifier < 0 {
		return name
	}
	return withModifier(name, t, modifier)
}

// withModifier puts what a modifier says behind the name, or in front of "with time zone".
func withModifier(name string, t engine.Type, modifier int64) string {
	switch t {
	case engine.Numeric:
		return fmt.Sprintf("%s(%d,%d)", name, (modifier-4)>>16, (modifier-4)&0xffff)
	case engine.Varchar, engine.BPChar:
		return fmt.Sprintf("%s(%d)", name, modifier-4)
	case engine.Timestamp, engine.Timestamptz, engine.Time:
		first, rest, _ := strings.Cut(name, " ")
		return fmt.Sprintf("%s(%d) %s", first, modifier, rest)
	}
	return name
}
