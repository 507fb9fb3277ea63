package pgcatalog

import (
	"cmp"
	"maps"
	"slices"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
)

// relations are all that are declared, in order of their full names.
func (w *World) relations() []*catalog.Relation {
	list := slices.Collect(maps.Values(w.Declared.Relations))
	slices.SortFunc(list, func(a, b *catalog.Relation) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (w *World) databases() []*catalog.Database {
	list := slices.Collect(maps.Values(w.Declared.Databases))
	slices.SortFunc(list, func(a, b *catalog.Database) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// schemaOID is the number of a database as a schema.
func (w *World) schemaOID(name string) int64 {
	switch name {
	case "pg_catalog":
		return catalogSchema
	case "information_schema":
		return informationSchema
	case OwnSchema:
		if w.Declared.Databases[OwnSchema] == nil {
			return ownSchema
		}
	}
	if d := w.Declared.Databases[name]; d != nil {
		return int64(d.OID)
	}
	return 0
}

func namespaces(d *definition) func(*World) rows {
	make := d.maker("oid", "nspname", "nspowner", "nspacl")
	return func(w *World) rows {
		out := rows{make(integer(catalogSchema), "pg_catalog", integer(superuser), nil), make(integer(informationSchema), "information_schema", integer(superuser), nil)}
		if w.Declared.Databases[OwnSchema] == nil {
			out = append(out, make(integer(ownSchema), OwnSchema, integer(superuser), nil))
		}
		for _, db := range w.databases() {
			out = append(out, make(integer(db.OID), db.Name, ownerOID(db.Owner), w.accessList(catalog.OnDatabase, db.OID)))
		}
		return out
	}
}

// classMaker makes the lines of pg_class.
type classMaker struct{ relation, index, own func(...value) row }

func newClassMaker(d *definition) classMaker {
	return classMaker{
		relation: d.maker("oid", "relname", "relnamespace", "relowner", "relam", "relkind", "relnatts", "relpersistence", "relreplident", "relispopulated", "reltuples", "relhasindex", "relhasrules",
			"relacl"),
		index: d.maker("oid", "relname", "relnamespace", "relowner", "relam", "relkind", "relnatts", "relpersistence", "relreplident", "relispopulated"),
		own:   d.maker("oid", "relname", "relnamespace", "relowner", "relam", "relkind", "relnatts", "relpersistence", "relreplident", "relispopulated", "reltuples"),
	}
}

func relkind(r *catalog.Relation) string {
	if r.Kind == catalog.View {
		return "v"
	}
	return "r"
}

// of gives the line of a relation, and that of its key's index.
func (m classMaker) of(w *World, r *catalog.Relation) rows {
	method := heap
	if r.Kind == catalog.View {
		method = 0
	}
	schema, keyed := integer(w.schemaOID(r.Database)), len(r.PrimaryKey) > 0
	out := rows{m.relation(integer(r.OID), r.Name, schema, ownerOID(r.Owner), integer(method), relkind(r), integer(len(r.Columns)), "p", "d", true, -1.0, keyed, r.Kind == catalog.View,
		w.accessList(catalog.OnStream, r.OID))}
	if keyed {
		out = append(out, m.index(indexOID(r), r.Name+"_pkey", schema, ownerOID(r.Owner), integer(btree), "i", integer(len(r.PrimaryKey)), "p", "n", true))
	}
	return out
}

func (m classMaker) ofOwn(d *definition) row {
	return m.own(d.oid, d.table.Name, integer(map[string]int{"pg_catalog": catalogSchema, "information_schema": informationSchema, OwnSchema: ownSchema}[d.table.Schema]), integer(superuser),
		integer(map[string]int{"r": heap}[d.kind]), d.kind, integer(len(d.visible())), "p", "n", true, -1.0)
}

func classes(d *definition) func(*World) rows {
	make := newClassMaker(d)
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			out = append(out, make.of(w, r)...)
		}
		for _, own := range w.definitions() {
			out = append(out, make.ofOwn(own))
		}
		return out
	}
}

// definitions are the relations that are not declared: without those of OwnSchema where a database has its name.
func (w *World) definitions() []*definition {
	if w.Declared.Databases[OwnSchema] != nil {
		return definitionList[:len(definitionList)-len(ownTables)]
	}
	return definitionList
}

func classByOID(d *definition) func(*World, value) rows {
	make := newClassMaker(d)
	return func(w *World, v value) rows {
		oid := engine.Whole(v)
		if r := w.relation(oid); r != nil {
			return make.of(w, r)[:1]
		}
		if r := w.keyed(oid); r != nil && oid == indexOID(r) {
			return make.of(w, r)[1:]
		}
		if own := ownByOID[oid]; own != nil {
			return rows{make.ofOwn(own)}
		}
		return nil
	}
}

func classByName(d *definition) func(*World, value) rows {
	make := newClassMaker(d)
	return func(w *World, v value) (out rows) {
		name, _ := v.(string)
		for database := range w.Declared.Databases {
			if r := w.Declared.Relation(database, name); r != nil {
				out = append(out, make.of(w, r)[0])
			}
			if key := len(name) - len("_pkey"); key > 0 && name[key:] == "_pkey" {
				if r := w.Declared.Relation(database, name[:key]); r != nil && len(r.PrimaryKey) > 0 {
					out = append(out, make.of(w, r)[1])
				}
			}
		}
		for _, schema := range []string{"pg_catalog.", "information_schema.", OwnSchema + "."} {
			if own := definitions[schema+name]; own != nil {
				out = append(out, make.ofOwn(own))
			}
		}
		return out
	}
}

// ownByOID finds the relations of PostgreSQL's own catalog.
var ownByOID = func() map[int64]*definition {
	out := map[int64]*definition{}
	for _, d := range definitionList {
		out[d.oid] = d
	}
	return out
}()

func tables(d *definition) func(*World) rows {
	make := d.maker("schemaname", "tablename", "tableowner", "hasindexes", "hasrules", "hastriggers", "rowsecurity")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			if r.Kind != catalog.View {
				out = append(out, make(r.Database, r.Name, w.ownerName(r.Owner), len(r.PrimaryKey) > 0, false, false, false))
			}
		}
		return out
	}
}

func views(d *definition) func(*World) rows {
	make := d.maker("schemaname", "viewname", "viewowner", "definition")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			if r.Kind == catalog.View {
				out = append(out, make(r.Database, r.Name, w.ownerName(r.Owner), w.Definition(r)))
			}
		}
		return out
	}
}
