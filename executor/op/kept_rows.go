package op

import (
	"cmp"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// keptRows are rows by key and time that wait for the end of their session. What embeds it keeps them in
// Process and gives them by timers.
type keptRows struct {
	dueTimers
	keys   []int
	at     int // time column
	late   lateTo
	layout state.OrderedLayout
	time   eventTime
	env    *executor.Env
	kept   *state.OrderedMap
	out    emitter

	all        []int // columns
	hashes     []uint64
	timely     []int32 // rows of the batch
	found, ids []int32
	keyCols    []int // of the keys of timers
}

// newKeptRows makes those of some columns, which come out in front of others.
func newKeptRows(keys []int, time int, in, out types.Schema) keptRows {
	k := keptRows{keys: keys, at: time, out: emitter{batch: column.NewBatch(out)}}
	for i, c := range in {
		k.all, k.layout.Columns = append(k.all, i), append(k.layout.Columns, c.Type)
	}
	k.layout.Key, k.layout.Sort = keys, time
	for i := range keys {
		k.keyCols = append(k.keyCols, i)
	}
	return k
}

// Open takes up the rows and the watermark of a restore.
func (k *keptRows) Open(env *executor.Env) (err error) {
	k.env = env
	k.time.open(env)
	if k.kept, err = env.State.OrderedMap("rows", k.layout); err != nil {
		return err
	}
	return env.Timers.Open(k.keyTypes())
}

func (k *keptRows) keyTypes() []types.Type {
	keys := make([]types.Type, len(k.keys))
	for i, c := range k.keys {
		keys[i] = k.layout.Columns[c]
	}
	return keys
}

// divide finds the rows of a batch that are in time, and writes those that are late elsewhere.
func (k *keptRows) divide(b *column.Batch) (left leftOut, err error) {
	k.timely, left.by = k.timely[:0], timePassed
	t := b.Cols[k.at]
	b.Each(func(r int) {
		switch {
		case t.Null(r):
			left.timeless++
		case !k.time.passed(t.Ints[r]):
			k.timely = append(k.timely, int32(r))
		default:
			left.late, left.end = left.late+1, t.Ints[r]
			err = cmp.Or(err, k.late.rowBy(timePassed, k.env, b, r, left.end, k.time.at))
		}
	})
	return left, err
}

// OnWatermark notes which rows are late from now on; what the watermark has passed was given by timers.
func (k *keptRows) OnWatermark(watermark int64, _ executor.Output) error {
	k.time.advance(watermark)
	return nil
}

// Flush has nothing to emit: everything is in the state.
func (k *keptRows) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (k *keptRows) Close() error { return nil }

// dueTimers are timers of event time that are to be made, for keys of rows of a batch.
type dueTimers struct {
	due   []int32 // the rows
	times []int64 // by row
}

// room makes place for the times of so many rows.
func (d *dueTimers) room(rows int) {
	for len(d.times) < rows {
		d.times = append(d.times, 0)
	}
}

// register makes them.
func (d *dueTimers) register(env *executor.Env, b *column.Batch, keys []int, hashes []uint64) error {
	if len(d.due) == 0 {
		return nil
	}
	return env.Timers.Register(state.EventTime, b, keys, hashes, d.due, d.times)
}
