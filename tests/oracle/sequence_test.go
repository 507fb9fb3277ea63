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
	for order, want := range map[sequence][]string{forwards: {"t0", "t1"}, backwards: {"t1", "t0"}} {
		for range 5 {
			if _, err := e.run("select 'of t1' as c0 from t1 union all select 'of t0' from t0", way{cores: []int{1}, sequence: order}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(e.turns.gave, want) {
				t.Errorf("%s: rows came of %q, one after the other", order, e.turns.gave)
			}
		}
	}
}
