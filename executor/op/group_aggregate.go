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
	holds   bool     // changes wait for Flush, those of a group together
	changed []change // of the groups met since the last were emitted
	gone    []int32  // those that have no rows left
	known   []int32  // those of changed with former accumulators
	before  []uint64 // the former accumulators of known
	nothing *groupsOfNothing
}

// change is a group that was met since changes were emitted last.
type change struct {
	id     int32
	former int32 // its number in known; or one of those below
}

const (
	newGroup = -1 // there was no such group
	unkept   = -2 // there was, and nobody needs to know what it was
)

// maxHeldGroups bounds the changes that wait for Flush.
const maxHeldGroups = 64 << 10

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
	// What a group was is kept as its accumulators alone: not the texts and values that they refer to.
	keeps := accs.refs == nil && len(accs.sorted) == 0
	return &GroupAggregate{
		keyed:      keyed{keys: p.Keys, init: accs.init},
		emitBefore: p.EmitBefore, final: p.Final, presence: p.Presence, idle: newIdle(p.TTL),
		layout:  state.Layout{Keys: keyTypes(in, p.Keys), Words: accs.words, Refs: accs.refs},
		accs:    accs,
		out:     groups{emitter: emitter{batch: column.NewBatch(p.Out), kinds: !p.Final}, accs: accs, keys: len(p.Keys)},
		holds:   !p.Final && !p.Presence && (keeps || !p.EmitBefore),
		nothing: newGroupsOfNothing(p.Keys, p.Empty, in),
	}, nil
}

// Open implements executor.Operator.
func (a *GroupAggregate) Open(env *executor.Env) error {
	a.store, a.accs.faults.env = env.State, env
	a.table = a.store.Table(groupsTable, a.layout)
	if err := a.table.Fits(a.layout); err != nil {
		return err
	}
	var err error
	a.beside, err = a.accs.openBeside(a.store, groupsTable)
	a.out.beside = a.beside
	a.keyed.begin()
	return err
}

// Holds implements executor.Holder.
func (a *GroupAggregate) Holds() bool { return a.holds }

// Process takes a batch, and emits the changes, combined per key, where they cannot wait for Flush.
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
	if a.holds && len(a.changed) < maxHeldGroups {
		return nil
	}
	return a.emitChanges(out)
}

// collect lists the groups this batch is the first to touch, and notes their former values where
// somebody needs them.
func (a *GroupAggregate) collect() {
	fresh := a.fresh
	for _, id := range a.ids {
		isNew := len(fresh) > 0 && fresh[0] == id
		if isNew {
			fresh = fresh[1:]
		}
		if !a.meet(id) {
			continue
		}
		former := int32(unkept)
		if isNew {
			former = newGroup
		} else if a.emitBefore {
			former = int32(len(a.known))
			a.before, a.known = append(a.before, a.table.Acc(id)...), append(a.known, id)
		}
		a.changed = append(a.changed, change{id, former})
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

// emitChanges gives what has become of the groups that were met.
func (a *GroupAggregate) emitChanges(out executor.Output) error {
	a.out.begin(out, a.table)
	for _, c := range a.changed {
		a.emitChange(c)
	}
	err := a.out.finish()
	for _, id := range a.gone {
		a.table.Delete(id)
	}
	a.changed, a.gone, a.known, a.before = a.changed[:0], a.gone[:0], a.known[:0], a.before[:0]
	a.keyed.begin()
	return err
}

func (a *GroupAggregate) emitChange(c change) {
	row := a.table.Acc(c.id)
	switch gone := a.empty(c.id, row); {
	case gone && c.former == newGroup: // came and went meanwhile
		a.gone = append(a.gone, c.id)
	case gone:
		a.out.version(c.id, a.former(c, row), max(c.former, -1), column.Delete)
		a.gone = append(a.gone, c.id)
	case c.former == newGroup:
		a.out.row(c.id, row, column.Insert)
	case a.presence:
	default:
		if a.emitBefore {
			a.out.version(c.id, a.former(c, row), c.former, column.UpdateBefore)
		}
		a.out.row(c.id, row, column.UpdateAfter)
	}
}

// former is what a group's accumulators were, or are where nobody needs to know that.
func (a *GroupAggregate) former(c change, row []uint64) []uint64 {
	if c.former < 0 {
		return row
	}
	return a.before[int(c.former)*a.accs.words:][:a.accs.words]
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

// Flush emits the changes that are held, and forgets idle groups now and then; it comes at least with every barrier.
func (a *GroupAggregate) Flush(out executor.Output) error {
	if err := a.begin(out); err != nil {
		return err
	}
	if err := a.emitChanges(out); err != nil {
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
