package pgcatalog

import (
	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
)

// World is what a query sees: what is declared, and who asks.
type World struct {
	Declared *catalog.Snapshot
	// Database is the one that names without a schema are looked for in.
	Database string
	User     string
	PID      uint32
	// Version is version()'s text, Settings the values that current_setting and pg_settings give, in order of name.
	Version  string
	Settings []Setting
	// Assign is SET, or SET LOCAL.
	Assign func(name, value string, local bool) error
	// Own gives the rows of a table of OwnSchema, without its system columns. It may ask brokers and stores.
	Own func(table string) ([][]engine.Value, error)
	// Activity are the clients, in order of their numbers; End ends what one runs, or its connection too, false if there is none.
	Activity func() []Activity
	End      func(pid int64, connection bool) (bool, error)
	// Definition gives the text of a view, FunctionText that of a declared function.
	Definition   func(*catalog.Relation) string
	FunctionText func(*catalog.Function) string
	// May tells whether a role has a right on a relation or a database; nil: everybody has all.
	May func(user string, kind catalog.ObjectKind, oid uint32, right catalog.Right) bool
	// Builtin are the functions that nobody declared, in order of name.
	Builtin []Function

	rows map[string][][]engine.Value // of relations, once they were asked for
	oids map[uint32]*catalog.Relation

	functions map[int64]*proc
	granted   map[catalog.Grant]engine.Array // by kind and number
}

// Setting is a line of pg_settings.
type Setting struct{ Name, Value, Description string }

func worldOf(env engine.Env) *World { return env.(*World) }

// setting finds a setting by its name.
func (w *World) setting(name string) (string, bool) {
	for _, s := range w.Settings {
		if equalFold(s.Name, name) {
			return s.Value, true
		}
	}
	return "", false
}

// relation finds what has a number.
func (w *World) relation(oid int64) *catalog.Relation {
	if w.oids == nil {
		w.oids = make(map[uint32]*catalog.Relation, len(w.Declared.Relations))
		for _, r := range w.Declared.Relations {
			w.oids[r.OID] = r
		}
	}
	if oid != int64(uint32(oid)) {
		return nil
	}
	return w.oids[uint32(oid)]
}
