package op

import (
	"slices"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// LookupJoin asks a table outside for the rows of each batch: once for each key, several keys and
// requests at a time, and not for what it has kept. Rows wait for their answers while others come; at
// a barrier, a watermark, and when no rows come, it waits for all of them: nothing of it is in a
// checkpoint, and nothing is lost behind one.
type LookupJoin struct {
	executor.Stateless
	sideBySide
	plan     *plan.LookupJoin
	counters *executor.Counters
	cache    lookupCache
	requests lookupRequests
	codec    *column.RowCodec

	keys    column.Batch // the key columns of the batch
	live    []int32
	waiting []*waitingRows // in the order in which they came
	rows    int            // of waiting
	spare   []*waitingRows
	key     []byte

	right *column.Batch // what was found, behind a row of NULLs
	turn  int           // of right
	real  []int32       // pairs with what was found
	sel   []int32
	met   bool // the row at hand met one
}

// waitingRows are the rows of a batch with what the table has for them.
type waitingRows struct {
	batch *column.Batch
	found []*lookedUp // of each row; nil: it has no key
	known int         // that many are known
}

// ready tells that everything is known.
func (w *waitingRows) ready() bool {
	for w.known < len(w.found) && (w.found[w.known] == nil || w.found[w.known].known) {
		w.known++
	}
	return w.known == len(w.found)
}

// NewLookupJoin makes the operator of a plan node.
func NewLookupJoin(p *plan.LookupJoin, o expr.Options) (*LookupJoin, error) {
	var keys types.Schema
	for _, k := range p.Table.Keys {
		keys = append(keys, p.Table.Out[k])
	}
	j := &LookupJoin{
		plan: p, cache: newLookupCache(p.Limits.CacheRows, p.Limits.CacheTTL, !p.Limits.AbsentUncached),
		requests: newLookupRequests(&p.Table, p.Limits, keys), codec: column.NewRowCodec(keyTypes(p.Table.Out, p.Table.Keys)), right: column.NewBatch(p.Table.Out),
	}
	var err error
	j.sideBySide, err = newSideBySide(p.On, p.Width(), p.Out, o)
	return j, err
}

// Open opens the way to the table.
func (j *LookupJoin) Open(env *executor.Env) error {
	j.counters = env.Counters
	if err := j.failingRows.Open(env); err != nil || env.Lookup == nil {
		return err
	}
	lookup, err := env.Lookup(&j.plan.Table)
	if err == nil {
		j.requests.open(env.Running, lookup)
	}
	return err
}

// Close implements executor.Operator.
func (j *LookupJoin) Close() error { return j.requests.close() }

// Process asks for what is not known of the rows, and gives those that have their answers.
func (j *LookupJoin) Process(_ int, b *column.Batch, out executor.Output) error {
	j.out = out
	w := j.look(b, time.Now())
	j.requests.send()
	for { // what was answered meanwhile
		if some, err := j.settle(false); err != nil {
			return err
		} else if !some {
			break
		}
	}
	if err := j.giveReady(); err != nil {
		return err
	}
	if w.ready() && (j.plan.Limits.Unordered || len(j.waiting) == 0) {
		err := j.give(b, j.live, w.found)
		j.release(w)
		return err
	}
	w.batch.AppendBatch(b, j.live)
	j.waiting, j.rows = append(j.waiting, w), j.rows+w.batch.Rows
	return j.giveUntil(j.requests.limits.Requests * j.requests.limits.Batch)
}

// Flush waits for all answers.
func (j *LookupJoin) Flush(out executor.Output) error {
	j.out = out
	return j.giveUntil(0)
}

// giveUntil gives rows until no more than so many wait.
func (j *LookupJoin) giveUntil(most int) error {
	for {
		if err := j.giveReady(); err != nil || j.rows <= most {
			return err
		}
		if _, err := j.settle(true); err != nil {
			return err
		}
	}
}

// look finds what is kept, and notes what is to be asked.
func (j *LookupJoin) look(b *column.Batch, now time.Time) *waitingRows {
	j.keys.Cols = j.keys.Cols[:0]
	for _, k := range j.plan.Keys {
		j.keys.Cols = append(j.keys.Cols, b.Cols[k])
	}
	j.keys.Rows = b.Rows
	w := j.fresh()
	j.live = liveRows(j.live, b)
	hits, misses := 0, 0
	for _, r := range j.live {
		if anyNull(b, j.plan.Keys, int(r)) {
			w.found = append(w.found, nil)
			continue
		}
		j.key = j.codec.Append(j.key[:0], j.keys.Cols, int(r))
		e, fresh := j.cache.of(j.key, now)
		if fresh {
			misses++
			j.requests.add(&j.keys, int(r), e)
		} else {
			hits++
		}
		w.found = append(w.found, e)
	}
	j.counters.LookupHits.Add(int64(hits))
	j.counters.LookupMisses.Add(int64(misses))
	return w
}

func (j *LookupJoin) fresh() *waitingRows {
	if n := len(j.spare); n > 0 {
		w := j.spare[n-1]
		j.spare = j.spare[:n-1]
		return w
	}
	return &waitingRows{batch: column.NewBatch(j.plan.Out[:j.width])}
}

// release takes back what was given.
func (j *LookupJoin) release(w *waitingRows) {
	w.batch.Reset()
	clear(w.found)
	w.found, w.known = w.found[:0], 0
	j.spare = append(j.spare, w)
}

// settle takes an answer; false if there is none.
func (j *LookupJoin) settle(wait bool) (bool, error) {
	q, err := j.requests.take(wait)
	if err != nil || q == nil {
		return false, err
	}
	for r := range q.out.Rows {
		if anyNull(q.out, j.plan.Table.Keys, r) {
			continue
		}
		j.key = j.codec.Append(j.key[:0], keyVectors(q.out, j.plan.Table.Keys, &j.keys), r)
		if e := q.by[string(j.key)]; e != nil {
			if e.rows == nil {
				e.rows = column.NewBatch(j.plan.Table.Out)
			}
			e.rows.AppendBatch(q.out, []int32{int32(r)})
		}
	}
	for _, e := range q.asked {
		j.cache.answered(e)
	}
	j.requests.done(q)
	j.requests.send()
	return true, nil
}

// keyVectors are columns of a batch, in memory of another one.
func keyVectors(b *column.Batch, keys []int, in *column.Batch) []*column.Vector {
	in.Cols = in.Cols[:0]
	for _, k := range keys {
		in.Cols = append(in.Cols, b.Cols[k])
	}
	return in.Cols
}

// giveReady gives the rows that have their answers: in the order in which they came, or not.
func (j *LookupJoin) giveReady() error {
	for i := 0; i < len(j.waiting); {
		w := j.waiting[i]
		if !w.ready() {
			if !j.plan.Limits.Unordered {
				return nil
			}
			i++
			continue
		}
		j.waiting, j.rows = slices.Delete(j.waiting, i, i+1), j.rows-w.batch.Rows
		err := j.give(w.batch, nil, w.found)
		j.release(w)
		if err != nil {
			return err
		}
	}
	return nil
}

// give emits rows of a batch (nil: all) with what was found for each.
func (j *LookupJoin) give(b *column.Batch, live []int32, found []*lookedUp) error {
	j.clearRight()
	for i, e := range found {
		r := int32(i)
		if live != nil {
			r = live[i]
		}
		if e != nil && e.rows != nil {
			j.pairs(r, e)
		}
		if j.plan.Keep {
			j.pair(r, 0)
		}
		if len(j.probes) < column.BatchRows {
			continue
		}
		if err := j.givePairs(b); err != nil {
			return err
		}
	}
	return j.givePairs(b)
}

// clearRight leaves a row of NULLs.
func (j *LookupJoin) clearRight() {
	j.right.Reset()
	for _, v := range j.right.Cols {
		v.AppendNull()
	}
	j.right.Rows = 1
	j.turn++
}

func (j *LookupJoin) pairs(r int32, e *lookedUp) {
	if e.turn != j.turn {
		e.turn, e.first = j.turn, int32(j.right.Rows)
		j.right.AppendBatch(e.rows, nil)
	}
	for k := range int32(e.rows.Rows) {
		j.pair(r, e.first+k)
	}
}

// givePairs emits the pairs that are chosen.
func (j *LookupJoin) givePairs(b *column.Batch) error {
	probes, kept := j.probes, j.kept
	for from := 0; from < len(probes); from += column.BatchRows {
		to := min(len(probes), from+column.BatchRows)
		j.probes, j.kept = probes[from:to], kept[from:to]
		if err := j.emitChosen(b); err != nil {
			return err
		}
	}
	j.probes, j.kept = probes[:0], kept[:0]
	j.clearRight()
	return nil
}

func (j *LookupJoin) emitChosen(b *column.Batch) error {
	j.clear()
	for i, v := range j.columns(0) {
		v.AppendRows(b.Cols[i], j.probes, 0)
	}
	for i, v := range j.columns(1) {
		v.AppendRows(j.right.Cols[i], j.kept, 0)
	}
	j.batch.Rows = len(j.probes)
	sel, err := j.chosen()
	if err != nil || sel != nil && len(sel) == 0 {
		return err
	}
	j.batch.Sel = sel
	return j.out.Emit(j.batch)
}

// chosen are the pairs that match, and those with the row of NULLs whose rows met none; nil: all.
func (j *LookupJoin) chosen() (sel []int32, err error) {
	if j.on == nil && !j.plan.Keep {
		return nil, nil
	}
	matching, err := j.matchingReal()
	if err != nil || !j.plan.Keep {
		return matching, err
	}
	j.sel = j.sel[:0]
	if j.sel == nil {
		j.sel = []int32{}
	}
	for i, k := range j.kept {
		switch {
		case k == 0 && j.met:
			j.met = false
		case k == 0:
			j.sel = append(j.sel, int32(i))
		case len(matching) > 0 && matching[0] == int32(i):
			matching, j.met = matching[1:], true
			j.sel = append(j.sel, int32(i))
		}
	}
	return j.sel, nil
}

// matchingReal are the pairs with what was found that match; never nil.
func (j *LookupJoin) matchingReal() ([]int32, error) {
	if j.real == nil {
		j.real = []int32{}
	}
	j.real = j.real[:0]
	for i, k := range j.kept {
		if k > 0 {
			j.real = append(j.real, int32(i))
		}
	}
	if j.on == nil || len(j.real) == 0 {
		return j.real, nil
	}
	sel, err := j.on.Select(j.batch, j.real)
	if err != nil {
		sel, err = j.rest(err, j.batch, j.real, func(rows []int32) ([]int32, error) { return j.on.Select(j.batch, rows) })
	}
	if sel == nil {
		sel = j.real[:0]
	}
	return sel, err
}
