package clients

import "testing"

// TestPatternsOfSlipstream runs what is printed of Slipstream's patterns. Each section names its source.
func TestPatternsOfSlipstream(t *testing.T) {
	if n := runPage(t, "testdata/slipstream-patterns.md"); n != 3 {
		t.Errorf("%d patterns have an answer", n)
	}
}
