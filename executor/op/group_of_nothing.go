package op

import (
	"math"
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// groupsOfNothing are the groups that are there before any row has come and when all have gone: the one of an
// aggregate without GROUP BY, and that of each empty grouping set. Each has one owner, the task that has the
// key group of its key. They are kept for ever, also where idle groups are forgotten: there are few.
type groupsOfNothing struct {
	batch *column.Batch // a row of the input for each, of which the keys alone are read
	own   []int32       // those whose key groups the task has
	rows  []int32       // of own the rows of the groups' table
	begun bool
}

// newGroupsOfNothing makes the keys of the groups.
func newGroupsOfNothing(keys []int, empty []int64, in types.Schema) *groupsOfNothing {
	n := &groupsOfNothing{batch: column.NewBatch(in), own: []int32{}}
	if len(keys) == 0 {
		n.batch.Rows = 1
		return n
	}
	for _, key := range keys {
		for range empty {
			n.batch.Cols[key].AppendNull()
		}
	}
	number := n.batch.Cols[keys[len(keys)-1]]
	number.Reset()
	for _, set := range empty {
		number.AppendInt(set)
	}
	n.batch.Rows = len(empty)
	return n
}

// has tells that a row of the table is one of them.
func (n *groupsOfNothing) has(id int32) bool { return slices.Contains(n.rows, id) }

// find makes those that are not there; they are then the operator's fresh ones.
func (n *groupsOfNothing) find(a *GroupAggregate) error {
	a.hash(n.batch)
	n.own = n.own[:0]
	for i := range n.batch.Rows {
		if a.store.Owns(state.Group(a.hashes[i])) {
			n.own = append(n.own, int32(i))
		}
	}
	err := a.enter(a.table, n.batch, n.own)
	n.rows, n.begun = append(n.rows[:0], a.ids...), true
	return err
}

// givenAtEnd stands for the number of rows of such a group that was given at the end of the input.
const givenAtEnd = math.MaxUint64

// keep leaves word of those that were given at the end: a task that is restored comes there again.
func (n *groupsOfNothing) keep(a *GroupAggregate) error {
	if err := n.find(a); err != nil {
		return err
	}
	for _, id := range n.rows {
		a.table.Write(id)[groupRows] = givenAtEnd
	}
	return nil
}

// begin gives them before the first row: each once in the life of a job, since the state has those that it gave.
func (a *GroupAggregate) begin(out executor.Output) error {
	if a.nothing.begun || a.final {
		return nil
	}
	if err := a.nothing.find(a); err != nil {
		return err
	}
	a.out.begin(out, a.table)
	for _, id := range a.fresh {
		a.out.row(id, a.table.Acc(id), column.Insert)
	}
	return a.out.finish()
}
