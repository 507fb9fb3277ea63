package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// BroadcastJoin keeps the rows of a table beside the operator's state, on the job's budget: they
// are loaded again at each start.
type BroadcastJoin struct {
	executor.NoTimers
	sideBySide
	table  int // its port
	keys   [2][]int
	keep   bool
	layout state.RowLayout
	all    []int // columns of the table

	scratch *state.Store
	rows    *state.Multimap
	live    []int32
	sel     []int32 // rows that may meet others
	alone   []int32
	hashes  []uint64
	ids     []int32
	found   []int32
	met     []bool // by row of the batch
}

// NewBroadcastJoin makes the operator of a plan node over the columns of its inputs.
func NewBroadcastJoin(p *plan.BroadcastJoin, in []types.Schema, o expr.Options) (*BroadcastJoin, error) {
	j := &BroadcastJoin{table: p.Table, keys: [2][]int{p.LeftKeys, p.RightKeys}, keep: p.Keep}
	for i, c := range in[p.Table] {
		j.all, j.layout.Columns = append(j.all, i), append(j.layout.Columns, c.Type)
	}
	j.layout.Key = j.keys[p.Table]
	var err error
	j.sideBySide, err = newSideBySide(p.On, p.Width, p.Out, o)
	return j, err
}

// Open makes room for the table.
func (j *BroadcastJoin) Open(env *executor.Env) (err error) {
	j.scratch = env.State.Scratch()
	if j.rows, err = j.scratch.Multimap("table", j.layout); err != nil {
		return err
	}
	return j.failingRows.Open(env)
}

// Process keeps rows of the table, and gives others with those that they meet.
func (j *BroadcastJoin) Process(port int, b *column.Batch, out executor.Output) (err error) {
	j.out = out
	j.divide(port, b)
	j.hashes = column.HashColumns(j.hashes, b, j.keys[port])
	if port == j.table {
		if len(j.sel) > 0 {
			j.ids, err = j.rows.Apply(b, j.all, j.hashes, j.sel, j.ids)
		}
		return err
	}
	if err := j.probe(port, b); err != nil || !j.keep {
		return err
	}
	for _, r := range j.sel {
		if !j.met[r] {
			j.alone = append(j.alone, r)
		}
	}
	return j.emitAlone(port, b, j.alone)
}

// divide sorts out the rows without a key.
func (j *BroadcastJoin) divide(port int, b *column.Batch) {
	j.live = liveRows(j.live, b)
	j.sel, j.alone = j.sel[:0], j.alone[:0]
	for _, r := range j.live {
		if anyNull(b, j.keys[port], int(r)) {
			j.alone = append(j.alone, r)
		} else {
			j.sel = append(j.sel, r)
		}
	}
	for len(j.met) < b.Rows {
		j.met = append(j.met, false)
	}
	clear(j.met)
}

func (j *BroadcastJoin) probe(port int, b *column.Batch) error {
	if len(j.sel) == 0 {
		return nil
	}
	j.found = j.rows.Lookup(b, j.keys[port], j.hashes, j.sel, j.found)
	for i, r := range j.sel {
		if j.found[i] == state.Absent {
			continue
		}
		for id := j.rows.First(j.found[i]); id != state.Absent; id = j.rows.Next(id) {
			for range j.rows.Count(id) {
				if !j.pair(r, id) {
					continue
				}
				if err := j.give(port, b); err != nil {
					return err
				}
			}
		}
	}
	return j.give(port, b)
}

// give emits the pairs so far.
func (j *BroadcastJoin) give(port int, b *column.Batch) error {
	if len(j.probes) == 0 {
		return nil
	}
	matching, err := j.emitPairs(port, b, &j.rows.Rows)
	if j.on == nil {
		for _, r := range j.probes {
			j.met[r] = true
		}
	}
	for _, at := range matching {
		j.met[j.probes[at]] = true
	}
	j.probes, j.kept = j.probes[:0], j.kept[:0]
	return err
}

// OnWatermark has nothing to do: rows do not wait.
func (j *BroadcastJoin) OnWatermark(int64, executor.Output) error { return nil }

// Flush has nothing to emit.
func (j *BroadcastJoin) Flush(executor.Output) error { return nil }

// Close gives the memory of the table back.
func (j *BroadcastJoin) Close() error {
	if j.scratch != nil {
		j.scratch.Close()
	}
	return nil
}
