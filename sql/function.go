package sql

import (
	"fmt"
	"slices"
	"time"

	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/parser"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Function checks a declaration and gives what is stored of it.
func (c *Compiler) Function(s *catalog.Snapshot, database string, d *ast.CreateFunction) (*catalog.Function, error) {
	db := d.Name.DB
	if db == "" {
		db = database
	}
	if s.Databases[db] == nil {
		return nil, sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", db)
	}
	if d.Language != ast.LanguageSQL {
		return nil, sqlerr.At(d.LanguagePos, sqlerr.FeatureNotSupported, "LANGUAGE %s is not supported", d.Language).WithHint("Functions are written in SQL.")
	}
	if analyzer.BuiltIn(d.Name.Name) {
		return nil, sqlerr.At(d.Name.Pos, sqlerr.DuplicateFunction, "function %s is built in", d.Name.Name).WithHint("Give it another name.")
	}
	f := &catalog.Function{Database: db, Name: d.Name.Name, Result: d.Returns.Type, Language: d.Language, Strict: d.Strict, Comment: d.Comment,
		Body: d.BodyText, Path: database, Created: time.Now().UTC()}
	var err error
	if f.Parameters, err = parameters(d); err != nil {
		return nil, err
	}
	if d.PropertiesPos >= 0 {
		return nil, sqlerr.At(d.PropertiesPos, sqlerr.InvalidParameter, "a function in SQL has no options")
	}
	f.Uses, err = analyzer.CheckFunction(c.input(s, database, nil), f, d.Body)
	return f, err
}

func parameters(d *ast.CreateFunction) (out types.Schema, err error) {
	if len(d.Parameters) > catalog.MaxParameters {
		return nil, sqlerr.At(d.Parameters[catalog.MaxParameters].Pos, sqlerr.TooManyColumns, "a function has at most %d parameters", catalog.MaxParameters)
	}
	for _, p := range d.Parameters {
		if out.Index(p.Name) >= 0 {
			return nil, sqlerr.At(p.Pos, sqlerr.InvalidFunction, "parameter name %q used more than once", p.Name)
		}
		out = append(out, types.Column{Name: p.Name, Type: p.Type.Type})
	}
	return out, nil
}

// FunctionsOf are the keys of the declared functions that a view calls, also by other views.
func (c *Compiler) FunctionsOf(s *catalog.Snapshot, view *catalog.Relation) []string {
	q, err := parser.ParseQuery(view.Query, nil)
	if err != nil {
		return nil
	}
	flow, err := c.Query(s, view.Path, q, nil, Reading{})
	if err != nil {
		return nil
	}
	return flow.Functions
}

// FunctionUsers names the views and functions that call a function, also by one another.
func (c *Compiler) FunctionUsers(s *catalog.Snapshot, key string) (users []string) {
	for _, r := range s.Relations {
		if r.Kind == catalog.View && slices.Contains(c.FunctionsOf(s, r), key) {
			users = append(users, r.FullName())
		}
	}
	for _, f := range s.Functions {
		if slices.Contains(f.Uses, key) {
			users = append(users, fmt.Sprintf("function %s", f.Signature()))
		}
	}
	slices.Sort(users)
	return users
}
