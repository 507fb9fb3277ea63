package analyzer

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

func boolConst(b bool) plan.Expr { return &plan.Const{Typ: types.Of(types.Boolean), Bool: b} }

func textConst(s string) plan.Expr { return &plan.Const{Typ: types.Of(types.String), Text: s} }

func bigConst(n int64) plan.Expr { return &plan.Const{Typ: types.Of(types.BigInt), Int: n} }

// expr gives an expression its types; every conversion becomes a Cast.
func (a *analysis) expr(e ast.Expr, s *scope) (plan.Expr, error) {
	if a.nodes++; a.nodes > maxNodes {
		return nil, sqlerr.At(e.Position(), sqlerr.TooComplex, "the query's expressions unfold to more than %d parts", maxNodes)
	}
	if s.groups != nil {
		if out, ok := a.grouped(e, s); ok {
			return out, nil
		}
	}
	switch e := e.(type) {
	case *ast.Literal:
		return literal(e)
	case *ast.ColumnRef:
		return a.columnRef(e, s)
	case *ast.Param:
		return a.param(e)
	case *ast.Unary:
		return a.unary(e, s)
	case *ast.Binary:
		return a.binary(e, s)
	case *ast.Like:
		name := "like"
		if e.ILike {
			name = "ilike"
		}
		args := []ast.Expr{e.X, e.Pattern}
		if e.Escape != '\\' {
			text := ""
			if e.Escape != 0 {
				text = string(e.Escape)
			}
			args = append(args, &ast.Literal{Pos: e.Pos, Kind: ast.StringLiteral, Text: text})
		}
		return a.negated(e.Not, e.Pos, s, name, args...)
	case *ast.Regexp:
		return a.negated(e.Not, e.Pos, s, "regexp", e.X, pattern(e))
	case *ast.Is:
		return a.isTest(e, s)
	case *ast.Between:
		low := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Ge, L: e.X, R: e.Low}
		high := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Le, L: e.X, R: e.High}
		return a.negated(e.Not, e.Pos, s, "and", low, high)
	case *ast.In:
		return a.in(e, s)
	case *ast.Case:
		return a.caseOf("CASE", e, s)
	case *ast.Cast:
		return a.conversion(e, s)
	case *ast.FuncCall:
		return a.function(e, s)
	case *ast.Exists, *ast.Subquery:
		return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "subqueries in expressions are not supported")
	case *ast.Star:
		return nil, sqlerr.At(e.Pos, sqlerr.SyntaxError, "* stands only in a select list")
	}
	return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "this expression is not supported: %s", e)
}

func (a *analysis) isTest(e *ast.Is, s *scope) (plan.Expr, error) {
	if e.What == ast.IsUnknown {
		x, err := a.expr(e.X, s)
		if err != nil {
			return nil, err
		}
		if k := x.Type().Kind; k != types.Boolean && k != types.Null {
			return nil, sqlerr.At(e.X.Position(), sqlerr.DatatypeMismatch, "what IS UNKNOWN tests must be BOOLEAN, this is %s", x.Type()).WithHint("IS NULL takes every type.")
		}
	}
	name := map[ast.IsKind]string{ast.IsNull: "is_null", ast.IsTrue: "is_true", ast.IsFalse: "is_false", ast.IsUnknown: "is_null"}[e.What]
	return a.negated(e.Not, e.Pos, s, name, e.X)
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
	if t.Kind >= types.Array || !function.Castable(x.Type(), t) {
		return nil, sqlerr.At(e.OpPos, sqlerr.CannotCoerce, "cannot cast type %s to %s", x.Type(), t)
	}
	if c, ok := x.(*plan.Const); ok && c.Null {
		x = a.inferParam(c, t)
	} else if ok && c.Typ.IsText() && !t.IsText() {
		return castText(e.X.Position(), c, t, e.Try)
	}
	return &plan.Cast{Arg: x, Typ: t, Try: e.Try}, nil
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

// sessionWords are the functions of the session that stand without brackets.
var sessionWords = map[string]bool{"current_catalog": true, "current_schema": true, "current_user": true, "session_user": true, "user": true}

func (a *analysis) columnRef(e *ast.ColumnRef, s *scope) (plan.Expr, error) {
	c, err := s.column(e)
	if v, ok := a.session[strings.ToLower(e.Column())]; err != nil && ok && len(e.Parts) == 1 && sessionWords[strings.ToLower(e.Column())] {
		return v, nil
	}
	if x := s.alias(e); err != nil && x != nil {
		return a.expr(x, &scope{columns: s.columns, groups: s.groups})
	}
	if err != nil {
		return nil, err
	}
	if s.groups != nil {
		return nil, sqlerr.At(e.Pos, sqlerr.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function", strings.Join(e.Parts, "."))
	}
	return &plan.Column{Index: c.index, Name: c.name, Typ: c.typ}, nil
}

// grouped finds what the aggregate below has computed.
func (a *analysis) grouped(e ast.Expr, s *scope) (plan.Expr, bool) {
	g := s.groups
	if f, ok := e.(*ast.FuncCall); ok {
		switch f.Name {
		case "tumble_start", "hop_start":
			return g.windowStart, g.windowStart != nil
		case "tumble_end", "hop_end":
			return g.windowEnd, g.windowEnd != nil
		}
		if out, ok := g.aggs[e.String()]; ok {
			return out, true
		}
	}
	if c, ok := e.(*ast.ColumnRef); ok && g.windowStart != nil {
		switch strings.ToLower(c.Column()) {
		case "window_start":
			return g.windowStart, true
		case "window_end":
			return g.windowEnd, true
		}
	}
	return g.key(a, e, s)
}

// key recognises an expression of GROUP BY by what it computes, however it is spelled.
func (g *groupScope) key(a *analysis, e ast.Expr, s *scope) (plan.Expr, bool) {
	_, constant := e.(*ast.Literal)
	_, column := e.(*ast.ColumnRef)
	if constant || !column && !g.computed {
		return nil, false
	}
	x, err := a.expr(e, &scope{columns: s.columns})
	if err != nil {
		return nil, false
	}
	out, ok := g.keys[plan.Stored(x)]
	return out, ok
}

func literal(e *ast.Literal) (plan.Expr, error) {
	switch e.Kind {
	case ast.NullLiteral:
		return &plan.Const{Null: true}, nil
	case ast.BoolLiteral:
		return boolConst(e.Text == "TRUE"), nil
	case ast.IntLiteral:
		n, err := strconv.ParseInt(e.Text, 10, 64)
		if err != nil {
			return decimalLiteral(e)
		}
		t := types.BigInt
		if n <= math.MaxInt32 {
			t = types.Int
		}
		return &plan.Const{Typ: types.Of(t), Int: n}, nil
	case ast.DecimalLiteral:
		return decimalLiteral(e)
	case ast.FloatLiteral:
		f, err := strconv.ParseFloat(e.Text, 64)
		if err != nil {
			return nil, sqlerr.At(e.Pos, sqlerr.OutOfRange, "%s is out of range for DOUBLE", e.Text)
		}
		return &plan.Const{Typ: types.Of(types.Double), Float: f}, nil
	case ast.StringLiteral:
		return textConst(e.Text), nil
	case ast.HexLiteral:
		return &plan.Const{Typ: types.Of(types.Binary), Text: e.Text}, nil
	case ast.DateLiteral:
		return textAs(e.Pos, e.Text, types.Of(types.Date))
	case ast.TimestampLiteral:
		return textAs(e.Pos, e.Text, types.NewTimestamp(types.DefaultTimestamp))
	case ast.IntervalLiteral:
		micros, err := microsOf(e)
		return &plan.Const{Typ: types.Of(types.Interval), Int: micros}, err
	}
	return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "this literal is not supported: %s", e)
}

func decimalLiteral(e *ast.Literal) (plan.Expr, error) {
	whole, fraction, _ := strings.Cut(e.Text, ".")
	whole = strings.TrimLeft(whole, "0")
	precision, scale := max(1, len(whole)+len(fraction)), len(fraction)
	n, ok := new(big.Int).SetString("0"+whole+fraction, 10)
	if !ok || precision > types.MaxDecimalPrecision {
		return nil, sqlerr.At(e.Pos, sqlerr.OutOfRange, "%s has more than %d digits", e.Text, types.MaxDecimalPrecision)
	}
	c := &plan.Const{Typ: types.NewDecimal(precision, scale)}
	if c.Typ.Physical() == types.PhysicalInt64 {
		c.Int = n.Int64()
	} else {
		c.WideLo = new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		c.WideHi = new(big.Int).Rsh(n, 64).Int64()
	}
	return c, nil
}

var unitLength = map[string]int64{"MICROSECOND": 1, "MILLISECOND": value.Millisecond, "SECOND": value.Second, "MINUTE": value.Minute,
	"HOUR": value.Hour, "DAY": value.Day, "WEEK": 7 * value.Day}

// microsOf reads an interval of fixed length.
func microsOf(e *ast.Literal) (int64, error) {
	unit, ok := unitLength[e.Unit]
	if !ok {
		return 0, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "an interval of %s has no fixed length here", e.Unit)
	}
	micros, f := value.Times([]byte(e.Text), unit)
	if f != value.OK {
		return 0, placedAt(e.Pos, f.Error(types.Of(types.Interval), []byte(e.Text+" "+e.Unit)))
	}
	return micros, nil
}

// interval reads the length of a window or a delay.
func interval(e *ast.Literal) (time.Duration, error) {
	micros, err := microsOf(e)
	if err == nil && (micros > math.MaxInt64/2000 || micros < -math.MaxInt64/2000) {
		return 0, sqlerr.At(e.Pos, sqlerr.DatetimeOverflow, "an interval of %s %s is too long here", e.Text, e.Unit)
	}
	return time.Duration(micros) * time.Microsecond, err
}

// months reads an interval of months; ok is false for one of fixed length.
func months(e ast.Expr) (n int64, ok bool, err error) {
	l, is := e.(*ast.Literal)
	if !is || l.Kind != ast.IntervalLiteral {
		return 0, false, nil
	}
	per, ok := map[string]int64{"MONTH": 1, "QUARTER": 3, "YEAR": 12}[l.Unit]
	if !ok {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(strings.TrimSpace(l.Text), 10, 32)
	if err != nil {
		return 0, true, sqlerr.At(l.Pos, sqlerr.InvalidDatetime, "invalid interval %q", l.Text)
	}
	return n * per, true, nil
}

func (a *analysis) param(e *ast.Param) (plan.Expr, error) {
	if e.N < 1 || e.N > len(a.args) {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedParameter, "there is no parameter $%d", e.N)
	}
	return a.args[e.N-1], nil
}

func (a *analysis) unary(e *ast.Unary, s *scope) (plan.Expr, error) {
	switch e.Op {
	case ast.Not:
		return a.call(e.Pos, s, "not", e.X)
	case ast.Neg:
		if l, ok := e.X.(*ast.Literal); ok && (l.Kind == ast.IntLiteral || l.Kind == ast.DecimalLiteral) {
			return negative(l)
		}
		return a.call(e.Pos, s, "negate", e.X)
	}
	return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "bit operators are not supported")
}

func negative(l *ast.Literal) (plan.Expr, error) {
	if n, err := strconv.ParseInt("-"+l.Text, 10, 64); l.Kind == ast.IntLiteral && err == nil {
		t := types.BigInt
		if n >= math.MinInt32 {
			t = types.Int
		}
		return &plan.Const{Typ: types.Of(t), Int: n}, nil
	}
	x, err := decimalLiteral(l)
	if err != nil {
		return nil, err
	}
	return &plan.Call{Func: "negate", Args: []plan.Expr{x}, Typ: x.Type()}, nil
}

var binaryNames = map[ast.BinaryOp]string{ast.Or: "or", ast.Xor: "xor", ast.And: "and", ast.Eq: "=", ast.NullSafeEq: "<=>", ast.Ne: "!=", ast.Lt: "<", ast.Le: "<=",
	ast.Gt: ">", ast.Ge: ">=", ast.Add: "+", ast.Sub: "-", ast.Mul: "*", ast.Div: "/", ast.IntDiv: "div", ast.Mod: "%", ast.Concat: "concat"}

func (a *analysis) binary(e *ast.Binary, s *scope) (plan.Expr, error) {
	if e.Op == ast.Add || e.Op == ast.Sub {
		if out, ok, err := a.timeArithmetic(e, s); ok || err != nil {
			return out, err
		}
	}
	name, ok := binaryNames[e.Op]
	if !ok {
		return nil, sqlerr.At(e.OpPos, sqlerr.FeatureNotSupported, "this operator is not supported: %s", e)
	}
	return a.call(e.OpPos, s, name, e.L, e.R)
}

// timeArithmetic is a time plus or minus an interval.
func (a *analysis) timeArithmetic(e *ast.Binary, s *scope) (plan.Expr, bool, error) {
	x, y := e.L, e.R
	if isInterval(x) && e.Op == ast.Add {
		x, y = y, x
	}
	if !isInterval(y) {
		return nil, false, nil
	}
	return a.addInterval(e.Pos, s, x, y, e.Op == ast.Sub)
}

func isInterval(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.IntervalLiteral
}

func (a *analysis) addInterval(pos int, s *scope, x, y ast.Expr, minus bool) (plan.Expr, bool, error) {
	t, err := a.expr(x, s)
	if err != nil {
		return nil, true, err
	}
	if t, err = a.textAsTime(x, t); err != nil {
		return nil, true, err
	}
	n, isMonths, err := months(y)
	if err != nil {
		return nil, true, err
	}
	by, name := bigConst(n), "add_months"
	if !isMonths {
		if by, err = literal(y.(*ast.Literal)); err != nil {
			return nil, true, err
		}
		name = "add_time"
	}
	c := by.(*plan.Const)
	if minus {
		c.Int = -c.Int
	}
	days := c.Int%(24*3600*1e6) == 0
	out, err := a.resolve(pos, name, []plan.Expr{t, c}, []ast.Expr{x, y})
	if err == nil && name == "add_time" && t.Type().Kind == types.Date && days {
		out = &plan.Cast{Arg: out, Typ: t.Type()} // whole days keep a DATE
	}
	return out, true, err
}

func (a *analysis) textAsTime(x ast.Expr, t plan.Expr) (plan.Expr, error) {
	if c, ok := t.(*plan.Const); ok && c.Typ.IsText() {
		return textAs(x.Position(), c.Text, types.NewTimestamp(types.DefaultTimestamp))
	}
	return t, nil
}

// pattern is the regular expression of a match, with the flag of ~* in front.
func pattern(e *ast.Regexp) ast.Expr {
	const anyCase = "(?i)"
	if !e.AnyCase {
		return e.Pattern
	}
	if l, ok := e.Pattern.(*ast.Literal); ok && l.Kind == ast.StringLiteral {
		return &ast.Literal{Pos: l.Pos, Kind: l.Kind, Text: anyCase + l.Text}
	}
	flag := &ast.Literal{Pos: e.Pattern.Position(), Kind: ast.StringLiteral, Text: anyCase}
	return &ast.Binary{Pos: flag.Pos, OpPos: flag.Pos, Op: ast.Concat, L: flag, R: e.Pattern}
}

func (a *analysis) negated(not bool, pos int, s *scope, name string, args ...ast.Expr) (plan.Expr, error) {
	x, err := a.call(pos, s, name, args...)
	if err != nil || !not {
		return x, err
	}
	return &plan.Call{Func: "not", Args: []plan.Expr{x}, Typ: types.Of(types.Boolean)}, nil
}

// in is a tree of comparisons: NULL in the list keeps SQL's meaning so.
func (a *analysis) in(e *ast.In, s *scope) (plan.Expr, error) {
	if e.Query != nil {
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "IN (SELECT …) is not supported")
	}
	tests := make([]plan.Expr, len(e.List))
	for i, item := range e.List {
		var err error
		if tests[i], err = a.call(e.Pos, s, "=", e.X, item); err != nil {
			return nil, err
		}
	}
	out := anyOf(tests)
	if e.Not {
		out = &plan.Call{Func: "not", Args: []plan.Expr{out}, Typ: out.Type()}
	}
	return out, nil
}

// anyOf joins conditions by OR, halving, so that a long list is not a deep tree.
func anyOf(list []plan.Expr) plan.Expr {
	if len(list) == 1 {
		return list[0]
	}
	half := len(list) / 2
	return &plan.Call{Func: "or", Args: []plan.Expr{anyOf(list[:half]), anyOf(list[half:])}, Typ: types.Of(types.Boolean)}
}

// caseOf is CASE, and what is short for one: word says which, for errors.
func (a *analysis) caseOf(word string, e *ast.Case, s *scope) (plan.Expr, error) {
	out := &plan.Case{}
	var results []plan.Expr
	var places []ast.Expr
	for _, w := range e.Whens {
		cond := w.Cond
		if e.Operand != nil {
			cond = &ast.Binary{Pos: w.Cond.Position(), OpPos: w.Cond.Position(), Op: ast.Eq, L: e.Operand, R: w.Cond}
		}
		c, err := a.condition(cond, s)
		if err != nil {
			return nil, err
		}
		t, err := a.expr(w.Then, s)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, plan.When{Cond: c})
		results, places = append(results, t), append(places, w.Then)
	}
	if e.Else != nil {
		x, err := a.expr(e.Else, s)
		if err != nil {
			return nil, err
		}
		results, places = append(results, x), append(places, e.Else)
	}
	t, problem := function.CommonOf(typesOf(results))
	if problem != "" {
		return nil, sqlerr.At(e.Pos, sqlerr.DatatypeMismatch, "%s: %s", word, problem)
	}
	out.Typ = t
	for i := range results {
		x, err := a.to(places[i], results[i], t)
		if err != nil {
			return nil, err
		}
		if i < len(out.Whens) {
			out.Whens[i].Then = x
		} else {
			out.Else = x
		}
	}
	return out, nil
}

func typesOf(list []plan.Expr) []types.Type {
	out := make([]types.Type, len(list))
	for i, e := range list {
		out[i] = e.Type()
	}
	return out
}

// condition is an expression that must be BOOLEAN.
func (a *analysis) condition(e ast.Expr, s *scope) (plan.Expr, error) {
	x, err := a.expr(e, s)
	if err != nil {
		return nil, err
	}
	if k := x.Type().Kind; k != types.Boolean && k != types.Null {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "a condition must be BOOLEAN, this is %s", x.Type()).WithHint("Compare it with something, or use CAST.")
	}
	return a.to(e, x, types.Of(types.Boolean))
}

// to brings a value to a type; a constant text is read now, so that a wrong one is
// found at once.
func (a *analysis) to(e ast.Expr, x plan.Expr, t types.Type) (plan.Expr, error) {
	if x.Type() == t {
		return x, nil
	}
	if c, ok := x.(*plan.Const); ok {
		switch {
		case c.Null:
			return a.inferParam(c, t), nil
		case c.Typ.IsText() && !t.IsText():
			return castText(e.Position(), c, t, false)
		}
	}
	return &plan.Cast{Arg: x, Typ: t}, nil
}

// inferParam gives a NULL its type. If it stands for a parameter whose type the client left
// open, its first use decides: Args then holds the typed NULL, for the caller to read.
func (a *analysis) inferParam(c *plan.Const, t types.Type) *plan.Const {
	typed := &plan.Const{Typ: t, Null: true}
	for i, arg := range a.args {
		if c.Typ.Kind == types.Null && arg == plan.Expr(c) {
			a.args[i] = typed
		}
	}
	return typed
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
	sig, known, err := function.Resolve(name, typesOf(args))
	if !known {
		e := sqlerr.At(pos, sqlerr.UndefinedFunction, "function %s does not exist", name)
		if known := near.Name(name, function.Callable()); known != "" {
			e.WithHint("Perhaps you meant %s.", known)
		}
		return nil, e
	}
	if err != nil {
		if timed, ok := textsAsTimes(args); ok {
			if again, _, retry := function.Resolve(name, typesOf(timed)); retry == nil {
				sig, err, args = again, nil, timed
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

var comparisons = map[string]bool{"=": true, "!=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true, "<=>": true}

func (a *analysis) textConstants(name string, args []plan.Expr, places []ast.Expr) error {
	if !comparisons[name] || len(args) != 2 {
		return nil
	}
	for i := range args {
		c, ok := args[i].(*plan.Const)
		other := args[1-i].Type()
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

// function is a call by name.
func (a *analysis) function(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	switch {
	case e.Over != nil:
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "window functions (%s … OVER) are not supported", e.Name)
	case e.Filter != nil:
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "FILTER is not supported").WithHint("Use CASE inside the aggregate.")
	case function.KindOf(e.Name) == function.Aggregate:
		return nil, sqlerr.At(e.Pos, sqlerr.GroupingError, "aggregate %s is not allowed here", e.Name)
	case e.Distinct || e.Star:
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s takes neither DISTINCT nor *", e.Name)
	}
	if err := misplaced(e); err != nil {
		return nil, err
	}
	switch e.Name {
	case "if":
		if len(e.Args) != 3 {
			return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "IF takes three arguments")
		}
		return a.caseOf("IF", &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: e.Args[0], Then: e.Args[1]}}, Else: e.Args[2]}, s)
	case "nullif":
		if len(e.Args) != 2 {
			return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "NULLIF takes two arguments")
		}
		equal := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Eq, L: e.Args[0], R: e.Args[1]}
		return a.caseOf("NULLIF", &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: equal, Then: &ast.Literal{Pos: e.Pos, Kind: ast.NullLiteral}}}, Else: e.Args[0]}, s)
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
	case "version":
		return textConst("PostgreSQL 13.14 (Slipway)"), nil
	}
	if v, ok := a.session[e.Name]; ok {
		return v, nil
	}
	return a.call(e.Pos, s, e.Name, e.Args...)
}

func last(args []ast.Expr) ast.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[len(args)-1]
}

// extracted are the units that EXTRACT gives, by the function that does.
var extracted = map[string]string{"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "dayofmonth", "DOY": "dayofyear",
	"HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
	"WEEK": "week", "DOW": "dow", "ISODOW": "isodow", "EPOCH": "epoch", "MILLISECOND": "millisecond", "MICROSECOND": "microsecond"}

func (a *analysis) extract(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	unit := ""
	if l, ok := e.Args[0].(*ast.Literal); ok {
		unit = strings.ToUpper(l.Text)
	}
	f, ok := extracted[unit]
	if !ok || function.KindOf(f) != function.Scalar {
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "EXTRACT(%s FROM …) is not supported", cmp.Or(unit, "…")).
			WithHint("EXTRACT gives YEAR, QUARTER, MONTH, DAY, DOY, HOUR, MINUTE and SECOND; DAYOFWEEK(x) counts from Sunday = 1.")
	}
	return a.call(e.Pos, s, f, e.Args[1])
}

// misplaced refuses by name the functions that mean something in certain places only.
func misplaced(e *ast.FuncCall) error {
	kind, _, bound := strings.Cut(e.Name, "_")
	switch {
	case kind == "session" || kind == "cumulate":
		return sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "%s windows are not supported yet", strings.ToUpper(kind)).WithHint("TUMBLE and HOP are.")
	case function.KindOf(kind) == function.Table && bound:
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "%s needs GROUP BY %s(…)", strings.ToUpper(e.Name), strings.ToUpper(kind))
	case function.KindOf(kind) == function.Table:
		return sqlerr.At(e.Pos, sqlerr.GroupingError, "%s stands in GROUP BY, once, or in FROM TABLE(…)", strings.ToUpper(kind))
	case e.Name == "proctime":
		return sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "PROCTIME() stands only as the time of a window").WithHint("CURRENT_TIMESTAMP is the time of the batch.")
	case function.VolatilityOf(e.Name) == function.Volatile:
		return sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "%s is not supported: rows that are computed again after a failure would differ", strings.ToUpper(e.Name))
	}
	return nil
}

// dateAdd takes an interval, or days (Hive).
func (a *analysis) dateAdd(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	minus := strings.Contains(e.Name, "sub")
	by := e.Args[1]
	if !isInterval(by) {
		l, ok := by.(*ast.Literal)
		if !ok || l.Kind != ast.IntLiteral {
			return nil, sqlerr.At(by.Position(), sqlerr.FeatureNotSupported, "%s takes a constant interval or number of days", e.Name)
		}
		by = &ast.Literal{Pos: l.Pos, Kind: ast.IntervalLiteral, Text: l.Text, Unit: "DAY"}
	}
	out, _, err := a.addInterval(e.Pos, s, e.Args[0], by, minus)
	return out, err
}
