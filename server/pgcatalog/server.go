package pgcatalog

import "slipway/sql/catalog"

// What there is once for the whole server: databases, roles, settings, and the few access methods and the like that tools name.

func databases(d *definition) func(*World) rows {
	make := d.maker("oid", "datname", "datdba", "encoding", "datlocprovider", "datallowconn", "datconnlimit", "dattablespace", "datcollate", "datctype", "datacl")
	return func(w *World) (out rows) {
		for _, db := range w.databases() {
			out = append(out, make(integer(db.OID), db.Name, ownerOID(db.Owner), integer(utf8Encoding), "c", true, integer(-1), integer(defaultSpace), "C.UTF-8", "C.UTF-8",
				w.accessList(catalog.OnDatabase, db.OID)))
		}
		return out
	}
}

// utf8Encoding is the number of UTF8 (pg_wchar.h).
const utf8Encoding = 6

func settings(d *definition) func(*World) rows {
	make := d.maker("name", "setting", "category", "short_desc", "context", "vartype", "source", "boot_val", "reset_val", "pending_restart")
	return func(w *World) (out rows) {
		for _, s := range w.Settings {
			out = append(out, make(s.Name, s.Value, "Slipway", orNull(s.Description), "user", "string", "session", s.Value, s.Value, false))
		}
		return out
	}
}

// fixed makes rows that never change.
func fixed(columns []string, values ...row) func(*definition) func(*World) rows {
	return func(d *definition) func(*World) rows {
		make := d.maker(columns...)
		out := rows{}
		for _, v := range values {
			out = append(out, make(v...))
		}
		return func(*World) rows { return out }
	}
}

var (
	accessMethods = fixed([]string{"oid", "amname", "amtype"}, row{int64(heap), "heap", "t"}, row{int64(btree), "btree", "i"})
	tablespaces   = fixed([]string{"oid", "spcname", "spcowner"}, row{int64(defaultSpace), "pg_default", int64(superuser)}, row{int64(1664), "pg_global", int64(superuser)})
	collations    = fixed([]string{"oid", "collname", "collnamespace", "collowner", "collprovider", "collisdeterministic", "collencoding", "collcollate", "collctype"},
		row{int64(defaultCollation), "default", int64(catalogSchema), int64(superuser), "d", true, int64(-1), nil, nil},
		row{int64(950), "C", int64(catalogSchema), int64(superuser), "c", true, int64(-1), "C", "C"},
		row{int64(951), "POSIX", int64(catalogSchema), int64(superuser), "c", true, int64(-1), "POSIX", "POSIX"})
	languages = fixed([]string{"oid", "lanname", "lanowner", "lanpltrusted"}, row{int64(internalLanguage), "internal", int64(superuser), false}, row{int64(13), "c", int64(superuser), false},
		row{int64(sqlLanguage), "sql", int64(superuser), true}, row{int64(wasmLanguage), "wasm", int64(superuser), true})
)
