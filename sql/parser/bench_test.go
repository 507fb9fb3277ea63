package parser

import (
	"strings"
	"testing"
)

// benchmarks are texts of everyday.
var benchmarks = map[string]string{
	"select": "SELECT id, upper(name) AS n, price * 1.19 FROM orders WHERE price > 10 AND status IN ('new', 'paid') LIMIT 10",
	"window": "INSERT INTO totals SELECT window_start, region, count(*), sum(amount) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) " +
		"GROUP BY window_start, region HAVING sum(amount) > 100",
	"cte": "WITH a AS (SELECT k, v::bigint AS v FROM s WHERE v IS NOT NULL), b AS (SELECT k, max(v) AS m FROM a GROUP BY k) " +
		"SELECT a.k, CASE WHEN a.v = b.m THEN 'top' ELSE 'other' END, date '2026-01-01' + interval '1' day FROM a LEFT JOIN b ON a.k = b.k ORDER BY 1 DESC NULLS LAST",
	"insert of 100 rows":    "INSERT INTO t VALUES " + strings.Repeat("(1, 'text', 2.5, NULL), ", 99) + "(1, 'text', 2.5, NULL)",
	"insert of 10,000 rows": "INSERT INTO t VALUES " + strings.Repeat("(1, 'text', 2.5, NULL), ", 9_999) + "(1, 'text', 2.5, NULL)",
}

func BenchmarkParse(b *testing.B) {
	for name, text := range benchmarks {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
