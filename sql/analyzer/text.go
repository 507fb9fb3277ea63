package analyzer

import (
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// ReadText reads a text as a constant of a type: the one way from text to value for
// literals, comparisons and parameters. DECIMAL and TIMESTAMP keep the digits they are
// written with, so that what is compared with them is compared exactly.
func ReadText(text string, t types.Type) (*plan.Const, error) {
	b := []byte(text)
	switch t.Kind {
	case types.Decimal:
		own, f := value.DecimalType(b)
		if f != value.OK {
			return nil, f.Error(t, b)
		}
		t = own
	case types.Time:
		t = types.NewTime(types.MaxTimestampPrecision)
	case types.Timestamp:
		t = types.NewTimestamp(max(t.Precision, fractionDigits(text)))
	}
	return readAs(b, t)
}

// readAs reads a text as exactly a type, as CAST does.
func readAs(b []byte, t types.Type) (*plan.Const, error) {
	s, f := value.Read(b, t)
	if f != value.OK {
		return nil, f.Error(t, b)
	}
	return &plan.Const{Typ: t, Bool: s.Bool, Int: s.Int, Float: s.Float, WideHi: s.Wide.Hi, WideLo: s.Wide.Lo, Text: string(s.Text)}, nil
}

// fractionDigits is the precision that a TIMESTAMP of a text needs: 0, 3 or 6.
func fractionDigits(text string) int {
	micros, f := value.ReadTimestamp([]byte(text), types.MaxTimestampPrecision)
	if f != value.OK || value.CutTime(micros, types.DefaultTimestamp) == micros {
		return 0
	}
	return types.MaxTimestampPrecision
}

// placedAt gives an error of a value the place of its text in the statement.
func placedAt(pos int, err error) error {
	e := *sqlerr.From(err)
	e.Position = pos + 1
	return &e
}

// textAs reads a text that stands where a value of a type is wanted.
func textAs(pos int, text string, t types.Type) (plan.Expr, error) {
	if t.IsNested() {
		return nestedText(pos, textConst(text), t, false)
	}
	if t.Kind == types.TimestampTZ {
		return zonedText(pos, text, types.NewTimestampTZ(types.MaxTimestampPrecision))
	}
	if t.IsInteger() {
		t = types.Of(types.BigInt)
	}
	c, err := ReadText(text, t)
	if err != nil {
		return nil, placedAt(pos, err)
	}
	return c, nil
}

// castText is CAST of a constant text, done when the query is compiled, so that a wrong
// one is found at once and at its place.
func castText(pos int, c *plan.Const, t types.Type, try bool) (plan.Expr, error) {
	if t.IsNested() {
		return nestedText(pos, c, t, try)
	}
	if t.Kind == types.TimestampTZ {
		if x, err := zonedText(pos, c.Text, t); err == nil || !try {
			return x, err
		}
	}
	out, err := readAs([]byte(c.Text), t)
	switch {
	case err == nil:
		return out, nil
	case try:
		return &plan.Const{Typ: t, Null: true}, nil
	}
	return nil, placedAt(pos, err)
}

// nestedText is a constant text as a nested value. It is looked at here, and read when the expression is made.
func nestedText(pos int, c *plan.Const, t types.Type, try bool) (plan.Expr, error) {
	if err := value.CheckNested([]byte(c.Text), t); err != nil && !try {
		return nil, placedAt(pos, err)
	}
	return &plan.Cast{Arg: c, Typ: t, Try: try}, nil
}
