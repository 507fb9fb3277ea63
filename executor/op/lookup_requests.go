package op

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// lookupRequest asks a table for the rows of some keys.
type lookupRequest struct {
	keys  *column.Batch
	asked []*lookedUp          // of each key
	by    map[string]*lookedUp // the same, by their bytes
	out   *column.Batch        // the answer
	err   error
}

// lookupRequests asks a table beside the loop of the task: so many requests at a time, of so many
// keys each. What is asked for while all are under way waits, and goes together. But for the requests
// themselves all of it belongs to the loop.
type lookupRequests struct {
	table  *plan.LookupTable
	limits plan.LookupLimits
	lookup executor.Lookup
	keys   types.Schema

	ctx     context.Context
	cancel  context.CancelFunc
	waiting []*lookupRequest // full ones, and one that is not
	under   int              // under way, or answered and not taken
	answers chan *lookupRequest
	spare   []*lookupRequest
	beside  sync.WaitGroup
}

func newLookupRequests(t *plan.LookupTable, limits plan.LookupLimits, keys types.Schema) lookupRequests {
	limits.Requests, limits.Batch, limits.Attempts = max(1, limits.Requests), max(1, limits.Batch), max(1, limits.Attempts)
	return lookupRequests{table: t, limits: limits, keys: keys, answers: make(chan *lookupRequest, limits.Requests)}
}

// open begins, for as long as the job runs.
func (l *lookupRequests) open(running context.Context, lookup executor.Lookup) {
	if running == nil {
		running = context.Background()
	}
	l.lookup = lookup
	l.ctx, l.cancel = context.WithCancel(running)
}

// close ends what is under way, and the way to the table.
func (l *lookupRequests) close() error {
	if l.lookup == nil {
		return nil
	}
	l.cancel()
	l.beside.Wait()
	return l.lookup.Close()
}

// add puts the key of a row among those that are asked for next.
func (l *lookupRequests) add(keys *column.Batch, row int, e *lookedUp) {
	n := len(l.waiting)
	if n == 0 || l.waiting[n-1].keys.Rows >= l.limits.Batch {
		l.waiting = append(l.waiting, l.fresh())
		n++
	}
	q := l.waiting[n-1]
	q.keys.AppendBatch(keys, []int32{int32(row)})
	q.asked, q.by[e.key] = append(q.asked, e), e
}

func (l *lookupRequests) fresh() *lookupRequest {
	if n := len(l.spare); n > 0 {
		q := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return q
	}
	return &lookupRequest{keys: column.NewBatch(l.keys), out: column.NewBatch(l.table.Out), by: map[string]*lookedUp{}}
}

// done gives a request back whose answer was taken.
func (l *lookupRequests) done(q *lookupRequest) {
	q.keys.Reset()
	q.out.Reset()
	clear(q.asked)
	clear(q.by)
	q.asked, q.err = q.asked[:0], nil
	l.spare = append(l.spare, q)
}

// send asks, as far as that many may be under way.
func (l *lookupRequests) send() {
	for l.under < l.limits.Requests && len(l.waiting) > 0 {
		q := l.waiting[0]
		l.waiting = l.waiting[:copy(l.waiting, l.waiting[1:])]
		l.under++
		l.beside.Go(func() { // ends with the answer, at the latest when close cancels it
			q.err = l.try(q)
			l.answers <- q
		})
	}
}

// take gives an answer; nil if there is none, and none is waited for.
func (l *lookupRequests) take(wait bool) (*lookupRequest, error) {
	if !wait {
		select {
		case q := <-l.answers:
			return l.taken(q)
		default:
			return nil, nil
		}
	}
	select {
	case q := <-l.answers:
		return l.taken(q)
	case <-l.ctx.Done():
		return nil, context.Cause(l.ctx)
	}
}

func (l *lookupRequests) taken(q *lookupRequest) (*lookupRequest, error) {
	l.under--
	if q.err != nil {
		return nil, fmt.Errorf("looking rows up in %s: %w", l.table.Name, q.err)
	}
	return q, nil
}

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// try asks until there is an answer, more and more seldom.
func (l *lookupRequests) try(q *lookupRequest) (err error) {
	pause := firstPause
	for attempt := range l.limits.Attempts {
		if attempt > 0 {
			select {
			case <-time.After(pause):
			case <-l.ctx.Done():
				return l.ctx.Err()
			}
			pause = min(2*pause, longestPause)
		}
		q.out.Reset()
		if err = l.once(q); err == nil || executor.IsPermanent(err) || l.ctx.Err() != nil {
			return err
		}
	}
	return err
}

// once asks, and waits only so long.
func (l *lookupRequests) once(q *lookupRequest) error {
	if l.limits.Timeout <= 0 {
		return l.lookup.Find(l.ctx, q.keys, q.out)
	}
	ctx, cancel := context.WithTimeout(l.ctx, l.limits.Timeout)
	defer cancel()
	err := l.lookup.Find(ctx, q.keys, q.out)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", l.limits.Timeout)
	}
	return err
}
