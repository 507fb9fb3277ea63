package executor

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestStopwatch: waits add up, the one that is under way is seen, and a second Stop adds nothing.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Stopwatch
		if s.Total() != 0 {
			t.Errorf("a new one has %s", s.Total())
		}
		s.Start()
		time.Sleep(3 * time.Second)
		if s.Total() != 3*time.Second {
			t.Errorf("while it runs it has %s", s.Total())
		}
		s.Stop()
		time.Sleep(time.Hour)
		s.Stop()
		s.Start()
		time.Sleep(2 * time.Second)
		s.Stop()
		if s.Total() != 5*time.Second {
			t.Errorf("in the end it has %s", s.Total())
		}
	})
}

// TestNoStopwatch: who is given none waits all the same.
func TestNoStopwatch(*testing.T) {
	var s *Stopwatch
	s.Start()
	s.Stop()
}

func BenchmarkStopwatch(b *testing.B) {
	var s Stopwatch
	for b.Loop() {
		s.Start()
		s.Stop()
	}
}
