package sql

import (
	"encoding/hex"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// operators are the functions that are written between their arguments.
var operators = map[string]string{"+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "div": "DIV", "=": "=", "!=": "<>", "<": "<", "<=": "<=",
	">": ">", ">=": ">=", "<=>": "<=>", "and": "AND", "or": "OR", "xor": "XOR", "like": "LIKE", "ilike": "ILIKE", "regexp": "REGEXP", "add_time": "+"}

// tests are the functions that are written behind their argument.
var tests = map[string]string{"is_null": "NULL", "is_true": "TRUE", "is_false": "FALSE"}

// show writes an expression over named columns as a user would.
func show(e plan.Expr, in []string) string {
	switch e := e.(type) {
	case *plan.Column:
		return nameOf(in, e.Index)
	case *plan.Const:
		return showConst(e)
	case *plan.Call:
		return showCall(e, in)
	case *plan.Case:
		return showCase(e, in)
	case *plan.Cast:
		return showCast(e, in)
	}
	return e.String()
}

// operand is an expression inside of an operator: in brackets if it is one itself.
func operand(e plan.Expr, in []string) string {
	text := show(e, in)
	switch e := e.(type) {
	case *plan.Column: // what the compiler made may be shown as an expression
		if strings.Contains(text, " ") && !strings.HasSuffix(text, ")") {
			return "(" + text + ")"
		}
	case *plan.Call:
		if isOperator(e) {
			return "(" + text + ")"
		}
	}
	return text
}

func isOperator(e *plan.Call) bool {
	return operators[e.Func] != "" && len(e.Args) == 2 || tests[e.Func] != "" || e.Func == "not" || e.Func == "negate"
}

func showCall(e *plan.Call, in []string) string {
	switch word, test := operators[e.Func], tests[e.Func]; {
	case word != "" && len(e.Args) == 2:
		return operand(e.Args[0], in) + " " + word + " " + operand(e.Args[1], in)
	case test != "" && len(e.Args) == 1:
		return operand(e.Args[0], in) + " IS " + test
	case e.Func == "not" && len(e.Args) == 1:
		if inner, ok := e.Args[0].(*plan.Call); ok && tests[inner.Func] != "" {
			return operand(inner.Args[0], in) + " IS NOT " + tests[inner.Func]
		}
		return "NOT " + operand(e.Args[0], in)
	case e.Func == "negate" && len(e.Args) == 1:
		return "-" + operand(e.Args[0], in)
	}
	list := make([]string, len(e.Args))
	for i, a := range e.Args {
		list[i] = show(a, in)
	}
	return e.Func + "(" + strings.Join(list, ", ") + ")"
}

func showCase(e *plan.Case, in []string) string {
	text := "CASE"
	for _, w := range e.Whens {
		text += " WHEN " + show(w.Cond, in) + " THEN " + show(w.Then, in)
	}
	if e.Else != nil {
		text += " ELSE " + show(e.Else, in)
	}
	return text + " END"
}

// bareNumber tells a number that only changes its kind of number.
func bareNumber(e *plan.Cast) bool {
	c, ok := e.Arg.(*plan.Const)
	return ok && !e.Try && c.Typ.IsNumeric() && e.Typ.IsNumeric()
}

func showCast(e *plan.Cast, in []string) string {
	if bareNumber(e) {
		return show(e.Arg, in)
	}
	word := "CAST"
	if e.Try {
		word = "TRY_CAST"
	}
	return word + "(" + show(e.Arg, in) + " AS " + e.Typ.String() + ")"
}

func showConst(c *plan.Const) string {
	if c.Null {
		return "NULL"
	}
	switch c.Typ.Kind {
	case types.Boolean:
		return strconv.FormatBool(c.Bool)
	case types.Date:
		return "DATE '" + string(value.AppendDate(nil, c.Int)) + "'"
	case types.Timestamp:
		return "TIMESTAMP '" + string(value.AppendTimestamp(nil, c.Int, c.Typ.Precision)) + "'"
	case types.Interval:
		return "INTERVAL '" + string(value.AppendInterval(nil, c.Int)) + "'"
	case types.Binary:
		return "x'" + hex.EncodeToString([]byte(c.Text)) + "'"
	case types.Decimal:
		if c.Typ.Physical() == types.PhysicalInt64 {
			return string(value.AppendDecimal64(nil, c.Int, c.Typ.Scale))
		}
		return string(value.AppendDecimal128(nil, value.Int128{Hi: c.WideHi, Lo: c.WideLo}, c.Typ.Scale))
	}
	switch c.Typ.Physical() {
	case types.PhysicalInt64:
		return strconv.FormatInt(c.Int, 10)
	case types.PhysicalFloat64:
		return strconv.FormatFloat(c.Float, 'g', -1, 64)
	}
	return ast.QuoteString(c.Text)
}
