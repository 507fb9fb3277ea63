package types

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The stored form of a type is its SQL text. It stands in catalogs, operator ids and state
// schemas, so it is never changed; what people are shown (String) may be.

// storedNames are the first words of the stored forms.
var storedNames = [...]string{
	Null: "NULL", Boolean: "BOOLEAN", TinyInt: "TINYINT", SmallInt: "SMALLINT", Int: "INT", BigInt: "BIGINT",
	Float: "FLOAT", Double: "DOUBLE", Decimal: "DECIMAL", String: "STRING", Varchar: "VARCHAR", Char: "CHAR",
	Binary: "BINARY", Date: "DATE", Timestamp: "TIMESTAMP", Duration: "INTERVAL", JSON: "JSON", Array: "ARRAY",
	Map: "MAP", Struct: "STRUCT", TimestampTZ: "TIMESTAMPTZ", Time: "TIME", Interval: "CALENDARINTERVAL", UUID: "UUID",
}

// Stored gives the stored form of t. Names of fields are always quoted.
func (t Type) Stored() string {
	name := storedNames[t.Kind]
	switch {
	case t.Kind == Decimal:
		return fmt.Sprintf("%s(%d,%d)", name, t.Precision, t.Scale)
	case t.Kind == Timestamp || t.Kind == TimestampTZ || t.Kind == Time:
		return fmt.Sprintf("%s(%d)", name, t.Precision)
	case (t.Kind == Varchar || t.Kind == Char) && t.Length() > 0:
		return fmt.Sprintf("%s(%d)", name, t.Length())
	}
	return name + t.printParts(", ", quoteName, Type.Stored)
}

// ParseStored reads the stored form, and nothing that Stored would not write.
func ParseStored(text string) (Type, error) {
	r := storedReader{rest: text}
	if t, ok := r.read(0); ok && t.Stored() == text {
		return t, nil
	}
	return Type{}, fmt.Errorf("stored type %q is none of this server's", text)
}

// storedReader reads a stored form from its beginning on. It need not be strict: what is read is
// written again and compared.
type storedReader struct{ rest string }

func (r *storedReader) read(depth int) (t Type, ok bool) {
	end := 0
	for end < len(r.rest) && r.rest[end] >= 'A' && r.rest[end] <= 'Z' {
		end++
	}
	kind := slices.Index(storedNames[:], r.rest[:end])
	if kind < 0 || depth > MaxDepth {
		return t, false
	}
	t.Kind, r.rest = Kind(kind), r.rest[end:]
	switch {
	case r.accept("("):
		return t, r.numbers(&t)
	case (t.Kind == Array || t.Kind == Map || t.Kind == Struct) && r.accept("<"):
		return r.parts(t.Kind, depth)
	}
	return t, true
}

func (r *storedReader) accept(sign string) bool {
	rest, ok := strings.CutPrefix(r.rest, sign)
	r.rest = rest
	return ok
}

// numbers reads the parameters behind an opening bracket.
func (r *storedReader) numbers(t *Type) bool {
	inside, rest, ok := strings.Cut(r.rest, ")")
	r.rest = rest
	switch t.Kind {
	case Decimal:
		fmt.Sscanf(inside, "%d,%d", &t.Precision, &t.Scale)
	case Varchar, Char:
		n := 0
		fmt.Sscanf(inside, "%d", &n)
		*t = t.WithLength(n)
	default:
		fmt.Sscanf(inside, "%d", &t.Precision)
	}
	return ok
}

// parts reads what a nested type is made of, behind the opening sign.
func (r *storedReader) parts(kind Kind, depth int) (t Type, ok bool) {
	var fields []Field
	for {
		var f Field
		if kind == Struct {
			if f.Name, ok = r.name(); !ok {
				return t, false
			}
		}
		if f.Type, ok = r.read(depth + 1); !ok {
			return t, false
		}
		fields = append(fields, f)
		if !r.accept(", ") {
			break
		}
	}
	if want := map[Kind]int{Array: 1, Map: 2}[kind]; want != 0 && want != len(fields) {
		return t, false
	}
	return nest(kind, fields...), r.accept(">")
}

// name reads a quoted name and the colon behind it.
func (r *storedReader) name() (name string, ok bool) {
	for r.accept("`") {
		inside, rest, ok := strings.Cut(r.rest, "`")
		if !ok {
			return "", false
		}
		name, r.rest = name+inside, rest
		if r.accept(": ") {
			return name, true
		}
		name += "`" // one that is doubled
	}
	return "", false
}

// MarshalJSON writes the stored form.
func (t Type) MarshalJSON() ([]byte, error) { return json.Marshal(t.Stored()) }

// UnmarshalJSON reads the stored form, and the numbers that were stored before there was one.
func (t *Type) UnmarshalJSON(b []byte) (err error) {
	if len(b) == 0 || b[0] != '{' {
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*t, err = ParseStored(text)
		return err
	}
	var former struct {
		Kind                     Kind
		Precision, Scale, Length int
	}
	if err := json.Unmarshal(b, &former); err != nil {
		return err
	}
	*t = Type{Kind: former.Kind, Precision: former.Precision, Scale: former.Scale}.WithLength(former.Length)
	if !t.Kind.Known() {
		return fmt.Errorf("stored type %d is none of this server's", t.Kind)
	}
	return nil
}
