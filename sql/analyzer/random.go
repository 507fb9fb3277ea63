package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// randomFunctions are those that give another value each time, by their names without arguments.
var randomFunctions = map[string]string{"rand": "random_number", "random": "random_number", "uuid": "random_uuid_text", "gen_random_uuid": "random_uuid"}

// random is a call of one. It has a number of its own: where a call is found twice in what was made of a statement, as of
// the first operand of BETWEEN, its value is needed twice.
func (a *analysis) random(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	if len(e.Args) > 0 {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s takes no arguments", strings.ToUpper(e.Name))
	}
	if a.randoms == nil {
		a.randoms = map[*ast.FuncCall]int{}
	}
	n, known := a.randoms[e]
	if !known {
		n = len(a.randoms)
		a.randoms[e] = n
	}
	x, err := a.call(e.Pos, s, randomFunctions[e.Name])
	if err == nil {
		x.(*plan.Call).Args = []plan.Expr{bigConst(int64(n))}
	}
	return x, err
}

// checkRandom refuses calls whose value would be needed again, and be another one then.
func (a *analysis) checkRandom(root logical.Node) error {
	if len(a.randoms) == 0 {
		return nil
	}
	c, use := logical.CheckRandom(root)
	return a.refusedRandom(c, use)
}

// checkRandomRow is the same of the values of one row.
func (a *analysis) checkRandomRow(list []plan.Expr) error {
	seen := map[int64]bool{}
	for _, c := range logical.RandomsOf(list...) {
		n := c.Args[0].(*plan.Const).Int
		if seen[n] {
			return a.refusedRandom(c, logical.RandomTwice)
		}
		seen[n] = true
	}
	return nil
}

const randomHint = "Compute it in a subquery over rows that are not taken back: FROM (SELECT %s AS r, … FROM a_stream) AS t; r is then a column as others are."

func (a *analysis) refusedRandom(c *plan.Call, use logical.RandomUse) error {
	if use == logical.RandomFine {
		return nil
	}
	name, pos := logical.Random[c.Func], ast.NoPos
	for call, n := range a.randoms {
		if int64(n) == c.Args[0].(*plan.Const).Int {
			pos, name = call.Pos, call.Name+"()"
		}
	}
	why := map[logical.RandomUse]string{
		logical.RandomTwice:     "its value is needed more than once here, and would be another one each time",
		logical.RandomOfChanges: "non-deterministic over changing input: a row that is taken back would have another value than when it came",
		logical.RandomInside:    "non-deterministic: it stands in a select list, in WHERE and in VALUES, not in what groups, joins or sorts rows",
	}[use]
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "%s is not supported here: %s", strings.ToUpper(name), why).WithHint(randomHint, name)
}
