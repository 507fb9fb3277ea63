package pgcatalog

import (
	"slices"

	"slipway/server/pgcatalog/engine"
)

type (
	value = engine.Value
	row   = []engine.Value
	rows  = [][]engine.Value
)

// relationRows are what a relation is filled with: all its rows, and, by columns that find few of them at once, those.
type relationRows struct {
	all  func(*definition) func(*World) rows
	find map[string]func(*definition) func(*World, value) rows
}

// filled has what fills each relation; the others are empty.
var filled map[string]relationRows

func init() {
	filled = map[string]relationRows{
		"pg_catalog.pg_namespace":     {all: namespaces},
		"pg_catalog.pg_class":         {all: classes, find: map[string]func(*definition) func(*World, value) rows{"oid": classByOID, "relname": classByName}},
		"pg_catalog.pg_attribute":     {all: attributes, find: map[string]func(*definition) func(*World, value) rows{"attrelid": attributesOf}},
		"pg_catalog.pg_attrdef":       {all: defaults},
		"pg_catalog.pg_constraint":    {all: constraints, find: map[string]func(*definition) func(*World, value) rows{"conrelid": constraintsOf}},
		"pg_catalog.pg_index":         {all: indexes, find: map[string]func(*definition) func(*World, value) rows{"indrelid": indexesOf}},
		"pg_catalog.pg_description":   {all: descriptions},
		"pg_catalog.pg_type":          {all: typeRows},
		"pg_catalog.pg_database":      {all: databases},
		"pg_catalog.pg_roles":         {all: roles},
		"pg_catalog.pg_user":          {all: users},
		"pg_catalog.pg_authid":        {all: authIDs},
		"pg_catalog.pg_auth_members":  {all: members},
		"pg_catalog.pg_settings":      {all: settings},
		"pg_catalog.pg_am":            {all: accessMethods},
		"pg_catalog.pg_tablespace":    {all: tablespaces},
		"pg_catalog.pg_collation":     {all: collations},
		"pg_catalog.pg_language":      {all: languages},
		"pg_catalog.pg_stat_activity": {all: activities},
		"pg_catalog.pg_proc":          {all: procs},
		"pg_catalog.pg_tables":        {all: tables},
		"pg_catalog.pg_views":         {all: views},

		"information_schema.schemata":          {all: schemata},
		"information_schema.tables":            {all: schemaTables},
		"information_schema.columns":           {all: schemaColumns, find: map[string]func(*definition) func(*World, value) rows{"table_name": columnsByTable}},
		"information_schema.views":             {all: schemaViews},
		"information_schema.table_constraints": {all: tableConstraints},
		"information_schema.key_column_usage":  {all: keyColumns},
	}
	for _, d := range definitionList {
		if d.table.Schema == OwnSchema {
			d.fillOwn()
		} else {
			d.fill()
		}
	}
}

// fill gives a table its rows; those of one World are made once.
func (d *definition) fill() {
	name := d.table.Schema + "." + d.table.Name
	f, known := filled[name]
	if !known {
		d.table.Rows = func(engine.Env) rows { return nil }
		return
	}
	all := f.all(d)
	d.table.Rows = func(env engine.Env) rows {
		w := worldOf(env)
		if made, ok := w.rows[name]; ok {
			return made
		}
		if w.rows == nil {
			w.rows = map[string]rows{}
		}
		w.rows[name] = all(w)
		return w.rows[name]
	}
	d.table.Find = map[string]func(engine.Env, value) rows{}
	for column, make := range f.find {
		find := make(d)
		d.table.Find[column] = func(env engine.Env, v value) rows { return find(worldOf(env), v) }
	}
}

// maker makes rows of a relation out of the values of some columns. The others are NULL, or where they are required nothing,
// as their type has it: 0, false, "".
func (d *definition) maker(columns ...string) func(...value) row {
	template := make(row, len(d.table.Columns))
	for i, c := range d.table.Columns {
		if d.required[i] {
			template[i] = engine.Zero(c.Type)
		}
	}
	template[len(template)-2], template[len(template)-1] = d.oid, int64(1)
	places := make([]int, len(columns))
	for i, name := range columns {
		places[i] = slices.IndexFunc(d.table.Columns, func(c engine.Column) bool { return c.Name == name })
		if places[i] < 0 {
			panic(d.table.Name + " has no column " + name)
		}
	}
	return func(values ...value) row {
		out := slices.Clone(template)
		for i, at := range places {
			out[at] = values[i]
		}
		return out
	}
}

func integer[T ~int | ~int16 | ~int32 | ~int64 | ~uint32](n T) value { return int64(n) }

// orNull is a text, or NULL if it is empty.
func orNull(s string) value {
	if s == "" {
		return nil
	}
	return s
}
