package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/value"
)

// jsonbPaths are PostgreSQL's functions of a path: of the last of members of one name, in their order of length and bytes.
var jsonbPaths = map[string]pathFunc{
	"jsonb_path_exists": pathFuncs["json_exists"],
	"jsonb_path_query_first": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		found := false
		p.Each(doc, func(v []byte) bool { found = setJSON(out, i, v, true); return false })
		return found, nil
	},
	"jsonb_path_query_array": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		text := []byte{'['}
		p.Each(doc, func(v []byte) bool { text = append(between(text), v...); return true })
		return setJSON(out, i, append(text, ']'), true), nil
	},
}

// compileJSONBPath reads a path again where it is another one than that of the row before.
func compileJSONBPath(e *plan.Call, args []Evaluator, f pathFunc) (Evaluator, error) {
	var last string
	var path value.JSONPath
	read := func(text string) (ok bool) {
		if ok = text == last; !ok {
			path, ok = value.ParseStandardJSONPath(text)
			last = text
		}
		return ok
	}
	if text, ok := constantText(args[1]); ok && len(args) == 2 && !read(text) {
		return nil, badPath(text)
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		text, err := withVariables(vs, i)
		if err != nil {
			return false, err
		}
		if !read(text) {
			last = ""
			return false, badPath(text)
		}
		doc := treeOf(vs[0], i)
		return f(out, i, doc.Append(nil), &path)
	}), nil
}

// withVariables is the path of a row with the members of a third argument in the place of its variables.
func withVariables(vs []*column.Vector, i int) (string, error) {
	path := string(vs[1].Bytes(i))
	if len(vs) < 3 {
		return path, nil
	}
	vars := vs[2].Bytes(i)
	text, unknown, ok := value.BindJSONPath(path, func(name string) ([]byte, bool) {
		v := []byte(nil)
		if vars[0] == '{' {
			v = value.MemberOf(vars, name)
		}
		return v, v != nil
	})
	if !ok {
		return "", noVariable(unknown)
	}
	return text, nil
}
