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
	}
	code := sqlerr.InvalidText
	if timed {
		code = sqlerr.InvalidDatetime
	}
	e := sqlerr.New(code, "invalid input for type %s: %q", t, quoted)
	if form := forms[t.Kind]; form != "" {
		e.Hint = form
	}
	if (t.Kind == types.JSON || t.IsNested()) && tooDeep(text) {
		e.Detail = fmt.Sprintf("It is nested more than %d levels deep.", deepestJSON)
	}
	return e
}

// forms say how a value is written, of types of which it is not plain.
var forms = map[types.Kind]string{
	types.Boolean:     "It is one of true, t, yes, y, on, 1 and false, f, no, n, off, 0.",
	types.Date:        "A DATE is written as 2026-01-31.",
	types.Timestamp:   "A TIMESTAMP is written as 2026-01-31 10:00:00.123.",
	types.TimestampTZ: "A TIMESTAMP WITH TIME ZONE is written as 2026-01-31 10:00:00+01, or 2026-01-31 10:00:00 Europe/Berlin.",
	types.Time:        "A TIME is written as 10:00:00, from 00:00:00 to 23:59:59.",
	types.Interval:    "An INTERVAL is written as 1 year 2 months 3 days 04:05:06, or P1Y2M3DT4H5M6S.",
	types.UUID:        "A UUID is written as a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11.",
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
