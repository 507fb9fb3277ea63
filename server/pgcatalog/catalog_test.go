package pgcatalog

import (
	"context"
	"fmt"
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

// TestWorld: what there is comes with PostgreSQL's types and names.
func TestWorld(t *testing.T) {
	for text, want := range map[string]string{
		"select relname, relkind, relhasindex, obj_description(oid, 'pg_class') from pg_class where relnamespace = 'default'::regnamespace order by oid":                                  "clicks|r|t|what was clicked\nPages|v|f|\nclicks_pkey|i|f|\n",
		"select attname, atttypid::regtype, attnotnull, col_description(attrelid, attnum) from pg_attribute where attrelid = 'clicks'::regclass and attnum > 0 order by attnum limit 2":   "id|bigint|t|\npage|text|f|its path\n",
		"select 'shop.orders'::regclass, 16385::regclass, 'clicks_pkey'::regclass::oid, 99::regclass, 'pg_class'::regclass::int":                                                          "shop.orders|clicks|3221241857|99|1259\n",
		"select format_type(1700, 655366), format_type(1007, -1), format_type(1114, 3), format_type(23, null), format_type(null, 1)":                                                      "numeric(10,2)|integer[]|timestamp(3) without time zone|integer|\n",
		"select pg_get_viewdef('\"Pages\"'::regclass), pg_get_constraintdef(c.oid), conkey from pg_constraint c":                                                                          " SELECT page FROM clicks;|PRIMARY KEY (id)|{1}\n",
		"select datname, datallowconn from pg_database order by 1":                                                                                                                        "default|t\nshop|t\n",
		"select current_user, current_schemas(true), current_setting('search_path'), pg_backend_pid()":                                                                                    "ann|{pg_catalog,default}|default|7\n",
		"select table_name, column_name, data_type, numeric_precision, numeric_scale from information_schema.columns where table_schema = 'default' and column_name in ('price', 'tags')": "clicks|price|numeric|10|2\nclicks|tags|ARRAY||\n",
		"select tableoid::regclass, xmin from pg_namespace limit 1":                                                                                                                       "pg_namespace|1\n",
		"select c.relname, a.attname from pg_attribute a, pg_class c where c.oid = a.attrelid and c.relname = 'orders'":                                                                   "orders|id\n",
		"select pg_size_pretty(10239::int8), pg_size_pretty(10240::int8), pg_encoding_to_char(6), to_regclass('nosuch') is null":                                                          "10239 bytes|10 kB|UTF8|t\n",
		"select count(*) from pg_get_keywords() where word = 'select' and catcode = 'R'":                                                                                                  "1\n",
	} {
		if got := show(ask(t, text)); got != want {
			t.Errorf("%s\n%q, want\n%q", text, got, want)
		}
	}
}

// TestAsks: only what names PostgreSQL's relations alone, or functions that it alone has, is for the catalog.
func TestAsks(t *testing.T) {
	for text, want := range map[string]string{
		"select * from pg_class":                                 "true",
		"SELECT 1 FROM pg_catalog.pg_class c JOIN pg_am ON true": "true",
		"with x as (select 1 from pg_type) select * from x":      "true",
		"select 'a'::regclass":                                   "true",
		"select * from clicks":                                   "false",
		"select * from shop.pg_class":                            "false",
		"select * from slipway.jobs":                             "true",
		"/*taken*/ select * from slipway.jobs":                   "false",
		"select 1":                                               "false",
		"select 'pg_class'":                                      "true",
		"select nosuch(1) where 'pg_' = 'x'":                     "false",
		"insert into a select * from pg_class":                   "false",
		"select * from pg_class, clicks":                         "true a query reads PostgreSQL's catalog or streams, not both",
		"select from from pg_class":                              "true syntax error at or near \"from\"",
	} {
		asks, err := Asks(text, strings.HasPrefix(text, "/*taken*/"))
		got := fmt.Sprint(asks)
		if err != nil {
			got += " " + err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
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

// TestRoles: roles, who is a member, who owns and what was granted are there as in PostgreSQL, passwords are not.
func TestRoles(t *testing.T) {
	w, limit := world(), 3
	w.Declared.Users = map[string]*catalog.User{
		"root":    {OID: 16400, Name: "root", Login: true, Superuser: true, Verifier: "SCRAM-SHA-256$x"},
		"ann":     {OID: 16401, Name: "ann", Login: true, ConnectionLimit: &limit, MemberOf: []string{"readers"}, Settings: []catalog.Property{{Key: "timezone", Value: "UTC"}}},
		"readers": {OID: 16402, Name: "readers", Grants: []catalog.Grant{{Right: catalog.Read, Kind: catalog.OnStream, Object: "16385"}, {Right: catalog.Write, Kind: catalog.OnStream, Object: "16385"}}},
		"public":  {OID: 16403, Name: "public", Grants: []catalog.Grant{{Right: catalog.Read, Kind: catalog.OnStream, Object: "16385"}, {Right: catalog.Create, Kind: catalog.OnDatabase, Object: "16384"}}},
	}
	w.Declared.Relations["default.clicks"].Owner = 16401
	w.May = func(user string, kind catalog.ObjectKind, oid uint32, right catalog.Right) bool {
		return user == "ann" && kind == catalog.OnStream && oid == 16385 && right == catalog.Read
	}
	for text, want := range map[string]string{
		"select rolname, rolsuper, rolcanlogin, rolconnlimit, rolpassword, rolconfig from pg_roles order by oid": "slipway|t|f|-1|********|\nroot|t|t|-1|********|\nann|f|t|3|********|{timezone=UTC}\nreaders|f|f|-1|********|\n",
		"select rolname, rolpassword from pg_authid where rolname = 'root'":                                      "root|\n",
		"select usename, usesuper, passwd from pg_user order by 1":                                               "ann|f|********\nroot|t|********\n",
		"select roleid::regrole, member::regrole from pg_auth_members":                                           "readers|ann\n",
		"select relname, pg_get_userbyid(relowner), relacl from pg_class where oid in (16385, 16386) order by 1": "Pages|slipway|\nclicks|ann|{=r/slipway,readers=ra/slipway}\n",
		"select nspacl from pg_namespace where nspname = 'default'":                                              "{=C/slipway}\n",
		"select has_table_privilege('clicks', 'select'), has_table_privilege('clicks', 'insert, select'), has_table_privilege(16386, 'select'), has_table_privilege('root', 'clicks', 'SELECT')": "t|t|f|f\n",
		"select has_schema_privilege('default', 'usage'), has_schema_privilege('default', 'create'), pg_has_role('readers', 'member'), pg_has_role('root', 'readers', 'member')":                 "t|f|t|t\n",
		"select tableowner from pg_tables where tablename = 'clicks'": "ann\n",
	} {
		q, err := Prepare(text, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		rows, err := q.Run(context.Background(), w, nil)
		if got := show(q, rows); err != nil || got != want {
			t.Errorf("%s: %v\ngives %q\nwant  %q", text, err, got, want)
		}
	}
	for _, text := range []string{"select has_table_privilege('nothing', 'select')", "select has_table_privilege('clicks', 'eat')", "select has_table_privilege('nobody', 'clicks', 'select')"} {
		q, err := Prepare(text, nil)
		if err == nil {
			_, err = q.Run(context.Background(), w, nil)
		}
		if err == nil {
			t.Errorf("%s is answered", text)
		}
	}
}
