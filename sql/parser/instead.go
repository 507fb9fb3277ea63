package parser

// instead says of forms that are refused by name what there is in their place.
var instead = map[string]string{
	"ALTER APPLICATION":           "An application has a name and jobs, nothing to be altered: CREATE APPLICATION another one.",
	"ANTI JOIN":                   "Write WHERE NOT EXISTS (SELECT …).",
	"ASOF JOIN":                   "Write JOIN t FOR SYSTEM_TIME AS OF a.time ON ….",
	"AT TIME ZONE":                "A TIMESTAMP has no zone; server.timezone is that of CURRENT_TIMESTAMP.",
	"CREATE MATERIALIZED":         "A stream job that writes to a stream with PRIMARY KEY keeps a result up to date.",
	"CLUSTERED":                   storedElsewhere,
	"CREATE TEMPORARY FUNCTION":   javaClasses,
	"CREATE TEMPORARY":            "Write CREATE, and DROP it when it is not wanted any more.",
	"DISTRIBUTED":                 storedElsewhere,
	"EXECUTE CDCSOURCE":           "A database's changes come as records of a topic: CREATE STREAM … TBLPROPERTIES (\"topic\"=\"…\", \"format\"=\"json\").",
	"ENGINE":                      storedElsewhere,
	"FOR SHARE":                   "Reading locks nothing.",
	"FOR UPDATE":                  "Reading locks nothing.",
	"INSERT INTO a PARTITION":     "The partition of a record follows from its key.",
	"INSERT OVERWRITE":            "INSERT INTO appends; where a stream has a PRIMARY KEY, a row replaces the one of its key.",
	"LOCATION":                    storedElsewhere,
	"PARTITION":                   storedElsewhere,
	"PARTITIONED":                 storedElsewhere,
	"PIVOT":                       "Write SUM(x) FILTER (WHERE k = …) for each column.",
	"QUALIFY":                     "Put the query into FROM and write WHERE.",
	"SELECT … INTO":               "Write INSERT INTO a stream SELECT ….",
	"SEMI JOIN":                   "Write WHERE x IN (SELECT …) or WHERE EXISTS (SELECT …).",
	"STORED":                      storedElsewhere,
	"STRAIGHT_JOIN":               "Write JOIN.",
	"STREAMWINDOW with INFINITE":  "A GROUP BY without STREAMWINDOW is over all rows, and corrects its results.",
	"STREAMWINDOW with SEPARATED": "GROUP BY the column: each of its values has windows of its own.",
	"TABLESAMPLE":                 "Filter with WHERE.",
	"UNPIVOT":                     "Write UNION ALL of a SELECT for each column.",
	"an argument by name":         "Arguments stand in their order: TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE).",
	"comparison with ANY or ALL":  "Write IN (…).",
}

// What is said where a statement is about tables of a warehouse, or about classes of its Java.
const (
	storedElsewhere = "There are no tables stored here: a stream lies in a topic, TBLPROPERTIES (\"topic\"=\"…\"), and other connectors are named by \"connector\"=\"…\"."
	javaClasses     = "Classes in Java are not loaded: CREATE FUNCTION … AS 'expression' declares a function in SQL, … LANGUAGE wasm AS 'file' one in WebAssembly."
)
