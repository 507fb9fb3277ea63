package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bySlices lists the places that tell apart how the values of a type are held, and why. All others
// ask a vector, so that a new representation has one place.
var bySlices = map[string]string{
	"executor/column/":                      "the place",
	"executor/expr/compare.go":              "kernels: loops over the slices of a batch, one per operator",
	"executor/connector/datagen/datagen.go": "makes values, of each representation from another source",
	"executor/executortest/changes.go":      "rows of tests: makes and reads values one at a time",
	"sql/":                                  "knows no vectors: prints constants",
}

// bySlice gives the place of the list that a file belongs to.
func bySlice(file string) string {
	for place := range bySlices {
		if strings.HasPrefix(file, place) {
			return place
		}
	}
	return ""
}

// physicalCases gives the places of `case types.Physical…` in a file.
func physicalCases(set *token.FileSet, f *ast.File) (places []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok {
			return true
		}
		for _, e := range c.List {
			if s, ok := e.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Physical") {
				places = append(places, set.Position(s.Pos()).String())
			}
		}
		return true
	})
	return places
}

// TestRepresentationsHaveOnePlace: switches over types.Physical stand in the places of the list
// alone, and in each that is a file.
func TestRepresentationsHaveOnePlace(t *testing.T) {
	const root = "../.."
	set, have, all := token.NewFileSet(), map[string]bool{}, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, _ := filepath.Rel(root, path)
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		places := physicalCases(set, f)
		all += len(places)
		place := bySlice(filepath.ToSlash(name))
		have[place] = have[place] || len(places) > 0
		if place == "" && len(places) > 0 {
			t.Errorf("%s tells apart how values are held: ask the vector, or let executor/column have a function for it "+
				"(or give the file a line in tests/arch, with the reason)", strings.Join(places, ", "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range bySlices {
		if strings.HasSuffix(name, ".go") && !have[name] {
			t.Errorf("%s has no such switch any more: take it off the list", name)
		}
	}
	t.Logf("%d cases", all)
}

// TestPlantedCases: the check finds what it is there to find.
func TestPlantedCases(t *testing.T) {
	const text = `package p
func f(t types.Type) {
	switch t.Physical() {
	case types.PhysicalBool, types.PhysicalList:
	default:
	}
	switch p := t.Physical(); {
	case p == types.PhysicalBool:
	}
}`
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := physicalCases(set, f); !slices.Equal(got, []string{"p.go:4:7", "p.go:4:27"}) {
		t.Error(fmt.Sprint(got))
	}
}
