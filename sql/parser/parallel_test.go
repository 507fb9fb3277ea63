package parser

import (
	"fmt"
	"sync"
	"testing"
)

// TestManyAtOnce: queries that are parsed side by side and one after the other on the
// same parsers keep their own names and positions. The race detector looks on.
func TestManyAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 400 {
				text := fmt.Sprintf("SELECT id%d_%d, k, v, ts FROM s_input WHERE v >= 0", g, i)
				st, err := ParseOne(text)
				if err != nil {
					t.Error(err)
					return
				}
				if got := st.String(); got != text {
					t.Errorf("%q was read as %q", text, got)
					return
				}
			}
		})
	}
	all.Wait()
}
