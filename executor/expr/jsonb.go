package expr

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// PostgreSQL's operators and functions of jsonb.

// treeOf reads the JSON of a row.
func treeOf(v *column.Vector, i int) value.JSONTree { return value.JSONTreeOf(v.Bytes(i)) }

func setTree(out *column.Vector, i int, t value.JSONTree) (bool, error) {
	off := len(out.Slab)
	out.Slab = t.Append(out.Slab)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

var jsonbFuncs = map[string]kernel{
	"jsonb_contains": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x, y := treeOf(vs[0], i), treeOf(vs[1], i)
		out.Bools[i] = x.Contains(&y)
		return true, nil
	},
	"jsonb_contained": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x, y := treeOf(vs[0], i), treeOf(vs[1], i)
		out.Bools[i] = y.Contains(&x)
		return true, nil
	},
	"jsonb_exists": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x := treeOf(vs[0], i)
		out.Bools[i] = x.HasName(string(vs[1].Bytes(i)))
		return true, nil
	},
	"jsonb_exists_any": hasNames(true),
	"jsonb_exists_all": hasNames(false),
	"jsonb_concat": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x, y := treeOf(vs[0], i), treeOf(vs[1], i)
		return setTree(out, i, x.Joined(&y))
	},
	"jsonb_delete": jsonWithout,
	"json_strip_nulls": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x := treeOf(vs[0], i)
		return setTree(out, i, x.WithoutNulls())
	},
	"jsonb_pretty": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x := treeOf(vs[0], i)
		out.SetBytes(i, x.AppendPretty(nil, 0))
		return true, nil
	},
	"jsonb_delete_path": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		return changeJSON(vs, out, i, nil, value.RemoveJSON, "delete path")
	},
	"jsonb_set": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		to, change := treeOf(vs[2], i), value.SetJSON
		if len(vs) > 3 && !vs[3].Bools[i] {
			change = value.ReplaceJSON
		}
		return changeJSON(vs, out, i, &to, change, "set path")
	},
	"jsonb_insert": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		to, change := treeOf(vs[2], i), value.InsertJSONBefore
		if len(vs) > 3 && vs[3].Bools[i] {
			change = value.InsertJSONAfter
		}
		return changeJSON(vs, out, i, &to, change, "set path")
	},
}

// eachText visits the elements of an array of texts that are no NULL, until visit gives false.
func eachText(v *column.Vector, i int, visit func(string) bool) {
	w, list := v.Views[i], v.Kids[0]
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		if !list.Null(e) && !visit(string(list.Bytes(e))) {
			return
		}
	}
}

// hasNames is ?| where one is enough, and ?&.
func hasNames(one bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x, holds := treeOf(vs[0], i), !one
		eachText(vs[1], i, func(name string) bool {
			holds = x.HasName(name)
			return holds != one
		})
		out.Bools[i] = holds
		return true, nil
	}
}

func jsonWithout(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x := treeOf(vs[0], i)
	switch by := vs[1]; {
	case x.IsScalar():
		return false, sqlerr.New(sqlerr.InvalidParameter, "cannot delete from scalar")
	case by.Type.Kind == types.Array:
		eachText(by, i, func(name string) bool { x = x.Without(name); return true })
	case by.Type.IsText():
		x = x.Without(string(by.Bytes(i)))
	case x.Kind == '{':
		return false, sqlerr.New(sqlerr.InvalidParameter, "cannot delete from object using integer index")
	default:
		x = x.WithoutElement(by.Ints[i])
	}
	return setTree(out, i, x)
}

// changeJSON changes what a path leads to.
func changeJSON(vs []*column.Vector, out *column.Vector, i int, to *value.JSONTree, change value.JSONChange, what string) (bool, error) {
	x, w, names := treeOf(vs[0], i), vs[1].Views[i], vs[1].Kids[0]
	if x.IsScalar() {
		return false, sqlerr.New(sqlerr.InvalidParameter, "cannot %s in scalar", what)
	}
	path := make([]value.JSONName, w.Len)
	for n := range path {
		if at := int(w.Off) + n; names.Null(at) {
			path[n].Null = true
		} else {
			path[n].Text = string(names.Bytes(at))
		}
	}
	x, fault := x.Changed(path, to, change)
	switch {
	case fault == nil:
		return setTree(out, i, x)
	case fault.Taken:
		return false, sqlerr.New(sqlerr.InvalidParameter, "cannot replace existing key").WithHint("Try using the function jsonb_set to replace key value.")
	}
	if fault.Null {
		return false, sqlerr.New(sqlerr.NullNotAllowed, "path element at position %d is null", fault.Position)
	}
	return false, sqlerr.New(sqlerr.InvalidText, "path element at position %d is not an integer: %q", fault.Position, fault.Text)
}
