package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	sqlast "slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan/plantest"
)

// What ARCHITECTURE.md says of adding a function or an operator is counted here.

// source is the Go files of some folders, tests left out, by path from the root.
func source(t *testing.T, folders ...string) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	for _, folder := range folders {
		err := filepath.WalkDir("../../"+folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			out[strings.TrimPrefix(filepath.ToSlash(path), "../../")] = tree
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// literals lists the files in which a text stands as a string of its own, by lower-case text.
func literals(files map[string]*ast.File) map[string][]string {
	out := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		ast.Inspect(files[path], func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				text, _ := strconv.Unquote(l.Value)
				if text = strings.ToLower(text); !slices.Contains(out[text], path) {
					out[text] = append(out[text], path)
				}
			}
			return true
		})
	}
	return out
}

// unlisted gives the places that none of the patterns names.
func unlisted(places []string, patterns ...string) (out []string) {
	for _, p := range places {
		if !slices.ContainsFunc(patterns, func(pattern string) bool { ok, _ := filepath.Match(pattern, p); return ok }) {
			out = append(out, p)
		}
	}
	return out
}

// matching counts the places that a pattern names.
func matching(places []string, pattern string) int {
	return len(places) - len(unlisted(places, pattern))
}

// described are the files of what users read of functions.
const described = "sql/function/describe_*.go"

// TestAnAggregateIsThreeFiles: its name stands in the table of functions, with its description, and in
// the file of its accumulator.
func TestAnAggregateIsThreeFiles(t *testing.T) {
	at := literals(source(t, "sql", "executor"))
	other := []string{
		"sql/plan/aggregate.go",                               // names of accumulators for Go code, COUNT(*) above all
		"sql/parser/*.go",                                     // words of the grammar
		"sql/ast/print_expr.go",                               // those that are quoted as names
		"sql/value/duration.go", "sql/value/interval_read.go", // minutes
		"executor/connector/datagen/*.go", // bounds of random numbers
	}
	for _, name := range function.Names(function.Aggregate) {
		if n := matching(at[name], "sql/function/*.go"); n != 2 || matching(at[name], described) != 1 {
			t.Errorf("aggregate %s stands in %d files of sql/function", name, n)
		}
		if n := matching(at[name], "executor/op/*.go"); n > 1 {
			t.Errorf("aggregate %s stands in %d files of executor/op", name, n)
		}
		for _, p := range unlisted(at[name], append(other, "sql/function/*.go", "executor/op/*.go")...) {
			t.Errorf("%s names aggregate %s: what it asks should be said by function.Signature or the accumulator", p, name)
		}
	}
}

// TestAStatefulOperatorIsFiveFiles: beside its own in sql/plan an operator is named where there
// is a sample of it, where it is chosen, where it is built, and where it is implemented.
func TestAStatefulOperatorIsFiveFiles(t *testing.T) {
	files := source(t, "sql", "executor", "server", "cmd", "ha", "kafkaio", "checkpoint")
	other := []string{
		"sql/explain.go",        // a line of EXPLAIN in the user's names; Describe does without
		"sql/physical/*.go",     // also what is chosen for what stands in front of or behind it
		"executor/job/check.go", // a hint for one that is new to a stream
	}
	for _, s := range plantest.Samples() {
		name := strings.TrimPrefix(fmt.Sprintf("%T", s.Make()), "*plan.")
		var at []string
		for path, tree := range files {
			if names(tree, "plan", name) {
				at = append(at, path)
			}
		}
		for _, pattern := range []string{"sql/plan/plantest/samples.go", "executor/build/build.go", "executor/op/*.go"} {
			if n := matching(at, pattern); n != 1 {
				t.Errorf("operator %s is named in %d files of %s: %v", name, n, pattern, at)
			}
		}
		for _, p := range unlisted(at, append(other, "sql/plan/plantest/samples.go", "executor/build/build.go", "executor/op/*.go")...) {
			t.Errorf("%s asks for operator %s by its type: the operator should answer for itself", p, name)
		}
	}
}

// names tells whether a file speaks of pkg.name.
func names(tree *ast.File, pkg, name string) (found bool) {
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == name {
			x, ok := s.X.(*ast.Ident)
			found = found || ok && x.Name == pkg
		}
		return !found
	})
	return found
}

// TestAScalarFunctionIsThreeFiles: what is no operator and has no grammar of its own stands in the
// table of functions, with its description, and in the file of its kernel. Some of each kind are looked for.
func TestAScalarFunctionIsThreeFiles(t *testing.T) {
	at := literals(source(t, "sql", "executor"))
	for _, name := range strings.Fields("ascii reverse md5 lpad instr split_index sqrt log10 datediff date_trunc dayofweek to_date") {
		if matching(at[name], "sql/function/scalar*.go") != 1 || matching(at[name], "executor/expr/*.go") != 1 || matching(at[name], described) != 1 || len(at[name]) != 3 {
			t.Errorf("function %s stands in %v", name, at[name])
		}
	}
}

// TestAStatementIsTwoFiles: a statement of two words and a clause is a file of sql/ast, which says how
// it is written too, and the file of server/session with its line. The parser does not name it.
func TestAStatementIsTwoFiles(t *testing.T) {
	files := source(t, "sql", "server", "cmd")
	for words, form := range sqlast.Forms {
		name := strings.TrimPrefix(fmt.Sprintf("%T", form.Make(nil, &sqlast.Name{})), "*ast.")
		var at []string
		for path, tree := range files {
			if names(tree, "ast", name) {
				at = append(at, path)
			}
		}
		if len(at) != 1 || matching(at, "server/session/*.go") != 1 {
			t.Errorf("%s is named in %v", words, at)
		}
	}
	if len(sqlast.Forms) == 0 {
		t.Error("there are no forms")
	}
}
