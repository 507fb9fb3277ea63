package jobs

import (
	"cmp"
	"context"
	"time"

	"slipway/checkpoint"
)

const (
	// endlessWait is how long a source that never ends is read for a FETCH that does not wait.
	endlessWait = time.Second
	// reachWait bounds the way to what is there: what a compaction took away at the end of a
	// partition cannot be reached.
	reachWait = 5 * time.Second
	reachPoll = 2 * time.Millisecond
)

// Opened waits until the sources know where they begin, or cannot.
func (q *Rows) Opened(ctx context.Context) error {
	opened := make(chan struct{})
	go func() { // ends with the query at the latest
		q.job.Opened()
		close(opened)
	}()
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Mark makes Next give nil behind the rows of all that is there now, and of what comes
// within a time after it. A later Mark replaces one that was not met. One goroutine calls
// Mark and Next.
func (q *Rows) Mark(wait time.Duration) {
	q.unmark()
	q.barrier += 2 // the first of them only brings the rows here
	id := q.barrier
	ctx, cancel := context.WithCancel(q.ctx)
	q.unmark = cancel
	q.marking.Go(func() { // ends with the query
		if endless := q.reach(ctx); endless {
			wait = cmp.Or(wait, endlessWait)
		}
		q.flush(ctx, id-1)
		pause(ctx, wait)
		q.flush(ctx, id)
	})
}

func (q *Rows) flush(ctx context.Context, id checkpoint.ID) {
	if ctx.Err() == nil {
		q.job.Trigger(checkpoint.Barrier{ID: id, Kind: checkpoint.Flush, Triggered: time.Now()})
	}
}

// reach waits until the sources have read what is there; endless tells that one never will.
func (q *Rows) reach(ctx context.Context) (endless bool) {
	ctx, cancel := context.WithTimeout(ctx, reachWait)
	defer cancel()
	for i := range q.flow.Stages {
		s := q.flow.Stages[i].Source
		if s == nil {
			continue
		}
		ends, err := q.queries.Connectors.Of(s.Connector).Ends(ctx, s)
		endless = endless || ends == nil && err == nil
		for !q.job.Reached(i, ends) && pause(ctx, reachPoll) {
		}
	}
	return endless
}

// pause waits; false if ctx ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
