package zookeeper

import (
	"testing"
	"time"
)

// TestHears: the age of a sign of life is counted from when a change of it was seen.
func TestHears(t *testing.T) {
	now := time.Unix(1000, 0)
	one, two := Leader{Epoch: 1, Address: "a"}, Leader{Epoch: 2, Address: "b"}
	h := heard{}
	for i, look := range []struct {
		after   time.Duration
		leader  Leader
		version int32
		want    time.Duration // of the last sign of life, behind the start; -1: unknown
	}{
		{0, one, 7, -1}, {2 * time.Second, one, 7, -1}, {4 * time.Second, one, 8, 4 * time.Second}, {6 * time.Second, one, 8, 4 * time.Second},
		{8 * time.Second, one, 9, 8 * time.Second}, {60 * time.Second, one, 9, 8 * time.Second}, {61 * time.Second, two, 9, 61 * time.Second},
	} {
		h = h.hears(look.leader, look.version, i > 0, now.Add(look.after))
		got := time.Duration(-1)
		if !h.at.IsZero() {
			got = h.at.Sub(now)
		}
		if got != look.want || h.leader != look.leader {
			t.Errorf("look %d: heard at %s of %s", i, got, h.leader.Address)
		}
	}
}
