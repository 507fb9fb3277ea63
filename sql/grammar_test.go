package sql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/conf"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/sqltest"
)

// TestGrammar walks what people write who come from other systems, group by group: each form is
// taken, or refused by name with SQLSTATE 0A000 and a hint, or calls a function that is not there. Nothing else may come of it: a syntax
// error says that a person is wrong where only the server is not far enough, and a form that is taken
// means what it means elsewhere. After -rewrite read the difference as code.
func TestGrammar(t *testing.T) {
	var faults []string
	sqltest.Run(t, "grammar", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		if d.Cmd != "forms" {
			t.Fatalf("unknown command %s", d.Cmd)
		}
		var out strings.Builder
		for _, text := range strings.Split(d.Input, "\n") {
			said, fault := verdict(s, text)
			if fault {
				faults = append(faults, text+"\n"+said)
			}
			out.WriteString(said + "\n")
		}
		return out.String()
	})
	for _, f := range faults {
		t.Errorf("neither taken nor refused by name with a hint: %s", f)
	}
}

// verdict says what becomes of a form.
func verdict(s *sqltest.Script, text string) (said string, fault bool) {
	err := accepted(s, text)
	if err == nil {
		return "taken", false
	}
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Code == sqlerr.UndefinedFunction {
		return "no function: " + e.Message, false
	}
	if e == nil || e.Code != sqlerr.FeatureNotSupported || e.Hint == "" {
		return "FAULT: " + strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "), true
	}
	return "refused: " + e.Message + " (" + e.Hint + ")", false
}

// accepted compiles a query as a SELECT and an INSERT as a job; of other statements it is known that
// they are read.
func accepted(s *sqltest.Script, text string) error {
	list, err := s.Compiler.Parse(text)
	if err != nil {
		return err
	}
	for _, st := range list {
		switch st := st.(type) {
		case *ast.QueryStatement:
			_, err = s.Compiler.Query(s.Snapshot, "default", st.Query, nil, sql.Reading{Bounded: !st.EmitChanges})
		case *ast.Insert:
			_, err = s.Compiler.JobText(s.Snapshot, "default", st.String(), conf.Defaults(conf.Job))
		case *ast.CreateRelation:
			_, _, err = s.Compiler.Relation(s.Snapshot, "default", st)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
