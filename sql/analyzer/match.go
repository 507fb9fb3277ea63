package analyzer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// matching is a MATCH_RECOGNIZE or a PATTERN that is being resolved.
type matching struct {
	a    *analysis
	r    *relation // the rows that are matched
	node logical.Match
	// streams are those that a PATTERN has several of; nil: the rows are of one relation.
	streams *eventStreams
	// numbers are those of the variables, and sets those of SUBSET, by their names in lower case.
	numbers map[string]int
	sets    map[string][]int
	// define is the variable whose condition is being resolved; -1: it is a measure.
	define int
}

// maxVariables are as many as a word has bits for.
const maxVariables = 60

// matchRecognize finds rows that match a pattern.
func (a *analysis) matchRecognize(t *ast.MatchRecognize) (*relation, error) {
	r, err := a.from(t.Input)
	if err != nil {
		return nil, err
	}
	if err := matchable(r, t.MatchPos, "MATCH_RECOGNIZE"); err != nil {
		return nil, err
	}
	m := &matching{a: a, r: r, numbers: map[string]int{}, sets: map[string][]int{}}
	for _, step := range []func(*ast.MatchRecognize) error{m.order, m.within, m.pattern, m.subsets, m.defines, m.skip} {
		if err := step(t); err != nil {
			return nil, err
		}
	}
	m.node.AllRows, m.node.OmitEmpty, m.node.Unmatched = t.AllRows, t.OmitEmpty, t.Unmatched
	if t.Unmatched && slices.ContainsFunc(m.node.States, func(s plan.MatchState) bool { return s.Excluded }) {
		return nil, sqlerr.At(t.Pattern.Position(), sqlerr.SyntaxError, "WITH UNMATCHED ROWS gives all rows, and {- -} leaves some out").WithHint("Say one of both.")
	}
	m.given(t.AllRows)
	out, err := m.measures(t.Measures)
	if err != nil {
		return nil, err
	}
	return qualify(out, t.Alias), nil
}

// matchable refuses rows that are corrected: one that is taken back may have been part of a match.
func matchable(r *relation, pos int, what string) error {
	if !r.traits.Updating() || r.traits.Bounded {
		return nil
	}
	return r.insteadAppend(sqlerr.At(pos, sqlerr.FeatureNotSupported, "%s over a result that changes is not supported", what))
}

// order resolves PARTITION BY and ORDER BY.
func (m *matching) order(t *ast.MatchRecognize) error {
	r := m.r
	if len(t.OrderBy) == 0 {
		return sqlerr.At(t.MatchPos, sqlerr.SyntaxError, "MATCH_RECOGNIZE needs ORDER BY").WithHint("ORDER BY the event time of the stream.")
	}
	at, err := m.a.timeOf(r, t.OrderBy[0].X)
	if err != nil {
		return notATime(err)
	}
	switch item := t.OrderBy[0]; {
	case item.Desc:
		return sqlerr.At(item.X.Position(), sqlerr.FeatureNotSupported, "MATCH_RECOGNIZE orders by an event time, ascending, and then by what else there is").
			WithHint("The next row of a stream is a later one: what falls in time is found by a pattern that is turned round.")
	case r.loose:
		return sqlerr.At(item.X.Position(), sqlerr.FeatureNotSupported, "MATCH_RECOGNIZE orders by an event time, and that of these rows is not known").
			WithHint("Match the rows of the stream itself, and join or group the matches.")
	}
	m.node.Time = at
	if err := m.partition(t.PartitionBy); err != nil {
		return err
	}
	if len(t.PartitionBy) == 0 {
		m.node.OneTask = "there is no PARTITION BY"
	}
	return m.further(t.OrderBy[1:])
}

// further resolves what rows of equal times are ordered by.
func (m *matching) further(list []ast.OrderItem) error {
	for _, item := range list {
		x, err := m.a.expr(item.X, m.r.scope())
		if err != nil {
			return err
		}
		if x.Type().Kind == types.Null { // which orders nothing
			continue
		}
		m.node.Order = append(m.node.Order, plan.SortKey{Column: m.column(x), Desc: item.Desc, NullsFirst: item.AreFirst()})
	}
	return nil
}

// notATime says of a column by which no window could be cut that no pattern can be matched by it.
func notATime(err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Code == sqlerr.DatatypeMismatch {
		e.Message = strings.Replace(e.Message, "a window's time", "the time that MATCH_RECOGNIZE orders by", 1)
	}
	return err
}

func (m *matching) partition(list []ast.Expr) error {
	for _, e := range list {
		x, err := m.a.expr(e, m.r.scope())
		if err != nil {
			return err
		}
		c, ok := x.(*plan.Column)
		if !ok {
			return sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "PARTITION BY of MATCH_RECOGNIZE takes columns").
				WithHint("Compute it in a query below: FROM (SELECT …, x AS k FROM s) MATCH_RECOGNIZE (PARTITION BY k …).")
		}
		if !slices.Contains(m.node.Partition, c.Index) {
			m.node.Partition = append(m.node.Partition, c.Index)
		}
	}
	return nil
}

func (m *matching) within(t *ast.MatchRecognize) (err error) {
	if t.Within != nil {
		m.node.Within, err = withinOf(t.Within)
	}
	return err
}

func withinOf(l *ast.Literal) (time.Duration, error) {
	d, err := interval(l)
	if err == nil && d < time.Millisecond {
		err = sqlerr.At(l.Pos, sqlerr.InvalidParameter, "WITHIN %s is not possible", d).WithHint("It must be at least a millisecond.")
	}
	return d, err
}

// given are the columns of the input that come out.
func (m *matching) given(all bool) {
	if m.node.Given = slices.Clone(m.node.Partition); !all {
		return
	}
	m.node.Given = nil
	for i := range m.r.columns {
		if m.r.columns[i].shown() {
			m.node.Given = append(m.node.Given, i)
		}
	}
}

// variable gives the number of a variable of the pattern, a new one if there is none of its name.
func (m *matching) variable(pos int, name string) (int, error) {
	if n, ok := m.numbers[strings.ToLower(name)]; ok {
		return n, nil
	}
	n := len(m.node.Variables)
	if n == maxVariables {
		return 0, sqlerr.At(pos, sqlerr.TooComplex, "a pattern has at most %d variables", maxVariables)
	}
	m.numbers[strings.ToLower(name)] = n
	m.node.Variables = append(m.node.Variables, plan.MatchVariable{Name: name, Own: -1})
	return n, nil
}

// pattern reads PATTERN and makes its automaton.
func (m *matching) pattern(t *ast.MatchRecognize) (err error) {
	if m.node.Pattern, err = m.patternOf(t.Pattern); err != nil {
		return err
	}
	return m.compile(t.Pattern.Position())
}

func (m *matching) compile(pos int) (err error) {
	m.node.States, err = pattern.Compile(&m.node.Pattern)
	if errors.Is(err, pattern.ErrTooLarge) {
		return sqlerr.At(pos, sqlerr.TooComplex, "%v", err).WithHint("Its quantifiers ask for too many rows.")
	}
	return err
}

func (m *matching) patternOf(p ast.Pattern) (out pattern.Pattern, err error) {
	var parts []ast.Pattern
	switch p := p.(type) {
	case *ast.PatternVariable:
		out.Kind = pattern.Variable
		out.Variable, err = m.variable(p.Pos, p.Name)
		return out, err
	case *ast.PatternSequence:
		out.Kind, parts = pattern.Sequence, p.Items
	case *ast.PatternChoice:
		out.Kind, parts = pattern.Choice, p.Items
	case *ast.PatternRepeat:
		out = pattern.Pattern{Kind: pattern.Repeat, Min: p.Min, Max: p.Max, Reluctant: p.Reluctant}
		parts = []ast.Pattern{p.X}
	case *ast.PatternPermute:
		return m.permuted(p)
	case *ast.PatternExclude:
		out, parts = pattern.Pattern{Kind: pattern.Sequence, Excluded: true}, []ast.Pattern{p.X}
	}
	for _, x := range parts {
		part, err := m.patternOf(x)
		if err != nil {
			return out, err
		}
		out.Parts = append(out.Parts, part)
	}
	return out, nil
}

// permuted is a choice of all orders, those first in which the first ones come first.
func (m *matching) permuted(p *ast.PatternPermute) (pattern.Pattern, error) {
	parts := make([]pattern.Pattern, len(p.Items))
	for i, x := range p.Items {
		var err error
		if parts[i], err = m.patternOf(x); err != nil {
			return pattern.Pattern{}, err
		}
	}
	return pattern.Pattern{Kind: pattern.Choice, Parts: orders(parts)}, nil
}

func orders(parts []pattern.Pattern) (out []pattern.Pattern) {
	if len(parts) == 1 {
		return []pattern.Pattern{{Kind: pattern.Sequence, Parts: parts}}
	}
	for i, first := range parts {
		for _, rest := range orders(slices.Delete(slices.Clone(parts), i, i+1)) {
			out = append(out, pattern.Pattern{Kind: pattern.Sequence, Parts: append([]pattern.Pattern{first}, rest.Parts...)})
		}
	}
	return out
}

// subsets reads SUBSET.
func (m *matching) subsets(t *ast.MatchRecognize) error {
	for _, s := range t.Subsets {
		name := strings.ToLower(s.Name.Name)
		if _, known := m.numbers[name]; known || m.sets[name] != nil {
			return sqlerr.At(s.Name.Pos, sqlerr.SyntaxError, "%q is defined twice", s.Name.Name)
		}
		var of []int
		for _, v := range s.Of {
			n, ok := m.numbers[strings.ToLower(v.Name)]
			if !ok {
				return sqlerr.At(v.Pos, sqlerr.UndefinedObject, "%q is no variable of the pattern", v.Name)
			}
			if !slices.Contains(of, n) {
				of = append(of, n)
			}
		}
		m.sets[name] = of
	}
	return nil
}

// skip reads AFTER MATCH SKIP.
func (m *matching) skip(t *ast.MatchRecognize) error {
	switch t.Skip.Kind {
	case ast.SkipToNext:
		m.node.Skip = plan.SkipToNext
	case ast.SkipToFirst:
		m.node.Skip = plan.SkipToFirst
	case ast.SkipToLast:
		m.node.Skip = plan.SkipToLast
	default:
		return nil
	}
	if m.node.Skip == plan.SkipToNext {
		return nil
	}
	set, err := m.set(t.Skip.Variable.Pos, t.Skip.Variable.Name)
	m.node.SkipTo = set
	return err
}

// set are the variables that a name stands for.
func (m *matching) set(pos int, name string) ([]int, error) {
	if n, ok := m.numbers[strings.ToLower(name)]; ok {
		return []int{n}, nil
	}
	if set, ok := m.sets[strings.ToLower(name)]; ok {
		return set, nil
	}
	return nil, sqlerr.At(pos, sqlerr.UndefinedObject, "%q is no variable of the pattern", name)
}

// measures compute what is given of matches.
func (m *matching) measures(list []ast.SelectItem) (*relation, error) {
	m.define = -1
	m.node.Values = slices.Clip(m.node.Values)
	conditions := m.node.Values
	m.node.Values = nil
	var exprs []plan.Expr
	var out types.Schema
	s := m.scope()
	for _, item := range list {
		x, err := m.a.expr(item.X, s)
		if err != nil {
			return nil, err
		}
		if m.node.Unmatched { // of a row that belongs to no match they are all NULL
			found := m.value(plan.MatchValue{Kind: plan.MatchFound, Column: -1, Typ: types.Of(types.Boolean)})
			x = &plan.Case{Whens: []plan.When{{Cond: found, Then: x}}, Typ: x.Type()}
		}
		exprs, out = append(exprs, x), append(out, types.Column{Name: item.Alias, Type: x.Type()})
	}
	m.node.Measures, m.node.Values = m.node.Values, conditions
	return m.relation(exprs, out), nil
}

// relation is the columns that are given and expressions over the measures.
func (m *matching) relation(exprs []plan.Expr, names types.Schema) *relation {
	r, n := m.r, len(m.node.Given)
	var all []plan.Expr
	var out types.Schema
	for i, c := range m.node.Given {
		at := r.columns[c]
		all, out = append(all, &plan.Column{Index: i, Name: at.name, Typ: at.typ}), append(out, types.Column{Name: at.name, Type: at.typ})
	}
	for _, x := range exprs {
		all = append(all, plan.MapColumns(x, func(c *plan.Column) plan.Expr {
			return &plan.Column{Index: n + c.Index, Name: c.Name, Typ: c.Typ}
		}))
	}
	m.node.Before = m.before()
	m.node.Names = nil
	for i := range m.node.Measures {
		m.node.Names = append(m.node.Names, made("r", i))
	}
	m.node.Input = r.node
	node := m.node
	r.put(&node)
	r.project(all, append(out, names...))
	r.untimed, r.window, r.windowName = nil, nil, ""
	return r
}

// before is how many rows in front of a match PREV may read: those that lie not between its first row and the one
// that is read.
func (m *matching) before() (most int) {
	distances := pattern.Distances(m.node.States)
	look := func(v plan.MatchValue, read func(s *plan.MatchState) bool) {
		for i := 1; i < len(m.node.States) && v.Back > 0; i++ {
			if read(&m.node.States[i]) {
				most = max(most, v.Back-distances[i])
			}
		}
	}
	for _, v := range slices.Concat(m.node.Values, m.node.Measures) {
		look(v, func(s *plan.MatchState) bool {
			return s.Variable >= 0 && v.Kind != plan.MatchCurrent && (v.Of == nil || slices.Contains(v.Of, s.Variable))
		})
	}
	for n, variable := range m.node.Variables {
		if variable.Cond == nil {
			continue
		}
		asks := func(s *plan.MatchState) bool {
			return slices.ContainsFunc(s.Tests, func(t plan.MatchTest) bool { return t.Variable == n })
		}
		plan.EachColumn(variable.Cond, func(c *plan.Column) {
			if v := m.node.Values[c.Index]; v.Kind == plan.MatchCurrent {
				look(v, asks)
			}
		})
	}
	return most
}
