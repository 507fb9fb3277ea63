package analyzer

import (
	"slices"
	"strconv"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// jsonTuple is Hive's JSON_TUPLE: one row with the members of some names, as texts, of each row's JSON.
func (a *analysis) jsonTuple(r *relation, f *ast.Unnest) error {
	if len(f.Args) < 2 {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "JSON_TUPLE takes JSON and the name of at least one member")
	}
	visible := slices.Clone(r.columns)
	var list []plan.Expr
	var as []scopeColumn
	for i, name := range f.Args[1:] {
		x, err := a.call(f.Pos, r.scope(), "json_tuple_member", f.Args[0], name)
		if err != nil {
			return err
		}
		list, as = append(list, x), append(as, scopeColumn{name: "c" + strconv.Itoa(i)})
	}
	if f.Ordinality {
		list, as = append(list, &plan.Const{Typ: types.Of(types.BigInt), Int: 1}), append(as, scopeColumn{name: "ordinality"})
	}
	a.computed(r, visible, list, as)
	return nil
}
