package function

import "slipway/sql/types"

// commonNested gives the common type of two that are made of others: that of each of their parts. Fields
// of a STRUCT meet by their places and have the names of the first.
func commonNested(a, b types.Type) (types.Type, bool) {
	x, y := a.Fields(), b.Fields()
	if a.Kind != b.Kind || len(x) != len(y) {
		return types.Type{}, false
	}
	for i := range x {
		t, ok := Common(x[i].Type, y[i].Type)
		if !ok {
			return types.Type{}, false
		}
		x[i].Type = t
	}
	switch a.Kind {
	case types.Array:
		return types.NewArray(x[0].Type), true
	case types.Map:
		return types.NewMap(x[0].Type, x[1].Type), true
	}
	return types.NewStruct(x...), true
}

// eachPart tells that two types are nested in the same way, and that something holds of each of their parts.
func eachPart(from, to types.Type, holds func(from, to types.Type) bool) bool {
	x, y := from.Fields(), to.Fields()
	if from.Kind != to.Kind || len(x) != len(y) {
		return false
	}
	for i := range x {
		if !holds(x[i].Type, y[i].Type) {
			return false
		}
	}
	return true
}
