package types

import (
	"slices"
	"strings"
	"unique"
)

// MaxDepth bounds how deep types nest: an ARRAY of INT has depth 1. Whoever makes a type of
// text that came from outside checks it; what walks types and values recurses.
const MaxDepth = 16

// Field is a field of a STRUCT.
type Field struct {
	// Name keeps the spelling of the declaration; names of one STRUCT differ also without regard to case.
	Name string
	Type Type
}

// part is one of the types that a nested type is made of. The rest follows in a list, since a
// slice would not be comparable; that every list is kept once makes equal types identical.
type part struct {
	Field
	rest   unique.Handle[part]
	length int // of a VARCHAR or CHAR, which has no field
}

// NewArray gives ARRAY<element>.
func NewArray(element Type) Type { return nest(Array, Field{Type: element}) }

// NewMap gives MAP<key, value>. A key is never NULL.
func NewMap(key, value Type) Type { return nest(Map, Field{Type: key}, Field{Type: value}) }

// NewStruct gives STRUCT<name: type, …>, of at least one field.
func NewStruct(fields ...Field) Type { return nest(Struct, fields...) }

func nest(k Kind, fields ...Field) Type {
	t := Type{Kind: k}
	for _, f := range slices.Backward(fields) {
		t.parts = unique.Make(part{Field: f, rest: t.parts})
	}
	return t
}

// none is the end of a list of parts.
var none unique.Handle[part]

// IsNested tells a type whose values hold others: an ARRAY, MAP or STRUCT with its element types.
func (t Type) IsNested() bool { return t.parts != none && t.Kind != Varchar && t.Kind != Char }

// WithLength gives VARCHAR(n) or CHAR(n) of a VARCHAR or CHAR; of 0 the one without a bound.
func (t Type) WithLength(n int) Type {
	t.parts = none
	if n > 0 {
		t.parts = unique.Make(part{length: n})
	}
	return t
}

// Length is the characters of VARCHAR(n) and CHAR(n); 0 if there is no bound.
func (t Type) Length() int {
	if t.parts == none {
		return 0
	}
	return t.parts.Value().length
}

// Fields gives the fields of a STRUCT; of an ARRAY its element, of a MAP key and value, both
// without names; nil for all others.
func (t Type) Fields() (list []Field) {
	if !t.IsNested() {
		return nil
	}
	for h := t.parts; h != none; h = h.Value().rest {
		list = append(list, h.Value().Field)
	}
	return list
}

// Depth is how deep the type nests: 0 for one whose values hold no others.
func (t Type) Depth() (depth int) {
	for _, f := range t.Fields() {
		depth = max(depth, 1+f.Type.Depth())
	}
	return depth
}

// Bare is the type without what it is made of, or without its length.
func (t Type) Bare() Type {
	t.parts = none
	return t
}

// printParts prints <part, part>; nothing of a type that has none.
func (t Type) printParts(between string, quote func(string) string, print func(Type) string) string {
	if !t.IsNested() {
		return ""
	}
	var b strings.Builder
	for i, f := range t.Fields() {
		if i > 0 {
			b.WriteString(between)
		}
		if t.Kind == Struct {
			b.WriteString(quote(f.Name) + ": ")
		}
		b.WriteString(print(f.Type))
	}
	return "<" + b.String() + ">"
}

// quoteName writes a name between grave accents.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteUnlessPlain(name string) string {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return quoteName(name)
		}
	}
	if name == "" {
		return quoteName(name)
	}
	return name
}

// FieldNamed finds a field by its spelling, else without regard to case; -1 if there is none.
func FieldNamed(fields []Field, name string) int {
	if i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}
