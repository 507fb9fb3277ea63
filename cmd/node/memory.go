package node

import (
	"os"
	"runtime/debug"
	"sync"

	"slipway/executor/state"
)

// untouched is address space that is never written to, and so takes no memory. The collector counts it as alive
// and lets as much garbage come together before it collects: with the few MB alive that a server without
// state has, it would collect once for every few answers of a broker. The servers of a process share it.
var untouched = sync.OnceValue(func() []byte { return giveBack(make([]byte, untouchedBytes)) })

const untouchedBytes = 64 << 20

// newBudget is the budget of all state. The garbage collector is told how much of the memory is
// state, unless whoever started the process has told it himself.
func newBudget(limit int64) *state.Budget {
	b := &state.Budget{Limit: limit}
	if os.Getenv("GOGC") != "" {
		return b
	}
	if os.Getenv("GOMEMLIMIT") == "" { // of that it would take its part
		untouched()
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
