package arch

// packages says, for each package, which others of the project it may import, without the
// leading slipway/. conf may be imported by all; a package that is not here is refused.
var packages = map[string][]string{
	"sql": {
		"sql/analyzer", "sql/ast", "sql/catalog", "sql/logical", "sql/optimizer", "sql/parser", "sql/physical", "sql/plan", "sql/sqlerr",
		"sql/types",
	},
	"sql/analyzer":  {"sql/ast", "sql/catalog", "sql/function", "sql/logical", "sql/parser", "sql/pattern", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},
	"sql/ast":       {"sql/types"},
	"sql/catalog":   {"sql/sqlerr", "sql/types"},
	"sql/function":  {"sql/types"},
	"sql/logical":   {"sql/function", "sql/pattern", "sql/plan", "sql/types", "sql/value"},
	"sql/optimizer": {"sql/logical", "sql/plan", "sql/types"},
	"sql/parser":    {"sql/ast", "sql/sqlerr", "sql/types", "sql/value"},
	"sql/pattern":   {"sql/plan"},
	"sql/physical":  {"sql/logical", "sql/plan", "sql/sqlerr", "sql/types"},
	"sql/plan":      {"sql/types"},
	"sql/sqlerr":    {},
	"sql/types":     {},
	"sql/value":     {"sql/sqlerr", "sql/types"},

	"checkpoint":         {},
	"checkpoint/hdfs":    {"checkpoint"},
	"checkpoint/localfs": {"checkpoint"},

	"executor":                     {"checkpoint", "executor/column", "executor/droplog", "executor/state", "sql/catalog", "sql/plan", "sql/sqlerr"},
	"executor/build":               {"executor", "executor/expr", "executor/op", "sql/plan", "sql/types"},
	"executor/column":              {"sql/types", "sql/value"},
	"executor/connector/blackhole": {"checkpoint", "executor", "executor/column", "sql/catalog", "sql/plan"},
	"executor/connector/collect":   {"checkpoint", "executor", "executor/column", "executor/state", "sql/types"},
	"executor/connector/datagen":   {"executor", "executor/column", "sql/catalog", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},
	"executor/connector/jdbc": {
		"executor", "executor/column", "executor/connector/jdbc/mysql", "executor/connector/jdbc/postgres", "executor/expr", "sql/catalog", "sql/plan", "sql/sqlerr",
		"sql/types", "sql/value",
	},
	"executor/connector/jdbc/mysql":    {},
	"executor/connector/jdbc/postgres": {},
	"executor/droplog":                 {},
	"executor/exchange":                {"checkpoint", "executor", "executor/column", "executor/state", "sql/plan", "sql/types"},
	"executor/expr":                    {"executor/column", "executor/sketch", "executor/wasm", "sql/function", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},
	"executor/format":                  {"executor/column", "executor/expr", "sql/catalog", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},
	"executor/job": {
		"checkpoint", "executor", "executor/build", "executor/column", "executor/droplog", "executor/exchange", "executor/expr", "executor/state", "executor/task",
		"sql/plan", "sql/sqlerr", "sql/types",
	},
	"executor/memory": {},
	"executor/op":     {"executor", "executor/column", "executor/expr", "executor/sketch", "executor/state", "executor/wasm", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},
	"executor/sketch": {},
	"executor/state":  {"checkpoint", "executor/column", "executor/memory", "sql/types", "sql/value"},
	"executor/task":   {"checkpoint", "executor", "executor/column", "executor/exchange", "executor/state", "sql/plan"},

	"executor/wasm": {"executor/column", "sql/plan", "sql/sqlerr", "sql/types", "sql/value"},

	"ha":           {"checkpoint"},
	"ha/local":     {"checkpoint", "ha", "sql/catalog"},
	"ha/zookeeper": {"checkpoint", "ha", "sql/catalog"},

	"ha/zookeeper/probe": {},

	"kafkaio": {
		"checkpoint", "executor", "executor/column", "executor/format", "kafkaio/client", "kafkaio/records", "sql/catalog", "sql/plan",
		"sql/sqlerr", "sql/types",
	},
	"kafkaio/client":   {"executor/memory", "kafkaio/records", "sql/sqlerr"},
	"kafkaio/embedded": {},
	"kafkaio/metadata": {"checkpoint", "kafkaio/client"},
	"kafkaio/records":  {},

	"server/auth": {"sql/catalog", "sql/sqlerr"},
	"server/jobs": {
		"executor/task", "server/events", "server/traces",
		"checkpoint", "executor", "executor/column", "executor/connector/collect", "executor/expr", "executor/job", "executor/state", "ha", "sql",
		"sql/catalog", "sql/plan", "sql/sqlerr", "sql/types",
	},
	"server/pgcatalog":        {"server/pgcatalog/engine", "server/pgcatalog/syntax", "sql/catalog", "sql/sqlerr", "sql/types"},
	"server/pgcatalog/engine": {"server/pgcatalog/syntax", "sql/sqlerr"},
	"server/pgcatalog/syntax": {"sql/sqlerr"},
	"server/secrets":          {"executor", "sql/catalog", "sql/plan", "sql/sqlerr"},
	"server/pgwire":           {"server/auth", "sql/sqlerr", "sql/types"},
	"server/session": {
		"checkpoint", "executor", "executor/column", "executor/expr", "executor/job", "executor/wasm", "ha", "server/auth", "server/events", "server/pgcatalog",
		"server/pgcatalog/engine", "server/pgwire", "sql", "sql/analyzer", "sql/ast",
		"sql/catalog", "sql/function", "sql/plan", "sql/sqlerr", "sql/types", "sql/value",
	},
	"server/web":               {"server/auth", "server/pgwire", "sql/sqlerr"},
	"server/web/console/build": {},
	"server/events":            {},
	"server/traces":            {"sql/sqlerr"},

	"cmd/node": {
		"checkpoint", "checkpoint/hdfs", "checkpoint/localfs", "executor", "executor/connector/blackhole", "executor/connector/datagen",
		"executor/connector/jdbc", "executor/job", "executor/state", "ha", "ha/local", "ha/zookeeper", "kafkaio", "kafkaio/client",
		"kafkaio/embedded", "kafkaio/metadata", "server/auth", "server/events", "server/jobs", "server/pgwire", "server/secrets", "server/session",
		"server/web", "sql", "sql/catalog", "sql/plan", "sql/sqlerr",
		"server/traces", "server/web", "sql", "sql/catalog", "sql/plan", "sql/sqlerr",
	},
	"cmd/check":   {"checkpoint", "checkpoint/localfs", "cmd/node", "ha/zookeeper/probe", "kafkaio/client"},
	"cmd/client":  {},
	"cmd/doctor":  {"cmd/client"},
	"cmd/shell":   {"cmd/client", "sql/parser"},
	"cmd/slipway": {"cmd/check", "cmd/client", "cmd/doctor", "cmd/node", "cmd/shell", "server/auth", "server/session", "sql/function"},

	"conf":             {"conf/near"},
	"conf/faultinject": {},
	"conf/near":        {},
}
