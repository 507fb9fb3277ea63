package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// versions keeps what the rows of each key were, in the order of the times from which they held.
// The word of a version tells that the row was deleted then.
type versions struct {
	plan.TimedSide
	layout state.OrderedLayout
	// fixed, if set: what the watermark has passed does not change any more. A version of then is late,
	// and a deletion ends the row from the watermark on.
	fixed *eventTime
	all   []int // columns
	rows  *state.OrderedMap

	plain   column.Batch // the batch without kinds
	live    []int32
	sel     []int32
	one     []int32
	hashes  []uint64
	ids     []int32
	changed []int32 // rows of the last batch that may have made a version old
	times   []int64 // from when, by row of the batch
	found   []int32
	ending  *column.Batch // the row of a deletion that holds from the watermark on
	late    []int32
}

const deletedThen = 1

func newVersions(p plan.TimedSide, in types.Schema) versions {
	v := versions{TimedSide: p, one: make([]int32, 1), ending: column.NewBatch(in)}
	for i, c := range in {
		v.all, v.layout.Columns = append(v.all, i), append(v.layout.Columns, c.Type)
	}
	v.layout.Key, v.layout.Sort, v.layout.Unique, v.layout.Init = p.Keys, p.Time, true, []uint64{0}
	return v
}

// open takes up the versions and the timers of their keys; timers may be nil.
func (v *versions) open(env *executor.Env) (err error) {
	if v.rows, err = env.State.OrderedMap("versions", v.layout); err != nil || env.Timers == nil {
		return err
	}
	return env.Timers.Open(v.keyTypes())
}

func (v *versions) keyTypes() (out []types.Type) {
	for _, k := range v.Keys {
		out = append(out, v.layout.Columns[k])
	}
	return out
}

// enter keeps the versions of a batch, in its order, and counts those without a time. An old
// version that is taken back was so until its new one.
func (v *versions) enter(b *column.Batch) (timeless int64, err error) {
	v.plain = *b
	v.plain.Kinds = nil
	v.hashes = column.HashColumns(v.hashes, b, v.Keys)
	v.live = liveRows(v.live, b)
	v.sel, v.changed, v.late = v.sel[:0], v.changed[:0], v.late[:0]
	for len(v.times) < b.Rows {
		v.times = append(v.times, 0)
	}
	t := b.Cols[v.Time]
	for _, r := range v.live {
		switch kind := b.Kind(int(r)); {
		case anyNull(b, v.Keys, int(r)) || kind == column.UpdateBefore:
		case kind == column.Delete:
			if err := v.enterSelected(); err != nil {
				return timeless, err
			}
			if err := v.delete(r, t); err != nil {
				return timeless, err
			}
		case t.Null(int(r)):
			timeless++
		case v.closed(t.Ints[r]):
			v.late = append(v.late, r)
		default:
			v.sel = append(v.sel, r)
		}
	}
	if err := v.enterSelected(); err != nil || len(v.late) == 0 {
		return timeless, err
	}
	return timeless, lateTo(nil).rows(timePassed, v.fixed.env, b, v.late, t.Ints, v.fixed.at)
}

// closed tells that no version comes in at a time any more.
func (v *versions) closed(t int64) bool { return v.fixed != nil && v.fixed.passed(t) }

// enterSelected keeps the rows of sel.
func (v *versions) enterSelected() (err error) {
	if len(v.sel) == 0 {
		return nil
	}
	if v.ids, err = v.rows.Apply(&v.plain, v.all, v.hashes, v.sel, v.ids); err != nil {
		return err
	}
	t := v.plain.Cols[v.Time]
	for i, id := range v.ids {
		if v.rows.Acc(id)[0] != 0 {
			v.rows.Write(id)[0] = 0
		}
		v.change(v.sel[i], t.Ints[v.sel[i]])
	}
	v.sel = v.sel[:0]
	return nil
}

func (v *versions) change(r int32, at int64) {
	v.changed, v.times[r] = append(v.changed, r), at
}

// delete ends a row: from its time on, or where the deletion has none from the newest version's.
func (v *versions) delete(r int32, t *column.Vector) (err error) {
	v.one[0] = r
	timed := !t.Null(int(r))
	if timed && !v.closed(t.Ints[r]) {
		if v.ids, err = v.rows.Apply(&v.plain, v.all, v.hashes, v.one, v.ids); err != nil {
			return err
		}
		v.rows.Write(v.ids[0])[0] = deletedThen
		v.change(r, t.Ints[r])
		return nil
	}
	v.found = v.rows.Lookup(&v.plain, v.Keys, v.hashes, v.one, v.found)
	if v.found[0] == state.Absent {
		return nil
	}
	id := v.rows.Last(v.found[0])
	switch at := v.rows.SortInt(id); {
	case v.closed(at):
		return v.end(r)
	case !timed:
		v.rows.Write(id)[0] = deletedThen
		v.change(r, at)
	}
	return nil
}

// end ends a row from the watermark on.
func (v *versions) end(r int32) (err error) {
	b := v.ending
	b.Reset()
	for i, c := range b.Cols {
		if i == v.Time {
			c.Grow(1)
			c.Ints[0] = v.fixed.at
		} else {
			c.AppendRows(v.plain.Cols[i], v.one, 0)
		}
	}
	b.Rows = 1
	if v.ids, err = v.rows.Apply(b, v.all, v.hashes[r:r+1], nil, v.ids); err != nil {
		return err
	}
	v.rows.Write(v.ids[0])[0] = deletedThen
	v.change(r, v.fixed.at)
	return nil
}

// at is the version that held at a time, or Absent.
func (v *versions) at(key int32, t int64) int32 {
	if key == state.Absent {
		return state.Absent
	}
	id := v.rows.Floor(key, state.Bound{Int: t})
	if id == state.Absent || v.rows.Acc(id)[0] == deletedThen {
		return state.Absent
	}
	return id
}

// forget removes the versions of some keys that are older than the one that held so long before a
// time, and that one if the row was deleted then: nobody asks for earlier times any more.
func (v *versions) forget(due *state.Due, before int64) {
	keys := make([]int, len(v.Keys))
	for i := range keys {
		keys[i] = i
	}
	for r := range due.Times {
		v.one[0] = int32(r)
		v.found = v.rows.Lookup(due.Keys, keys, due.Hashes, v.one, v.found)
		if v.found[0] == state.Absent {
			continue
		}
		id := v.rows.Floor(v.found[0], state.Bound{Int: due.Times[r] - before})
		if id == state.Absent {
			continue
		}
		deleted := v.rows.Acc(id)[0] == deletedThen
		for older := v.rows.Prev(id); older != state.Absent; older = v.rows.Prev(id) {
			v.rows.Remove(older)
		}
		if deleted {
			v.rows.Remove(id)
		}
	}
	v.rows.Prune()
}
