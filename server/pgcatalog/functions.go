package pgcatalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/server/pgcatalog/engine"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// functions are those of the engine and these here, by name.
var functions = map[string][]*engine.Function{}

func init() {
	maps.Copy(functions, engine.Builtins)
	for _, f := range slices.Concat(sessionFunctions, catalogFunctions, answers, endings, procTexts, []*engine.Function{keywords}) {
		functions[f.Name] = append(functions[f.Name], f)
	}
}

// of makes a function of the world and its arguments.
func of(name string, result engine.Type, f func(w *World, a []value) value, args ...engine.Type) *engine.Function {
	return &engine.Function{Name: name, Args: args, Result: result, Call: func(env engine.Env, a []value) value { return f(worldOf(env), a) }}
}

// optional lets the last arguments be left out.
func optional(n int, f *engine.Function) *engine.Function {
	f.Optional = n
	return f
}

func user(w *World, _ []value) value { return w.User }

func database(w *World, _ []value) value { return w.Database }

const stamp = "2006-01-02 15:04:05.999999-07"

func now(*World, []value) value { return time.Now().UTC().Format(stamp) }

// sessionFunctions tell of the session and the moment.
var sessionFunctions = []*engine.Function{
	of("current_user", engine.Name, user), of("session_user", engine.Name, user), of("user", engine.Name, user), of("current_role", engine.Name, user),
	of("current_database", engine.Name, database), of("current_catalog", engine.Name, database), of("current_schema", engine.Name, database),
	of("current_schemas", engine.Name.Array(), func(w *World, a []value) value {
		if a[0] == true {
			return engine.Array{"pg_catalog", w.Database}
		}
		return engine.Array{w.Database}
	}, engine.Bool),
	of("version", engine.Text, func(w *World, _ []value) value { return w.Version }),
	of("pg_backend_pid", engine.Int4, func(w *World, _ []value) value { return integer(w.PID) }),
	optional(1, of("current_setting", engine.Text, currentSetting, engine.Text, engine.Bool)),
	of("set_config", engine.Text, setConfig, engine.Text, engine.Text, engine.Bool),
	of("now", engine.Timestamptz, now), of("current_timestamp", engine.Timestamptz, now), of("clock_timestamp", engine.Timestamptz, now),
	of("statement_timestamp", engine.Timestamptz, now), of("transaction_timestamp", engine.Timestamptz, now),
	of("current_date", engine.Date, func(*World, []value) value { return time.Now().UTC().Format("2006-01-02") }),
	of("date_part", engine.Float8, epochOf, engine.Text, engine.Timestamptz),
}

func currentSetting(w *World, a []value) value {
	s, ok := w.setting(a[0].(string))
	if !ok && len(a) > 1 && a[1] == true {
		return nil
	}
	if !ok {
		engine.Fail(sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", a[0]))
	}
	return s
}

func setConfig(w *World, a []value) value {
	if err := w.Assign(a[0].(string), a[1].(string), a[2] == true); err != nil {
		engine.Fail(err)
	}
	return a[1]
}

// epochOf is extract(epoch FROM t), which tools ask of the time at which the server began.
func epochOf(_ *World, a []value) value {
	t, err := time.Parse(stamp, a[1].(string))
	if err != nil || a[0] != "epoch" {
		engine.Fail(sqlerr.New(sqlerr.FeatureNotSupported, "date_part('%v', …) is not supported in queries of the catalog", a[0]))
	}
	return float64(t.UnixMicro()) / 1e6
}

// isVisible tells whether what has a number is found without its schema.
func isVisible(w *World, a []value) value {
	n := engine.Whole(a[0])
	if r := w.relation(n &^ indexBit); r != nil && n != 0 {
		return w.visible(r.Database)
	}
	if d := ownByOID[n]; d != nil {
		return w.visible(d.table.Schema)
	}
	return typeLines[engine.Type(n)] != nil
}

// catalogFunctions tell of what has a number.
var catalogFunctions = []*engine.Function{
	{Name: "format_type", Args: []engine.Type{engine.OID, engine.Int4}, Result: engine.Text, Lenient: true, Call: func(_ engine.Env, a []value) value {
		if a[0] == nil {
			return nil
		}
		modifier := int64(-1)
		if a[1] != nil {
			modifier = engine.Whole(a[1])
		}
		if engine.Whole(a[0]) == 0 {
			return "-"
		}
		return formatType(engine.Type(engine.Whole(a[0])), modifier)
	}},
	optional(1, of("pg_get_expr", engine.Text, func(_ *World, a []value) value { return a[0] }, engine.NodeTree, engine.OID, engine.Bool)),
	of("pg_get_userbyid", engine.Name, userByID, engine.OID),
	optional(1, of("pg_get_viewdef", engine.Text, viewDefinition, engine.OID, engine.Bool)),
	of("pg_get_viewdef", engine.Text, viewDefinition, engine.OID, engine.Int4),
	optional(1, of("pg_get_constraintdef", engine.Text, func(w *World, a []value) value {
		if r := w.keyed(engine.Whole(a[0])); r != nil {
			return "PRIMARY KEY (" + keyList(r) + ")"
		}
		return nil
	}, engine.OID, engine.Bool)),
	optional(2, of("pg_get_indexdef", engine.Text, indexDefinition, engine.OID, engine.Int4, engine.Bool)),
	optional(1, of("obj_description", engine.Text, func(w *World, a []value) value {
		if len(a) > 1 && a[1] == "pg_proc" || len(a) == 1 && w.procs()[engine.Whole(a[0])] != nil {
			return w.procComment(engine.Whole(a[0]))
		}
		if len(a) > 1 && a[1] != "pg_class" {
			return nil
		}
		if r := w.relation(engine.Whole(a[0])); r != nil {
			return orNull(r.Comment)
		}
		if d := ownByOID[engine.Whole(a[0])]; d != nil {
			return orNull(d.comment)
		}
		return nil
	}, engine.OID, engine.Name)),
	of("col_description", engine.Text, func(w *World, a []value) value {
		r, n := w.relation(engine.Whole(a[0])), engine.Whole(a[1])
		if r == nil || n < 1 || n > int64(len(r.Columns)) {
			return nil
		}
		return orNull(r.Columns[n-1].Comment)
	}, engine.OID, engine.Int4),
	of("to_regclass", engine.Regclass, func(w *World, a []value) value {
		if n, ok := w.find(a[0].(string), engine.Regclass); ok {
			return w.show(n, engine.Regclass)
		}
		return nil
	}, engine.Text),
	of("to_regtype", engine.Regtype, func(w *World, a []value) value {
		if n, ok := w.find(a[0].(string), engine.Regtype); ok {
			return w.show(n, engine.Regtype)
		}
		return nil
	}, engine.Text),
	of("pg_encoding_to_char", engine.Name, func(_ *World, a []value) value {
		if engine.Whole(a[0]) == utf8Encoding {
			return "UTF8"
		}
		return ""
	}, engine.Int4),
	of("pg_char_to_encoding", engine.Int4, func(_ *World, a []value) value {
		if s := strings.ToLower(a[0].(string)); s == "utf8" || s == "utf-8" || s == "unicode" {
			return int64(utf8Encoding)
		}
		return int64(-1)
	}, engine.Name),
	of("pg_size_pretty", engine.Text, sizePretty, engine.Int8),
}

func viewDefinition(w *World, a []value) value {
	if r := w.relation(engine.Whole(a[0])); r != nil && r.Kind == catalog.View {
		return " " + strings.TrimSuffix(strings.TrimSpace(w.Definition(r)), ";") + ";"
	}
	return nil
}

func keyList(r *catalog.Relation) string {
	quoted := make([]string, len(r.PrimaryKey))
	for i, k := range r.PrimaryKey {
		quoted[i] = engine.QuoteIdent(k)
	}
	return strings.Join(quoted, ", ")
}

// indexDefinition is the whole statement, or the column of a number.
func indexDefinition(w *World, a []value) value {
	r := w.keyed(engine.Whole(a[0]))
	switch {
	case r == nil:
		return nil
	case len(a) > 1 && engine.Whole(a[1]) > 0:
		if n := engine.Whole(a[1]); n <= int64(len(r.PrimaryKey)) {
			return engine.QuoteIdent(r.PrimaryKey[n-1])
		}
		return ""
	}
	return fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s.%s USING btree (%s)", engine.QuoteIdent(r.Name+"_pkey"), engine.QuoteIdent(r.Database), engine.QuoteIdent(r.Name), keyList(r))
}

// sizePretty is pg_size_pretty: it goes to the next unit from ten of it on.
func sizePretty(_ *World, a []value) value {
	n, units := engine.Whole(a[0]), []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for ; i < len(units)-1 && (n >= 10240 || n <= -10240); i++ {
		n = (n + 512) / 1024
	}
	return fmt.Sprintf("%d %s", n, units[i])
}

// always is a function that answers the same to everything: what it asks about there is not, or nothing stands in the way.
func always(name string, result engine.Type, v value, args ...engine.Type) *engine.Function {
	return &engine.Function{Name: name, Args: args, Result: result, Lenient: true, Call: func(engine.Env, []value) value { return v }}
}

// none is a function that gives no rows.
func none(name string, column engine.Column, args ...engine.Type) *engine.Function {
	return &engine.Function{Name: name, Args: args, Columns: []engine.Column{column}, Rows: func(engine.Env, []value) rows { return nil }}
}

var answers = slices.Concat([]*engine.Function{
	always("shobj_description", engine.Text, nil, engine.OID, engine.Name), always("getdatabaseencoding", engine.Name, "UTF8"),
	optional(1, always("pg_relation_size", engine.Int8, int64(0), engine.Regclass, engine.Text)),
	always("pg_table_size", engine.Int8, int64(0), engine.Regclass), always("pg_total_relation_size", engine.Int8, int64(0), engine.Regclass),
	always("pg_indexes_size", engine.Int8, int64(0), engine.Regclass), always("pg_tablespace_location", engine.Text, "", engine.OID),
	always("pg_tablespace_size", engine.Int8, int64(0), engine.OID), always("pg_describe_object", engine.Text, nil, engine.OID, engine.OID, engine.Int4),
	always("pg_database_size", engine.Int8, int64(0), engine.OID), always("pg_database_size", engine.Int8, int64(0), engine.Name),
	always("pg_relation_is_publishable", engine.Bool, false, engine.Regclass), always("pg_stat_get_numscans", engine.Int8, int64(0), engine.OID),
	always("pg_is_in_recovery", engine.Bool, false), always("pg_my_temp_schema", engine.OID, int64(0)), always("pg_is_other_temp_schema", engine.Bool, false, engine.OID),
	always("pg_advisory_unlock_all", engine.Void, ""), always("inet_server_addr", engine.Inet, nil), always("inet_server_port", engine.Int4, nil),
	always("inet_client_addr", engine.Inet, nil), always("txid_current", engine.Int8, int64(1)), always("age", engine.Int4, int64(0), engine.XID),
	always("pg_get_serial_sequence", engine.Text, nil, engine.Text, engine.Text), always("pg_get_partkeydef", engine.Text, nil, engine.OID),
	optional(1, always("pg_get_ruledef", engine.Text, nil, engine.OID, engine.Bool)), optional(1, always("pg_get_triggerdef", engine.Text, nil, engine.OID, engine.Bool)),
	always("pg_get_statisticsobjdef_columns", engine.Text, nil, engine.OID),

	none("pg_partition_ancestors", engine.Column{Name: "relid", Type: engine.Regclass}, engine.Regclass),
}, privileges(), visibilities())

func visibilities() (list []*engine.Function) {
	for _, kind := range []string{"table", "type", "operator", "opclass", "opfamily", "collation", "conversion", "statistics_obj", "ts_config", "ts_dict", "ts_parser", "ts_template"} {
		list = append(list, of("pg_"+kind+"_is_visible", engine.Bool, isVisible, engine.OID))
	}
	return list
}
