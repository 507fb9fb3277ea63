package format

import (
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// moments reads the TIMESTAMP columns of records as "timeformat" says: numbers since 1970, or texts by a Java date pattern.
// SQL text is read in any case: it is what is written.
type moments struct {
	epoch   int64            // microseconds of a number's unit
	numbers bool             // the property says that they are numbers
	java    expr.JavaPattern // nil: there is none
}

func momentsOf(o Options) moments {
	switch pattern := timeFormat.Get(o.Settings); pattern {
	case "":
		return moments{epoch: column.Millisecond}
	case "epoch_ms":
		return moments{epoch: column.Millisecond, numbers: true}
	case "epoch_s":
		return moments{epoch: column.Second, numbers: true}
	default:
		return moments{epoch: column.Millisecond, java: expr.ReadJavaPattern(pattern)}
	}
}

// text reads a text into a column that IsMoment.
func (m moments) text(text []byte, out *column.Vector, row int) error {
	if m.java != nil {
		if t, err := m.java.Parse(string(text)); err == nil {
			return setTime(out, row, t.UnixMicro(), text)
		}
	}
	return out.SetText(row, text)
}

// field reads a text that may be a number, where the property says so.
func (m moments) field(text []byte, out *column.Vector, row int) error {
	if _, fault := value.ReadInt(text, types.BigInt); m.numbers && fault == value.OK {
		return m.number(text, out, row)
	}
	return m.text(text, out, row)
}

// number reads a whole number.
func (m moments) number(text []byte, out *column.Vector, row int) error {
	n, fault := value.ReadInt(text, types.BigInt)
	if fault != value.OK || n > (1<<62)/m.epoch || n < -(1<<62)/m.epoch {
		return value.OutOfRange.Error(out.Type, text)
	}
	return setTime(out, row, n*m.epoch, text)
}
