package analyzer

import (
	"cmp"
	"fmt"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// A column of a select list has a name of its own: its alias, or that of the column or function that it is. What has none
// is called _c0, _c1 …, as Hive does, so that a query around it can read it; to a client it is called what PostgreSQL
// calls it, by which drivers make rows of names (FigureColname in parse_target.c).

// unnamed is PostgreSQL's name of what no name is known for.
const unnamed = "?column?"

// heading is the name of the n-th column of a result for the queries around it.
func heading(item ast.SelectItem, n int) string {
	if name := ownName(item); name != "" {
		return name
	}
	return fmt.Sprintf("_c%d", n)
}

// ownName is empty for what has none.
func ownName(item ast.SelectItem) string {
	if item.Alias != "" {
		return item.Alias
	}
	switch x := item.X.(type) {
	case *ast.ColumnRef:
		return x.Column()
	case *ast.FuncCall:
		if isLetter(x.Name[0]) { // -> and its like are calls, too
			return x.Name
		}
	}
	return ""
}

// declaredName is the spelling of a column's declaration where an item is nothing but its name.
func declaredName(item ast.SelectItem, x plan.Expr, name string) string {
	if _, ok := item.X.(*ast.ColumnRef); !ok || item.Alias != "" {
		return name
	}
	if c, ok := x.(*plan.Column); ok && strings.EqualFold(c.Name, name) {
		return c.Name
	}
	return name
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c == '_' || c >= 0x80 }

// shownName is the name of a column for a client.
func shownName(item ast.SelectItem) string {
	name := ownName(item)
	if name == "" {
		name, _ = figured(item.X)
	}
	return name
}

// figured is PostgreSQL's name of an expression. A weak one gives way to that of what stands around it.
func figured(x ast.Expr) (name string, strong bool) {
	switch x := x.(type) {
	case *ast.ColumnRef:
		return x.Column(), true
	case *ast.FuncCall:
		name := ownName(ast.SelectItem{X: x})
		return cmp.Or(name, unnamed), name != ""
	case *ast.JSONCall:
		return x.Func, true
	case *ast.Field:
		return x.Name.Name, true
	case *ast.Subscript:
		return figured(x.X)
	case *ast.AtTimeZone:
		return "timezone", true
	case *ast.Subquery:
		return figuredQuery(x)
	case *ast.Exists:
		return either(x.Not, unnamed, "exists"), !x.Not
	case *ast.Array:
		return "array", true
	case *ast.Map:
		return "map", true
	case *ast.Row:
		return "row", true
	case *ast.Literal:
		return figuredLiteral(x), false
	case *ast.IntervalRange:
		return "interval", false
	case *ast.Case:
		return orElse(x.Else, "case")
	case *ast.Cast:
		return orElse(x.X, strings.TrimSuffix(x.Type.Type.WireName(), "[]"))
	}
	return unnamed, false
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// orElse is the strong name of a part, else a weak one.
func orElse(part ast.Expr, weak string) (string, bool) {
	if name, strong := figured(part); strong {
		return name, true
	}
	return weak, false
}

func figuredQuery(x *ast.Subquery) (string, bool) {
	if x.Array {
		return "array", true
	}
	if s := firstSelect(x.Query); s != nil {
		return shownName(s.Items[0]), true
	}
	return unnamed, false
}

// figuredLiteral: a literal with a type is a conversion to PostgreSQL.
func figuredLiteral(l *ast.Literal) string {
	switch l.Kind {
	case ast.DateLiteral:
		return "date"
	case ast.TimestampLiteral:
		return "timestamp"
	case ast.TimeLiteral:
		return "time"
	case ast.IntervalLiteral:
		return "interval"
	}
	return unnamed
}

// firstSelect is the one whose columns a query has the names of; nil if that is none.
func firstSelect(q ast.Query) *ast.Select {
	switch q := q.(type) {
	case *ast.Select:
		return q
	case *ast.SetOp:
		return firstSelect(q.L)
	case *ast.With:
		return firstSelect(q.Body)
	}
	return nil
}

// shown gives the columns of a query their names for a client. Widths are the numbers of columns that each * of its select list stands for.
func shown(q ast.Query, s types.Schema, widths map[*ast.Star]int) types.Schema {
	first := firstSelect(q)
	if first == nil {
		return s
	}
	n := 0
	for _, item := range first.Items {
		if star, ok := item.X.(*ast.Star); ok {
			n += widths[star]
			continue
		}
		if n < len(s) && ownName(item) == "" && strings.HasPrefix(s[n].Name, "_c") {
			s[n].Name = shownName(item)
		}
		n++
	}
	return s
}
