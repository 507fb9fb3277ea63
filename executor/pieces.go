package executor

import (
	"errors"

	"slipway/executor/state"
)

// Stateless is embedded by operators that hold nothing between two batches.
type Stateless struct{ NoTimers }

func (Stateless) Open(*Env) error                 { return nil }
func (Stateless) OnWatermark(int64, Output) error { return nil }
func (Stateless) Flush(Output) error              { return nil }
func (Stateless) Close() error                    { return nil }

// NoTimers is embedded by operators that register no timers.
type NoTimers struct{}

// OnTimer is never called of an operator that registers none.
func (NoTimers) OnTimer(*state.Due, Output) error {
	return errors.New("executor: a timer of an operator that has none")
}

// Signal wakes one that waits for it: set once or many times, it is received once. Set
// never blocks and may be called by anybody.
type Signal chan struct{}

// NewSignal makes one that is not set.
func NewSignal() Signal { return make(Signal, 1) }

// Set wakes who waits, or who waits next.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default:
	}
}
