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
	Binary: "BINARY", Date: "DATE", Timestamp: "TIMESTAMP", Interval: "INTERVAL", JSON: "JSON", Array: "ARRAY",
	Map: "MAP", Struct: "STRUCT",
}

// Stored gives the stored form of t.
func (t Type) Stored() string {
	switch {
	case t.Kind == Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case t.Kind == Timestamp:
		return fmt.Sprintf("TIMESTAMP(%d)", t.Precision)
	case (t.Kind == Varchar || t.Kind == Char) && t.Length > 0:
		return fmt.Sprintf("%s(%d)", storedNames[t.Kind], t.Length)
	}
	return storedNames[t.Kind]
}

// ParseStored reads the stored form, and nothing that Stored would not write.
func ParseStored(text string) (Type, error) {
	word, numbers, _ := strings.Cut(text, "(")
	t := Type{Kind: Kind(max(0, slices.Index(storedNames[:], word)))}
	switch {
	case t.Kind == Decimal:
		fmt.Sscanf(numbers, "%d,%d)", &t.Precision, &t.Scale)
	case t.Kind == Timestamp:
		fmt.Sscanf(numbers, "%d)", &t.Precision)
	case (t.Kind == Varchar || t.Kind == Char) && numbers != "":
		fmt.Sscanf(numbers, "%d)", &t.Length)
	}
	if t.Stored() != text {
		return Type{}, fmt.Errorf("stored type %q is none of this server's", text)
	}
	return t, nil
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
	type numbers Type // without these methods
	if err := json.Unmarshal(b, (*numbers)(t)); err != nil {
		return err
	}
	if !t.Kind.Known() {
		return fmt.Errorf("stored type %d is none of this server's", t.Kind)
	}
	return nil
}
