package clients

import (
	"fmt"
	"strings"
)

// hostile is a text that is sent, and the SQLSTATE that it ends with; empty: it is answered.
type hostile struct{ name, text, code string }

func many(s string, n int) string { return strings.Repeat(s, n) }

// nested are texts one inside the other.
var nested = []hostile{
	{"5 million brackets", "SELECT " + many("(", 5_000_000), "54000"},
	{"1 MB of brackets", "SELECT " + many("(", 500_000) + "1" + many(")", 500_000), "54000"},
	{"brackets", "SELECT " + many("(", 1000) + "1" + many(")", 1000), "54001"},
	{"CASE", "SELECT " + many("CASE WHEN 1=1 THEN ", 100_000/4) + "1" + many(" END", 100_000/4), "54000"},
	{"subqueries", many("SELECT (", 20_000) + "1" + many(")", 20_000), "54001"},
	{"subqueries in FROM", many("SELECT * FROM (", 10_000) + "SELECT 1" + many(") t", 10_000), "54001"},
	{"subqueries in WHERE", "SELECT 1" + many(" WHERE 1 IN (SELECT 1", 10_000) + many(")", 10_000), "54001"},
	{"WITH in WITH", many("WITH a AS (", 10_000) + "SELECT 1" + many(") SELECT * FROM a", 10_000), "54001"},
	{"a chain of WITH", "WITH a0 AS (SELECT 1 AS x)" + chained(1000, ", a%d AS (SELECT x + 1 AS x FROM a%d)") + " SELECT * FROM a1000", "54001"},
	{"WITH that doubles", "WITH a0 AS (SELECT 1 AS x)" + chained(40, ", a%d AS (SELECT l.x FROM a%[2]d l JOIN a%[2]d r ON l.x = r.x)") + " SELECT count(*) FROM a40", "54001"},
	{"arrays", "SELECT " + many("ARRAY[", 10_000) + "1" + many("]", 10_000), "54001"},
	{"types", "CREATE STREAM s (a " + many("STRUCT<a: ", 10_000) + "INT" + many(">", 10_000) + ") TBLPROPERTIES ('topic'='s')", "54001"},
	{"casts", "SELECT 1" + many("::bigint", 30_000), "54001"},
	{"calls", "SELECT " + many("abs(", 20_000) + "1" + many(")", 20_000), "54001"},
	{"NOT", "SELECT " + many("NOT ", 90_000) + "true", "54001"},
	{"unary minus", "SELECT " + many("- ", 90_000) + "1", "54001"},
	{"indexes", "SELECT a" + many("[1]", 30_000) + " FROM (SELECT ARRAY[1] AS a) t", "54001"},
	{"fields", "SELECT a" + many(".a", 30_000), "42P01"},
	{"JSON", "SELECT CAST('" + many("[", 500_000) + many("]", 500_000) + "' AS JSON)", "22P02"},
	{"a JSON path", "SELECT json_value('{}', '$" + many(".a", 100_000) + "')", "22023"},
	{"comments", "SELECT " + many("/*", 250_000) + many("*/", 250_000) + "1", ""},
	{"a regular expression", "SELECT 'a' REGEXP '" + many("(", 100_000) + many(")", 100_000) + "'", "2201B"},
	{"a pattern", "SELECT * FROM ticks MATCH_RECOGNIZE (ORDER BY at MEASURES 1 AS x PATTERN (" + many("(", 10_000) + "A" + many(")", 10_000) + ") DEFINE A AS true)", "54001"},
}

// long are texts of many parts.
var long = []hostile{
	{"1 MB of a,a,a", "SELECT " + many("a,", 500_000) + "a", "54000"},
	{"1 MB of statements", many("SELECT 1;", 110_000), "54000"},
	{"1 MB of semicolons", many(";", 1_000_000), "54000"},
	{"1 MB of text", "SELECT length('" + many("x", 1_000_000) + "')", ""},
	{"a message of 17 MB", "SELECT '" + many("x", 17<<20) + "'", "54000"},
	{"a million + 1", "SELECT 1" + many("+1", 1_000_000), "54000"},
	{"a chain of +", "SELECT 1" + many("+1", 40_000), "54001"},
	{"a chain of ||", "SELECT 'a'" + many("||'a'", 40_000), "54001"},
	{"a chain of OR", "SELECT 1 WHERE 1=1" + many(" OR 1=1", 20_000), "54001"},
	{"UNION ALL", "SELECT 1" + many(" UNION ALL SELECT 1", 20_000), "54001"},
	{"a thousand joins", "SELECT 1 FROM ticks t0" + chained(1000, " JOIN ticks t%d ON t%[1]d.id = t%d.id"), "54001"},
	{"a thousand tables", "SELECT 1 FROM ticks" + many(", ticks", 1000), "54001"},
	{"a long IN", "SELECT 1 WHERE 5 IN (" + many("1,", 20_000) + "1)", ""},
	{"a longer IN", "SELECT 1 WHERE 5 IN (" + many("1,", 400_000) + "1)", "54000"},
	{"a long array", "SELECT cardinality(ARRAY[" + many("1,", 40_000) + "1])", ""},
	{"a thousand columns", "SELECT " + many("1,", 999) + "1", ""},
	{"ten thousand columns", "SELECT " + many("id,", 9_999) + "id FROM ticks", "54011"},
	{"a stream of ten thousand columns", "CREATE STREAM w (c0 INT" + chained(9_999, ", c%d INT") + ") TBLPROPERTIES ('topic'='w')", ""},
	{"a thousand GROUP BY", "SELECT 1 FROM ticks GROUP BY id" + many(", id", 1000), ""},
	{"CUBE of 30", "SELECT count(*) FROM ticks GROUP BY CUBE (id" + chained(30, ", id + %d") + ")", "54000"},
	{"a long name", "SELECT 1 AS " + many("x", 1_000_000), "42602"},
	{"quotes without an end", "SELECT '" + many("x", 1_000_000), "42601"},
}

// large are values without measure.
var large = []hostile{
	{"a long number", "SELECT " + many("9", 1_000_000), "22003"},
	{"a long fraction", "SELECT 0." + many("9", 1_000_000), "22003"},
	{"a long number in a text", "SELECT CAST('" + many("9", 1_000_000) + "' AS DECIMAL(38,0))", "22003"},
	{"a large exponent", "SELECT 1e999999999", "22003"},
	{"a large exponent in a text", "SELECT CAST('1e999999999' AS DECIMAL(38,0))", "22003"},
	{"repeat", "SELECT repeat('x', 2000000000)", "54000"},
	{"repeat of repeat", "SELECT length(repeat(repeat('x', 100000), 100000))", "54000"},
	{"lpad", "SELECT lpad('x', 2000000000, 'y')", "54000"},
	{"space", "SELECT space(2000000000)", "54000"},
	{"replace", "SELECT length(replace(repeat('a',1000000),'a',repeat('b',1000)))", "54000"},
	{"a power", "SELECT pow(10, 10000)", "22003"},
	{"a factorial", "SELECT factorial(1000000)", ""},
	{"a series as an array", "SELECT cardinality(generate_series(1, 2000000000))", "42883"},
	{"an interval", "SELECT INTERVAL '" + many("9", 10_000) + "' DAY", "22008"},
	{"a type's length", "SELECT CAST('x' AS VARCHAR(99999999999999999999))", "42601"},
	{"LIMIT", "SELECT 1 LIMIT 99999999999999999999999999", "42601"},
	{"a slide of nothing", "SELECT count(*) FROM TABLE(HOP(TABLE ticks, DESCRIPTOR(at), INTERVAL '1' SECOND, INTERVAL '100000' DAY)) GROUP BY window_start", "22008"},
	{"rows of rows of rows", "SET statement_timeout = 200; SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c", "57014"},
}

// explosive are patterns and loops that would go on for ever.
var explosive = []hostile{
	{"regular expression that backtracks", "SELECT '" + many("a", 100_000) + "!' REGEXP '^(a+)+$'", ""},
	{"regular expression that repeats", "SELECT 'a' REGEXP '((a{1,1000}){1,1000}){1,1000}'", "2201B"},
	{"LIKE", "SELECT '" + many("a", 10_000) + "' LIKE '" + many("%a", 5_000) + "b'", ""},
	{"a quantifier", "SELECT * FROM ticks MATCH_RECOGNIZE (ORDER BY at MEASURES 1 AS x PATTERN (A{1000000}) DEFINE A AS true)", "54001"},
	{"quantifiers", "SELECT * FROM ticks MATCH_RECOGNIZE (ORDER BY at MEASURES 1 AS x PATTERN ((((A{1,100}){1,100}){1,100}){1,100}) DEFINE A AS true)", "54001"},
	{"stars of stars", "SELECT count(*) FROM ticks MATCH_RECOGNIZE (ORDER BY at MEASURES 1 AS x PATTERN ((A* B*)* C) DEFINE A AS id > 0, B AS id > 0, C AS id < 0)", ""},
	{"PERMUTE", "SELECT * FROM ticks MATCH_RECOGNIZE (ORDER BY at MEASURES 1 AS x PATTERN (PERMUTE(A, B, C, D, E, F, G, H, I, J, K, L)) DEFINE A AS true)", "54001"},
	{"TIMES", "SELECT e1.id FROM PATTERN (e1=ticks[e1.id > 0][TIMES(1000000)]) WITHIN ('10' minute)", "54001"},
	{"endless wasm", "SELECT endless(1)", "38000"},
	{"endless wasm of a million rows", "SELECT count(endless(g)) FROM generate_series(1, 1000000) t(g)", "38000"},
	{"wasm that calls itself", "SELECT deep(1)", "38000"},
	{"wasm that takes memory", "SELECT grows(1)", "38000"},
	{"wasm whose beginning is endless", "CREATE FUNCTION begins(x BIGINT) RETURNS BIGINT LANGUAGE wasm AS '" + beginsModule + `' WITH ("export"="f", "time.limit"="100 ms")`, "38000"},
	{"functions that call functions", chained(30, "CREATE FUNCTION f%d(x BIGINT) RETURNS BIGINT AS 'f%[2]d(x) + f%[2]d(x)';") + "SELECT f30(1)", "54001"},
	{"views of views", chained(30, "CREATE VIEW v%d AS SELECT l.id FROM v%[2]d l JOIN v%[2]d r ON l.id = r.id;") + "SELECT count(*) FROM v30", "54001"},
}

// chained are n parts, each with its number and the one before.
func chained(n int, form string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if strings.Count(form, "%d") == 1 && !strings.Contains(form, "%[") {
			fmt.Fprintf(&b, form, i)
		} else {
			fmt.Fprintf(&b, form, i, i-1)
		}
	}
	return b.String()
}
