package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/executor/wasm"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var (
	_ = register(statement[*ast.CreateFunction]{right: define, needs: (*session).createFunctionNeeds, changes: true, do: (*session).createFunction})
	_ = register(statement[*ast.DropFunction]{right: define, needs: (*session).dropFunctionNeeds, changes: true, do: (*session).dropFunctions})
)

func (s *session) createFunction(ctx context.Context, d *ast.CreateFunction) error {
	snapshot := s.Catalog.Snapshot()
	f, err := s.Compiler.Function(snapshot, s.database, d)
	if err != nil {
		return err
	}
	if f.Language == ast.LanguageWasm {
		if err := s.addModule(ctx, d, f); err != nil {
			return err
		}
	}
	if err := s.keepsSignature(snapshot, d, f); err != nil {
		return err
	}
	if f.Owner = s.maker(); d.OrReplace && snapshot.Functions[f.Key()] != nil {
		f.Owner = snapshot.Functions[f.Key()].Owner
	}
	_, err = s.Catalog.Apply(ctx, catalog.Change{PutFunction: f, ReplaceIfExisting: d.OrReplace})
	if errors.Is(err, catalog.ErrExists) {
		return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateFunction, "function %s already exists", f.Signature()))
	}
	return err
}

// createFunctionNeeds: a module is code that the server runs, and may be one of its files.
func (s *session) createFunctionNeeds(d *ast.CreateFunction) ([]need, error) {
	if d.Language == ast.LanguageWasm {
		if err := s.subject().AllowsServer("create functions in wasm"); err != nil {
			return nil, err
		}
	}
	if f := s.Catalog.Snapshot().Function(cmp.Or(d.Name.DB, s.database), d.Name.Name, len(d.Parameters)); f != nil && d.OrReplace {
		return []need{{catalog.Own, s.functionObject(f), d.Name.Pos}}, nil
	}
	return s.createNeeds(d.Name)
}

func (s *session) dropFunctionNeeds(d *ast.DropFunction) (out []need, _ error) {
	for _, n := range d.Functions {
		if f, err := analyzer.FindFunction(s.Catalog.Snapshot(), s.database, n); err == nil {
			out = append(out, need{catalog.Own, s.functionObject(f), n.Name.Pos})
		}
	}
	return out, nil
}

// keepsSignature refuses to replace a function that is called by one of other types. A job that runs goes on as it was
// compiled until its next start.
func (s *session) keepsSignature(snapshot *catalog.Snapshot, d *ast.CreateFunction, f *catalog.Function) error {
	old := snapshot.Functions[f.Key()]
	if !d.OrReplace || old == nil || old.SameTypes(f) {
		return nil
	}
	if users := s.functionUsers(snapshot, old); len(users) > 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.InvalidFunction, "cannot change the types of %s: %s uses it", old.Signature(), users[0])
	}
	return nil
}

// functionUsers names the jobs, views and functions that call a function.
func (s *session) functionUsers(snapshot *catalog.Snapshot, f *catalog.Function) (users []string) {
	for _, j := range s.allJobs() {
		if flow, _, err := s.Runner.Compile(&j.Job); err == nil && slices.Contains(flow.Functions, f.Key()) {
			users = append(users, "stream job "+j.Job.FullName())
		}
	}
	return append(users, s.unrestricted().FunctionUsers(s.everything(), f.Key())...)
}

func (s *session) dropFunctions(ctx context.Context, d *ast.DropFunction) error {
	for _, n := range d.Functions {
		if err := s.dropFunction(ctx, d, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) dropFunction(ctx context.Context, d *ast.DropFunction, n ast.FunctionName) error {
	snapshot := s.Catalog.Snapshot()
	f, err := analyzer.FindFunction(snapshot, s.database, n)
	if e, ok := errors.AsType[*sqlerr.Error](err); ok && e.Code == sqlerr.UndefinedFunction {
		return s.unless(d.IfExists, e)
	}
	if err != nil {
		return err
	}
	if users := s.functionUsers(snapshot, f); len(users) > 0 {
		return sqlerr.At(n.Name.Pos, sqlerr.DependentObjects, "cannot drop function %s: %s %s it", f.Signature(), strings.Join(users, ", "), plural(len(users), "uses", "use"))
	}
	_, err = s.Catalog.Apply(ctx, catalog.Change{DropFunction: f.Key()})
	return err
}

// showFunction is SHOW CREATE FUNCTION: a row for each function of the name.
func (s *session) showFunction(n ast.Name, t *table) error {
	db := n.DB
	if db == "" {
		db = s.database
	}
	list := s.Catalog.Snapshot().FunctionsNamed(db, n.Name)
	if len(list) == 0 {
		_, err := analyzer.FindFunction(s.Catalog.Snapshot(), s.database, ast.FunctionName{Name: n})
		return err
	}
	for _, f := range list {
		t.add(functionText(f))
	}
	return nil
}

// declaredCall is how a function is called, with the names of its parameters, and what it gives.
func declaredCall(f *catalog.Function) string {
	text := ast.QuoteName(f.Name) + "(" + namedTypes(f.Parameters) + ") RETURNS "
	if f.Columns != nil {
		return text + "TABLE (" + namedTypes(f.Columns) + ")"
	}
	return text + f.Result.String()
}

func namedTypes(s types.Schema) string {
	list := make([]string, len(s))
	for i, p := range s {
		list[i] = ast.QuoteName(p.Name) + " " + p.Type.String()
	}
	return strings.Join(list, ", ")
}

// declaredKind is what a function is in SHOW FUNCTIONS, as those that are built in.
func declaredKind(f *catalog.Function) string {
	switch {
	case f.Columns != nil:
		return "table"
	case f.Aggregate != nil:
		return "aggregate"
	}
	return "scalar"
}

func functionText(f *catalog.Function) string {
	text := "CREATE "
	if f.Aggregate != nil {
		text += "AGGREGATE "
	}
	text += "FUNCTION " + declaredCall(f)
	if f.Language != ast.LanguageSQL {
		text += " LANGUAGE " + f.Language
	}
	if f.Strict {
		text += " STRICT"
	}
	if f.Comment != "" {
		text += " COMMENT " + ast.QuoteString(f.Comment)
	}
	if len(f.Properties) > 0 {
		text += " WITH (" + declaredOptions(f) + ")"
	}
	if f.Language == ast.LanguageWasm {
		return text + " AS " + ast.QuoteString(wasm.Shown(f.Module))
	}
	return text + " AS " + ast.QuoteString(f.Body)
}

func declaredOptions(f *catalog.Function) string {
	list := make([]string, len(f.Properties))
	for i, p := range f.Properties {
		list[i] = fmt.Sprintf("%q=%q", p.Key, p.Value)
	}
	return strings.Join(list, ", ")
}

// ownFunctions are the declared functions that can be called here, in order of name and number of arguments.
func (s *session) ownFunctions() (list []*catalog.Function) {
	snapshot := s.Catalog.Snapshot()
	for _, key := range slices.Sorted(maps.Keys(snapshot.Functions)) {
		if f := snapshot.Functions[key]; f.Database == s.database {
			list = append(list, f)
		}
	}
	return list
}

// listDeclared adds the declared functions to SHOW FUNCTIONS.
func (s *session) listDeclared(match func(string) bool, t *table) {
	for _, f := range s.ownFunctions() {
		if match(f.Name) {
			t.add(f.Name, declaredKind(f), "declared", declaredCall(f), orNull(f.Comment))
		}
	}
}

// describeDeclared is DESCRIBE FUNCTION of a declared function; false if there is none of the name.
func (s *session) describeDeclared(name string, t *table) bool {
	list := s.Catalog.Snapshot().FunctionsNamed(s.database, name)
	for _, f := range list {
		t.add("name", f.FullName())
		t.add("kind", declaredKind(f))
		t.add("group", "declared")
		t.add("call", declaredCall(f))
		if f.Comment != "" {
			t.add("text", f.Comment)
		}
		t.add("language", f.Language)
		if f.Language == ast.LanguageSQL {
			t.add("body", f.Body)
		} else {
			t.add("module", f.Hash)
			t.add("options", declaredOptions(f))
		}
	}
	return len(list) > 0
}

var _ = describe(described{chapter: "Functions", place: 1, form: `CREATE [OR REPLACE] FUNCTION [IF NOT EXISTS] name ( argument type, … ) RETURNS type [LANGUAGE SQL] AS 'expression' | RETURN expression`,
	text: "A function written in SQL: it stands for its expression, into which the arguments are put. Jobs that run keep what it meant when they were made. [functions.md](functions.md) has those that are built in.\n\n" +
		"With `LANGUAGE wasm AS 'file.wasm'` it is compiled to WebAssembly, and may also give rows (`RETURNS TABLE (column type, …)`) or be an aggregate (`CREATE AGGREGATE FUNCTION`): [wasm.md](wasm.md).",
	example: `CREATE FUNCTION tax (x DECIMAL(10,2)) RETURNS DECIMAL(10,2) AS 'x * 0.19';
SELECT tax(100);`}, of[*ast.CreateFunction]())

var _ = describe(described{chapter: "Functions", place: 4, form: `DROP FUNCTION [IF EXISTS] name [(type, …)], …`, text: "What a view, a job or another function uses cannot be dropped.",
	example: `DROP FUNCTION tax;`}, of[*ast.DropFunction]())
