package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// GroupAggregate is the unwindowed GROUP BY. A state row has two words of its own:
// how many input rows the group has, and when it was last touched (milliseconds).
type GroupAggregate struct {
	executor.NoTimers
	keyed
	emitBefore bool
	final      bool
	presence   bool
	idle
	layout  state.Layout
	accs    *accumulators
	table   *state.Table
	store   *state.Store
	beside  *beside
	out     groups
	changed []int32  // groups that the batch has met
	gone    []int32  // those that have no rows left
	known   []int32  // those of changed that are not new
	before  []uint64 // former accumulators of those of changed that are not new
	nothing *groupsOfNothing
}

const groupsTable = "groups"

const (
	groupRows  = 0
	groupTouch = 1
)

// NewGroupAggregate makes the operator of a plan node over an input schema.
func NewGroupAggregate(p *plan.GroupAggregate, in types.Schema) (*GroupAggregate, error) {
	accs, err := newAccumulators(p.Aggs, in, 2)
	if err == nil {
		err = accs.check(p.InputUpdates)
	}
	if err != nil {
		return nil, err
	}
	accs.layBeside(p.Keys, in, p.InputUpdates)
	return &GroupAggregate{
		keyed:      keyed{keys: p.Keys, init: accs.init},
		emitBefore: p.EmitBefore, final: p.Final, presence: p.Presence, idle: newIdle(p.TTL),
		layout:  state.Layout{Keys: keyTypes(in, p.Keys), Words: accs.words, Refs: accs.refs},
		accs:    accs,
		out:     groups{emitter: emitter{batch: column.NewBatch(p.Out), kinds: !p.Final}, accs: accs, keys: len(p.Keys)},
		nothing: newGroupsOfNothing(p.Keys, p.Empty, in),
	}, nil
}

// Open implements executor.Operator.
func (a *GroupAggregate) Open(env *executor.Env) error {
	a.store = env.State
	a.table = a.store.Table(groupsTable, a.layout)
	if err := a.table.Fits(a.layout); err != nil {
		return err
	}
	var err error
	a.beside, err = a.accs.openBeside(a.store, groupsTable)
	a.out.beside = a.beside
	return err
}

// Process emits the changes of the batch, combined per key.
func (a *GroupAggregate) Process(_ int, b *column.Batch, out executor.Output) error {
	if err := a.begin(out); err != nil {
		return err
	}
	if err := a.find(a.table, b, b.Sel); err != nil {
		return err
	}
	if !a.final {
		a.collect()
	}
	a.count(b)
	if err := a.accs.enter(a.beside, a.table, &a.keyed, b, b.Sel); err != nil {
		return err
	}
	if err := a.accs.update(a.table, a.ids, b, b.Sel); err != nil || a.final {
		return err
	}
	return a.emitChanges(out)
}

// collect lists the groups this batch touches and notes their former values where
// somebody needs them.
func (a *GroupAggregate) collect() {
	a.keyed.begin()
	a.changed, a.before, a.known = a.changed[:0], a.before[:0], a.known[:0]
	fresh := a.fresh
	for _, id := range a.ids {
		if !a.meet(id) {
			continue
		}
		a.changed = append(a.changed, id)
		if len(fresh) > 0 && fresh[0] == id {
			fresh = fresh[1:]
		} else if a.emitBefore {
			a.before, a.known = append(a.before, a.table.Acc(id)...), append(a.known, id)
		}
	}
	a.accs.former(a.beside, a.table, a.known)
}

// count keeps the number of input rows of each group, so that a group whose last
// row is taken back disappears.
func (a *GroupAggregate) count(b *column.Batch) {
	now := a.stamp()
	for i, id := range a.ids {
		w := a.table.Write(id)
		w[groupRows] += uint64(sign(b, rowAt(b.Sel, i)))
		if a.ttl > 0 {
			w[groupTouch] = now
		}
	}
}

// emitChanges gives what has become of the groups that the batch has met.
func (a *GroupAggregate) emitChanges(out executor.Output) error {
	a.out.begin(out, a.table)
	a.gone = a.gone[:0]
	fresh, known := a.fresh, int32(0)
	for _, id := range a.changed {
		former := groupVersion{words: a.table.Acc(id), number: -1}
		isNew := len(fresh) > 0 && fresh[0] == id
		if isNew {
			fresh = fresh[1:]
		} else if a.emitBefore {
			former = groupVersion{words: a.before[int(known)*a.accs.words:][:a.accs.words], number: known}
			known++
		}
		a.emitChange(id, former, isNew)
	}
	err := a.out.finish()
	for _, id := range a.gone {
		a.table.Delete(id)
	}
	return err
}

// groupVersion is what a group was before the batch: its accumulators, and its number among former
// results; or what it is, and -1.
type groupVersion struct {
	words  []uint64
	number int32
}

func (a *GroupAggregate) emitChange(id int32, former groupVersion, isNew bool) {
	row := a.table.Acc(id)
	switch gone := a.empty(id, row); {
	case gone && isNew: // came and went within the batch
		a.gone = append(a.gone, id)
	case gone:
		a.out.version(id, former.words, former.number, column.Delete)
		a.gone = append(a.gone, id)
	case isNew:
		a.out.row(id, row, column.Insert)
	case a.presence:
	default:
		if a.emitBefore {
			a.out.version(id, former.words, former.number, column.UpdateBefore)
		}
		a.out.row(id, row, column.UpdateAfter)
	}
}

// empty tells that a group has no rows left and goes.
func (a *GroupAggregate) empty(id int32, row []uint64) bool {
	return int64(row[groupRows]) <= 0 && !a.nothing.has(id)
}

// OnWatermark has nothing to emit before the end: results go out as they change.
func (a *GroupAggregate) OnWatermark(watermark int64, out executor.Output) error {
	if !a.final || watermark != executor.EndWatermark {
		return nil
	}
	if err := a.nothing.find(a); err != nil {
		return err
	}
	a.out.begin(out, a.table)
	a.table.EachRow(func(id int32) {
		if row := a.table.Acc(id); row[groupRows] != givenAtEnd {
			a.out.row(id, row, column.Insert)
		}
	})
	if err := a.out.finish(); err != nil {
		return err
	}
	a.table = emptied(a.store, groupsTable, a.layout)
	a.accs.dropBeside(a.beside, a.store, groupsTable)
	return a.nothing.keep(a)
}

// Flush forgets idle groups now and then; it comes at least with every barrier.
func (a *GroupAggregate) Flush(out executor.Output) error {
	if err := a.begin(out); err != nil {
		return err
	}
	a.beside.prune()
	oldest, sweep := a.sweepDue()
	if !sweep {
		return nil
	}
	there := a.table.Len()
	a.table.EachRow(func(id int32) {
		if a.table.Acc(id)[groupTouch] < oldest && !a.nothing.has(id) {
			a.table.Delete(id)
		}
	})
	if a.table.Len() < there {
		a.accs.sweep(a.beside, a.table)
	}
	return nil
}

// Close implements executor.Operator.
func (a *GroupAggregate) Close() error { return nil }
