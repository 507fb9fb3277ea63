package parser

import "slipway/sql/ast"

// namesArgument tells a name in front of an argument, f(name => x) or f(name := x), from an operand.
func namesArgument(r *rewriter) bool { return inCall(r) && r.prev().isAny("(", ",") }

// argumentName keeps the name of the argument that follows beside the text.
func (r *rewriter) argumentName(t token) error {
	if classes[r.top().fn]&(aggregateCall|windowCall) != 0 {
		r.i++
		return r.unsupported("an argument of an aggregate by name").WithHint("Aggregates and window functions take their arguments in their order.")
	}
	if err := checkName(r.src, t); err != nil {
		return err
	}
	f := r.keptOf(r.top().name)
	for len(f.Names) <= r.top().commas {
		f.Names = append(f.Names, ast.Ident{Pos: ast.NoPos})
	}
	f.Names[r.top().commas] = ast.Ident{Pos: r.pos(r.i), Name: t.value}
	r.cutOut(nil, r.i+2, nothing)
	return nil
}
