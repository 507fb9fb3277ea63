package oracle

import (
	"slices"
	"testing"
)

// TestEndedWhenKilled: a job that is restored behind the end of a bounded input gives nothing of it again.
func TestEndedWhenKilled(t *testing.T) {
	e, err := newEngine(randomData(1))
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"select min(r.c0) as c0 from generate_series(1, 3) as r (c0)":                                    {"1"},
		"select r.c0, count(*) from generate_series(1, 3) as r (c0) group by r.c0":                       {"1 | 1", "2 | 1", "3 | 1"},
		"select r.c0, count(*) from generate_series(1, 2) as r (c0) group by rollup (r.c0)":              {"1 | 1", "2 | 1", "NULL | 2"},
		"select count(*) from generate_series(3, 1) as r (c0)":                                           {"0"},
		"select r.c0, row_number() over (order by r.c0 desc) from generate_series(1, 3) as r (c0)":       {"1 | 3", "2 | 2", "3 | 1"},
		"select l.c0 from generate_series(1, 3) as l (c0) join (values (2)) as r (c0) on l.c0 = r.c0":    {"2"},
		"select c0 from generate_series(1, 3) as l (c0) except select * from generate_series(3, 4) as r": {"1", "2"},
	} {
		for range 30 {
			rows, err := e.run(query, way{cores: []int{2, 3}, killed: true})
			slices.Sort(rows)
			if err != nil || !slices.Equal(rows, want) {
				t.Errorf("%s gives %q, %v", query, rows, err)
				break
			}
		}
	}
}
