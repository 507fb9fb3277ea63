package oracle

import (
	"strings"
	"sync"

	"slipway/executor"
)

// sequence is the order in which the tables of a query are read.
type sequence int

const (
	together  sequence = iota
	forwards           // each when those before it have been read
	backwards          // the last one first
	sequences
)

func (s sequence) String() string {
	return []string{"", ", one table after the other", ", the last table first"}[s]
}

// turns holds the sources of a table back until those of the tables before it have given all their rows.
type turns struct {
	sequence
	mu    sync.Mutex
	left  map[string]int // sources that have more rows, by table
	ready []executor.Signal
	gave  []string // the tables in the order in which they gave rows
}

func newTurns(s sequence) *turns {
	if s == together {
		return nil
	}
	return &turns{sequence: s, left: map[string]int{}}
}

// join adds a source; all are there before the first one gives rows.
func (t *turns) join(table string, ready executor.Signal) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left[table]++
	t.ready = append(t.ready, ready)
}

// waits tells that it is another table's turn.
func (t *turns) waits(table string) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for other, sources := range t.left {
		before := strings.Compare(other, table)
		if t.sequence == backwards {
			before = -before
		}
		if before < 0 && sources > 0 {
			return true
		}
	}
	return false
}

// gives notes that a table gives rows.
func (t *turns) gives(table string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if last := len(t.gave) - 1; last < 0 || t.gave[last] != table {
		t.gave = append(t.gave, table)
	}
}

// leave is called once by a source that has given all its rows.
func (t *turns) leave(table string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left[table]--
	for _, r := range t.ready {
		r.Set()
	}
}
