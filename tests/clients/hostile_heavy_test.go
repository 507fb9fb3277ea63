package clients

// heavy are texts whose rows are long: what operators hold of them, and what is on its way between them, counts for the query; values on the
// way to one result are bounded together.
var heavy = []hostile{
	{"texts that double in subqueries", many("SELECT x || x AS x FROM (", 60) + "SELECT id::text AS x FROM ticks" + chained(60, ") t%d"), "53200"},
	{"DISTINCT of long texts", "SELECT count(DISTINCT repeat(id::text, 1000000)) FROM ticks", "53200"},
	{"ORDER BY of long texts", "SELECT count(*) FROM (SELECT repeat(id::text, 1000000) AS x FROM ticks ORDER BY x LIMIT 900) t", "53200"},
	{"GROUP BY of long texts", "SELECT x, count(*) FROM (SELECT repeat(id::text, 1000000) AS x FROM ticks) t GROUP BY x", "53200"},
	{"a join with long texts", "SELECT count(octet_length(a.x || b.x)) FROM (SELECT id, repeat(id::text, 1000000) AS x FROM ticks) a JOIN (SELECT id, repeat(id::text, 1000000) AS x FROM ticks) b ON a.id = b.id", "53200"},
	{"a join with long arrays", "SELECT count(cardinality(b.x)) FROM ticks a JOIN (SELECT array_agg(g) AS x, 1 AS one FROM generate_series(1, 100000) t(g)) b ON b.one = a.id / a.id", ""},
	{"a list of long texts", "SELECT octet_length(string_agg(repeat(id::text, 100000), ',')) FROM ticks", "53200"},
	{"a list of many texts", "SELECT octet_length(string_agg(g::text, ',')) FROM generate_series(1, 300000) t(g)", ""},
	{"long texts side by side", "SELECT " + many("octet_length(repeat(id::text, 4000000)) + ", 100) + "1 FROM ticks", "54000"},
	{"to_json of to_json", "SELECT octet_length(" + many("to_json(", 100) + "'\"'" + many(")::text", 100) + ")", "54000"},
	{"a long template of numbers", "SELECT to_char(1, repeat('9', 1000000))", "54000"},
	{"a long template of times", "SELECT to_char(at, repeat('YYYY', 250000)) FROM ticks", "54000"},
}
