package clients

import (
	"fmt"
	"strings"
)

// copying are texts in which something that is written once would stand twice in the plan, at each level.
var copying = []hostile{
	{"subqueries that double a column", many("SELECT x + x AS x FROM (", 60) + "SELECT id AS x FROM ticks" + chained(60, ") t%d"), "22003"},
	{"nullif", "SELECT " + many("nullif(", 190) + "id" + many(", 1)", 190) + " FROM ticks", "54001"},
	{"coalesce", "SELECT " + many("coalesce(", 190) + "id" + many(", 1)", 190) + " FROM ticks", ""},
	{"ifnull", "SELECT " + many("ifnull(", 190) + "id" + many(", 1)", 190) + " FROM ticks", ""},
	{"greatest", "SELECT " + many("greatest(", 190) + "id" + many(", 1)", 190) + " FROM ticks", ""},
	{"nvl2", "SELECT " + many("nvl2(", 190) + "id" + many(", 1, 2)", 190) + " FROM ticks", ""},
	{"if", "SELECT " + many("if(", 190) + "id" + many(" > 1, 1, 2)", 190) + " FROM ticks", ""},
	{"BETWEEN", "SELECT count(*) FROM ticks WHERE " + many("(", 150) + "id" + many(" BETWEEN 1 AND 2)::int::bigint", 150) + " = 1", "54001"},
	{"BETWEEN of texts", "SELECT count(*) FROM ticks WHERE " + many("(", 150) + "id::text" + many(" BETWEEN '1' AND '2')::text", 150) + " = 'a'", "54001"},
	{"IS DISTINCT FROM", "SELECT count(*) FROM ticks WHERE " + many("(", 150) + "true" + many(" IS DISTINCT FROM false)", 150), ""},
	{"simple CASE", "SELECT " + many("CASE ", 150) + "id" + many(" WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 4 END", 150) + " FROM ticks", "54001"},
	{"IN of IN", "SELECT " + many("(", 150) + "id" + many(" IN (1, 2, 3))::int::bigint", 150) + " FROM ticks", "54001"},
	{"IN of columns of IN", "SELECT " + many("(", 150) + "id" + many(" IN (1, id, 3))::int::bigint", 150) + " FROM ticks", "54001"},
	{"rows compared", "SELECT " + many("((", 90) + "id" + many(", 1) < (2, 3))::int::bigint", 90) + " FROM ticks", "54001"},
	{"date_add", "SELECT " + many("date_add(", 190) + "at" + many(", interval 1 day)", 190) + " FROM ticks", ""},
	{"date_trunc", "SELECT " + many("date_trunc('day', ", 190) + "at" + many(")", 190) + " FROM ticks", ""},
	{"trim", "SELECT " + many("trim(BOTH 'x' FROM ", 190) + "'x'" + many(")", 190), ""},
	{"overlay", "SELECT " + many("overlay(", 190) + "id::text" + many(" PLACING 'x' FROM 1)", 190) + " FROM ticks", ""},
	{"subscripts of arrays", "SELECT " + many("(ARRAY[", 90) + "id" + many("])[1]", 90) + " FROM ticks", ""},
	{"arrays of arrays", "SELECT " + many("ARRAY[", 100) + "id" + many("]", 100) + " FROM ticks", "42883"},
	{"rows of rows", "SELECT " + many("ROW(", 100) + "id" + many(")", 100) + " FROM ticks", "42883"},
	{"JSON of JSON", "SELECT " + many("json_array(", 190) + "id" + many(")", 190) + " FROM ticks", ""},
	{"JSON objects", "SELECT " + many("json_object('a', ", 190) + "id" + many(")", 190) + " FROM ticks", ""},
	{"JSON arrows", "SELECT '{}'::json" + many(" -> 'a'", 900), "54001"},
	{"AT TIME ZONE", "SELECT at" + many(" AT TIME ZONE 'UTC'", 900) + " FROM ticks", "54001"},
	{"AND of OR", "SELECT count(*) FROM ticks WHERE (id = 1 OR id = 2)" + many(" AND (id = 1 OR id = 2)", 400), ""},
	{"OR of AND", "SELECT count(*) FROM ticks WHERE (id = 1 AND id = 2)" + many(" OR (id = 1 AND id = 2)", 300), ""},
	{"AND of OR of a join", "SELECT count(*) FROM ticks a JOIN ticks b ON (a.id = b.id OR a.id = 2)" + many(" AND (a.id = b.id OR b.id = 2)", 200), ""},
	{"NOT of AND of OR", "SELECT count(*) FROM ticks WHERE " + many("NOT (id = 1 AND (id = 2 OR ", 90) + "true" + many("))", 90), ""},
	{"views that double", chained(30, "CREATE VIEW vv%d AS SELECT x + x AS x FROM vv%[2]d;") + "SELECT x FROM vv30", ""},
	{"WITH that doubles a column", "WITH a0 AS (SELECT id AS x FROM ticks)" + chained(60, ", a%d AS (SELECT x + x AS x FROM a%d)") + " SELECT count(x) FROM a60", "22003"},
	{"a thousand WITH that read the former twice", "WITH a0 AS (SELECT id AS x FROM ticks)" + chained(1000, ", a%d AS (SELECT x FROM a%[2]d UNION ALL SELECT x FROM a%[2]d)") + " SELECT count(x) FROM a1000", "54001"},
	{"WITH RECURSIVE", "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a) SELECT count(*) FROM a", "0A000"},
	{"correlated subqueries", within(60, "SELECT id FROM ticks t%d WHERE EXISTS (", "SELECT 1 FROM ticks u WHERE u.id = t%d.id", ")"), ""},
	{"correlated subqueries of every level", correlated(20), "0A000"},
	{"correlated values", "SELECT " + many("(SELECT max(u.id) FROM ticks u WHERE u.id < t.id) + ", 60) + "1 FROM ticks t", "54001"},
	{"many EXISTS", "SELECT count(*) FROM ticks t WHERE EXISTS (SELECT 1 FROM ticks u WHERE u.id = t.id)" + many(" OR EXISTS (SELECT 1 FROM ticks u WHERE u.id = t.id)", 60), ""},
	{"many IN of subqueries", "SELECT count(*) FROM ticks t WHERE id IN (SELECT id FROM ticks)" + many(" AND id NOT IN (SELECT id FROM ticks)", 60), ""},
	{"DISTINCT of DISTINCT", many("SELECT DISTINCT * FROM (", 90) + "SELECT * FROM ticks" + chained(90, ") t%d"), ""},
	{"GROUP BY of GROUP BY", many("SELECT count(*) AS id FROM (", 90) + "SELECT id FROM ticks" + chained(90, ") t%d GROUP BY id"), ""},
	{"windows of windows", many("SELECT id, row_number() OVER (PARTITION BY id ORDER BY id) AS n FROM (", 60) + "SELECT id FROM ticks" + chained(60, ") t%d"), ""},
	{"* of * of *", many("SELECT *, * FROM (", 30) + "SELECT 1 AS x" + chained(30, ") t%d"), "54011"},
}

// correlated are subqueries one inside the other, each of which reads a column of every one around it.
func correlated(n int) string {
	var b strings.Builder
	b.WriteString("SELECT count(*) FROM ticks t0 WHERE ")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "EXISTS (SELECT 1 FROM ticks t%d WHERE ", i)
		for j := range i {
			fmt.Fprintf(&b, "t%d.id = t%d.id AND ", i, j)
		}
	}
	return b.String() + "true" + many(")", n)
}

// within are n beginnings with their numbers, what stands inside of the last, and their ends.
func within(n int, opens, inside, closes string) string {
	return chained(n, opens) + fmt.Sprintf(inside, n) + many(closes, n)
}
