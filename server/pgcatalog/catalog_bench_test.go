package pgcatalog

import (
	"context"
	"fmt"
	"testing"

	"slipway/sql/catalog"
	"slipway/sql/types"
)

// many has 1,000 streams of 50 columns.
func many() *World {
	w := world()
	w.Declared = &catalog.Snapshot{Databases: w.Declared.Databases, Relations: map[string]*catalog.Relation{}}
	for i := range 1000 {
		r := &catalog.Relation{OID: uint32(20_000 + i), Database: "default", Name: fmt.Sprintf("stream_%03d", i), Kind: catalog.Stream, PrimaryKey: []string{"c0"}}
		for c := range 50 {
			r.Columns = append(r.Columns, types.Column{Name: fmt.Sprintf("c%d", c), Type: types.Of(types.BigInt)})
		}
		w.Declared.Relations[r.FullName()] = r
	}
	return w
}

// BenchmarkThousandStreams: what clients ask, each out of a World of its own, parsing and all.
func BenchmarkThousandStreams(b *testing.B) {
	shapes := map[string]string{
		"find": `SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relname OPERATOR(pg_catalog.~) '^(stream_500)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3`,
		"columns": `SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
			(SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull
			FROM pg_catalog.pg_attribute a WHERE a.attrelid = '20500' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
		"index": `SELECT c2.relname, i.indisprimary, pg_catalog.pg_get_constraintdef(con.oid, true) FROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i
			LEFT JOIN pg_catalog.pg_constraint con ON (conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p','u','x'))
			WHERE c.oid = '20500' AND c.oid = i.indrelid AND i.indexrelid = c2.oid ORDER BY i.indisprimary DESC, c2.relname`,
		"complete": `SELECT a.attname FROM pg_catalog.pg_attribute a, pg_catalog.pg_class c WHERE c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
			AND (a.attname) LIKE 'c1%' AND c.relname = 'stream_500' AND pg_catalog.pg_table_is_visible(c.oid) LIMIT 1000`,
		"type":       `SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = ns.oid WHERE typname = 'hstore'`,
		"list":       `SELECT n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v') AND n.nspname <> 'pg_catalog' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2`,
		"standard":   `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'default' AND table_name = 'stream_500' ORDER BY ordinal_position`,
		"everything": `SELECT attrelid, attname FROM pg_attribute WHERE attnum > 0`,
	}
	w := many()
	for name, text := range shapes {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q, err := Prepare(text, nil)
				if err != nil {
					b.Fatal(err)
				}
				fresh := *w
				fresh.rows, fresh.oids = nil, nil
				if _, err := q.Run(context.Background(), &fresh, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
