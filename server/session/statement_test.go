package session

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"slipway/server/pgwire"
	tree "slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// treePackage is where the types of statements are.
const treePackage = "../../sql/ast"

// statementTypes finds the types of package ast that are statements: those that embed where
// they come from.
func statementTypes(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(treePackage + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if d, ok := n.(*ast.TypeSpec); ok && embedsSource(d.Type) {
				names = append(names, d.Name.Name)
			}
			return true
		})
	}
	return names
}

func embedsSource(t ast.Expr) bool {
	s, ok := t.(*ast.StructType)
	return ok && slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
		name, ok := f.Type.(*ast.Ident)
		return ok && len(f.Names) == 0 && name.Name == "Source"
	})
}

// TestEveryStatementHasALine: what the parser can give, the table knows.
func TestEveryStatementHasALine(t *testing.T) {
	has := map[string]bool{}
	for kind := range statements {
		has[kind.Elem().Name()] = true
	}
	names := statementTypes(t)
	if len(names) < 40 {
		t.Fatalf("found only %d types of statements in %s: %v", len(names), treePackage, names)
	}
	for _, name := range names {
		if !has[name] {
			t.Errorf("ast.%s is a statement without a line: register(statement[*ast.%s]{…}) in a file of server/session says what it is", name, name)
		}
	}
}

// TestRightsAndChanges: the right that a statement needs and whether it changes something are
// said twice; who forgets one is told.
func TestRightsAndChanges(t *testing.T) {
	for kind, l := range statements {
		changing := l.right == define || l.right == operate || l.right == writeRows || l.right == administer
		if l.right == "" {
			t.Errorf("%s needs no right", kind)
		} else if changing != l.changes {
			t.Errorf("%s needs the right %q, and changes something: %t", kind, l.right, l.changes)
		}
	}
}

// TestTable shows the table as a whole.
func TestTable(t *testing.T) {
	const file = "testdata/statements"
	var lines []string
	for kind, l := range statements {
		st := reflect.New(kind.Elem()).Interface().(tree.Statement)
		text := fmt.Sprintf("%-20s right=%s", kind.Elem().Name(), l.right)
		if l.changes {
			text += " changes"
		}
		if l.parameters {
			text += " parameters"
		}
		if b := l.block(st); b != (block{}) {
			text += fmt.Sprintf(" block=%+v", b)
		}
		lines = append(lines, text)
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	want, err := os.ReadFile(file)
	if got == string(want) && err == nil {
		return
	}
	if *rewrite {
		err = os.WriteFile(file, []byte(got), 0o644)
	} else {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestStandbyRefusesWhatChanges: on a server that stands by no line that changes something is
// run, whatever its statement; every other line is.
func TestStandbyRefusesWhatChanges(t *testing.T) {
	for kind, l := range statements {
		c := newClient(t, &Standby{Leader: func() string { return "" }}, nil)
		c.s.Parts = c.s.partsNow()
		ran := 0
		l.run = func(*session, context.Context, tree.Statement, []plan.Expr) (pgwire.Result, error) {
			ran++
			return command("ran"), nil
		}
		c.s.statements = map[reflect.Type]line{kind: l}
		st := reflect.New(kind.Elem()).Interface().(tree.Statement)
		if l.block(st).inside != "" {
			c.s.beginTransaction()
		}
		_, err := c.s.execute(t.Context(), st, nil)
		switch {
		case !l.changes && (err != nil || ran != 1):
			t.Errorf("%s changes nothing, but is run %d times: %v", kind, ran, err)
		case l.changes && (err == nil || sqlerr.From(err).Code != sqlerr.ReadOnly || ran != 0):
			t.Errorf("%s changes something, and is run %d times on a server that stands by: %v", kind, ran, err)
		}
	}
}

// TestDescribeRunsNothing: no line runs while its statement is described, also where that
// fails, and also a statement behind EXECUTE.
func TestDescribeRunsNothing(t *testing.T) {
	c := newClient(t, nil, nil)
	c.send("PREPARE p AS INSERT INTO o VALUES (1, 'x')")
	before := c.ran
	for kind := range statements {
		st := reflect.New(kind.Elem()).Interface().(tree.Statement)
		if holdsQuery(st) {
			continue // the zero value holds none: scripts describe them
		}
		c.s.Describe(t.Context(), st, nil)
		if c.ran != before || c.runner.outside != 0 || len(c.runner.queries) != 0 {
			t.Fatalf("describing a %s runs something", kind)
		}
	}
	list, err := c.s.Parse("EXECUTE p")
	if err != nil {
		t.Fatal(err)
	}
	if _, columns, err := c.s.Describe(t.Context(), list[0], nil); err != nil || columns != nil || c.ran != before || c.runner.inserted != 0 {
		t.Errorf("describing EXECUTE of an INSERT gives %v, %v; %d rows written", columns, err, c.runner.inserted)
	}
}

func holdsQuery(st tree.Statement) bool {
	switch st.(type) {
	case *tree.QueryStatement, *tree.Copy, *tree.DeclareCursor, *tree.Insert:
		return true
	}
	return false
}

// TestUnknownStatement: what has no line is refused by its tag.
func TestUnknownStatement(t *testing.T) {
	c := newClient(t, nil, nil)
	c.s.statements = maps.Clone(statements)
	delete(c.s.statements, reflect.TypeFor[*tree.ShowJob]())
	if e := c.fails("SHOW STREAMJOB j", sqlerr.FeatureNotSupported); e.Message != "SHOW is not supported yet" {
		t.Error(e.Message)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second line for a statement is taken")
		}
	}()
	register(statement[*tree.ShowJob]{right: inspect, list: (*session).showJob})
}
