package node

import (
	"os"
	"runtime/debug"
	"sync"

	"slipway/executor/state"
)

// newBudget is the budget of all state. The garbage collector is told how much of the memory is
// state, unless whoever started the process has told it himself.
func newBudget(limit int64) *state.Budget {
	b := &state.Budget{Limit: limit}
	if os.Getenv("GOGC") != "" {
		return b
	}
	var one sync.Mutex
	b.Changed = func(int64) {
		go func() { // ends when the collection has that goes on: nobody's rows wait for it
			one.Lock()
			defer one.Unlock()
			debug.SetGCPercent(state.GCPercent(b.Used()))
		}()
	}
	return b
}
