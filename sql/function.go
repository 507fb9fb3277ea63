package sql

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/conf"
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
	if analyzer.BuiltIn(d.Name.Name) {
		return nil, sqlerr.At(d.Name.Pos, sqlerr.DuplicateFunction, "function %s is built in", d.Name.Name).WithHint("Give it another name.")
	}
	f := &catalog.Function{Database: db, Name: d.Name.Name, Result: d.Returns.Type, Language: d.Language, Strict: d.Strict, Comment: d.Comment,
		Body: d.BodyText, Path: database, Created: time.Now().UTC()}
	var err error
	if f.Parameters, err = parameters(d.Parameters); err != nil {
		return nil, err
	}
	if f.Columns, err = parameters(d.Columns); err != nil {
		return nil, err
	}
	if f.Columns != nil {
		f.Result = analyzer.ResultOf(f)
	}
	if d.Aggregate && len(d.Parameters) == 0 {
		return nil, sqlerr.At(d.Name.Pos, sqlerr.InvalidFunction, "an aggregate takes at least one argument")
	}
	if d.Aggregate {
		f.Aggregate = &catalog.Aggregate{}
	}
	if d.Language == ast.LanguageWasm {
		return f, functionOptions(f, d)
	}
	f.Body = parser.MaskComments(f.Body)
	if d.PropertiesPos >= 0 {
		return nil, sqlerr.At(d.PropertiesPos, sqlerr.InvalidParameter, "a function in SQL has no options")
	}
	f.Uses, err = analyzer.CheckFunction(c.input(s, database, nil), f, d.Body)
	return f, err
}

// functionOptions checks what stands in WITH ( … ).
func functionOptions(f *catalog.Function, d *ast.CreateFunction) error {
	v, _, err := conf.Of(conf.Function).Parse(Properties(d.Properties))
	if err != nil {
		return SettingError(err)
	}
	if conf.FunctionMemory.Get(v) > maxFunctionMemory {
		return sqlerr.At(d.PropertiesPos, sqlerr.InvalidParameter, "%q is at most 1 GB", conf.FunctionMemory.Name())
	}
	for _, p := range d.Properties {
		f.Properties = append(f.Properties, catalog.Property{Key: p.Key, Value: p.Value})
	}
	return nil
}

const maxFunctionMemory = 1 << 30

func parameters(list []ast.Parameter) (out types.Schema, err error) {
	if len(list) > catalog.MaxParameters {
		return nil, sqlerr.At(list[catalog.MaxParameters].Pos, sqlerr.TooManyColumns, "a function has at most %d parameters", catalog.MaxParameters)
	}
	for _, p := range list {
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

// FunctionUsers names the views, streams and functions that call a function, also by one another.
func (c *Compiler) FunctionUsers(s *catalog.Snapshot, key string) (users []string) {
	for _, r := range s.Relations {
		if r.Kind == catalog.View && slices.Contains(c.FunctionsOf(s, r), key) {
			users = append(users, r.FullName())
		}
		if len(r.Clauses) > 0 && slices.Contains(analyzer.ClauseFunctions(c.input(s, r.Database, nil), r), key) {
			users = append(users, fmt.Sprintf("%s %s", strings.ToLower(string(r.Kind)), r.FullName()))
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
