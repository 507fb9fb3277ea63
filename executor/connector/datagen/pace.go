package datagen

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
)

// pace is what all generators share: which rows of which split come next, and when.
// A subtask owns the splits s % parallelism == subtask and takes them in turn.
type pace struct {
	rate   int64 // rows per second of all splits; 0: as fast as it can
	total  int64 // rows of all splits; 0: no end
	splits int
	mine   []int
	until  time.Duration // since began: where a bounded reader of an endless generator stops; 0: nowhere
	last   int           // the split of the last turn, by its place in mine
	began  time.Time
	made   int64
	ready  executor.Signal
	timer  *time.Timer // sets ready when rows are due again; nil: none ever were not
	mu     struct {    // Progress is asked from other goroutines
		sync.Mutex
		next map[int]int64 // per split: the number of its next row
	}
}

func newPace(v *conf.Values, s *plan.Source) pace {
	return pace{rate: rowsPerSecond.Get(v), total: totalAmount.Get(v), splits: int(splitCount.Get(v)), until: until(v, s), ready: executor.NewSignal()}
}

func until(v *conf.Values, s *plan.Source) time.Duration {
	if !s.Bounded || totalAmount.Get(v) > 0 {
		return 0
	}
	return cmp.Or(s.Wait, endlessWait)
}

// endlessWait is how long a bounded reader that does not wait follows an endless generator.
const endlessWait = time.Second

// Open implements executor.Source.
func (p *pace) Open(_ context.Context, env *executor.Env, restored [][]byte) error {
	all := map[int]int64{}
	for _, b := range restored {
		if err := json.Unmarshal(b, &all); err != nil {
			return fmt.Errorf("reading a generator's position: %w", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mu.next = map[int]int64{}
	for s := env.Task.Subtask; s < p.splits; s += env.Parallelism {
		p.mine = append(p.mine, s)
		p.mu.next[s] = all[s]
	}
	p.began = time.Now()
	return nil
}

// amount is how many rows a split has altogether; -1: no end.
func (p *pace) amount(s int) int64 {
	if p.total == 0 {
		return -1
	}
	n := p.total / int64(p.splits)
	if int64(s) < p.total%int64(p.splits) {
		n++
	}
	return n
}

// share is how many rows a second this subtask makes.
func (p *pace) share() float64 { return float64(p.rate) * float64(len(p.mine)) / float64(p.splits) }

// allowed is how many rows may be made now.
func (p *pace) allowed() int {
	if p.rate == 0 {
		return column.BatchRows
	}
	return int(min(int64(column.BatchRows), int64(time.Since(p.began).Seconds()*p.share())-p.made))
}

// collectFor is how long the rows of one batch become due.
const collectFor = 10 * time.Millisecond

// rest sets ready when the next row is due, and those of a moment with it.
func (p *pace) rest() {
	if len(p.mine) == 0 {
		return
	}
	due := p.began.Add(time.Duration(float64(p.made+1) / p.share() * float64(time.Second)))
	wait := max(collectFor, time.Until(due)+time.Microsecond)
	if p.until > 0 {
		wait = min(wait, time.Until(p.began.Add(p.until)))
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(wait, p.ready.Set)
	} else {
		p.timer.Reset(wait)
	}
}

// Ready implements executor.Source.
func (p *pace) Ready() <-chan struct{} { return p.ready }

// turn gives the split whose rows come next and how many may be made now; none: ready is
// set when there are. It ends with io.EOF.
func (p *pace) turn() (split, rows int, err error) {
	if p.until > 0 && time.Since(p.began) >= p.until {
		return 0, 0, io.EOF
	}
	n := p.allowed()
	if n <= 0 {
		p.rest()
		return 0, 0, nil
	}
	for range p.mine {
		p.last = (p.last + 1) % len(p.mine)
		s := p.mine[p.last]
		left := p.amount(s) - p.mu.next[s]
		if p.total == 0 {
			return s, n, nil
		}
		if left > 0 {
			return s, int(min(int64(n), left)), nil
		}
	}
	return 0, 0, io.EOF
}

// advance takes n rows of a split and gives the number of the first.
func (p *pace) advance(split, n int) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := p.mu.next[split]
	p.mu.next[split] += int64(n)
	p.made += int64(n)
	return first
}

// Snapshot implements executor.Source.
func (p *pace) Snapshot() ([]byte, error) { return json.Marshal(p.mu.next) }

// Committed implements executor.Source.
func (*pace) Committed([]byte) {}

// Progress implements executor.Source: a generator is never behind, but its rows are
// always there.
func (p *pace) Progress() []executor.SplitProgress {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []executor.SplitProgress
	for _, s := range p.mine {
		out = append(out, executor.SplitProgress{Split: fmt.Sprintf("split-%d", s), Index: s, Next: p.mu.next[s], End: p.amount(s)})
	}
	return out
}

// Close implements executor.Source.
func (p *pace) Close() error {
	if p.timer != nil {
		p.timer.Stop()
	}
	return nil
}
