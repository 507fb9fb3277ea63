package value

import (
	"fmt"

	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Fault is what a reader has against a text.
type Fault uint8

const (
	// OK: the text is a value of the type.
	OK Fault = iota
	// Malformed: it is none.
	Malformed
	// OutOfRange: it is one, but not within the type's range.
	OutOfRange
	// Fraction: it is a number, and the type is one of whole numbers.
	Fraction
)

// shown bounds how much of a text an error quotes.
const shown = 60

// Shorten gives a text as an error quotes it: its beginning, where it is long.
func Shorten(text string) string {
	if len(text) > shown {
		return text[:shown] + "…"
	}
	return text
}

// Error is the fault as the user reads it; nil for OK.
func (f Fault) Error(t types.Type, text []byte) error {
	if f == OK {
		return nil
	}
	quoted := Shorten(string(text))
	timed := isTimed(t.Kind)
	switch {
	case f == Fraction:
		return sqlerr.New(sqlerr.OutOfRange, "%q is not a whole number, as %s wants it", quoted, t)
	case f == OutOfRange && timed:
		return sqlerr.New(sqlerr.DatetimeOverflow, "%q is out of range for %s", quoted, t)
	case f == OutOfRange:
		return sqlerr.New(sqlerr.OutOfRange, "%q is out of range for %s", quoted, t)
	case timed:
		return sqlerr.New(sqlerr.InvalidDatetime, "invalid input for type %s: %q", t, quoted)
	}
	e := sqlerr.New(sqlerr.InvalidText, "invalid input for type %s: %q", t, quoted)
	if (t.Kind == types.JSON || t.IsNested()) && tooDeep(text) {
		e.Detail = fmt.Sprintf("It is nested more than %d levels deep.", deepestJSON)
	}
	return e
}

// deepestJSON is how deep encoding/json reads.
const deepestJSON = 10_000

// tooDeep tells JSON of too many brackets within one another.
func tooDeep(text []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text) && depth <= deepestJSON; i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '[' || c == '{'):
			depth++
		case !quoted && (c == ']' || c == '}'):
			depth--
		}
	}
	return depth > deepestJSON
}

func isTimed(k types.Kind) bool {
	switch k {
	case types.Date, types.Timestamp, types.Interval, types.Duration, types.TimestampTZ, types.Time:
		return true
	}
	return false
}
