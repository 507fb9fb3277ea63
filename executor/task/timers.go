package task

import (
	"time"

	"slipway/executor/state"
)

// newTimers makes the timers of the operators of the chain that have state.
func newTimers(chain []Node) []*state.Timers {
	out := make([]*state.Timers, len(chain))
	for i, n := range chain {
		if n.State != nil {
			out[i] = state.NewTimers(n.State)
		}
	}
	return out
}

// fire calls operator i with its timers of a domain that are due up to a time.
func (t *Task) fire(i int, d state.Domain, upTo int64) error {
	if t.timers[i] == nil {
		return nil
	}
	for due := t.timers[i].Take(d, upTo); due != nil; due = t.timers[i].Take(d, upTo) {
		if err := t.Chain[i].Op.OnTimer(due, t.outs[i]); err != nil {
			return err
		}
	}
	return nil
}

// clockTimer is when the first processing-time timer is due; zero if there is none.
func (t *Task) clockTimer() time.Time {
	next := int64(state.NoTimer)
	for _, timers := range t.timers {
		if timers != nil {
			next = min(next, timers.Next(state.ProcessingTime))
		}
	}
	if next == state.NoTimer {
		return time.Time{}
	}
	return time.UnixMicro(next)
}

// fireClock fires the processing-time timers that the clock has reached, first operator to last.
func (t *Task) fireClock(now time.Time) error {
	if next := t.clockTimer(); next.IsZero() || now.Before(next) {
		return nil
	}
	t.schedule.holds(now)
	for i := range t.Chain {
		if err := t.fire(i, state.ProcessingTime, now.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}
