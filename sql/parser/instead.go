package parser

// instead says of forms that are refused by name what there is in their place.
var instead = map[string]string{
	"ANTI JOIN":                  "Write WHERE NOT EXISTS (SELECT …).",
	"ASOF JOIN":                  "Write JOIN t FOR SYSTEM_TIME AS OF a.time ON ….",
	"AT TIME ZONE":               "A TIMESTAMP has no zone; server.timezone is that of CURRENT_TIMESTAMP.",
	"CREATE MATERIALIZED":        "A stream job that writes to a stream with PRIMARY KEY keeps a result up to date.",
	"CREATE TEMPORARY":           "Write CREATE, and DROP it when it is not wanted any more.",
	"FOR SHARE":                  "Reading locks nothing.",
	"FOR UPDATE":                 "Reading locks nothing.",
	"INSERT INTO a PARTITION":    "The partition of a record follows from its key.",
	"INSERT OVERWRITE":           "INSERT INTO appends; where a stream has a PRIMARY KEY, a row replaces the one of its key.",
	"PIVOT":                      "Write SUM(x) FILTER (WHERE k = …) for each column.",
	"QUALIFY":                    "Put the query into FROM and write WHERE.",
	"SELECT … INTO":              "Write INSERT INTO a stream SELECT ….",
	"SEMI JOIN":                  "Write WHERE x IN (SELECT …) or WHERE EXISTS (SELECT …).",
	"STRAIGHT_JOIN":              "Write JOIN.",
	"TABLESAMPLE":                "Filter with WHERE.",
	"UNPIVOT":                    "Write UNION ALL of a SELECT for each column.",
	"an argument by name":        "Arguments stand in their order: TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE).",
	"comparison with ANY or ALL": "Write IN (…).",
}
