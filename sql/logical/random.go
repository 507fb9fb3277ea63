package logical

import (
	"reflect"
	"slices"

	"slipway/sql/plan"
)

// Random are functions that give another value each time they are computed, by the names that users know. Their argument is
// a constant that tells the calls of a statement apart.
var Random = map[string]string{"random_number": "random()", "random_uuid": "gen_random_uuid()", "random_uuid_text": "uuid()"}

// RandomUse is why a call of one of them cannot stand where it does.
type RandomUse uint8

const (
	RandomFine RandomUse = iota
	// RandomTwice: its value would be computed in several places, or for several purposes.
	RandomTwice
	// RandomOfChanges: its row may be taken back, and would then have to have the value that it had.
	RandomOfChanges
	// RandomInside: it stands in what groups, joins, sorts or counts rows, not in what computes columns or filters.
	RandomInside
)

// CheckRandom finds a call that cannot stand where it does: a value is computed once for each row, by a projection, a
// filter or VALUES over rows that are never taken back, and is then a column as others are.
func CheckRandom(root Node) (*plan.Call, RandomUse) {
	var found *plan.Call
	use, seen, visited := RandomFine, map[int64]bool{}, map[Node]bool{}
	Walk(root, func(n Node) bool {
		if visited[n] || use != RandomFine {
			return false
		}
		visited[n] = true
		for _, c := range randomsOf(n) {
			if use = randomUse(n); use == RandomFine && seen[callNumber(c)] {
				use = RandomTwice
			}
			if use != RandomFine {
				found = c
				return false
			}
			seen[callNumber(c)] = true
		}
		return true
	})
	return found, use
}

func callNumber(c *plan.Call) int64 { return c.Args[0].(*plan.Const).Int }

func randomUse(n Node) RandomUse {
	switch n.(type) {
	case *Project, *Filter, *Values:
	default:
		return RandomInside
	}
	if in := TraitsOf(n.Inputs()[0]); in.Updating() {
		return RandomOfChanges
	}
	return RandomFine
}

// RandomsOf lists the calls in expressions.
func RandomsOf(list ...plan.Expr) (out []*plan.Call) {
	for _, e := range list {
		switch e := e.(type) {
		case *plan.Call:
			if Random[e.Func] != "" {
				out = append(out, e)
			}
			out = append(out, RandomsOf(e.Args...)...)
		case *plan.Case:
			for _, w := range e.Whens {
				out = append(out, RandomsOf(w.Cond, w.Then)...)
			}
			if e.Else != nil {
				out = append(out, RandomsOf(e.Else)...)
			}
		case *plan.Cast:
			out = append(out, RandomsOf(e.Arg)...)
		}
	}
	return out
}

// randomsOf lists those of a node, not of its inputs.
func randomsOf(n Node) (out []*plan.Call) {
	v := reflect.ValueOf(n).Elem()
	if volatileIn(v) {
		eachExpr(v, func(e plan.Expr) { out = append(out, RandomsOf(e)...) })
	}
	return out
}

// eachExpr visits the expressions of a node, not those of its inputs.
func eachExpr(v reflect.Value, visit func(plan.Expr)) {
	if v.Type() == typeOfExpr {
		if !v.IsNil() {
			visit(v.Interface().(plan.Expr))
		}
		return
	}
	if v.Type().Implements(typeOfNode) {
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			eachExpr(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachExpr(v.Field(i), visit)
			}
		}
	}
}

// RandomNames are those of the functions that a tree calls, each once.
func RandomNames(root Node) (names []string) {
	for _, part := range Parts(root) {
		Walk(part, func(n Node) bool {
			for _, c := range randomsOf(n) {
				if name := Random[c.Func]; !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}
