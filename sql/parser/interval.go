package parser

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	scalar "slipway/sql/value"
)

// intervalUnits gives the unit's normal name for each spelling.
var intervalUnits = func() map[string]string {
	m := make(map[string]string)
	for _, u := range strings.Fields("MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR") {
		m[u], m[u+"S"] = u, u
	}
	m["SEC"], m["SECS"], m["MIN"], m["MINS"], m["MS"], m["US"] = "SECOND", "SECOND", "MINUTE", "MINUTE", "MILLISECOND", "MICROSECOND"
	return m
}()

// interval reads what stands behind the word INTERVAL (or LENGTH, SLIDE) whose
// position is at: '5' SECOND, 5 SECOND, -5 SECOND or '5 seconds'.
func (c *cursor) interval(at int) (*ast.Literal, error) {
	sign := ""
	if c.accept("-") {
		sign = "-"
	}
	t := c.peek()
	if !c.isString(t) && t.kind != numberToken {
		return nil, c.notConstantInterval()
	}
	valueAt := c.pos()
	c.i++
	amount, inner := t.value, ""
	if t.kind != numberToken {
		amount, inner, _ = strings.Cut(strings.TrimSpace(amount), " ")
	}
	if inner != "" && intervalUnits[strings.ToUpper(strings.TrimSpace(inner))] == "" || strings.Contains(amount, ":") {
		return c.sum(at, valueAt, sign, t.value)
	}
	if !isAmount(amount) {
		return nil, sqlerr.At(valueAt, sqlerr.InvalidDatetime, "%q is not the length of an interval", t.value).
			WithHint("Write a number and a unit: INTERVAL '5' SECOND.")
	}
	unit, err := c.unit(strings.TrimSpace(inner), valueAt)
	if err != nil {
		return nil, err
	}
	return &ast.Literal{Pos: at, Kind: ast.IntervalLiteral, Text: negate(sign, amount), Unit: unit}, nil
}

// duration is interval behind a word of which INTERVAL is a part, as LENGTH '5' SECOND, and may still be written.
func (c *cursor) duration(at int) (*ast.Literal, error) {
	c.accept("INTERVAL")
	return c.interval(at)
}

// intervalValue reads an interval in an expression, also one of several units: '1 02:03' DAY TO MINUTE.
func (c *cursor) intervalValue(at int) (ast.Expr, error) {
	n := 0
	if c.peek().is("-") {
		n++
	}
	text, unit := c.ahead(n), c.ahead(n+1)
	isText := c.isString(text) || text.kind == numberToken
	first, isUnit := intervalUnits[unit.upper]
	last, isRange := intervalUnits[c.ahead(n+3).upper]
	e := &ast.IntervalRange{Pos: at, Text: strings.Repeat("-", n) + text.value}
	switch {
	case isText && unit.has(compositeUnit):
		e.Unit, e.UnitPos = unit.upper, c.src.pos(unit.start)
		c.i += n + 2
		return e, nil
	case isText && isUnit && isRange && c.ahead(n+2).is("TO"):
		e.Unit, e.UnitPos = first+" TO "+last, c.src.pos(c.ahead(n+2).start)
		c.i += n + 4
		return e, nil
	case c.isString(text) && mixed(text.value):
		e.UnitPos = c.src.pos(text.start)
		c.i += n + 1
		return e, nil
	case !isText:
		return c.intervalOf(at)
	}
	lit, err := c.interval(at)
	if err != nil {
		return nil, err
	}
	return lit, nil
}

// mixed tells an interval that is more than a number of one unit and more than a length of time: of months and
// what is no month, or of days and a time.
func mixed(text string) bool {
	if amount, unit, _ := strings.Cut(strings.TrimSpace(text), " "); isAmount(amount) && (unit == "" || intervalUnits[strings.ToUpper(strings.TrimSpace(unit))] != "") {
		return false
	}
	v, f := scalar.ReadInterval([]byte(text))
	_, fixed := scalar.ReadDuration([]byte(text))
	return f == scalar.OK && (v.Months != 0 || v.Days != 0 && v.Micros != 0 || fixed != scalar.OK)
}

// isLiteralInterval tells a text that is the same behind INTERVAL: one that says its unit.
func isLiteralInterval(text string) bool {
	_, f := scalar.ReadInterval([]byte(text))
	return f == scalar.OK && !isAmount(strings.TrimSpace(text))
}

// intervalOf reads INTERVAL x DAY, where x is a name, a parameter or stands in brackets: so many times a day.
func (c *cursor) intervalOf(at int) (ast.Expr, error) {
	end := c.i + 1
	switch t := c.peek(); {
	case t.is("("):
		end = c.closing(c.i) + 1
	case isName(t):
		for c.toks[end].is(".") && isName(c.toks[end+1]) {
			end += 2
		}
		if c.toks[end].is("(") {
			end = c.closing(end) + 1
		}
	case t.kind != paramToken:
		return nil, c.notConstantInterval()
	}
	unit, ok := intervalUnits[c.toks[min(end, len(c.toks)-1)].upper]
	if !ok || end >= c.to || c.toks[end+1].is("TO") {
		return nil, c.notConstantInterval()
	}
	x, err := c.expr(end)
	if err != nil {
		return nil, err
	}
	c.i = end + 1
	one := &ast.Literal{Pos: at, Kind: ast.IntervalLiteral, Text: "1", Unit: unit}
	return &ast.Binary{Pos: at, OpPos: at, Op: ast.Mul, L: x, R: one}, nil
}

// sum is an interval of several parts, brought to the greatest unit that holds it whole.
func (c *cursor) sum(at, valueAt int, sign, text string) (*ast.Literal, error) {
	micros, f := scalar.ReadDuration([]byte(text))
	if f != scalar.OK {
		return nil, sqlerr.At(valueAt, sqlerr.InvalidDatetime, "%q is no interval", text).
			WithHint("Write numbers with units: INTERVAL '5' SECOND, INTERVAL '1 day 2 hours', INTERVAL '1 year 2 months'.")
	}
	unit, length := "MICROSECOND", int64(1)
	switch {
	case micros%scalar.Day == 0:
		unit, length = "DAY", scalar.Day
	case micros%scalar.Hour == 0:
		unit, length = "HOUR", scalar.Hour
	case micros%scalar.Minute == 0:
		unit, length = "MINUTE", scalar.Minute
	case micros%scalar.Second == 0:
		unit, length = "SECOND", scalar.Second
	}
	return &ast.Literal{Pos: at, Kind: ast.IntervalLiteral, Text: negate(sign, strconv.FormatInt(micros/length, 10)), Unit: unit}, nil
}

func (c *cursor) isString(t token) bool {
	return t.kind == stringToken || t.isString() && c.dialect == quotedBody
}

func (c *cursor) notConstantInterval() error {
	if t := c.peek(); isName(t) || t.is("(") || t.kind == paramToken {
		return c.unsupported("INTERVAL of anything but a constant").
			WithHint("Write a number: INTERVAL '5' SECOND; for a column multiply: n * INTERVAL '1' SECOND.")
	}
	return c.unexpected().WithHint("Write a number and a unit: INTERVAL '5' SECOND.")
}

func negate(sign, amount string) string {
	switch {
	case sign == "":
		return strings.TrimPrefix(amount, "+")
	case strings.HasPrefix(amount, "-"):
		return amount[1:]
	}
	return sign + strings.TrimPrefix(amount, "+")
}

// isAmount tells [±]digits[.digits].
func isAmount(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	return s != "" && isDigit(s[len(s)-1]) && isDigit(s[0]) && numberLength(s) == len(s) && !strings.ContainsAny(s, "eE")
}

// unit reads the unit from the string itself or from the word behind it.
func (c *cursor) unit(inner string, valueAt int) (string, error) {
	if inner != "" {
		if u, ok := intervalUnits[strings.ToUpper(inner)]; ok {
			return u, nil
		}
		return "", sqlerr.At(valueAt, sqlerr.InvalidDatetime, "%q is not a unit of time", inner).
			WithHint("One number and one unit: INTERVAL '5' SECOND; add several with +.")
	}
	t := c.peek()
	if t.kind != wordToken {
		return "", c.unexpected().WithHint("Expected a unit of time: SECOND, MINUTE, HOUR, DAY …")
	}
	if t.has(compositeUnit) {
		return "", c.unsupported("INTERVAL with the unit " + t.upper).WithHint("Add the parts: INTERVAL '1' HOUR + INTERVAL '30' MINUTE.")
	}
	u, ok := intervalUnits[t.upper]
	if !ok {
		return "", c.unexpected().WithHint("Expected a unit of time: SECOND, MINUTE, HOUR, DAY …")
	}
	c.i++
	if c.peek().is("TO") {
		return "", c.unsupported("INTERVAL with " + t.upper + " TO").WithHint("Add the parts: INTERVAL '1' HOUR + INTERVAL '30' MINUTE.")
	}
	return u, nil
}
