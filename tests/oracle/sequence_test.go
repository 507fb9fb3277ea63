package oracle

import (
	"slices"
	"testing"
)

// TestSequences: tables are read one after the other where a way says so.
func TestSequences(t *testing.T) {
	e, err := newEngine(randomData(1))
	if err != nil {
		t.Fatal(err)
	}
	for order, first := range map[sequence]string{forwards: "of t0", backwards: "of t1"} {
		for range 5 {
			rows, err := e.run("select 'of t1' as c0 from t1 union all select 'of t0' from t0", way{cores: []int{1}, sequence: order})
			if err != nil {
				t.Fatal(err)
			}
			runs := slices.Compact(rows)
			if len(runs) != 2 || runs[0] != first {
				t.Errorf("%s: %q", order, runs)
			}
		}
	}
}
