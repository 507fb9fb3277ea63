package checkpoint

import (
	"slices"
	"sync"
	"time"
)

// Status is how far a checkpoint came.
type Status string

const (
	// Pending: barriers are under way.
	Pending Status = "PENDING"
	// Completed: it is in the store and the sinks have committed.
	Completed Status = "COMPLETED"
	// Expired: not every task acknowledged in time.
	Expired Status = "EXPIRED"
	// Declined: a task could not write its part.
	Declined Status = "FAILED"
)

// Record is one line of SHOW CHECKPOINTS.
type Record struct {
	ID        ID
	Kind      Kind
	Name      string // of a savepoint
	Status    Status
	Triggered time.Time
	Duration  time.Duration
	Bytes     int64
	// Reason says of an expired or failed one which task and which phase was late.
	Reason string
}

// historyLength bounds what is remembered of a job's checkpoints beside the store.
const historyLength = 50

// History remembers the last checkpoints of one job, also those that did not
// complete. It outlives the attempts of a job; safe for concurrent use.
type History struct {
	// Ended is called with each record that is no longer pending; nil: nobody wants to know. It neither waits nor calls back.
	Ended func(Record)
	mu    struct {
		sync.Mutex
		records []Record
		expired int64
		failed  int64
		done    Totals
	}
}

// Totals are sums over the completed checkpoints since the server started.
type Totals struct {
	Completed int64
	Duration  time.Duration
	Bytes     int64
	Last      Record
}

// Totals gives them.
func (h *History) Totals() Totals {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mu.done
}

func (h *History) put(r Record) {
	if h.Ended != nil && r.Status != Pending {
		defer h.Ended(r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch r.Status {
	case Completed:
		if t := &h.mu.done; r.Kind.Keeps() {
			t.Completed, t.Duration, t.Bytes, t.Last = t.Completed+1, t.Duration+r.Duration, t.Bytes+r.Bytes, r
		}
	case Expired:
		h.mu.expired++
	case Declined:
		h.mu.failed++
	}
	if n := len(h.mu.records); n > 0 && h.mu.records[n-1].ID == r.ID && h.mu.records[n-1].Status == Pending {
		h.mu.records[n-1] = r
		return
	}
	h.mu.records = append(h.mu.records, r)
	if n := len(h.mu.records); n > historyLength {
		h.mu.records = slices.Delete(h.mu.records, 0, n-historyLength)
	}
}

// Records gives the remembered checkpoints, oldest first.
func (h *History) Records() []Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.mu.records)
}

// Counts gives how many expired and how many failed since the server started.
func (h *History) Counts() (expired, failed int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mu.expired, h.mu.failed
}
