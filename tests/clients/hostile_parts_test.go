package clients

import (
	"fmt"
	"strings"
)

// wide are texts of many parts, as many as the limits of a statement let through, and more.
var wide = []hostile{
	{"3 million CASE", "SELECT " + many("CASE ", 3_000_000), "54000"},
	{"two million SELECT", many("(SELECT ", 1_900_000), "54000"},
	{"a chain of 500 joins", "SELECT 1 FROM ticks t0" + chained(500, " JOIN ticks t%d ON t%[1]d.id = t%d.id"), "54001"},
	{"a chain of 100000 joins", "SELECT 1 FROM ticks t0" + many(" JOIN ticks", 100_000), "54000"},
	{"a chain of 64 joins", "SELECT count(*) FROM ticks t0" + chained(64, " JOIN ticks t%d ON t%[1]d.id = t%d.id"), ""},
	{"a chain of 64 left joins", "SELECT count(*) FROM ticks t0" + chained(64, " LEFT JOIN ticks t%d ON t%[1]d.id = t%d.id"), ""},
	{"a chain of 64 full joins", "SELECT count(*) FROM ticks t0" + chained(64, " FULL JOIN ticks t%d ON t%[1]d.id = t%d.id"), ""},
	{"joins on all before", "SELECT count(*) FROM ticks t0" + joinsOnAll(40), "54001"},
	{"60 series", "SELECT count(*) FROM generate_series(1,1) t0" + chained(60, ", generate_series(1,1) t%d"), ""},
	{"100 tables of values", "SELECT count(*) FROM (VALUES (1)) t0" + chained(100, ", (VALUES (1)) t%d"), ""},
	{"UNION ALL of 256", "SELECT id FROM ticks" + many(" UNION ALL SELECT id FROM ticks", 255), "54001"},
	{"UNION of 256", "SELECT id FROM ticks" + many(" UNION SELECT id FROM ticks", 255), "54001"},
	{"UNION of 256 constants", "SELECT 1" + many(" UNION SELECT 1", 256), ""},
	{"INTERSECT of 256", "SELECT id FROM ticks" + many(" INTERSECT SELECT id FROM ticks", 255), "54001"},
	{"EXCEPT of 256", "SELECT id FROM ticks" + many(" EXCEPT SELECT id FROM ticks", 255), "54001"},
	{"UNION of 5000", "SELECT 1" + many(" UNION SELECT 1", 5_000), "54001"},
	{"CASE of 900", "SELECT CASE id" + chained(900, " WHEN %d THEN %[1]d") + " END FROM ticks", ""},
	{"CASE of 10000", "SELECT CASE id" + chained(10_000, " WHEN %d THEN %[1]d") + " END FROM ticks", "54001"},
	{"CASE of 400, fifty times", "SELECT 1" + many(", CASE id"+chained(400, " WHEN %d THEN %[1]d")+" END", 50) + " FROM ticks", "54001"},
	{"900 operators, forty times", "SELECT id" + many(", id"+many(" + id", 900), 40) + " FROM ticks", "54001"},
	{"IN of columns", "SELECT count(*) FROM ticks WHERE id IN (" + many("id,", 40_000) + "1)", "54001"},
	{"IN of constants over a stream", "SELECT count(*) FROM ticks WHERE id IN (" + chained(40_000, "%d,") + "1)", "54001"},
	{"IN of texts", "SELECT count(*) FROM ticks WHERE id::text IN (" + chained(40_000, "'%d',") + "'1')", "54001"},
	{"IN of decimals", "SELECT count(*) FROM ticks WHERE id IN (" + chained(40_000, "%d.5,") + "1)", "54001"},
	{"IN of times", "SELECT count(*) FROM ticks WHERE at IN (" + many("'2026-01-01 00:00:00',", 40_000) + "'2026-01-01')", "54001"},
	{"NOT IN of constants", "SELECT count(*) FROM ticks WHERE id NOT IN (" + chained(40_000, "%d,") + "1)", "54001"},
	{"= ANY of an array", "SELECT count(*) FROM ticks WHERE id = ANY (ARRAY[" + chained(40_000, "%d,") + "1])", ""},
	{"IN of rows", "SELECT count(*) FROM ticks WHERE (id, id) IN (" + chained(15_000, "(%d, %[1]d),") + "(1, 1))", "54001"},
	{"coalesce of many", "SELECT coalesce(" + many("id,", 40_000) + "1) FROM ticks", "54023"},
	{"concat of many", "SELECT length(concat(" + many("id,", 40_000) + "1)) FROM ticks", "54023"},
	{"greatest of many", "SELECT greatest(" + many("id,", 40_000) + "1) FROM ticks", "54023"},
	{"10000 sums", "SELECT sum(id)" + many(", sum(id)", 9_999) + " FROM ticks", "54011"},
	{"5000 different sums", "SELECT sum(id)" + chained(5_000, ", sum(id + %d)") + " FROM ticks", "54011"},
	{"5000 expressions", "SELECT id" + chained(5_000, ", id + %d AS x%[1]d") + " FROM ticks", "54011"},
	{"500 windows of OVER", "SELECT id" + chained(500, ", sum(id) OVER (PARTITION BY id + %d ORDER BY at)") + " FROM ticks", "54001"},
	{"2000 OVER of one window", "SELECT id" + chained(2000, ", sum(id + %d) OVER (PARTITION BY id ORDER BY at)") + " FROM ticks", "54011"},
	{"500 named windows", "SELECT id" + chained(500, ", sum(id) OVER w%d") + " FROM ticks WINDOW w0 AS (PARTITION BY id)" + chained(500, ", w%d AS (w%d)"), ""},
	{"GROUPING SETS of 1000", "SELECT count(*) FROM ticks GROUP BY GROUPING SETS ((id)" + many(", (id)", 1000) + ")", "54000"},
	{"CUBE of 4", "SELECT count(*) FROM ticks GROUP BY CUBE (id, id+1, id+2, id+3)", ""},
	{"CUBE of CUBE", "SELECT count(*) FROM ticks GROUP BY CUBE (id, at), CUBE (id, at), CUBE (id, at), CUBE (id, at), CUBE (id, at)", "54000"},
	{"CUBE of 8", "SELECT count(*) FROM ticks GROUP BY CUBE (id" + chained(7, ", id + %d") + ")", "54000"},
	{"ROLLUP of 1000", "SELECT count(*) FROM ticks GROUP BY ROLLUP (id" + chained(1000, ", id + %d") + ")", "54000"},
	{"ORDER BY of 10000", "SELECT id FROM ticks ORDER BY id" + many(", id", 10_000) + " LIMIT 1", ""},
	{"PARTITION BY of 10000", "SELECT sum(id) OVER (PARTITION BY id" + many(", id", 10_000) + ") FROM ticks LIMIT 1", ""},
	{"20000 rows of VALUES", "SELECT count(*) FROM (VALUES (1)" + many(", (1)", 20_000) + ") t", ""},
	{"30000 columns of VALUES", "SELECT count(*) FROM (VALUES (1" + many(", 1", 30_000) + ")) t", "54011"},
	{"20000 statements", many("SELECT 1;", 20_000), ""},
	{"16000 SET", many("SET a.b = 1;", 16_000), "54000"},
	{"40000 columns that are not there", "SELECT " + many("nothing,", 40_000) + "nothing FROM ticks", "42703"},
	{"a name that is nearly there", "SELECT " + many("x", 60) + " FROM wide", "42703"},
	{"a long name that is nearly there", "SELECT " + many("x", 100_000) + " FROM wide", "42602"},
	{"all columns of 60 wide streams", "SELECT * FROM wide w0" + chained(60, " JOIN wide w%d ON w%[1]d.c0 = w%d.c0"), "54011"},
	{"NATURAL JOIN of a thousand columns", "SELECT count(*) FROM wide a NATURAL JOIN wide b", ""},
	{"USING of 900", "SELECT count(*) FROM wide a JOIN wide b USING (c0" + chained(900, ", c%d") + ")", ""},
	{"a type of ten thousand fields", "SELECT CAST(NULL AS STRUCT<a0 INT" + chained(10_000, ", a%d INT") + ">)", ""},
	{"a row of ten thousand", "SELECT ROW(1" + many(", 1", 10_000) + ")", ""},
	{"an array of texts", "SELECT cardinality(ARRAY[" + many("'a',", 40_000) + "'a'])", ""},
	{"a map of many", "SELECT cardinality(MAP[" + chained(20_000, "%d, 1,") + "0, 1])", ""},
	{"JSON_TABLE nested", "SELECT * FROM JSON_TABLE('{}', '$' COLUMNS (" + many("NESTED PATH '$[*]' COLUMNS (", 90) + "x INT PATH '$'" + many(")", 90) + ")) t", "54001"},
	{"JSON_TABLE of many columns", "SELECT count(*) FROM JSON_TABLE('{}', '$' COLUMNS (x0 INT PATH '$'" + chained(5000, ", x%d INT PATH '$'") + ")) t", ""},
	{"a SELECT of 5000 subqueries", "SELECT 1" + many(", (SELECT 1)", 5000), "54001"},
	{"a SELECT of 500 subqueries", "SELECT 1" + many(", (SELECT max(id) FROM ticks)", 500), "54001"},
}

// joinsOnAll are joins of each table with all before.
func joinsOnAll(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, " JOIN ticks t%d ON true", i)
		for j := range i {
			fmt.Fprintf(&b, " AND t%d.id = t%d.id", i, j)
		}
	}
	return b.String()
}
