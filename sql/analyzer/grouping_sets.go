package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// GROUPING SETS, ROLLUP and CUBE make of each row one for each set of keys, in which the keys of
// the other sets are NULL, and group by all keys and the set.

// maxGroupingSets is how many rows one may become.
const maxGroupingSets = 128

// groupingSets is what a GROUP BY with several sets of keys adds.
type groupingSets struct {
	keys   []plan.Expr // all of them, over the rows before they were expanded
	in     [][]bool    // by set: whether each key belongs to it
	number int         // of the key that is the set's
	at     []int       // of each key its number among those of the aggregate
}

func hasGroupingSets(q *ast.Select) bool {
	return slices.ContainsFunc(q.GroupBy, func(e ast.Expr) bool { _, ok := e.(*ast.Grouping); return ok })
}

// setsOf lists the sets of keys that an entry of GROUP BY stands for.
func setsOf(e ast.Expr) [][]ast.Expr {
	g, ok := e.(*ast.Grouping)
	if !ok {
		return [][]ast.Expr{itemsOf(e)}
	}
	var out [][]ast.Expr
	switch g.Kind {
	case ast.Rollup:
		for n := len(g.Sets); n >= 0; n-- {
			out = append(out, unite(g.Sets[:n]))
		}
	case ast.Cube:
		for bits := 1<<min(len(g.Sets), 8) - 1; bits >= 0; bits-- {
			var some []ast.Expr
			for i, x := range g.Sets {
				if bits>>(len(g.Sets)-1-i)&1 == 1 {
					some = append(some, x)
				}
			}
			out = append(out, unite(some))
		}
	default:
		for _, x := range g.Sets {
			out = append(out, setsOf(x)...)
		}
	}
	return out
}

// itemsOf are the keys of an entry: those of (a, b) are two.
func itemsOf(e ast.Expr) []ast.Expr {
	if r, ok := e.(*ast.Row); ok {
		return r.Items
	}
	return []ast.Expr{e}
}

func unite(list []ast.Expr) (out []ast.Expr) {
	for _, e := range list {
		out = append(out, itemsOf(e)...)
	}
	return out
}

// product gives every set of one list with every set of the other.
func product(a, b [][]ast.Expr) (out [][]ast.Expr) {
	for _, x := range a {
		for _, y := range b {
			out = append(out, slices.Concat(x, y))
		}
	}
	return out
}

// groupBySets resolves such a GROUP BY; byWindow tells that it names the window's bounds.
func (g *grouping) groupBySets(r *relation, q *ast.Select) (byWindow bool, err error) {
	sets := [][]ast.Expr{nil}
	for _, e := range q.GroupBy {
		if sets = product(sets, setsOf(e)); len(sets) > maxGroupingSets {
			return false, sqlerr.At(e.Position(), sqlerr.ProgramLimit, "GROUP BY stands for more than %d grouping sets", maxGroupingSets)
		}
	}
	g.sets = &groupingSets{}
	bounds := 0
	for _, set := range sets {
		bound, err := g.groupingSet(q, set, r.window != nil || r.assigned)
		if err != nil {
			return false, err
		}
		if bound {
			bounds++
		}
	}
	if bounds > 0 && bounds < len(sets) {
		return false, sqlerr.At(q.GroupBy[0].Position(), sqlerr.FeatureNotSupported, "the bounds of the window must be in every grouping set").
			WithHint("GROUP BY window_start, window_end, ROLLUP (…)")
	}
	g.expand(r)
	return bounds > 0, nil
}

// groupingSet resolves one set.
func (g *grouping) groupingSet(q *ast.Select, set []ast.Expr, windowed bool) (byWindow bool, err error) {
	s, in := g.sets, make([]bool, len(g.sets.keys))
	for _, e := range set {
		x, bound, err := g.groupKey(q, e, windowed)
		if err != nil {
			return false, err
		}
		if byWindow = byWindow || bound; bound {
			continue
		}
		i := s.find(x)
		if i < 0 {
			i = len(s.keys)
			s.keys, in = append(s.keys, x), append(in, false)
		}
		in[i] = true
	}
	s.in = append(s.in, in)
	return byWindow, nil
}

func (s *groupingSets) find(x plan.Expr) int {
	return slices.IndexFunc(s.keys, func(k plan.Expr) bool { return plan.Stored(k) == plan.Stored(x) })
}

// has tells whether a key belongs to a set.
func (s *groupingSets) has(set, key int) bool { return key < len(s.in[set]) && s.in[set][key] }

// empty lists the sets without a key; of windows, which are keys too, there is none.
func (s *groupingSets) empty(windowed bool) (list []int64) {
	if s == nil || windowed {
		return nil
	}
	for set := range s.in {
		if !slices.Contains(s.in[set], true) {
			list = append(list, int64(set))
		}
	}
	return list
}

// everywhere tells that a key belongs to all sets.
func (s *groupingSets) everywhere(key int) bool {
	for set := range s.in {
		if !s.has(set, key) {
			return false
		}
	}
	return true
}

// expand computes the keys that are not in all sets, and gives each row once for each set.
func (g *grouping) expand(r *relation) {
	s, exprs, out := g.sets, r.all(), r.schema()
	r.columns = slices.Clone(r.columns)
	place := make([]int, len(s.keys))
	add := func(c types.Column) {
		r.columns = append(r.columns, scopeColumn{name: c.Name, typ: c.Type, index: len(r.columns), hidden: true})
	}
	for i, k := range s.keys {
		if s.everywhere(i) {
			continue
		}
		place[i] = len(exprs)
		c := types.Column{Name: fmt.Sprintf("key%d", i+1), Type: k.Type()}
		if x, plain := k.(*plan.Column); plain {
			c.Name = x.Name
		}
		exprs, out = append(exprs, k), append(out, c)
		add(c)
	}
	r.put(&logical.Project{Input: r.node, Exprs: exprs, Out: out})
	var sets []plan.GroupingSet
	for n := range s.in {
		set := plan.GroupingSet{}
		for i := range s.keys {
			if !s.has(n, i) {
				set.Nulls = append(set.Nulls, place[i])
			}
		}
		sets = append(sets, set)
	}
	r.put(&logical.Expand{Input: r.node, Sets: sets})
	add(logical.SetNumber)
	for i, k := range s.keys {
		if !s.everywhere(i) {
			k = r.at(place[i])
		}
		s.at = append(s.at, g.key(k))
	}
	s.number = g.key(r.at(len(r.columns) - 1))
}

// isGrouping tells a call of GROUPING: which of its arguments are keys of the row's set.
func isGrouping(f *ast.FuncCall) bool { return f.Name == "grouping" || f.Name == "grouping_id" }

// groupingOf is a number with a bit for each argument, the last the lowest: 1 where it is not among the
// keys of the set that a row of the aggregate belongs to.
func (a *analysis) groupingOf(f *ast.FuncCall, s *scope) (plan.Expr, error) {
	if len(f.Args) == 0 || len(f.Args) > 31 {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes 1 to 31 keys of GROUP BY", strings.ToUpper(f.Name))
	}
	list := make([]string, len(f.Args))
	for i, e := range f.Args {
		x, err := a.expr(e, &scope{columns: s.columns})
		if err != nil {
			return nil, err
		}
		list[i] = plan.Stored(x)
		if s.groups.keys[list[i]] == nil {
			return nil, sqlerr.At(e.Position(), sqlerr.GroupingError, "arguments to GROUPING must be grouping expressions of the query")
		}
	}
	sets := s.groups.sets
	if sets == nil {
		return bigConst(0), nil
	}
	out := &plan.Case{Else: bigConst(0), Typ: types.Of(types.BigInt)}
	for n := range sets.in {
		if bits := sets.bits(n, list); bits != 0 {
			is := &plan.Call{Func: "=", Args: []plan.Expr{s.groups.setNumber, bigConst(int64(n))}, Typ: types.Of(types.Boolean)}
			out.Whens = append(out.Whens, plan.When{Cond: is, Then: bigConst(bits)})
		}
	}
	if len(out.Whens) == 0 {
		return bigConst(0), nil
	}
	return out, nil
}

func (s *groupingSets) bits(set int, keys []string) (bits int64) {
	for _, k := range keys {
		bits <<= 1
		i := slices.IndexFunc(s.keys, func(x plan.Expr) bool { return plan.Stored(x) == k })
		if i >= 0 && !s.has(set, i) {
			bits |= 1
		}
	}
	return bits
}

// output lets the select list name the keys as they were written.
func (s *groupingSets) output(gs *groupScope, r *relation) {
	gs.sets, gs.setNumber = s, r.at(s.number)
	for i, k := range s.keys {
		gs.keys[plan.Stored(k)] = r.at(s.at[i])
		if _, plain := k.(*plan.Column); !plain {
			gs.computed = true
		}
	}
}
