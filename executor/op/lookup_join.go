package op

import (
	"context"
	"errors"
	"sync"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// LookupJoin asks a table outside for the rows of each batch: once for each key, several at a time,
// and not for what it has kept. Nothing is under way between two batches, so nothing of it is in a
// checkpoint.
type LookupJoin struct {
	executor.Stateless
	sideBySide
	plan   *plan.LookupJoin
	env    *executor.Env
	lookup executor.Lookup
	cache  lookupCache
	codec  *column.RowCodec

	keys  column.Batch // the key columns of the batch
	live  []int32
	alone []int32
	found []*lookedUp // of each row of live; nil: it has no key
	asked []question
	right *column.Batch // what was found for the batch
	met   []bool        // by row of the batch
	key   []byte
}

// question is a key that the table is asked for.
type question struct {
	row  int // of the batch
	rows *lookedUp
	err  error
}

// NewLookupJoin makes the operator of a plan node.
func NewLookupJoin(p *plan.LookupJoin, o expr.Options) (*LookupJoin, error) {
	j := &LookupJoin{plan: p, cache: newLookupCache(p.Limits.CacheRows, p.Limits.CacheTTL), codec: column.NewRowCodec(keyTypes(p.Table.Out, p.Table.Keys)),
		right: column.NewBatch(p.Table.Out)}
	var err error
	j.sideBySide, err = newSideBySide(p.On, p.Width(), p.Out, o)
	return j, err
}

// Open opens the way to the table.
func (j *LookupJoin) Open(env *executor.Env) (err error) {
	j.env = env
	if err := j.failingRows.Open(env); err != nil || env.Lookup == nil {
		return err
	}
	j.lookup, err = env.Lookup(&j.plan.Table)
	return err
}

// Close implements executor.Operator.
func (j *LookupJoin) Close() error {
	if j.lookup == nil {
		return nil
	}
	return j.lookup.Close()
}

// Process gives the rows of a batch with what the table has for them, and then those for which it
// has nothing.
func (j *LookupJoin) Process(_ int, b *column.Batch, out executor.Output) error {
	j.out = out
	j.keys.Cols = j.keys.Cols[:0]
	for _, k := range j.plan.Keys {
		j.keys.Cols = append(j.keys.Cols, b.Cols[k])
	}
	j.keys.Rows = b.Rows
	j.look(b, time.Now())
	if err := j.ask(); err != nil {
		return err
	}
	if err := j.give(b); err != nil {
		return err
	}
	j.cache.trim()
	if !j.plan.Keep {
		return nil
	}
	j.alone = j.alone[:0]
	for _, r := range j.live {
		if !j.met[r] {
			j.alone = append(j.alone, r)
		}
	}
	return j.emitAlone(0, b, j.alone)
}

// look finds what is kept, and notes what is to be asked.
func (j *LookupJoin) look(b *column.Batch, now time.Time) {
	j.live, j.found, j.asked = liveRows(j.live, b), j.found[:0], j.asked[:0]
	for _, r := range j.live {
		if anyNull(b, j.plan.Keys, int(r)) {
			j.found = append(j.found, nil)
			continue
		}
		j.key = j.codec.Append(j.key[:0], j.keys.Cols, int(r))
		rows, fresh := j.cache.of(j.key, now)
		if fresh {
			rows.batch = column.NewBatch(j.plan.Table.Out)
			j.asked = append(j.asked, question{row: int(r), rows: rows})
		}
		j.found = append(j.found, rows)
	}
}

// ask asks for what is not there, so many at a time, until all have an answer or one has failed.
func (j *LookupJoin) ask() error {
	if len(j.asked) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(j.running())
	defer cancel()
	next := make(chan *question, len(j.asked))
	for i := range j.asked {
		next <- &j.asked[i]
	}
	close(next)
	var asking sync.WaitGroup
	for range min(max(1, j.plan.Limits.Requests), len(j.asked)) {
		asking.Go(func() { // the wait below waits for it
			for q := range next {
				if q.err = j.try(ctx, q); q.err != nil {
					cancel() // nobody needs the other answers
				}
			}
		})
	}
	asking.Wait()
	return j.verdict()
}

// running ends with the job.
func (j *LookupJoin) running() context.Context {
	if j.env.Running == nil {
		return context.Background()
	}
	return j.env.Running
}

// verdict is the first failure that is not due to another one.
func (j *LookupJoin) verdict() (first error) {
	for i := range j.asked {
		if err := j.asked[i].err; err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = err
		}
	}
	return first
}

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// try asks until there is an answer, more and more seldom.
func (j *LookupJoin) try(ctx context.Context, q *question) (err error) {
	pause := firstPause
	for attempt := range max(1, j.plan.Limits.Attempts) {
		if attempt > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return ctx.Err()
			}
			pause = min(2*pause, longestPause)
		}
		q.rows.batch.Reset()
		if err = j.lookup.Find(ctx, &j.keys, q.row, q.rows.batch); err == nil || executor.IsPermanent(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// give emits the rows with those that were found.
func (j *LookupJoin) give(b *column.Batch) error {
	for len(j.met) < b.Rows {
		j.met = append(j.met, false)
	}
	clear(j.met)
	j.right.Reset()
	for i, r := range j.live {
		rows := j.found[i]
		if rows == nil || rows.batch.Rows == 0 {
			continue
		}
		first := int32(j.right.Rows)
		j.right.AppendBatch(rows.batch, nil)
		for k := range int32(rows.batch.Rows) {
			j.pair(r, first+k)
		}
		if len(j.probes) < column.BatchRows {
			continue
		}
		if err := j.giveSome(b); err != nil {
			return err
		}
	}
	return j.giveSome(b)
}

func (j *LookupJoin) giveSome(b *column.Batch) error {
	for len(j.probes) > 0 {
		n := min(len(j.probes), column.BatchRows)
		probes, kept := j.probes, j.kept
		j.probes, j.kept = probes[:n], kept[:n]
		matching, err := j.emitPairs(0, b, batchRows{j.right})
		j.note(matching)
		if err != nil {
			return err
		}
		j.probes, j.kept = probes[:copy(probes, probes[n:])], kept[:copy(kept, kept[n:])]
	}
	j.right.Reset()
	return nil
}

// note marks the rows of pairs that match.
func (j *LookupJoin) note(matching []int32) {
	if j.on == nil {
		for _, r := range j.probes {
			j.met[r] = true
		}
	}
	for _, at := range matching {
		j.met[j.probes[at]] = true
	}
}

// batchRows are the rows of a batch as those that are kept.
type batchRows struct{ *column.Batch }

// AppendColumn implements rowColumns.
func (b batchRows) AppendColumn(v *column.Vector, i int, rows []int32) {
	v.AppendRows(b.Cols[i], rows, 0)
}

var _ rowColumns = (*state.Rows)(nil)
