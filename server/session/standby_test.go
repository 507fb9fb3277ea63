package session

import (
	"testing"
	"time"
)

// TestLeaderSeen: a standby says whose word it repeats, how old it is, and when nobody leads.
func TestLeaderSeen(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, c := range []struct {
		address string
		at      time.Time
		word    string
		leads   bool
	}{
		{"", time.Time{}, "no server leads", false},
		{"h:1", time.Time{}, "the leader h:1 has not been heard of yet", false},
		{"h:1", now.Add(-1300 * time.Millisecond), "the leader h:1 was heard of 1.3 s ago", true},
		{"h:1", now.Add(-9 * time.Second), "the leader h:1 was heard of 9.0 s ago", true},
		{"h:1", now.Add(-14 * time.Second), "no server leads; h:1 did and was heard of 14.0 s ago", false},
	} {
		s := &Standby{Heard: func() (string, time.Time) { return c.address, c.at }, Patience: 10 * time.Second}
		if word, leads := s.LeaderSeen(now); word != c.word || leads != c.leads {
			t.Errorf("says %q, %v; want %q, %v", word, leads, c.word, c.leads)
		}
	}
}
