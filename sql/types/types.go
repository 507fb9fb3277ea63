// Package types holds the SQL types, their physical representation and their
// PostgreSQL type numbers. It is the ground floor: it imports nothing of the
// module, so that every other package can speak of types in the same words.
package types

import (
	"fmt"
	"strings"
	"unique"
)

// Kind is a SQL type without its parameters. Its number stands in stored state and in the
// catalogs of older servers: a number is never changed and never given to another type.
type Kind uint8

const (
	// Null is the type of a bare NULL literal; it converts to every other type.
	Null      Kind = 0
	Boolean   Kind = 1
	TinyInt   Kind = 2
	SmallInt  Kind = 3
	Int       Kind = 4
	BigInt    Kind = 5
	Float     Kind = 6
	Double    Kind = 7
	Decimal   Kind = 8
	String    Kind = 9
	Varchar   Kind = 10
	Char      Kind = 11
	Binary    Kind = 12
	Date      Kind = 13
	Timestamp Kind = 14
	// Duration is an INTERVAL of fixed length as plans hold what is added to a time: microseconds.
	// No column has it.
	Duration Kind = 15
	JSON     Kind = 16
	// Array, Map and Struct without element types are JSON text.
	Array  Kind = 17
	Map    Kind = 18
	Struct Kind = 19
	// TimestampTZ is a moment, TIMESTAMP WITH TIME ZONE: held in UTC, the zone that it was written with is not kept.
	TimestampTZ Kind = 20
	// Time is a time of day without a zone.
	Time Kind = 21
	// Interval is months, days and microseconds.
	Interval Kind = 22
	// UUID is 16 bytes.
	UUID Kind = 23
)

// Limits of the parameters.
const (
	MaxDecimalPrecision   = 38
	MaxTimestampPrecision = 6 // also of TIME
	DefaultTimestamp      = 3 // fractional digits of a bare TIMESTAMP
	DefaultTime           = 0 // fractional digits of a bare TIME
	MaxCharLength         = 65535
)

// Type is a SQL type with its parameters. It is a comparable value: equal types are ==, also
// those that nest, and a Type may be the key of a map.
type Type struct {
	Kind Kind
	// Precision is the digits of a DECIMAL, the fractional digits of a TIMESTAMP or TIME.
	Precision int
	// Scale is the fractional digits of a DECIMAL.
	Scale int
	// parts is what an ARRAY, MAP or STRUCT is made of, or the length of a VARCHAR or CHAR
	// (nested.go); zero for all others. Of four fields a type is passed in registers, of five it
	// is copied through memory wherever a kernel looks at it.
	parts unique.Handle[part]
}

// Physical says in which Go slice of a column vector the values of a type live.
type Physical uint8

const (
	// PhysicalNone is the representation of the Null type: no values at all.
	PhysicalNone Physical = iota
	// PhysicalBool is []bool.
	PhysicalBool
	// PhysicalInt64 is []int64: all integers as themselves; DATE as days and
	// TIMESTAMP as microseconds since 1970-01-01 (no zone, or UTC); DECIMAL of up to
	// 18 digits as the number times 10^scale; a fixed INTERVAL as microseconds, TIME as
	// microseconds since midnight.
	PhysicalInt64
	// PhysicalFloat64 is []float64; FLOAT values are rounded to 32 bits when made.
	PhysicalFloat64
	// PhysicalInt128 is []Int128: DECIMAL of 19 to 38 digits, times 10^scale; UUID as value.UUIDOf packs it.
	PhysicalInt128
	// PhysicalInterval is []Int128 too: an INTERVAL as value.Interval packs it.
	PhysicalInterval
	// PhysicalBytes is views into byte slabs: character types as UTF-8, BINARY, JSON text.
	PhysicalBytes
	// PhysicalList is views into child vectors: of an ARRAY one of its elements, of a
	// MAP one of its keys and one of its values.
	PhysicalList
	// PhysicalStruct is a child vector per field, as long as the vector itself.
	PhysicalStruct
)

// MaxDecimal64 is the largest precision that is held in 64 bits.
const MaxDecimal64 = 18

// Physical gives the representation of t.
func (t Type) Physical() Physical {
	if t.Kind == Decimal && t.Precision > MaxDecimal64 {
		return PhysicalInt128
	}
	if p := physicalOf[t.Kind]; p <= PhysicalBytes || t.parts != none {
		return p
	}
	return PhysicalBytes // a nested type that does not say of what
}

// physicalOf is Physical by kind, of a DECIMAL that is short and of a nested type that says of
// what it is made. Kernels ask at each row: Physical must be small enough for the compiler to
// put it, and what calls it, in their place.
var physicalOf = [256]Physical{
	Boolean: PhysicalBool,
	TinyInt: PhysicalInt64, SmallInt: PhysicalInt64, Int: PhysicalInt64, BigInt: PhysicalInt64, Decimal: PhysicalInt64,
	Date: PhysicalInt64, Timestamp: PhysicalInt64, Duration: PhysicalInt64, Interval: PhysicalInterval, TimestampTZ: PhysicalInt64, Time: PhysicalInt64,
	Float: PhysicalFloat64, Double: PhysicalFloat64, UUID: PhysicalInt128,
	String: PhysicalBytes, Varchar: PhysicalBytes, Char: PhysicalBytes, Binary: PhysicalBytes, JSON: PhysicalBytes,
	Array: PhysicalList, Map: PhysicalList, Struct: PhysicalStruct,
}

// IsInteger tells TINYINT, SMALLINT, INT, BIGINT.
func (t Type) IsInteger() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }

// IsNumeric tells the integers, FLOAT, DOUBLE and DECIMAL.
func (t Type) IsNumeric() bool { return t.Kind >= TinyInt && t.Kind <= Decimal }

// IsText tells STRING, VARCHAR, CHAR.
func (t Type) IsText() bool { return t.Kind >= String && t.Kind <= Char }

// IsMoment tells TIMESTAMP and TIMESTAMP WITH TIME ZONE, which may be event times.
func (t Type) IsMoment() bool { return t.Kind == Timestamp || t.Kind == TimestampTZ }

// NewDecimal gives DECIMAL(precision, scale).
func NewDecimal(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: precision, Scale: scale}
}

// NewTimestamp gives TIMESTAMP(precision).
func NewTimestamp(precision int) Type { return Type{Kind: Timestamp, Precision: precision} }

// NewTimestampTZ gives TIMESTAMP(precision) WITH TIME ZONE.
func NewTimestampTZ(precision int) Type { return Type{Kind: TimestampTZ, Precision: precision} }

// NewTime gives TIME(precision).
func NewTime(precision int) Type { return Type{Kind: Time, Precision: precision} }

// Of gives the type of a kind that needs no parameters, with the defaults of one that does.
func Of(k Kind) Type {
	switch k {
	case Decimal:
		return NewDecimal(10, 0)
	case Timestamp, TimestampTZ:
		return Type{Kind: k, Precision: DefaultTimestamp}
	case Time:
		return NewTime(DefaultTime)
	}
	return Type{Kind: k}
}

var kindNames = [...]string{
	Null: "NULL", Boolean: "BOOLEAN", TinyInt: "TINYINT", SmallInt: "SMALLINT", Int: "INT", BigInt: "BIGINT",
	Float: "FLOAT", Double: "DOUBLE", Decimal: "DECIMAL", String: "STRING", Varchar: "VARCHAR", Char: "CHAR",
	Binary: "BINARY", Date: "DATE", Timestamp: "TIMESTAMP", Duration: "INTERVAL", JSON: "JSON", Array: "ARRAY",
	Map: "MAP", Struct: "STRUCT", TimestampTZ: "TIMESTAMP WITH TIME ZONE", Time: "TIME", Interval: "INTERVAL", UUID: "UUID",
}

func (k Kind) String() string { return kindNames[k] }

// Known tells a number that is a type's from one that a damaged or newer record holds.
func (k Kind) Known() bool { return int(k) < len(kindNames) }

// String prints the type as it is written in a declaration.
func (t Type) String() string { return t.Text(quoteUnlessPlain) }

// Text prints the type with the names of its fields as quote gives them.
func (t Type) Text(quote func(name string) string) string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case Timestamp, Time:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Precision)
	case TimestampTZ:
		return fmt.Sprintf("TIMESTAMP(%d) WITH TIME ZONE", t.Precision)
	case Varchar, Char:
		if t.Length() > 0 {
			return fmt.Sprintf("%s(%d)", t.Kind, t.Length())
		}
	case Array, Map, Struct:
		return t.Kind.String() + t.printParts(", ", quote, func(p Type) string { return p.Text(quote) })
	}
	return t.Kind.String()
}

// Column is one column of a schema.
type Column struct {
	// Name keeps the spelling of the declaration: JSON keys and result headings use it.
	Name    string
	Type    Type
	NotNull bool
	Comment string
}

// Schema is the ordered columns of a relation.
type Schema []Column

// Index finds a column by name without regard to case; -1 if there is none.
func (s Schema) Index(name string) int {
	for i := range s {
		if strings.EqualFold(s[i].Name, name) {
			return i
		}
	}
	return -1
}

func (s Schema) String() string {
	parts := make([]string, len(s))
	for i, c := range s {
		parts[i] = c.Name + " " + c.Type.String()
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
