package analyzer_test

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/sqltest"
)

// TestTrees runs the scripts of testdata/trees: `tree` of a statement gives what the analyzer makes of it, or its
// fault. With `bounded` a SELECT ends, as one on its own does.
func TestTrees(t *testing.T) {
	sqltest.Run(t, "testdata/trees", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := s.Statement(d)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		return sqltest.Tree(st.Root)
	})
}
