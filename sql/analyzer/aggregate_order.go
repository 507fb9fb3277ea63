package analyzer

import (
	"math"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// aggregateOrder reads what stands in a call beside the argument: ORDER BY, WITHIN GROUP, the text between the
// values of a list, the fraction of a percentile. The call comes back with the argument alone.
func (a *analysis) aggregateOrder(f *ast.FuncCall, s *scope, agg *logical.Agg) (*ast.FuncCall, error) {
	ordering := function.OrderingOf(f.Name)
	if ordering == function.NumberBesides {
		return a.numberBesides(f, s, agg)
	}
	if f.WithinGroup && (ordering < function.OrderOfList || ordering > function.OrderOfMode) {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes no WITHIN GROUP", f.Name)
	}
	if f.Separator != nil && ordering != function.OrderOfList {
		return nil, sqlerr.At(f.Separator.Pos, sqlerr.UndefinedFunction, "%s takes no SEPARATOR", f.Name)
	}
	switch ordering {
	case function.OrderOfList:
		return a.listCall(f, s, agg)
	case function.OrderOfSet, function.OrderOfMode:
		return a.setCall(f, s, agg, ordering == function.OrderOfSet)
	case function.NumberBehind:
		return a.numberBehind(f, s, agg)
	case function.OrderOfArray:
		return f, a.arrayOrder(f, s, agg)
	case function.OrderRefused:
		if len(f.OrderBy) > 0 {
			return nil, sqlerr.At(f.OrderBy[0].X.Position(), sqlerr.FeatureNotSupported, "ORDER BY in %s is not supported", f.Name).
				WithHint("ARG_MIN(x, y) and ARG_MAX(x, y) give x of the row with the least and the greatest y.")
		}
	}
	for _, o := range f.OrderBy { // it changes nothing, but must mean something
		if _, err := a.expr(o.X, s); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// listCall: of several arguments of GROUP_CONCAT the texts are joined; of the other names the second
// argument is what stands between.
func (a *analysis) listCall(f *ast.FuncCall, s *scope, agg *logical.Agg) (*ast.FuncCall, error) {
	out := *f
	agg.Param = ","
	switch {
	case f.Separator != nil:
		agg.Param = f.Separator.Text
	case f.Name != "group_concat" && len(f.Args) == 2:
		x, err := a.expr(f.Args[1], s)
		if err != nil {
			return nil, err
		}
		c, ok := x.(*plan.Const)
		if !ok || c.Null || !c.Typ.IsText() {
			return nil, sqlerr.At(f.Args[1].Position(), sqlerr.InvalidParameter, "what stands between the values of %s must be a constant text", f.Name)
		}
		agg.Param, out.Args = c.Text, f.Args[:1]
	}
	if f.Name == "group_concat" && len(f.Args) > 1 {
		out.Args = []ast.Expr{&ast.FuncCall{Pos: f.Pos, Name: "concat", Args: f.Args, FilterPos: ast.NoPos}}
	}
	if len(out.Args) == 1 && !f.Star {
		out.Args = []ast.Expr{&ast.Cast{Pos: f.Pos, OpPos: f.Pos, X: out.Args[0], Type: ast.TypeName{Type: types.Of(types.String)}}}
	}
	return &out, a.listOrder(f, s, agg)
}

// listOrder reads the ORDER BY of a list.
func (a *analysis) listOrder(f *ast.FuncCall, s *scope, agg *logical.Agg) error {
	for _, o := range f.OrderBy {
		if err := notNested(o.X, s); err != nil {
			return err
		}
		x, err := a.expr(o.X, s)
		if err != nil {
			return err
		}
		agg.Order = append(agg.Order, logical.AggOrder{X: x, Desc: o.Desc, NullsFirst: o.AreFirst()})
	}
	return nil
}

// setCall: the argument is the key of WITHIN GROUP; in the brackets stands a number, or nothing.
func (a *analysis) setCall(f *ast.FuncCall, s *scope, agg *logical.Agg, number bool) (*ast.FuncCall, error) {
	if !f.WithinGroup || len(f.OrderBy) != 1 || f.Distinct || f.Star {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s wants WITHIN GROUP (ORDER BY x)", f.Name)
	}
	out, o := *f, f.OrderBy[0]
	if number != (len(f.Args) == 1) {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes %s in its own brackets", f.Name, map[bool]string{true: "a number", false: "nothing"}[number])
	}
	if number {
		if err := a.fraction(f, f.Args, s, agg); err != nil {
			return nil, err
		}
	}
	if o.Desc {
		agg.Param += " DESC"
	}
	out.Args = []ast.Expr{o.X}
	return &out, nil
}

// numberBehind: PERCENTILE(x, 0.9); without the number it is the middle.
func (a *analysis) numberBehind(f *ast.FuncCall, s *scope, agg *logical.Agg) (*ast.FuncCall, error) {
	out := *f
	agg.Param = "0.5"
	if len(f.Args) == 2 {
		out.Args = f.Args[:1]
		return &out, a.fraction(f, f.Args[1:], s, agg)
	}
	return &out, nil
}

// numberBesides: APPROX_PERCENTILE(x, 0.9), and APPROX_PERCENTILE(0.9) WITHIN GROUP (ORDER BY x).
func (a *analysis) numberBesides(f *ast.FuncCall, s *scope, agg *logical.Agg) (*ast.FuncCall, error) {
	if f.WithinGroup {
		return a.setCall(f, s, agg, true)
	}
	if len(f.Args) != 2 {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes a value and a number from 0 to 1", f.Name)
	}
	return a.numberBehind(f, s, agg)
}

// fractionBits is the number of such a call as the bits of a DOUBLE; of the values in descending order it is the rest to 1.
func fractionBits(param string) int64 {
	number, desc := strings.CutSuffix(param, " DESC")
	x, _ := strconv.ParseFloat(number, 64)
	if desc {
		x = 1 - x
	}
	return int64(math.Float64bits(x))
}

// fraction reads a constant number from 0 to 1.
func (a *analysis) fraction(f *ast.FuncCall, args []ast.Expr, s *scope, agg *logical.Agg) error {
	x, err := a.expr(args[0], s)
	if err != nil {
		return err
	}
	c, ok := x.(*plan.Const)
	number := -1.0
	if ok && !c.Null && c.Typ.IsNumeric() {
		number, err = strconv.ParseFloat(strings.TrimSpace(showNumber(args[0])), 64)
	}
	if err != nil || len(args) != 1 || number < 0 || number > 1 {
		return sqlerr.At(args[0].Position(), sqlerr.InvalidParameter, "%s takes a constant number from 0 to 1", f.Name)
	}
	agg.Param = strconv.FormatFloat(number, 'g', -1, 64)
	return nil
}

func showNumber(e ast.Expr) string {
	if l, ok := e.(*ast.Literal); ok {
		return l.Text
	}
	return e.String()
}
