package task

import (
	"time"

	"slipway/executor"
)

const (
	// tickEvery bounds the time between rows and the look at the sink behind them.
	tickEvery = 50 * time.Millisecond
	// flushPause lies between two flushes of a task for which no rows wait: long enough that
	// those of a steady stream go on together, short enough that nobody notices.
	flushPause = 250 * time.Microsecond
	// holdAtMost is how long rows are held while others keep coming.
	holdAtMost = 100 * time.Millisecond
	// holdChanges is the same for a task with an executor.Holder, which makes fewer rows of more:
	// one whose inputs are never empty is behind them, and so late anyway.
	holdChanges = time.Second
	// pauseTimes is how many times as long as giving changes took such a task waits until it gives
	// more, though its inputs are empty, but no longer than holdAtMost: few changes leave at once, and
	// many, which a source makes that others behind it keep up with, for a ninth of the time at most.
	pauseTimes = 8
)

// schedule keeps the times at which a task has something to do; at no others does it wake
// by itself.
type schedule struct {
	timer   *time.Timer
	tick    time.Time     // of the next look at sink and state; zero: not before further rows
	held    time.Time     // since when the chain or the edges may hold rows; zero: they hold none
	flushed time.Time     // when held rows left last by this schedule
	pause   time.Duration // until they may leave again though no others wait
	holder  bool          // an operator combines changes while it holds them
}

func (s *schedule) start(now time.Time) {
	s.timer, s.pause = time.NewTimer(tickEvery), flushPause
	s.touched(now)
}

// touched notes that the state may have changed, or the sink been written to.
func (s *schedule) touched(now time.Time) { s.tick = earliest(s.tick, now.Add(tickEvery)) }

// holds notes that the chain was given rows.
func (s *schedule) holds(now time.Time) {
	s.touched(now)
	if s.held.IsZero() {
		s.held = now
	}
}

// flushDue tells whether what is held must leave. Quiet: nothing waits in any input.
func (s *schedule) flushDue(now time.Time, quiet bool) bool {
	if s.held.IsZero() {
		return false
	}
	if !quiet {
		return now.Sub(s.held) >= s.atMost()
	}
	return now.Sub(s.flushed) >= s.pause
}

// gave notes when held rows began to leave, and when they had.
func (s *schedule) gave(began, ended time.Time) {
	s.flushed, s.pause = ended, flushPause
	if s.holder {
		s.pause = min(max(flushPause, pauseTimes*ended.Sub(began)), holdAtMost)
	}
}

func (s *schedule) atMost() time.Duration {
	if s.holder {
		return holdChanges
	}
	return holdAtMost
}

// holdsBack tells that a watermark may wait for the rows that are held in front of it.
func (s *schedule) holdsBack(now time.Time, watermark int64) bool {
	return s.holder && watermark != executor.EndWatermark && !s.held.IsZero() && now.Sub(s.held) < holdChanges
}

func (s *schedule) tickDue(now time.Time) bool { return !s.tick.IsZero() && !now.Before(s.tick) }

// alarm rings at the first time that is due while no row comes; others may be the zero time.
func (s *schedule) alarm(now, other time.Time) <-chan time.Time {
	first := earliest(s.tick, other)
	if !s.held.IsZero() {
		first = earliest(first, s.flushed.Add(s.pause))
	}
	if first.IsZero() {
		s.timer.Stop()
	} else {
		s.timer.Reset(first.Sub(now))
	}
	return s.timer.C
}

// earliest is the first of two times; the zero time stands for none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
