package pgcatalog

import "slipway/sql/catalog"

// Numbers that PostgreSQL has for what is in every database (pg_namespace.dat and its like).
const (
	catalogSchema     = 11
	informationSchema = 13207
	ownSchema         = 8999
	superuser         = 10
	classRelation     = 1259
	classProc         = 1255
	heap, btree       = 2, 403
	defaultSpace      = 1663
	defaultCollation  = 100
)

// The numbers of a primary key are its relation's with high bits, which no relation has: they count from 16384.
const (
	constraintBit = 1 << 31
	indexBit      = 3 << 30
	lowBits       = 1<<30 - 1
)

func constraintOID(r *catalog.Relation) int64 { return int64(r.OID&lowBits) | constraintBit }

func indexOID(r *catalog.Relation) int64 { return int64(r.OID&lowBits) | indexBit }

// keyed gives the relation whose primary key has a number; nil if it is none's.
func (w *World) keyed(oid int64) *catalog.Relation {
	if oid < constraintBit {
		return nil
	}
	if r := w.relation(oid & lowBits); r != nil && len(r.PrimaryKey) > 0 {
		return r
	}
	return nil
}
