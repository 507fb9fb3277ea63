package executor

import (
	"math"
	"sync/atomic"
	"time"
)

// Stopwatch adds up how long a task has waited for one thing. The task starts and stops it around
// the waiting, so that it costs nothing while there is none; anybody reads it, also while it runs.
type Stopwatch struct {
	total atomic.Int64
	since atomic.Int64 // offset from begin, stopped where it does not run
}

const stopped = 0

// begin is what times are counted from, by the clock that never goes back.
var begin = time.Now()

// elapsed never is what stands for a stopwatch that is stopped.
func elapsed() int64 {
	if d := int64(time.Since(begin)); d != stopped {
		return d
	}
	return math.MinInt64
}

// Start begins a wait. A nil stopwatch takes no times.
func (s *Stopwatch) Start() {
	if s != nil {
		s.since.Store(elapsed())
	}
}

// Stop ends it.
func (s *Stopwatch) Stop() {
	if s == nil {
		return
	}
	if since := s.since.Load(); since != stopped {
		s.total.Add(elapsed() - since)
		s.since.Store(stopped)
	}
}

// Total is the sum of all waits, with the one that is under way.
func (s *Stopwatch) Total() time.Duration {
	for {
		total, since := s.total.Load(), s.since.Load()
		if since != stopped {
			total += elapsed() - since
		}
		if s.since.Load() == since { // else a wait began or ended in between, and would count twice or not at all
			return time.Duration(total)
		}
	}
}
