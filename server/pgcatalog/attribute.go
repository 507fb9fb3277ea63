package pgcatalog

import (
	"maps"
	"slices"
	"strings"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

type attributeMaker func(...value) row

func newAttributeMaker(d *definition) attributeMaker {
	return d.maker("attrelid", "attname", "atttypid", "attstattarget", "attlen", "attnum", "attndims", "attcacheoff", "atttypmod", "attbyval", "attalign", "attstorage",
		"attnotnull", "atthasdef", "attgenerated", "attislocal", "attcollation")
}

// of gives the lines of a relation's columns.
func (m attributeMaker) of(r *catalog.Relation) rows {
	out := make(rows, len(r.Columns))
	for i, c := range r.Columns {
		clause := r.Clause(c.Name)
		generated := ""
		if clause.Computed != "" {
			generated = "s"
		}
		out[i] = m.one(integer(r.OID), i, c.Name, engine.Type(c.Type.OID()), c.Type.Modifier(), !nullable(r, c), generated != "" || clause.Default != "", generated)
	}
	return out
}

// nullable tells whether a column may be NULL.
func nullable(r *catalog.Relation, c types.Column) bool {
	return !c.NotNull && !slices.ContainsFunc(r.PrimaryKey, func(k string) bool { return strings.EqualFold(k, c.Name) })
}

func (m attributeMaker) ofOwn(d *definition) rows {
	out := make(rows, len(d.visible()))
	for i, c := range d.visible() {
		out[i] = m.one(d.oid, i, c.Name, c.Type, -1, d.required[i], false, "")
	}
	return out
}

// ofIndex gives the lines of the columns of a key's index.
func (m attributeMaker) ofIndex(r *catalog.Relation) (out rows) {
	for i, key := range r.PrimaryKey {
		if at := columnNumber(r, key); at > 0 {
			c := r.Columns[at-1]
			out = append(out, m.one(indexOID(r), i, c.Name, engine.Type(c.Type.OID()), c.Type.Modifier(), false, false, ""))
		}
	}
	return out
}

func (m attributeMaker) one(relation value, i int, name string, t engine.Type, modifier int32, required, hasDefault bool, generated string) row {
	info := typeLines[t]
	dimensions := 0
	if t.Element() != 0 {
		dimensions = 1
	}
	return m(relation, name, integer(uint32(t)), integer(-1), info.size, integer(i+1), integer(dimensions), integer(-1), integer(modifier), info.byValue, info.align, info.storage,
		required, hasDefault, generated, true, info.collation)
}

// columnNumber is a column's number from 1; 0 if there is none of the name.
func columnNumber(r *catalog.Relation, name string) int { return r.Columns.Index(name) + 1 }

func attributes(d *definition) func(*World) rows {
	make := newAttributeMaker(d)
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			out = append(append(out, make.of(r)...), make.ofIndex(r)...)
		}
		for _, own := range w.definitions() {
			out = append(out, make.ofOwn(own)...)
		}
		return out
	}
}

func attributesOf(d *definition) func(*World, value) rows {
	make := newAttributeMaker(d)
	return func(w *World, v value) rows {
		oid := engine.Whole(v)
		if r := w.relation(oid); r != nil {
			return make.of(r)
		}
		if r := w.keyed(oid); r != nil && oid == indexOID(r) {
			return make.ofIndex(r)
		}
		if own := ownByOID[oid]; own != nil {
			return make.ofOwn(own)
		}
		return nil
	}
}

// defaults are the texts of DEFAULT and of computed columns.
func defaults(d *definition) func(*World) rows {
	make := d.maker("oid", "adrelid", "adnum", "adbin")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			for _, c := range r.Clauses {
				if text := c.Default + c.Computed; text != "" {
					out = append(out, make(integer(r.OID), integer(r.OID), integer(columnNumber(r, c.Column)), text))
				}
			}
		}
		return out
	}
}

// keyNumbers are the numbers of the columns of a primary key.
func keyNumbers(r *catalog.Relation) engine.Array {
	out := engine.Array{}
	for _, key := range r.PrimaryKey {
		out = append(out, integer(columnNumber(r, key)))
	}
	return out
}

// constraintMaker makes the lines of pg_constraint, indexMaker those of pg_index: of primary keys.
type constraintMaker func(...value) row

func newConstraintMaker(d *definition) constraintMaker {
	return d.maker("oid", "conname", "connamespace", "contype", "convalidated", "conrelid", "conindid", "conislocal", "connoinherit", "conkey", "confupdtype", "confdeltype", "confmatchtype")
}

func (m constraintMaker) of(w *World, r *catalog.Relation) rows {
	if len(r.PrimaryKey) == 0 {
		return nil
	}
	return rows{m(constraintOID(r), r.Name+"_pkey", integer(w.schemaOID(r.Database)), "p", true, integer(r.OID), indexOID(r), true, true, keyNumbers(r), " ", " ", " ")}
}

type indexMaker func(...value) row

func newIndexMaker(d *definition) indexMaker {
	return d.maker("indexrelid", "indrelid", "indnatts", "indnkeyatts", "indisunique", "indisprimary", "indimmediate", "indisvalid", "indisready", "indislive", "indkey", "indcollation",
		"indclass", "indoption")
}

func (m indexMaker) of(_ *World, r *catalog.Relation) rows {
	n := len(r.PrimaryKey)
	if n == 0 {
		return nil
	}
	zeros := slices.Repeat(engine.Array{int64(0)}, n)
	return rows{m(indexOID(r), integer(r.OID), integer(n), integer(n), true, true, true, true, true, true, keyNumbers(r), zeros, zeros, zeros)}
}

// ofEach gives what something makes of every relation.
func ofEach(of func(*World, *catalog.Relation) rows) func(*World) rows {
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			out = append(out, of(w, r)...)
		}
		return out
	}
}

// ofOne gives what it makes of the relation of a number.
func ofOne(of func(*World, *catalog.Relation) rows) func(*World, value) rows {
	return func(w *World, v value) rows {
		if r := w.relation(engine.Whole(v)); r != nil {
			return of(w, r)
		}
		return nil
	}
}

func constraints(d *definition) func(*World) rows { return ofEach(newConstraintMaker(d).of) }

func constraintsOf(d *definition) func(*World, value) rows { return ofOne(newConstraintMaker(d).of) }

func indexes(d *definition) func(*World) rows { return ofEach(newIndexMaker(d).of) }

func indexesOf(d *definition) func(*World, value) rows { return ofOne(newIndexMaker(d).of) }

func descriptions(d *definition) func(*World) rows {
	make := d.maker("objoid", "classoid", "objsubid", "description")
	return func(w *World) (out rows) {
		for _, r := range w.relations() {
			if r.Comment != "" {
				out = append(out, make(integer(r.OID), integer(classRelation), integer(0), r.Comment))
			}
			for i, c := range r.Columns {
				if c.Comment != "" {
					out = append(out, make(integer(r.OID), integer(classRelation), integer(i+1), c.Comment))
				}
			}
		}
		all := w.procs()
		for _, oid := range slices.Sorted(maps.Keys(all)) {
			if p := all[oid]; p.comment != "" {
				out = append(out, make(oid, integer(classProc), integer(0), p.comment))
			}
		}
		return out
	}
}
