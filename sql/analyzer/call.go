package analyzer

import (
	"strings"

	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// function is a call by name.
func (a *analysis) function(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	if x, known, err := a.declared(e, s); known {
		return x, err
	}
	e, err := inOrder(e, function.Parameters(e.Name))
	if err != nil {
		return nil, err
	}
	if err := callable(e); err != nil {
		return nil, err
	}
	if isGrouping(e) && s.groups != nil {
		return a.groupingOf(e, s)
	}
	switch e.Name {
	case "if", "nullif", "nvl2", "decode", "isnotnull":
		if x, err := a.shortCase(e, s); x != nil || err != nil {
			return x, err
		}
	case "uuid", "gen_random_uuid":
		return a.random(e, s)
	case "rand", "random":
		if len(e.Args) == 0 {
			return a.random(e, s)
		}
		return a.call(e.Pos, s, "number_of_seed", e.Args...)
	case "date_add", "date_sub", "adddate", "subdate":
		if len(e.Args) == 2 {
			return a.dateAdd(e, s)
		}
	case "extract":
		if len(e.Args) != 2 {
			return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "EXTRACT takes a unit and a time: EXTRACT(YEAR FROM x)")
		}
		return a.extract(e, s)
	case "date_format":
		if l, ok := last(e.Args).(*ast.Literal); ok && l.Kind == ast.StringLiteral {
			if problem := function.DatePattern(l.Text); problem != "" {
				return nil, sqlerr.At(l.Pos, sqlerr.InvalidParameter, "%s", problem)
			}
		}
	case "add_months", "age", "from_unixtime", "timestampadd", "unix_timestamp", "date", "time", "timestamp", "trunc", "addtime", "subtime", "str_to_date":
		if out, ok, err := a.timeFunction(e, s); ok || err != nil {
			return out, err
		}
	case "json_object", "json_array":
		if e.JSONNulls == ast.JSONAbsent {
			return a.call(e.Pos, s, e.Name+"_of_present", e.Args...)
		}
	case "to_number":
		return a.toNumber(e, s)
	case "named_struct":
		return a.namedStruct(e, s)
	case "version":
		return textConst("PostgreSQL 13.14 (Slipway)"), nil
	}
	if v, ok := a.session[e.Name]; ok {
		return v, nil
	}
	return a.call(e.Pos, s, e.Name, e.Args...)
}

// callable refuses what a call cannot be, or not here.
func callable(e *ast.FuncCall) error {
	switch {
	case len(e.Args) > maxArguments:
		return sqlerr.At(e.Pos, sqlerr.TooManyArguments, "%s has %d arguments, at most %d are taken", e.Name, len(e.Args), maxArguments)
	case e.Over != nil:
		return sqlerr.At(e.Pos, sqlerr.WindowingError, "window functions are not allowed here").WithHint("They stand in the select list, in ORDER BY and in QUALIFY.")
	case function.KindOf(e.Name) == function.Window:
		return sqlerr.At(e.Pos, sqlerr.WrongObjectType, "window function %s requires an OVER clause", e.Name)
	case function.KindOf(e.Name) == function.Aggregate:
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "aggregate %s is not allowed here", e.Name)
	case e.Filter != nil && function.KindOf(e.Name) == function.Scalar:
		return sqlerr.At(e.FilterPos, sqlerr.UndefinedFunction, "FILTER stands behind aggregates, and %s is none", e.Name)
	case e.Nulls != ast.NullsUnsaid:
		return takesNulls(e)
	case len(e.OrderBy) > 0 || e.Separator != nil:
		return sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s takes neither ORDER BY nor SEPARATOR", e.Name)
	case e.Distinct || e.Star:
		return sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s takes neither DISTINCT nor *", e.Name)
	}
	return misplaced(e)
}

// misplaced refuses by name the functions that mean something in certain places only.
func misplaced(e *ast.FuncCall) error {
	kind, _, bound := strings.Cut(e.Name, "_")
	switch {
	case function.KindOf(kind) == function.Table && strings.HasSuffix(e.Name, "_proctime"):
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "%s needs GROUP BY %s(PROCTIME(), …)", strings.ToUpper(e.Name), strings.ToUpper(kind)).
			WithHint("%s_ROWTIME is the last moment of a window in event time.", strings.ToUpper(kind))
	case function.KindOf(kind) == function.Table && bound:
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "%s needs GROUP BY %s(…)", strings.ToUpper(e.Name), strings.ToUpper(kind))
	case function.KindOf(kind) == function.Table:
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "%s stands in GROUP BY, once, or in FROM TABLE(…)", strings.ToUpper(kind))
	case e.Name == "proctime":
		return sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "PROCTIME() stands only as the time of a window, and alone in a select list over one stream").WithHint("CURRENT_TIMESTAMP is the time of the batch.")
	}
	return nil
}

func last(args []ast.Expr) ast.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[len(args)-1]
}

func (a *analysis) call(pos int, s *scope, name string, args ...ast.Expr) (plan.Expr, error) {
	list := make([]plan.Expr, len(args))
	for i, e := range args {
		var err error
		if list[i], err = a.expr(e, s); err != nil {
			return nil, err
		}
	}
	return a.resolve(pos, name, list, args)
}

// resolve finds the signature and brings the arguments to it. A constant text takes
// the type of what it is compared with.
func (a *analysis) resolve(pos int, name string, args []plan.Expr, places []ast.Expr) (plan.Expr, error) {
	if err := a.textConstants(name, args, places); err != nil {
		return nil, err
	}
	name = byTypes(meant(name, args), args)
	sig, known, err := function.Resolve(name, typesOf(args))
	if !known {
		return nil, NoFunction(pos, name)
	}
	if err != nil {
		for _, read := range []func([]plan.Expr) ([]plan.Expr, bool){textsAsTimes, textsAsNested, textsAsIntervals} {
			if others, ok := read(args); ok && err != nil {
				if again, _, retry := function.Resolve(name, typesOf(others)); retry == nil {
					sig, err, args = again, nil, others
				}
			}
		}
	}
	if err != nil {
		return nil, sqlerr.At(pos, sqlerr.UndefinedFunction, "%v", err)
	}
	for i := range args {
		if args[i], err = a.to(places[i], args[i], sig.Args[i]); err != nil {
			return nil, err
		}
	}
	return &plan.Call{Func: sig.Name, Args: args, Typ: sig.Result}, nil
}

// byTypes gives the name of what a name means of arguments of certain types.
func byTypes(name string, args []plan.Expr) string {
	text := func(i int) bool { return args[i].Type().IsText() }
	switch n := len(args); {
	case substrings[name] && n == 2 && text(1):
		return "substring_matching"
	case substrings[name] && n == 3 && text(1) && text(2):
		return "substring_similar"
	case name == "format" && n > 0 && text(0):
		return "format_text"
	case name == "to_char" && n == 2 && args[0].Type().IsNumeric():
		return "number_to_char"
	}
	return name
}

var substrings = map[string]bool{"substring": true, "substr": true, "mid": true}

// NoFunction is the error of a name that no function has, with that of the one that was probably meant.
func NoFunction(pos int, name string) *sqlerr.Error {
	if function.GivesRows(name) {
		return sqlerr.At(pos, sqlerr.UndefinedFunction, "%s gives rows, it is no value", name).
			WithHint("It stands in FROM, or as an item of a select list by itself.")
	}
	e := sqlerr.At(pos, sqlerr.UndefinedFunction, "function %s does not exist", name)
	known := function.Elsewhere(name)
	if known == "" {
		known = near.Name(name, function.Callable())
	}
	if known != "" {
		e.WithHint("Perhaps you meant %s.", known)
	}
	return e
}

// textsAsTimes reads constant texts that are times as TIMESTAMP: DATEDIFF(d, '2026-01-01').
func textsAsTimes(args []plan.Expr) ([]plan.Expr, bool) {
	out, found := make([]plan.Expr, len(args)), false
	for i, e := range args {
		out[i] = e
		if c, ok := e.(*plan.Const); ok && !c.Null && c.Typ.IsText() {
			if t, err := textAs(0, c.Text, types.NewTimestamp(types.DefaultTimestamp)); err == nil {
				out[i], found = t, true
			}
		}
	}
	return out, found
}

// textsAsIntervals reads constant texts that are no times as INTERVAL: DATE_BIN('15 minutes', t, '2026-01-01').
func textsAsIntervals(args []plan.Expr) ([]plan.Expr, bool) {
	out, _ := textsAsTimes(args)
	found := false
	for i, e := range out {
		if c, ok := e.(*plan.Const); ok && !c.Null && c.Typ.IsText() {
			if x, err := textAs(0, c.Text, types.Of(types.Interval)); err == nil {
				out[i], found = x, true
			}
		}
	}
	return out, found
}

var comparisons = map[string]bool{"=": true, "!=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true, "<=>": true}

func (a *analysis) textConstants(name string, args []plan.Expr, places []ast.Expr) error {
	if !comparisons[name] || len(args) != 2 {
		return nil
	}
	for i := range args {
		c, ok := args[i].(*plan.Const)
		other := args[1-i].Type()
		if openArray(args[i], other) {
			args[i] = &plan.Const{Typ: other, Null: true}
		}
		if !ok || c.Null || !c.Typ.IsText() || other.IsText() || other.Kind == types.Null {
			continue
		}
		x, err := textAs(places[i].Position(), c.Text, other)
		if err != nil {
			return err
		}
		args[i] = x
	}
	return nil
}

// conversion is CAST, TRY_CAST and x::type.
func (a *analysis) conversion(e *ast.Cast, s *scope) (plan.Expr, error) {
	x, err := a.expr(e.X, s)
	if err != nil {
		return nil, err
	}
	t := e.Type.Type
	if e.Type.AnyDigits {
		t = anyDigits(x)
	}
	if c := emptyArray(x); c != nil && t.Kind == types.Array {
		x = c
	}
	if !function.Castable(x.Type(), t) && !openArray(x, t) {
		return nil, sqlerr.At(e.OpPos, sqlerr.CannotCoerce, "cannot cast type %s to %s", x.Type(), t)
	}
	if c, ok := x.(*plan.Const); ok && c.Null {
		x = a.inferParam(c, t)
	} else if ok && c.Typ.IsText() && !t.IsText() {
		return castText(e.X.Position(), c, t, e.Try)
	}
	return &plan.Cast{Arg: x, Typ: t, Try: e.Try}, nil
}

// openArray tells a parameter without a value that becomes an ARRAY: its declared type says nothing of the dimensions.
func openArray(x plan.Expr, t types.Type) bool {
	c, ok := x.(*plan.Const)
	return ok && c.Null && t.Kind == types.Array && c.Typ.Kind == types.Array
}

// emptyArray is the text of a parameter that is an empty array, which may be of any dimensions; nil for all others.
func emptyArray(x plan.Expr) *plan.Const {
	cast, ok := x.(*plan.Cast)
	if !ok || cast.Typ.Kind != types.Array {
		return nil
	}
	c, ok := cast.Arg.(*plan.Const)
	if text := strings.TrimSpace(textOf(c, ok)); text == "{}" || text == "[]" {
		return c
	}
	return nil
}

func textOf(c *plan.Const, is bool) string {
	if !is || c.Null || !c.Typ.IsText() {
		return ""
	}
	return c.Text
}

// anyDigits is the DECIMAL that NUMERIC without digits stands for: that of an exact
// number or of a text that is one, else as many digits as there are.
func anyDigits(x plan.Expr) types.Type {
	if t, exact := function.AsDecimal(x.Type()); exact {
		return t
	}
	if c, ok := x.(*plan.Const); ok && !c.Null && c.Typ.IsText() {
		if t, f := value.DecimalType([]byte(c.Text)); f == value.OK {
			return t
		}
	}
	return types.NewDecimal(types.MaxDecimalPrecision, 10)
}
