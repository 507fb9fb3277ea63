package value

import "slipway/sql/types"

// Scalar is one value; the field in use follows from the type's Physical().
type Scalar struct {
	Bool  bool
	Int   int64
	Float float64
	Wide  Int128
	Text  []byte // lies in the text that was read
}

// Read reads a text as a value of a type. A type that is text itself takes every text as it is.
func Read(b []byte, t types.Type) (s Scalar, f Fault) {
	switch t.Kind {
	case types.Boolean:
		s.Bool, f = ReadBool(b)
	case types.TinyInt, types.SmallInt, types.Int, types.BigInt:
		s.Int, f = ReadInt(b, t.Kind)
	case types.Float:
		s.Float, f = ReadFloat(b, 32)
	case types.Double:
		s.Float, f = ReadFloat(b, 64)
	case types.Decimal:
		s.Wide, f = ReadDecimal(b, t.Precision, t.Scale)
		if t.Physical() == types.PhysicalInt64 {
			s.Int, s.Wide = int64(s.Wide.Lo), Int128{}
		}
	case types.Date:
		s.Int, f = ReadDate(b)
	case types.Timestamp:
		s.Int, f = ReadTimestamp(b, t.Precision)
	case types.TimestampTZ:
		s.Int, f = readMoment(b, t.Precision)
	case types.Time:
		s.Int, f = ReadTime(b, t.Precision)
	case types.Interval:
		var v Interval
		v, f = ReadInterval(b)
		s.Wide, _ = v.Pack()
	case types.UUID:
		s.Wide, f = ReadUUID(b)
	case types.JSON:
		s.Text, f = ReadJSON(b)
	default:
		s.Text = b
	}
	return s, f
}

// trim drops the blanks around a value.
func trim(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// equalFold compares with a word in lower-case ASCII letters.
func equalFold(b []byte, word string) bool { return len(b) == len(word) && prefixFold(b, word) }

// prefixFold tells whether b is the beginning of a word in lower-case ASCII letters.
func prefixFold(b []byte, word string) bool {
	if len(b) > len(word) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
