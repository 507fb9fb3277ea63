package logical

import (
	"slices"
	"strings"

	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// LateColumns stands in front of what leaves rows out that come late: it gives some columns of its
// input, and carries beside them, unseen, what a late row is written elsewhere with.
type LateColumns struct {
	Input Node
	// Given are the columns of the input that it gives.
	Given []int
	// Late are the columns of the stream that late rows go to, over the input; nil stands for the reason. None: it only
	// takes away, or puts last, what is there for others.
	Late []plan.Expr
}

// project is what it gives.
func (l *LateColumns) project() *Project {
	p := &Project{Input: l.Input}
	in := l.Input.Schema()
	for _, c := range l.Given {
		p.Exprs, p.Out = append(p.Exprs, &plan.Column{Index: c, Name: in[c].Name, Typ: in[c].Type}), append(p.Out, in[c])
	}
	return p
}

func (l *LateColumns) Schema() types.Schema { return l.project().Out }
func (l *LateColumns) Inputs() []Node       { return []Node{l.Input} }

func (l *LateColumns) WithInputs(in []Node) Node {
	return &LateColumns{Input: in[0], Given: l.Given, Late: l.Late}
}

func (l *LateColumns) Traits(in []Traits) Traits    { return l.project().Traits(in) }
func (l *LateColumns) Lineage(in []Lineage) Lineage { return l.project().Lineage(in) }

func (l *LateColumns) Describe(in [][]string) (string, []string) {
	line, names := l.project().Describe(in)
	if l.Late == nil {
		return line, names
	}
	parts := make([]string, len(l.Late))
	for i, e := range l.Late {
		if parts[i] = "the reason"; e != nil {
			parts[i] = Show(e, in[0])
		}
	}
	return "rows that come late are written as " + strings.Join(parts, ", "), names
}

// DivertLate puts LateColumns in front of what of a node leaves rows out that come late, where the stream that they
// go to, which has these columns, takes rows of that kind.
func DivertLate(n Node, to types.Schema) Node {
	list := slices.Clone(n.Inputs())
	for port, late := range leavesLate(n) {
		if in := list[port]; late {
			if exprs := lateExprs(in.Schema(), to); exprs != nil {
				list[port] = &LateColumns{Input: in, Given: besides(in.Schema(), origins(in.Schema())), Late: exprs}
			}
		}
	}
	if slices.Equal(list, n.Inputs()) {
		return n
	}
	return n.WithInputs(list)
}

// leavesLate tells of which inputs a node leaves rows out that come late, but for those whose columns of late rows are its own.
func leavesLate(n Node) []bool {
	switch n := n.(type) {
	case *Over:
		when := n.When(TraitsOf(n.Input))
		return []bool{when == plan.AtTime || when == plan.AtWindowEnd}
	case *Rank:
		return []bool{n.Order.When(TraitsOf(n.Input), true) == plan.AtWindowEnd}
	case *Match:
		return []bool{!TraitsOf(n.Input).Bounded}
	case *CountedSetOp:
		traits := []Traits{TraitsOf(n.Left), TraitsOf(n.Right)}
		timed := n.WindowEnd(traits) >= 0 && !n.Traits(traits).Bounded
		return []bool{timed, timed}
	case *Join:
		return n.leavesLate(TraitsOf(n.Left), TraitsOf(n.Right))
	}
	return nil
}

func (j *Join) leavesLate(l, r Traits) []bool {
	_, broadcast := j.Broadcast(l, r)
	switch {
	case l.Bounded && r.Bounded || broadcast:
		return nil
	case j.Temporal():
		return []bool{j.AsOf >= 0 && !l.Updating(), false} // rows that are corrected are not late
	}
	timed := j.Within != nil || j.SameWindow(l, r)
	return []bool{timed, timed}
}

// lateExprs fills the columns of a stream for late rows by their names, nil if it has none of theirs, or one that
// they do not fit.
func lateExprs(in, to types.Schema) []plan.Expr {
	known, out := false, make([]plan.Expr, len(to))
	for i, col := range to {
		at := slices.IndexFunc(in, func(c types.Column) bool { return strings.EqualFold(c.Name, col.Name) })
		switch {
		case at >= 0 && !function.Assignable(in[at].Type, col.Type):
			return nil
		case at >= 0:
			known, out[i] = true, LateColumn(at, in[at], col.Type)
		case originOf(in, col) != nil:
			known, out[i] = true, originOf(in, col)
		case IsLateReason(col):
		case col.NotNull:
			return nil
		default:
			out[i] = &plan.Const{Typ: col.Type, Null: true}
		}
	}
	if !known {
		return nil
	}
	return out
}

// LateColumn is a column of a late row as the stream that it goes to has it.
func LateColumn(at int, c types.Column, to types.Type) plan.Expr {
	x := plan.Expr(&plan.Column{Index: at, Name: c.Name, Typ: c.Type})
	if c.Type != to {
		x = &plan.Cast{Arg: x, Typ: to}
	}
	return x
}

// IsLateReason tells the column of a stream for late rows that says why a row is one, if the rows have none of its name.
func IsLateReason(c types.Column) bool { return strings.EqualFold(c.Name, "reason") && c.Type.IsText() }

// LateOf is the columns of the stream that the late rows of a statement go to, nil if they go nowhere.
func LateOf(n Node) types.Schema {
	switch n := n.(type) {
	case *Write:
		return n.Late
	case *Writes:
		return LateOf(n.In[0])
	}
	return nil
}

// MapLate gives the columns of late rows with other expressions in place of their own.
func MapLate(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	if list == nil {
		return nil
	}
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		if e != nil {
			out[i] = f(e)
		}
	}
	return out
}

// MissingLate is a column of the stream for late rows that says of which record a row is, takes no NULL, and that a node
// has no value for: that is known when the tree is whole. False if there is none.
func MissingLate(n Node, to types.Schema) (missing types.Column, found bool) {
	Walk(n, func(n Node) bool {
		for i, e := range lateOf(n) {
			if !found && to[i].NotNull && OriginOf(to[i]) >= 0 && e != nil && noColumn(e) {
				missing, found = to[i], true
			}
		}
		return !found
	})
	return missing, found
}

// lateOf is what a node fills the columns of late rows with.
func lateOf(n Node) []plan.Expr {
	switch n := n.(type) {
	case *LateColumns:
		return n.Late
	case *SessionWindow:
		return besideLateOr(n.Input, n.Late)
	case *ConditionSession:
		return besideLateOr(n.Input, n.Late)
	case *Aggregate:
		p, ok := n.Input.(*Project)
		return MapLate(n.Late, func(e plan.Expr) plan.Expr {
			if c, column := e.(*plan.Column); ok && column {
				return p.Exprs[c.Index]
			}
			return e
		})
	}
	return nil
}

// besideLateOr are the columns of late rows of a node, nil where those in front of it stand for them.
func besideLateOr(in Node, own []plan.Expr) []plan.Expr {
	if l, ok := in.(*LateColumns); ok && l.Late != nil {
		return nil
	}
	return own
}
