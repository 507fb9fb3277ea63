package state

import (
	"errors"
	"strings"
	"testing"
)

// TestPartOfABudget: state of a part counts for both, what it borrows for the part alone; each limit refuses, and nothing is taken then.
func TestPartOfABudget(t *testing.T) {
	whole := &Budget{Limit: 100}
	part := whole.Part(50, "query.limit")
	for i, c := range []struct {
		take           func(int64) error
		n              int64
		ofPart, ofAll  int64
		refused, names bool
	}{
		{part.Reserve, 30, 30, 30, false, false},
		{part.Borrow, 15, 45, 30, false, false},
		{part.Borrow, 10, 45, 30, true, true},
		{part.Reserve, 10, 45, 30, true, true},
		{part.Borrow, -15, 30, 30, false, false},
		{whole.Reserve, 60, 30, 90, false, false},
		{part.Reserve, 15, 30, 90, true, false},
		{part.Reserve, -30, 0, 60, false, false},
	} {
		err := c.take(c.n)
		var e *BudgetError
		if errors.As(err, &e) != c.refused || c.refused && strings.Contains(e.Error(), "query.limit") != c.names {
			t.Errorf("%d: %v", i, err)
		}
		if part.Used() != c.ofPart || whole.Used() != c.ofAll {
			t.Errorf("%d: %d and %d are used, want %d and %d", i, part.Used(), whole.Used(), c.ofPart, c.ofAll)
		}
	}
}
