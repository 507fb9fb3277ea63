package pgcatalog

import (
	"context"
	"strconv"
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// Query is a query of the catalog, bound. It may run again and again, one at a time.
type Query struct{ *engine.Query }

// Prepare reads and binds a query. Hints are the types of its parameters as far as the client gives them, 0 where not.
func Prepare(text string, hints []uint32) (*Query, error) {
	tree, params, err := syntax.Parse(text)
	if err != nil {
		return nil, err
	}
	types := make([]engine.Type, len(hints))
	for i, h := range hints {
		types[i] = engine.Type(h)
	}
	q, err := engine.Bind(schema{}, tree, params, types)
	if err != nil {
		return nil, err
	}
	return &Query{q}, nil
}

// Run computes the rows. The arguments are texts, or nil for NULL.
func (q *Query) Run(ctx context.Context, w *World, args []engine.Value) ([][]engine.Value, error) {
	return q.Query.Run(ctx, w, args)
}

// schema implements engine.Catalog.
type schema struct{}

// Table implements engine.Catalog. Names without a schema are those of pg_catalog.
func (schema) Table(schema, name string) *engine.Table {
	if schema == "" {
		schema = "pg_catalog"
	}
	if d := definitions[schema+"."+name]; d != nil {
		return d.table
	}
	return nil
}

// Functions implements engine.Catalog.
func (schema) Functions(schema, name string) []*engine.Function {
	switch schema {
	case "", "pg_catalog", "information_schema":
		return functions[name]
	}
	return nil
}

// Cast implements engine.Catalog.
func (schema) Cast(env engine.Env, v engine.Value, to engine.Type) engine.Value {
	w := worldOf(env)
	s, isText := v.(string)
	if !isText {
		return w.show(engine.Whole(v), to)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return w.show(n, to)
	}
	if s == "-" {
		return engine.Named{Number: 0, Name: "-"}
	}
	n, ok := w.find(s, to)
	if !ok {
		notThere(s, to)
	}
	return w.show(n, to)
}

func notThere(name string, t engine.Type) {
	switch t {
	case engine.Regclass:
		engine.Fail(sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", name))
	case engine.Regnamespace:
		engine.Fail(sqlerr.New(sqlerr.UndefinedSchema, "schema %q does not exist", name))
	case engine.Regproc, engine.Regprocedure:
		engine.Fail(sqlerr.New(sqlerr.UndefinedFunction, "function %q does not exist", name))
	case engine.Regrole:
		engine.Fail(sqlerr.New(sqlerr.UndefinedObject, "role %q does not exist", name))
	}
	engine.Fail(sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", name))
}

// show is a number with the name that its type shows: the number itself where there is nothing of it.
func (w *World) show(n int64, t engine.Type) engine.Value {
	name := ""
	switch t {
	case engine.Regclass:
		name = w.className(n)
	case engine.Regtype:
		if typeLines[engine.Type(n)] != nil {
			name = formatType(engine.Type(n), -1)
		}
	case engine.Regnamespace:
		name = w.schemaName(n)
	case engine.Regrole:
		if name = w.userNamed(n); name != "" {
			name = engine.QuoteIdent(name)
		}
	case engine.Regproc, engine.Regprocedure:
		name = w.procName(n, t == engine.Regprocedure)
	}
	switch {
	case n == 0:
		name = "-"
	case name == "":
		name = strconv.FormatInt(n, 10)
	}
	return engine.Named{Number: n, Name: name}
}

// className is a relation's name, with its schema if it is not found without.
func (w *World) className(n int64) string {
	if r := w.relation(n); r != nil {
		return w.qualified(r.Database, r.Name)
	}
	if r := w.keyed(n); r != nil && n == indexOID(r) {
		return w.qualified(r.Database, r.Name+"_pkey")
	}
	if d := ownByOID[n]; d != nil {
		return w.qualified(d.table.Schema, d.table.Name)
	}
	return ""
}

func (w *World) qualified(schema, name string) string {
	if w.visible(schema) {
		return engine.QuoteIdent(name)
	}
	return engine.QuoteIdent(schema) + "." + engine.QuoteIdent(name)
}

// visible tells whether names of a schema are found without it.
func (w *World) visible(schema string) bool { return schema == w.Database || schema == "pg_catalog" }

func (w *World) schemaName(n int64) string {
	switch n {
	case catalogSchema:
		return "pg_catalog"
	case informationSchema:
		return "information_schema"
	case ownSchema:
		return OwnSchema
	}
	for _, d := range w.Declared.Databases {
		if int64(d.OID) == n {
			return engine.QuoteIdent(d.Name)
		}
	}
	return ""
}

// find gives the number of a name, which may have a schema in front and may be quoted.
func (w *World) find(name string, t engine.Type) (int64, bool) {
	if t == engine.Regprocedure {
		return w.findProcedure(name)
	}
	parts := engine.ParseIdent(name)
	last := parts[len(parts)-1]
	space := ""
	if len(parts) > 1 {
		space = parts[len(parts)-2]
	}
	switch t {
	case engine.Regclass:
		return w.findClass(space, last)
	case engine.Regnamespace:
		n := w.schemaOID(last)
		return n, n != 0
	case engine.Regrole:
		return w.userOID(last)
	case engine.Regproc:
		return w.findProc(space, last, nil, false)
	}
	return findType(name, last)
}

func (w *World) findClass(space, name string) (int64, bool) {
	spaces := []string{space}
	if space == "" {
		spaces = []string{"pg_catalog", w.Database}
	}
	for _, s := range spaces {
		if d := definitions[s+"."+name]; d != nil {
			return d.oid, true
		}
		if r := w.Declared.Relation(s, name); r != nil {
			return int64(r.OID), true
		}
		if r := w.Declared.Relation(s, strings.TrimSuffix(name, "_pkey")); r != nil && strings.HasSuffix(name, "_pkey") && len(r.PrimaryKey) > 0 {
			return indexOID(r), true
		}
	}
	return 0, false
}

// findType finds a type by its name in pg_type or in SQL; [] behind it makes its array.
func findType(whole, last string) (int64, bool) {
	name, array := strings.CutSuffix(strings.TrimPrefix(whole, "pg_catalog."), "[]")
	for t, line := range typeLines {
		if line.name == name || formatType(t, -1) == name || line.name == last {
			if array {
				t = t.Array()
			}
			return int64(t), true
		}
	}
	if t, ok := engine.LookUpType(name); ok {
		if array {
			t = t.Array()
		}
		return int64(t), true
	}
	return 0, false
}
