package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/sqlerr"
)

// Supported refuses what the parser reads and nothing behind it knows yet. It looks at a
// statement as it was parsed, before any name in it is looked up.
func Supported(st ast.Statement) error {
	err := typesSupported(st)
	ofMatches := map[*ast.FuncCall]bool{}
	ast.Walk(st, func(n ast.Node) bool {
		if err == nil {
			err = rowsOfMatches(n, ofMatches)
		}
		if err == nil {
			if e := unsupported(n); e != nil {
				err = e
			}
		}
		return err == nil
	})
	return err
}

// rowsOfMatches refuses FINAL and RUNNING where there is no match, and notes where there is one.
func rowsOfMatches(n ast.Node, known map[*ast.FuncCall]bool) error {
	switch n := n.(type) {
	case *ast.MatchRecognize:
		note := func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncCall); ok {
				known[f] = true
			}
			return true
		}
		for _, item := range n.Measures {
			ast.Walk(item.X, note)
		}
		for _, d := range n.Define {
			ast.Walk(d.X, note)
		}
	case *ast.FuncCall:
		if n.Rows != ast.RowsUnsaid && !known[n] {
			return sqlerr.At(n.Pos, sqlerr.SyntaxError, "FINAL and RUNNING stand in MEASURES of MATCH_RECOGNIZE")
		}
	}
	return nil
}

func notSupported(at int, what string) *sqlerr.Error {
	e := sqlerr.At(at, sqlerr.FeatureNotSupported, "%s is not supported", what)
	e.Hint = instead[what]
	return e
}

// instead says what there is in place of what is refused.
var instead = map[string]string{
	"WITH RECURSIVE": "generate_series(a, b) gives numbers and times; a hierarchy of known depth is one join for each level.",
}

// unsupported is the error at one node, or nil.
func unsupported(n ast.Node) *sqlerr.Error {
	switch n := n.(type) {
	case *ast.Cast:
		return missingType(n.Type)
	case *ast.FuncCall:
		if k := function.KindOf(n.Name); n.Names != nil && (k != function.Scalar && k != function.Unknown || n.Over != nil) {
			return noNames(n)
		}
	}
	return nil
}

// typesSupported looks at the types that stand outside of expressions.
func typesSupported(st ast.Statement) error {
	var list []ast.TypeName
	switch st := st.(type) {
	case *ast.CreateRelation:
		for _, c := range st.Columns {
			list = append(list, c.Type)
		}
	case *ast.CreateFunction:
		list = append(list, st.Returns)
		for _, p := range st.Parameters {
			list = append(list, p.Type)
		}
	case *ast.Prepare:
		list = st.Types
	}
	for _, t := range list {
		if err := missingType(t); err != nil {
			return err
		}
	}
	return nil
}

func missingType(t ast.TypeName) *sqlerr.Error {
	if t.Missing == nil {
		return nil
	}
	return notSupported(t.Missing.Pos, t.Missing.Text)
}
