package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// newestJoin is a temporal join in processing time: it keeps the newest version of each key, and
// a row of the left input meets it when it comes.
type newestJoin struct {
	executor.NoTimers
	sideBySide
	left   plan.TimedSide
	rows   newestRows
	live   []int32
	hashes []uint64
	found  []int32
	alone  []int32
}

func newNewestJoin(left plan.TimedSide, keys []int, right types.Schema, pairs sideBySide) *newestJoin {
	return &newestJoin{sideBySide: pairs, left: left, rows: newNewestRows(keys, right)}
}

// Open takes up the versions of a restore.
func (j *newestJoin) Open(env *executor.Env) (err error) {
	if j.rows.rows, err = env.State.OrderedMap("newest", j.rows.layout); err != nil {
		return err
	}
	return j.failingRows.Open(env)
}

// Process keeps a version, and gives a row with the newest one.
func (j *newestJoin) Process(port int, b *column.Batch, out executor.Output) error {
	if port == 1 {
		return j.rows.enter(b)
	}
	j.out = out
	j.live = liveRows(j.live, b)
	j.hashes = column.HashColumns(j.hashes, b, j.left.Keys)
	j.found = j.rows.rows.Lookup(b, j.left.Keys, j.hashes, j.live, j.found)
	j.alone = j.alone[:0]
	for i, r := range j.live {
		if key := j.found[i]; key != state.Absent && !anyNull(b, j.left.Keys, int(r)) {
			j.pair(r, j.rows.rows.First(key))
		} else {
			j.alone = append(j.alone, r)
		}
	}
	return j.giveEach(b, &j.rows.rows.Rows, j.left.Keep, j.alone)
}

// OnWatermark has nothing to do: rows do not wait.
func (j *newestJoin) OnWatermark(int64, executor.Output) error { return nil }

// Flush has nothing to emit.
func (j *newestJoin) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (j *newestJoin) Close() error { return nil }

// newestRows keeps one row for each key: an ordered map by a column that is always 0.
type newestRows struct {
	keys   []int
	layout state.OrderedLayout
	all    []int
	rows   *state.OrderedMap
	in     column.Batch // the batch without kinds, and the column of zeros
	zeros  *column.Vector
	live   []int32
	sel    []int32
	one    []int32
	hashes []uint64
	ids    []int32
	found  []int32
}

func newNewestRows(keys []int, in types.Schema) newestRows {
	zero := types.Of(types.BigInt)
	n := newestRows{keys: keys, zeros: column.NewVector(zero), one: make([]int32, 1)}
	for i, c := range in {
		n.all, n.layout.Columns = append(n.all, i), append(n.layout.Columns, c.Type)
	}
	n.all, n.layout.Columns = append(n.all, len(in)), append(n.layout.Columns, zero)
	n.layout.Key, n.layout.Sort, n.layout.Unique = keys, len(in), true
	n.in.Cols = make([]*column.Vector, len(n.all))
	return n
}

// enter keeps the newest rows of a batch, and forgets those that are deleted.
func (n *newestRows) enter(b *column.Batch) error {
	copy(n.in.Cols, b.Cols)
	n.zeros.Reset()
	n.zeros.Grow(b.Rows)
	clear(n.zeros.Ints)
	n.in.Cols[len(b.Cols)], n.in.Rows = n.zeros, b.Rows
	n.hashes = column.HashColumns(n.hashes, b, n.keys)
	n.live, n.sel = liveRows(n.live, b), n.sel[:0]
	for _, r := range n.live {
		switch kind := b.Kind(int(r)); {
		case anyNull(b, n.keys, int(r)) || kind == column.UpdateBefore:
		case kind == column.Delete:
			if err := n.enterSelected(); err != nil {
				return err
			}
			n.delete(r)
		default:
			n.sel = append(n.sel, r)
		}
	}
	if err := n.enterSelected(); err != nil {
		return err
	}
	n.rows.Prune()
	return nil
}

func (n *newestRows) enterSelected() (err error) {
	if len(n.sel) == 0 {
		return nil
	}
	n.ids, err = n.rows.Apply(&n.in, n.all, n.hashes, n.sel, n.ids)
	n.sel = n.sel[:0]
	return err
}

func (n *newestRows) delete(r int32) {
	n.one[0] = r
	n.found = n.rows.Lookup(&n.in, n.keys, n.hashes, n.one, n.found)
	if n.found[0] != state.Absent {
		n.rows.Remove(n.rows.First(n.found[0]))
	}
}
