package oracle

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// mostFaults is after how many no more queries are asked.
const mostFaults = 10

// tally hands out the seeds, and counts what came of them.
type tally struct {
	mu             sync.Mutex
	first, queries uint64
	given          uint64 // of queries
	faults         int
	rows           int
	errors         map[string]int // that both gave, by code
	made           map[string]int // queries by feature
	refused        map[string]int // by message
}

// next are some seeds with the same rows.
func (t *tally) next() (from, to uint64, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.given == t.queries || t.faults >= mostFaults {
		return 0, 0, false
	}
	from = t.first + t.given
	to = min(from/perDataset*perDataset+perDataset, t.first+t.queries)
	t.given = to - t.first
	return from, to, true
}

func (t *tally) asked(q generated) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range q.used {
		t.made[f]++
	}
}

// refusedWith gives how many times that was.
func (t *tally) refusedWith(message string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused[message]++
	return t.refused[message]
}

func (t *tally) failedAlike(code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors[code]++
}

func (t *tally) answered(rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows += rows
}

func (t *tally) faulty() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults++
}

func (t *tally) report(to *testing.T, took time.Duration) {
	var lines []string
	for f, n := range t.made {
		state := ""
		if features[f].off {
			state = "  (off)"
		}
		lines = append(lines, fmt.Sprintf("%6d  %s%s", n, f, state))
	}
	for f := range features {
		if t.made[f] == 0 {
			lines = append(lines, fmt.Sprintf("%6d  %s", 0, f))
		}
	}
	slices.Sort(lines)
	to.Logf("%d queries in %s, %d differences, %d rows of answers, errors that agree: %v; queries by feature:\n%s",
		t.given, took.Round(time.Second), t.faults, t.rows, t.errors, strings.Join(lines, "\n"))
	for what, n := range t.refused {
		to.Logf("refused %d times: %s", n, what)
	}
}
