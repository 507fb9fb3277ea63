package analyzer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqltest"
	"slipway/sql/types"
)

// TestRows runs the scripts of testdata/rows: `row` is a SELECT without FROM, `values` the rows of
// INSERT … VALUES, both as typed expressions. With args=n there are n parameters of no type, and
// what they have become is shown.
func TestRows(t *testing.T) {
	sqltest.Run(t, "testdata/rows", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := parser.ParseOne(d.Input)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		in := analyzer.Input{Snapshot: s.Snapshot, Database: catalog.DefaultDatabase, Settings: conf.Defaults(conf.Job), Connectors: s.Compiler.Connectors}
		in.Session = map[string]plan.Expr{"current_user": &plan.Const{Typ: types.Of(types.String), Text: "ann"}}
		if d.HasArg("args") {
			var n int
			d.ScanArgs(t, "args", &n)
			for range n {
				in.Args = append(in.Args, &plan.Const{Null: true})
			}
		}
		out, err := rows(in, s, st)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		for i, a := range in.Args {
			out += fmt.Sprintf("$%d %s\n", i+1, a.Type())
		}
		return out
	})
}

func rows(in analyzer.Input, s *sqltest.Script, st ast.Statement) (string, error) {
	if i, ok := st.(*ast.Insert); ok {
		target, err := analyzer.Find(s.Snapshot, catalog.DefaultDatabase, i.Table)
		if err != nil {
			return "", err
		}
		out := ""
		return out, analyzer.Constants(in, target, i, func(row []plan.Expr) error {
			out += exprs(row) + "\n"
			return nil
		})
	}
	r, err := analyzer.OneRow(in, st.(*ast.QueryStatement).Query.(*ast.Select))
	if err != nil {
		return "", err
	}
	out := fmt.Sprintf("%s\n%s\n", r.Schema, exprs(r.Exprs))
	if r.Where != nil {
		out += "where " + logical.Show(r.Where, nil) + "\n"
	}
	if r.None {
		out += "no row\n"
	}
	return out, nil
}

func exprs(list []plan.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = logical.Show(e, nil) + " " + e.Type().String()
	}
	return strings.Join(parts, ", ")
}
