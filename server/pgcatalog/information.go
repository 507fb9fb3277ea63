package pgcatalog

import (
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

// information_schema, as the SQL standard and PostgreSQL's manual have it ("The Information Schema").

func schemata(d *definition) func(*World) rows {
	make := d.maker("catalog_name", "schema_name", "schema_owner")
	return func(w *World) rows {
		out := rows{make(w.Database, "information_schema", w.User), make(w.Database, "pg_catalog", w.User)}
		for _, db := range w.databases() {
			out = append(out, make(w.Database, db.Name, w.ownerName(db.Owner)))
		}
		return out
	}
}

func schemaTables(d *definition) func(*World) rows {
	make := d.maker("table_catalog", "table_schema", "table_name", "table_type", "is_insertable_into", "is_typed")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			kind, insertable := "BASE TABLE", "YES"
			if r.Kind == catalog.View {
				kind, insertable = "VIEW", "NO"
			}
			out = append(out, make(w.Database, r.Database, r.Name, kind, insertable, "NO"))
		}
		for _, own := range w.definitions() {
			kind := "BASE TABLE"
			if own.kind == "v" {
				kind = "VIEW"
			}
			out = append(out, make(w.Database, own.table.Schema, own.table.Name, kind, "NO", "NO"))
		}
		return out
	}
}

func yes(b bool) value {
	if b {
		return "YES"
	}
	return "NO"
}

// columnMaker makes the lines of information_schema.columns.
type columnMaker func(...value) row

func newColumnMaker(d *definition) columnMaker {
	return d.maker("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type", "character_maximum_length",
		"numeric_precision", "numeric_precision_radix", "numeric_scale", "datetime_precision", "udt_catalog", "udt_schema", "udt_name", "dtd_identifier",
		"is_self_referencing", "is_identity", "is_generated", "generation_expression", "is_updatable")
}

// of gives the lines of a relation.
func (m columnMaker) of(w *World, r *catalog.Relation) (out rows) {
	for i, c := range r.Columns {
		clause, t := r.Clause(c.Name), engine.Type(c.Type.OID())
		generated := "NEVER"
		if clause.Computed != "" {
			generated = "ALWAYS"
		}
		length, precision, radix, scale, moment := measures(c.Type)
		out = append(out, m(w.Database, r.Database, r.Name, c.Name, integer(i+1), orNull(clause.Default), yes(nullable(r, c)), dataType(t), length,
			precision, radix, scale, moment, w.Database, "pg_catalog", t.Name(), integer(i+1), "NO", "NO", generated, orNull(clause.Computed), yes(r.Kind != catalog.View)))
	}
	return out
}

func (m columnMaker) ofOwn(w *World, own *definition) (out rows) {
	for i, c := range own.visible() {
		out = append(out, m(w.Database, own.table.Schema, own.table.Name, c.Name, integer(i+1), nil, yes(!own.required[i]), dataType(c.Type), nil,
			nil, nil, nil, nil, w.Database, "pg_catalog", c.Type.Name(), integer(i+1), "NO", "NO", "NEVER", nil, "NO"))
	}
	return out
}

func schemaColumns(d *definition) func(*World) rows {
	make := newColumnMaker(d)
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			out = append(out, make.of(w, r)...)
		}
		for _, own := range w.definitions() {
			out = append(out, make.ofOwn(w, own)...)
		}
		return out
	}
}

func columnsByTable(d *definition) func(*World, value) rows {
	make := newColumnMaker(d)
	return func(w *World, v value) (out rows) {
		name, _ := v.(string)
		for _, db := range w.databases() {
			if r := w.Declared.Relation(db.Name, name); r != nil {
				out = append(out, make.of(w, r)...)
			}
		}
		for _, schema := range []string{"information_schema.", "pg_catalog.", OwnSchema + "."} {
			if own := definitions[schema+name]; own != nil {
				out = append(out, make.ofOwn(w, own)...)
			}
		}
		return out
	}
}

// dataType is the name of a type in the standard's words; every array is ARRAY.
func dataType(t engine.Type) string {
	if t.Element() != 0 {
		return "ARRAY"
	}
	return formatType(t, -1)
}

// measures are a type's length, its precision with the base that this counts in and its scale, and the digits of a time's seconds.
func measures(t types.Type) (length, precision, radix, scale, moment value) {
	switch t.OID() {
	case types.OIDVarchar, types.OIDBpchar:
		if n := t.Length(); n > 0 {
			length = integer(n)
		}
	case types.OIDInt2:
		precision, radix, scale = int64(16), int64(2), int64(0)
	case types.OIDInt4:
		precision, radix, scale = int64(32), int64(2), int64(0)
	case types.OIDInt8:
		precision, radix, scale = int64(64), int64(2), int64(0)
	case types.OIDFloat4:
		precision, radix = int64(24), int64(2)
	case types.OIDFloat8:
		precision, radix = int64(53), int64(2)
	case types.OIDNumeric:
		precision, radix, scale = integer(t.Precision), int64(10), integer(t.Scale)
	case types.OIDTimestamp, types.OIDTimestamptz, types.OIDTime:
		moment = integer(t.Precision)
	case types.OIDDate:
		moment = int64(0)
	}
	return length, precision, radix, scale, moment
}

func schemaViews(d *definition) func(*World) rows {
	make := d.maker("table_catalog", "table_schema", "table_name", "view_definition", "check_option", "is_updatable", "is_insertable_into")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			if r.Kind == catalog.View {
				out = append(out, make(w.Database, r.Database, r.Name, w.Definition(r), "NONE", "NO", "NO"))
			}
		}
		return out
	}
}

func tableConstraints(d *definition) func(*World) rows {
	make := d.maker("constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name", "constraint_type", "is_deferrable", "initially_deferred", "enforced")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			if len(r.PrimaryKey) > 0 {
				out = append(out, make(w.Database, r.Database, r.Name+"_pkey", w.Database, r.Database, r.Name, "PRIMARY KEY", "NO", "NO", "YES"))
			}
		}
		return out
	}
}

func keyColumns(d *definition) func(*World) rows {
	make := d.maker("constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name", "column_name", "ordinal_position")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			for i, key := range r.PrimaryKey {
				out = append(out, make(w.Database, r.Database, r.Name+"_pkey", w.Database, r.Database, r.Name, strings.ToLower(key), integer(i+1)))
			}
		}
		return out
	}
}
