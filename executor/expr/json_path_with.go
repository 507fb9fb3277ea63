package expr

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

// pathWith is a path with values in the place of its variables: the path, then names and values as JSON in turn.
func pathWith(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	text, unknown, ok := value.BindJSONPath(string(vs[0].Bytes(i)), func(name string) ([]byte, bool) {
		for n := 1; n < len(vs); n += 2 {
			if string(vs[n].Bytes(i)) != name {
				continue
			}
			if vs[n+1].Null(i) {
				return []byte("null"), true
			}
			return vs[n+1].Bytes(i), true
		}
		return nil, false
	})
	if !ok {
		return false, noVariable(unknown)
	}
	out.SetBytes(i, []byte(text))
	return true, nil
}

func noVariable(name string) error {
	return sqlerr.New(sqlerr.UndefinedObject, "could not find jsonpath variable %q", name).WithHint("PASSING x AS %s gives it a value.", name)
}
