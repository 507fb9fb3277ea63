package logical

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// operators are the functions that are written between their arguments.
var operators = map[string]string{"+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "div": "DIV", "=": "=", "!=": "<>", "<": "<", "<=": "<=",
	">": ">", ">=": ">=", "<=>": "<=>", "and": "AND", "or": "OR", "xor": "XOR", "like": "LIKE", "ilike": "ILIKE", "regexp": "REGEXP", "add_time": "+", "add_interval": "+",
	"subtract_interval": "-", "subtract_times": "-", "subtract_dates": "-", "add_days": "+", "subtract_days": "-", "date_and_time": "+", "add_intervals": "+",
	"subtract_intervals": "-", "multiply_interval": "*", "divide_interval": "/", "at_time_zone": "AT TIME ZONE",
	"jsonb_contains": "@>", "jsonb_contained": "<@", "jsonb_exists": "?", "jsonb_exists_any": "?|", "jsonb_exists_all": "?&", "jsonb_delete_path": "#-",
	"jsonb_concat": "||", "jsonb_delete": "-", "arraycontains": "@>", "arraycontained": "<@", "arrayoverlap": "&&",
	"&": "&", "|": "|", "^": "^", "<<": "<<", ">>": ">>"}

// tests are the functions that are written behind their argument.
var tests = map[string]string{"is_null": "NULL", "is_true": "TRUE", "is_false": "FALSE", "is_json": "JSON", "is_json_object": "JSON OBJECT",
	"is_json_array": "JSON ARRAY", "is_json_scalar": "JSON SCALAR"}

// Show writes an expression over named columns as a user would.
func Show(e plan.Expr, in []string) string {
	switch e := e.(type) {
	case *plan.Column:
		return NameOf(in, e.Index)
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
func operand(e plan.Expr, in []string) string { return bracketed(e, Show(e, in)) }

// bracketed is what an expression is shown as, as an operand.
func bracketed(e plan.Expr, text string) string {
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
	return operators[e.Func] != "" && len(e.Args) == 2 || tests[e.Func] != "" || e.Func == "not" || e.Func == "negate" || e.Func == "~"
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
	case e.Func == "~" && len(e.Args) == 1:
		return "~" + operand(e.Args[0], in)
	}
	if text, ok := showWritten(e, in); ok {
		return text
	}
	return e.Func + "(" + strings.Join(showAll(e.Args, in), ", ") + ")"
}

func showCase(e *plan.Case, in []string) string {
	text := "CASE"
	for _, w := range e.Whens {
		text += " WHEN " + Show(w.Cond, in) + " THEN " + Show(w.Then, in)
	}
	if e.Else != nil {
		text += " ELSE " + Show(e.Else, in)
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
		return Show(e.Arg, in)
	}
	word := "CAST"
	if e.Try {
		word = "TRY_CAST"
	}
	return word + "(" + Show(e.Arg, in) + " AS " + e.Typ.String() + ")"
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
	case types.Duration:
		return "INTERVAL '" + string(value.AppendDuration(nil, c.Int)) + "'"
	case types.Interval:
		return "INTERVAL '" + string(value.AppendInterval(nil, value.UnpackInterval(value.Int128{Hi: c.WideHi, Lo: c.WideLo}))) + "'"
	case types.TimestampTZ:
		return "TIMESTAMPTZ '" + string(value.AppendTimestampTZ(nil, c.Int, c.Typ.Precision)) + "'"
	case types.Time:
		return "TIME '" + string(value.AppendTime(nil, c.Int, c.Typ.Precision)) + "'"
	case types.UUID:
		return "UUID '" + string(value.AppendUUID(nil, value.Int128{Hi: c.WideHi, Lo: c.WideLo})) + "'"
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
	return "'" + strings.ReplaceAll(c.Text, "'", "''") + "'"
}

// NameOf is how a column is called, by its number if it has no name.
func NameOf(names []string, column int) string {
	if column >= 0 && column < len(names) {
		return names[column]
	}
	return fmt.Sprintf("column %d", column+1)
}

// Pick lists the names of some columns.
func Pick(names []string, columns []int) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = NameOf(names, c)
	}
	return strings.Join(list, ", ")
}

// showAll writes expressions as a list.
func showAll(list []plan.Expr, in []string) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = Show(e, in)
	}
	return out
}

// ColumnNames are the names of all columns.
func ColumnNames(s types.Schema) []string {
	names := make([]string, len(s))
	for i, c := range s {
		names[i] = c.Name
	}
	return names
}

// made is a name that the compiler gives to a column.
var made = regexp.MustCompile(`^(k|a|p|r|_c)\d+$`)

// Made tells a name that the compiler gave.
func Made(name string) bool { return made.MatchString(name) }

// ShowProject writes what a projection computes, and gives the names of its columns.
func ShowProject(exprs []plan.Expr, schema types.Schema, in []string) (list string, out []string) {
	parts := showAll(exprs, in)
	out = slices.Clone(parts)
	for i := range parts {
		if i < len(schema) && !Made(schema[i].Name) {
			out[i] = schema[i].Name
		}
		if !strings.EqualFold(out[i], parts[i]) {
			parts[i] += " AS " + out[i]
		}
	}
	return strings.Join(parts, ", "), out
}

// ShowWindow writes a window on a named column.
func ShowWindow(w plan.Window, in []string) string { return w.Show(NameOf(in, w.Time)) }
