package ast

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

func (e *Literal) String() string {
	switch e.Kind {
	case NullLiteral:
		if e.Text == Default {
			return Default
		}
		return "NULL"
	case StringLiteral:
		return QuoteString(e.Text)
	case HexLiteral:
		return "x'" + hex.EncodeToString([]byte(e.Text)) + "'"
	case IntervalLiteral:
		return "INTERVAL " + QuoteString(e.Text) + " " + e.Unit
	case DateLiteral:
		return "DATE " + QuoteString(e.Text)
	case TimestampLiteral:
		return "TIMESTAMP " + QuoteString(e.Text)
	case TimeLiteral:
		return "TIME " + QuoteString(e.Text)
	}
	return e.Text
}

func (e *Star) String() string {
	if len(e.Parts) == 0 {
		return "*"
	}
	return quoteParts(e.Parts) + ".*"
}

func (e *ColumnRef) String() string { return quoteParts(e.Parts) }

func (e *Param) String() string { return "$" + strconv.Itoa(e.N) }

func (e *Unary) String() string {
	return [...]string{Not: "NOT ", Neg: "-", BitNot: "~"}[e.Op] + operand(e.X)
}

var binaryText = [...]string{
	Or: "OR", Xor: "XOR", And: "AND", Eq: "=", NullSafeEq: "<=>", Ne: "<>", Lt: "<", Le: "<=", Gt: ">", Ge: ">=",
	BitOr: "|", BitAnd: "&", ShiftLeft: "<<", ShiftRight: ">>", Add: "+", Sub: "-", Mul: "*", Div: "/",
	IntDiv: "DIV", Mod: "%", BitXor: "^", Concat: "||", Contains: "@>", ContainedBy: "<@", Overlaps: "&&", HasName: "?", HasAnyName: "?|", HasAllNames: "?&",
	PathExists: "@?", PathMatches: "@@",
}

// String is the operator as it is written.
func (op BinaryOp) String() string { return binaryText[op] }

func (e *Binary) String() string {
	l, r := operand(e.L), operand(e.R)
	if e.OpenL {
		l = e.L.String()
	}
	if e.OpenR {
		r = e.R.String()
	}
	return l + " " + e.Op.String() + " " + r
}

func (e *Like) String() string {
	word := "LIKE"
	if e.ILike {
		word = "ILIKE"
	}
	s := operand(e.X) + not(e.Not) + " " + word + " " + operand(e.Pattern)
	switch e.Escape {
	case '\\':
		return s
	case 0:
		return s + " ESCAPE ''"
	}
	return s + " ESCAPE " + QuoteString(string(e.Escape))
}

func (e *Regexp) String() string {
	switch {
	case e.Similar && e.Escape != nil:
		return operand(e.X) + not(e.Not) + " SIMILAR TO " + operand(e.Pattern) + " ESCAPE " + e.Escape.String()
	case e.Similar:
		return operand(e.X) + not(e.Not) + " SIMILAR TO " + operand(e.Pattern)
	case e.AnyCase && e.Not:
		return operand(e.X) + " !~* " + operand(e.Pattern)
	case e.AnyCase:
		return operand(e.X) + " ~* " + operand(e.Pattern)
	}
	return operand(e.X) + not(e.Not) + " REGEXP " + operand(e.Pattern)
}

func (e *Is) String() string {
	return operand(e.X) + " IS" + not(e.Not) + " " + [...]string{"NULL", "TRUE", "FALSE", "UNKNOWN", "JSON", "JSON OBJECT", "JSON ARRAY", "JSON SCALAR"}[e.What]
}

func (e *Between) String() string {
	return fmt.Sprintf("%s%s BETWEEN %s AND %s", operand(e.X), not(e.Not), operand(e.Low), operand(e.High))
}

func (e *In) String() string {
	what := exprList(e.List)
	if e.Query != nil {
		what = e.Query.String()
	}
	return operand(e.X) + not(e.Not) + " IN (" + what + ")"
}

func (e *Exists) String() string {
	if e.Not {
		return "NOT EXISTS (" + e.Query.String() + ")"
	}
	return "EXISTS (" + e.Query.String() + ")"
}

func (e *Subquery) String() string { return optional(e.Array, "ARRAY") + "(" + e.Query.String() + ")" }

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	if e.Operand != nil {
		b.WriteString(" " + operand(e.Operand))
	}
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", w.Cond, w.Then)
	}
	if e.Else != nil {
		fmt.Fprintf(&b, " ELSE %s", e.Else)
	}
	return b.String() + " END"
}

func (e *Cast) String() string {
	word := "CAST"
	if e.Try {
		word = "TRY_CAST"
	}
	return fmt.Sprintf("%s(%s AS %s)", word, e.X, e.Type.Text)
}

// arguments is what stands in the brackets.
func (e *FuncCall) arguments() string {
	if e.Star {
		return "*"
	}
	s := optional(e.Distinct, "DISTINCT ") + e.namedArguments()
	if !e.WithinGroup {
		s += orderBy(e.OrderBy)
	}
	if e.Separator != nil {
		s += " SEPARATOR " + e.Separator.String()
	}
	return s + [...]string{"", " NULL ON NULL", " ABSENT ON NULL"}[e.JSONNulls]
}

func (e *FuncCall) namedArguments() string {
	if e.Names == nil {
		return exprList(e.Args)
	}
	list := make([]string, len(e.Args))
	for i, x := range e.Args {
		if list[i] = x.String(); i < len(e.Names) && e.Names[i].Name != "" {
			list[i] = e.Names[i].String() + " => " + list[i]
		}
	}
	return strings.Join(list, ", ")
}

func (e *FuncCall) String() string {
	if e.Name[0] == '#' && len(e.Args) == 2 { // before a bracket # begins a comment
		return "(" + e.Args[0].String() + ") " + e.Name + " " + e.Args[1].String()
	}
	if c := e.Name[0]; c == '-' && len(e.Args) == 2 {
		return "(" + e.Args[0].String() + ") " + e.Name + " (" + e.Args[1].String() + ")"
	}
	s := QuoteName(e.Name)
	if bareFunctions[e.Name] {
		s = e.Name
	}
	s = [...]string{"", "RUNNING ", "FINAL "}[e.Rows] + s + "(" + e.arguments() + ")"
	if e.WithinGroup {
		s += " WITHIN GROUP (" + strings.TrimSpace(orderBy(e.OrderBy)) + ")"
	}
	if e.Filter != nil {
		s += " FILTER (WHERE " + e.Filter.String() + ")"
	}
	s += [...]string{"", " RESPECT NULLS", " IGNORE NULLS"}[e.Nulls]
	switch {
	case e.Over == nil:
		return s
	case e.Over.onlyName():
		return s + " OVER " + e.Over.Name.String()
	}
	return s + " OVER (" + e.Over.String() + ")"
}

// bareFunctions are reserved words that call a function without backticks.
var bareFunctions = map[string]bool{
	"if": true, "left": true, "right": true, "mod": true, "repeat": true, "replace": true, "insert": true,
	"char": true, "current_timestamp": true, "current_date": true, "current_time": true, "localtime": true,
	"localtimestamp": true, "utc_timestamp": true, "utc_date": true, "row_number": true, "rank": true,
	"dense_rank": true, "percent_rank": true, "cume_dist": true, "lag": true, "lead": true, "ntile": true,
	"first_value": true, "last_value": true, "nth_value": true, "current_user": true,
}

func operand(e Expr) string {
	switch e := e.(type) {
	case *Literal:
		if strings.HasPrefix(e.Text, "-") && e.Kind != StringLiteral && e.Kind != IntervalLiteral {
			return "(" + e.String() + ")"
		}
		return e.String()
	case *ColumnRef, *Star, *Param, *Subquery, *Cast, *Case, *FuncCall, *Array, *Map, *Row, *Subscript, *Slice, *Field, *Elements, *JSONCall:
		return e.String()
	}
	return "(" + e.String() + ")"
}

func not(n bool) string {
	if n {
		return " NOT"
	}
	return ""
}

func exprList(list []Expr) string { return joined(list, Expr.String) }

func quoteParts(parts []string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = QuoteName(p)
	}
	return strings.Join(quoted, ".")
}

func joined[T any](list []T, print func(T) string) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = print(x)
	}
	return strings.Join(parts, ", ")
}
