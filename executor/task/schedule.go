package task

import "time"

const (
	// tickEvery bounds the time between two looks at the sink: it flushes by it.
	tickEvery = 50 * time.Millisecond
	// linger is how long rows are held while no others wait: long enough that those of a
	// steady stream go on together, short enough that nobody notices.
	linger = time.Millisecond
	// holdAtMost is how long rows are held while others keep coming.
	holdAtMost = 100 * time.Millisecond
)

// schedule keeps the times at which a task has something to do.
type schedule struct {
	timer *time.Timer
	tick  time.Time // of the next look at the sink
	held  time.Time // since when the chain or the edges may hold rows; zero: they hold none
}

func (s *schedule) start(now time.Time) {
	s.tick = now.Add(tickEvery)
	s.timer = time.NewTimer(tickEvery)
}

// holds notes that the chain was given rows.
func (s *schedule) holds(now time.Time) {
	if s.held.IsZero() {
		s.held = now
	}
}

// flushDue tells whether what is held must leave. Quiet: nothing waits in any input.
func (s *schedule) flushDue(now time.Time, quiet bool) bool {
	if s.held.IsZero() {
		return false
	}
	if quiet {
		return now.Sub(s.held) >= linger
	}
	return now.Sub(s.held) >= holdAtMost
}

func (s *schedule) tickDue(now time.Time) bool {
	if now.Before(s.tick) {
		return false
	}
	s.tick = now.Add(tickEvery)
	return true
}

// alarm rings at the first time that is due while no row comes.
func (s *schedule) alarm(now time.Time) <-chan time.Time {
	first := s.tick
	if leave := s.held.Add(linger); !s.held.IsZero() && leave.Before(first) {
		first = leave
	}
	s.timer.Reset(first.Sub(now))
	return s.timer.C
}
