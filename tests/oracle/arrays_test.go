package oracle

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// ofArrays is a table of arrays, of numbers, texts and truth values, that both dialects write alike.
const ofArrays = `(values (1, array[1, 2, 3], array['a', 'b c', null], array[true, null]), (2, array[2], array['', 'NULL', '{}', 'x"y\z'], array[false]),
	(3, cast(null as int[]), cast(null as text[]), null), (4, array[null, 2], array['b c'], array[true, true]), (5, array[3, 1, 3, null], array['z', 'a'], array[false, null, true])) as t (id, a, s, b)`

// arrayQueries are asked of both; the rows are in an order.
var arrayQueries = []string{
	"select id, a, s, b from {t} order by id",
	"select id, a[1], a[2], a[0], a[4], s[3], b[2] from {t} order by id",
	"select id, cardinality(a), array_length(a, 1), array_length(s, 2) from {t} order by id",
	"select id, a || 7, 7 || a, a || a, a || array[id, null] from {t} order by id",
	"select id, array_append(s, 'q'), array_prepend('q', s), array_cat(s, array['q']), array_remove(a, 3), array_remove(a, null) from {t} order by id",
	"select id, array_position(a, 2), array_position(a, null), array_position(s, 'b c') from {t} order by id",
	"select id, array_to_string(a, ','), array_to_string(a, ',', '*'), array_to_string(s, '') from {t} order by id",
	"select id, string_to_array(array_to_string(s, '|'), '|'), string_to_array('', ','), string_to_array('a,,b,', ',') from {t} order by id",
	"select id, 2 = any (a), 2 <> all (a), 2 < any (a), 2 <= all (a), id = any (a), null = any (a), 1 = any ('{}'::int[]), null = any ('{}'::int[]), 1 <> all ('{}'::int[]) from {t} order by id",
	"select id from {t} where 'b c' = any (s) order by id",
	"select x.id, y.id, x.a = y.a, x.a < y.a, x.a <> y.a, x.a >= y.a, x.a is not distinct from y.a, x.s < y.s, x.b <= y.b from {t} cross join {u} order by x.id, y.id",
	"select x.id, y.id from {t} join {u} on x.a = y.a order by x.id, y.id",
	"select a, count(*) from (select a from {t} union all select a from {t}) q group by a order by a",
	"select distinct cardinality(a), b[1] from {t} order by 1, 2",
	"select array_agg(id order by id), array_agg(a[1] order by id), array_agg(distinct a[2]), array_agg(s[1] order by s[1] desc, id), array_agg(id order by id) filter (where id > 9) from {t}",
	"select b[1], array_agg(id order by id), array_agg(distinct a[1] order by a[1] desc) from {t} group by b[1] order by b[1]",
	"select id, x from {t}, unnest(a) as q (x) order by id, x",
	"select id, x, n from {t} cross join unnest(s) with ordinality as q (x, n) order by id, n",
	"select id, x, y from {t} left join unnest(a, b) as q (x, y) on true order by id, x, y",
	"select x, count(*), array_agg(id order by id) from {t}, unnest(a) as q (x) group by x order by x",
	"select id, (select sum(x) from unnest(a) as q (x)), (select count(*) from unnest(s, b) as q (x, y) where y), exists (select 1 from unnest(s) as q (x) where x is null) from {t} order by id",
	"select id from {t} where not exists (select 1 from unnest(a) as q (x) where x > t.id) order by id",
	"select id, (select sum(x * t.id + coalesce(t.a[1], 0)) from generate_series(1, t.id - 1) as q (x)) from {t} order by id",
	"select id from {t} where 2 in (select x from unnest(a) as q (x) union all select x + 1 from unnest(a) as q (x)) order by id",
	"select id, 3 not in (select x from unnest(a) as q (x)), (select x from unnest(a) with ordinality as q (x, n) order by n desc limit 1) from {t} order by id",
	"select t.id, q.n, q.m from {t} left join lateral (select count(*) as n, max(x) as m from unnest(t.a) as w (x) where x <> t.id) as q on true order by t.id",
	"select id, (select count(*) from {u} where exists (select 1 from unnest(y.a) as q (x) where x = y.id)), (select max(y.id) from {u}, unnest(t.a) as q (x) where x = y.id) from {t} order by id",
	"select id, a::text[], array[id, a[1]]::text[], '{1,NULL, 3}'::int[], '{\"a b\",c}'::text[] from {t} order by id",
	"select max(id) from {t} where a in (array[1, 2, 3], array[2]) or a > array[2, 5]",
	"select id from {t} order by a desc, id",
}

// TestArraysAgainstPostgres: both give the same text for arrays and what is computed of them.
func TestArraysAgainstPostgres(t *testing.T) {
	postgres, slipway := startPostgres(t), startSlipway(t)
	for _, q := range arrayQueries {
		q = strings.NewReplacer("{t}", ofArrays, "{u}", strings.Replace(ofArrays, " as t ", " as y ", 1)).Replace(q)
		if strings.Contains(q, "x.id") {
			q = strings.Replace(q, " as t ", " as x ", 1)
		}
		want, got := textOf(postgres, q), textOf(slipway, q)
		if got != want {
			t.Errorf("%s\nis\n%swant\n%s", q, got, want)
		}
	}
}

// textOf are the rows of a query as a client shows them, or its error.
func textOf(c *pgconn.PgConn, query string) string {
	r := c.ExecParams(context.Background(), query, nil, nil, nil, nil).Read()
	if r.Err != nil {
		return r.Err.Error() + "\n"
	}
	var b strings.Builder
	for _, f := range r.FieldDescriptions {
		if f.DataTypeOID > 999 && f.DataTypeOID < 1017 { // arrays alone: numbers may be wider
			fmt.Fprintf(&b, "%d ", f.DataTypeOID)
		}
	}
	for _, row := range r.Rows {
		b.WriteString("\n")
		for _, v := range row {
			if v == nil {
				b.WriteString("NULL | ")
			} else {
				fmt.Fprintf(&b, "%s | ", v)
			}
		}
	}
	return b.String() + "\n"
}
