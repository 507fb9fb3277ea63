package analyzer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// sessionWindow puts the rows of a stream into sessions that rows begin and end. What else the query
// says is about rows that have them.
func (a *analysis) sessionWindow(r *relation, w *ast.SessionWindow) error {
	if r.traits.Updating() && !r.traits.Bounded {
		return r.insteadAppend(sqlerr.At(w.Pos, sqlerr.FeatureNotSupported,
			"SESSIONWINDOW over a result that changes is not supported: a row that is taken back may have begun or ended a session").
			WithHint("Sessions that a pause ends are corrected: GROUP BY k, SESSION(ts, INTERVAL '10' MINUTE)."))
	}
	a.sessionAt = w.Pos
	at, err := r.streamTime(w.Pos)
	if err != nil {
		return err
	}
	by := plan.Sessions{Time: at, Init: plan.SessionBound{Exclude: w.Init.Exclude}, End: plan.SessionBound{Exclude: w.End.Exclude}}
	if by.Timeout, err = timeout(w.Timeout); err != nil {
		return err
	}
	late, err := a.lateColumns(r)
	if err != nil {
		return err
	}
	if r.partition, err = a.sessionParts(r, "KEYEDBY", w.KeyedBy); err != nil {
		return err
	}
	bounds, err := a.sessionConditions(r, w)
	if err != nil {
		return err
	}
	by.Keys = r.keyColumns(r.partition)
	by.Init.Column, by.End.Column = r.hidden("a0", bounds[0]), r.hidden("a1", bounds[1])
	r.assignSessions(&logical.ConditionSession{Sessions: by, Late: late}, strings.ToLower(w.Name))
	return nil
}

// timeout reads the interval behind TIMEOUT; 0 for none.
func timeout(l *ast.Literal) (time.Duration, error) {
	if l == nil {
		return 0, nil
	}
	d, err := interval(l)
	if err == nil && d < time.Millisecond {
		err = sqlerr.At(l.Pos, sqlerr.InvalidParameter, "a timeout of %s is not possible", d).WithHint("It must be at least a millisecond.")
	}
	return d, err
}

// sessionConditions are those of INIT and END.
func (a *analysis) sessionConditions(r *relation, w *ast.SessionWindow) (out [2]plan.Expr, err error) {
	for i, e := range []ast.Expr{w.Init.Cond, w.End.Cond} {
		if _, err = a.sessionParts(r, [...]string{"INIT", "END"}[i], []ast.Expr{e}); err != nil {
			return out, err
		}
		if out[i], err = a.condition(e, r.scope()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// sessionParts compiles expressions over single rows of the stream.
func (a *analysis) sessionParts(r *relation, clause string, list []ast.Expr) (out []plan.Expr, err error) {
	for _, e := range list {
		if err := noWindowCalls(clause, e); err != nil {
			return nil, err
		}
		if f := findAggregate(e); f != nil {
			return nil, sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in %s", clause)
		}
		if q := findQuery(e); q != nil {
			return nil, sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "a subquery in %s is not supported", clause).
				WithHint("Select its result as a column of a stream: CREATE STREAM s AS SELECT ….")
		}
	}
	return a.partition(r, list)
}

// findQuery is the first query in an expression.
func findQuery(e ast.Expr) (found ast.Query) {
	ast.Walk(e, func(n ast.Node) bool {
		if q, ok := n.(ast.Query); ok && found == nil {
			found = q
		}
		return found == nil
	})
	return found
}

// hidden adds a column that is computed and that nobody can name, and gives its number. Its name in the node
// is in the schema of what keeps it.
func (r *relation) hidden(name string, x plan.Expr) int {
	n := len(r.columns)
	out := append(slices.Clone(r.node.Schema()), types.Column{Name: name, Type: x.Type()})
	r.put(&logical.Project{Input: r.node, Exprs: append(r.all(), x), Out: out})
	r.columns = append(r.columns, scopeColumn{typ: x.Type(), index: n, hidden: true})
	return n
}

// assignSessions puts rows into sessions, whose bounds a name, or that of the stream, qualifies.
func (r *relation) assignSessions(n *logical.ConditionSession, name string) {
	r.windowName = cmp.Or(name, r.columns[0].qualifier)
	n.Input, r.start = r.node, len(r.columns)
	r.put(n)
	for i, c := range n.Schema()[r.start:] {
		r.columns = append(r.columns, scopeColumn{qualifier: r.windowName, name: c.Name, typ: c.Type, index: r.start + i})
	}
	number := &r.columns[r.start+2]
	number.name, number.qualifier, number.hidden = "", "", true
	end := r.at(r.start + 1)
	r.derived = append(slices.Clone(r.derived), scopeColumn{qualifier: r.windowName, name: "window_time", typ: end.Typ, index: -1, hidden: true, computed: end})
	r.assigned, r.byConditions = true, true
}

// sessionKeys makes keys of what tells sessions apart beside their bounds.
func (g *grouping) sessionKeys(r *relation) {
	for _, x := range r.partition {
		if !slices.ContainsFunc(g.keys, func(k plan.Expr) bool { return plan.Stored(k) == plan.Stored(x) }) {
			g.key(x)
		}
	}
	g.key(r.at(r.start + 2))
}
