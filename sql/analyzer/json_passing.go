package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// jsonVariables are names and their values as JSON, in turn.
func (a *analysis) jsonVariables(list ast.JSONPassing, s *scope) (out []plan.Expr, err error) {
	for _, v := range list {
		x, err := a.call(v.X.Position(), s, "to_json", v.X)
		if err != nil {
			return nil, err
		}
		out = append(out, textConst(v.Name.Name), x)
	}
	return out, nil
}

// bound is a path with values in the place of its variables.
func bound(path plan.Expr, vars []plan.Expr) plan.Expr {
	if len(vars) == 0 {
		return path
	}
	return &plan.Call{Func: "json_path_with", Args: append([]plan.Expr{path}, vars...), Typ: types.Of(types.String)}
}

// checkJSONPath refuses a text that is no path, whatever the values of its variables are.
func checkJSONPath(pos int, path string, vars []plan.Expr) error {
	names := map[string]bool{}
	for i := 0; i < len(vars); i += 2 {
		names[vars[i].(*plan.Const).Text] = true
	}
	text, unknown, ok := path, "", true
	if len(vars) > 0 || strings.Contains(path, "?") { // else $ may stand in a name
		text, unknown, ok = value.BindJSONPath(path, func(name string) ([]byte, bool) { return []byte("0"), names[name] })
	}
	if !ok {
		return sqlerr.At(pos, sqlerr.UndefinedObject, "could not find jsonpath variable %q", unknown).WithHint("PASSING x AS %s gives it a value.", unknown)
	}
	if _, is := value.ParseJSONPath(text); !is {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "invalid JSON path %q", path).WithHint(`A path reads $.name."any name"[0][*] ? (@.a > 1).`)
	}
	return nil
}
