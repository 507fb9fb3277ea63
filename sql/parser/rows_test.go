package parser

import (
	"fmt"
	"testing"

	"slipway/sql/sqlerr"
)

// TestLots: rows that are read in lots are the same as rows that are read at once, and so
// are the errors in them.
func TestLots(t *testing.T) {
	kept := tokensAtOnce
	defer func() { tokensAtOnce = kept }()
	read := func(text string, n int) string {
		tokensAtOnce = n
		list, err := Parse(text)
		if err != nil {
			e := sqlerr.From(err)
			return fmt.Sprintf("%s at %d: %s", e.Code, e.Position, e.Message)
		}
		out := ""
		for _, s := range list {
			out += s.String() + " " + s.Origin().Text + "\n"
		}
		return out
	}
	for _, text := range []string{
		"INSERT INTO t VALUES (1), (2), (3)", "insert into t (a, b) values (1, 'x, (y)'), (-2, NULL) , (3, upper('z')) -- the end\n;", "INSERT INTO t VALUES (1, DEFAULT), (DEFAULT, 2)",
		"INSERT INTO t VALUES ((1 + 2) * 3), (CASE WHEN 1 = 1 THEN 2 END), (CAST('3' AS INT)), ('4'::int)", "INSERT INTO t VALUES ROW (1), ROW (2), ROW (3)", "INSERT INTO t VALUES ($1), ($2), (3)",
		"INSERT INTO t VALUES (1), (2); INSERT INTO u VALUES (3), (4), (5); SELECT 1", "INSERT INTO t VALUES (DATE '2026-01-01'), (TIMESTAMP '2026-01-01 00:00:00'), (INTERVAL '1' DAY)",
		"INSERT INTO t /* VALUES (9) */ VALUES ('a'), /* b */ ('c'), (E'\\n'), ($$ ; $$)", "INSERT INTO t SELECT a FROM b", "INSERT INTO t SELECT a FROM (VALUES (1), (2), (3)) AS x",
		"INSERT INTO t VALUES (1), (2, 3), (4)", "INSERT INTO t VALUES (1), (2), (3, 4)", "INSERT INTO t VALUES (1), (2), (3", "INSERT INTO t VALUES (1), (2), 3", "INSERT INTO t VALUES (1), (2),",
		"INSERT INTO t VALUES (1), (2), (3))", "INSERT INTO t VALUES (1), (nosuch()), (2 2), (3)", "INSERT INTO t VALUES (1), (2), (DEFAULT + 1)", "INSERT INTO t VALUES (1), (2), (3) RETURNING a",
		"INSERT INTO t VALUES (1), (2), (3) ON CONFLICT DO NOTHING", "INSERT INTO t VALUES (1), (), (2)", "INSERT INTO t VALUES (1), (2), ('x", "INSERT INTO t VALUES (1), (2), (?)",
	} {
		if once, lots := read(text, 1_000), read(text, 2); once != lots {
			t.Errorf("%s\nread at once:\n%s\nread in lots:\n%s", text, once, lots)
		}
	}
}
