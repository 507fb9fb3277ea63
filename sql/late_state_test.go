package sql_test

import (
	"fmt"
	"slices"
	"testing"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqltest"
)

// lateJobs leave late rows out, over inputs of which filters and expressions read more than they give.
var lateJobs = []string{
	"select k, sum(v) over (partition by k order by at) from a where w > 5",
	"select k, n from (select *, row_number() over (partition by window_start, window_end order by v) as n from table(tumble(table a, descriptor(at), interval '10' second)) where w > 5) where n < 3",
	"select k, count(*) over (partition by window_start, window_end) from table(hop(table a, descriptor(at), interval '5' second, interval '10' second)) where w is null",
	"select a.k, b.v from a left join b on a.k = b.k and a.at between b.at - interval '1' minute and b.at where a.w > 5",
	"select a.k, b.v from a, b where a.k = b.k and a.at = b.at and a.v < b.w",
	"select x.k, y.n from (select k, window_end, count(*) as n from table(tumble(table a, descriptor(at), interval '10' second)) group by k, window_start, window_end) x " +
		"join (select k, window_end, count(*) as n from table(tumble(table b, descriptor(at), interval '10' second)) group by k, window_start, window_end) y on x.k = y.k and x.window_end = y.window_end",
	"select k, u.v from a join u for system_time as of a.at on a.k = u.id where w > 5",
	"select k, v from (select k, v, window_start, window_end from table(tumble(table a, descriptor(at), interval '10' second)) " +
		"except select k, w, window_start, window_end from table(tumble(table b, descriptor(at), interval '10' second)))",
	"select k, count(*) from a where w > 5 group by k, tumble(at, interval '10' second)",
	"select k, v from (select * from a where w > 5) order by at",
}

// windowJobs keep what late rows of windows are written with.
var windowJobs = []string{
	"select k, count(*) from (select *, lag(v) over (partition by k order by proctime()) as l from a where w > 5) group by k, tumble(at, interval '10' second)",
	"select k, count(distinct v) from a where w > 5 group by k, session(at, interval '10' second)",
	"select k, 1 from a sessionwindow (init[v > 1] end[w > 2] keyedby (k))",
	"select k, 1 from table(session(table a partition by k, descriptor(at), interval '10' second))",
}

// TestLateRowsAreNotKept: what operators keep, and by which ids, is the same whether late rows go anywhere, and with
// whatever columns: a job finds its state when it begins to divert them.
func TestLateRowsAreNotKept(t *testing.T) {
	s := sqltest.New()
	stream := `CREATE STREAM %s (%s) TBLPROPERTIES ("topic"="%[1]s", "format"="json");`
	columns := "k BIGINT, v BIGINT, w BIGINT, note STRING, at TIMESTAMP(3), WATERMARK FOR at AS at"
	err := s.Declare(fmt.Sprintf(stream, "a", columns) + fmt.Sprintf(stream, "b", columns) + fmt.Sprintf(stream, "o", "k BIGINT, v BIGINT") +
		fmt.Sprintf(stream, "u", "id BIGINT, v BIGINT, at TIMESTAMP(3), PRIMARY KEY (id), WATERMARK FOR at AS at") +
		fmt.Sprintf(stream, "late", "reason STRING, note STRING, v DECIMAL(20, 0), n BIGINT, topic STRING, partition INT, offset BIGINT, value BINARY") +
		fmt.Sprintf(stream, "unplaced", "reason STRING, note STRING, v DECIMAL(20, 0), n BIGINT, c STRING, d INT, e BIGINT, f BINARY"))
	if err != nil {
		t.Fatal(err)
	}
	for i, query := range slices.Concat(lateJobs, windowJobs) {
		plain := map[string]string(nil)
		if i >= len(lateJobs) {
			plain = map[string]string{"late": "divert", "late.stream": "unplaced"}
		}
		want, got := keptOf(t, s, query, plain), keptOf(t, s, query, map[string]string{"late": "divert", "late.stream": "late"})
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s keeps\n%q\nwant\n%q", query, got, want)
		}
	}
}

// keptOf lists the ids and the state of a job's operators.
func keptOf(t *testing.T, s *sqltest.Script, query string, properties map[string]string) (out []string) {
	t.Helper()
	st, err := parser.ParseOne("INSERT INTO o " + query)
	if err != nil {
		t.Fatal(err)
	}
	flow, err := s.Compiler.Job(s.Snapshot, catalog.DefaultDatabase, []*ast.Insert{st.(*ast.Insert)}, conf.Of(conf.Job).ReadMap(properties))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if diverts := slices.ContainsFunc(flow.Edges, func(e plan.Edge) bool { return e.Late }); diverts != (properties != nil) {
		t.Errorf("%s writes late rows: %t", query, diverts)
	}
	for i := range flow.Stages {
		for _, o := range flow.Stages[i].Ops {
			if st, ok := o.(plan.Stateful); ok {
				out = append(out, string(st.ID())+" "+st.StateSchema())
			}
		}
	}
	return out
}
