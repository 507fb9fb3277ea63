package pgcatalog

import (
	"context"
	"os"
	"strings"
	"testing"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

// world has two streams, a view and a second database.
func world() *World {
	clicks := &catalog.Relation{OID: 16385, Database: "default", Name: "clicks", Kind: catalog.Stream, Comment: "what was clicked", PrimaryKey: []string{"id"},
		Columns: types.Schema{{Name: "id", Type: types.Of(types.BigInt), NotNull: true}, {Name: "page", Type: types.Of(types.String), Comment: "its path"},
			{Name: "price", Type: types.NewDecimal(10, 2)}, {Name: "at", Type: types.NewTimestamp(3)}, {Name: "tags", Type: types.NewArray(types.Of(types.String))}},
		Clauses: []catalog.Clause{{Column: "page", Default: "'/'"}}}
	pages := &catalog.Relation{OID: 16386, Database: "default", Name: "Pages", Kind: catalog.View, Query: "SELECT page FROM clicks", Columns: types.Schema{{Name: "page", Type: types.Of(types.String)}}}
	other := &catalog.Relation{OID: 16388, Database: "shop", Name: "orders", Kind: catalog.Table, Columns: types.Schema{{Name: "id", Type: types.Of(types.Int)}}}
	s := &catalog.Snapshot{Databases: map[string]*catalog.Database{"default": {OID: 16384, Name: "default"}, "shop": {OID: 16387, Name: "shop"}}, Relations: map[string]*catalog.Relation{}}
	for _, r := range []*catalog.Relation{clicks, pages, other} {
		s.Relations[r.FullName()] = r
	}
	return &World{Declared: s, Database: "default", User: "ann", PID: 7, Version: "PostgreSQL 13.14 (Slipway)", Settings: []Setting{{"search_path", "default", ""}, {"server_version_num", "130014", ""}},
		Definition: func(r *catalog.Relation) string { return r.Query }}
}

func ask(t *testing.T, text string, args ...engine.Value) (*Query, [][]engine.Value) {
	t.Helper()
	q, err := Prepare(text, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, text)
		return nil, nil
	}
	rows, err := q.Run(context.Background(), world(), args)
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return q, rows
}

func show(q *Query, rows [][]engine.Value) string {
	var out strings.Builder
	for _, r := range rows {
		for i, v := range r {
			if i > 0 {
				out.WriteByte('|')
			}
			if v != nil {
				out.Write(engine.AppendText(nil, v, q.Columns[i].Type))
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// TestShapes: what psql asks is answered, each query of its commands.
func TestShapes(t *testing.T) {
	for _, path := range []string{"syntax/testdata/psql15.sql", "syntax/testdata/psql13.sql"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range strings.Split(string(text), "\n;;\n") {
			ask(t, strings.NewReplacer("'v1'::", "'\"Pages\"'::", "'f1'::", "'array_in'::").Replace(q))
		}
	}
}
