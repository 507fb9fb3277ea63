package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
)

// expiry forgets rows that have not come again for some time. When that was stands in
// the upper half of their first word, in seconds since 1970; the lower half is the operator's.
type expiry struct{ idle }

const touchedAt = 32

// stamp is the time in its place; 0 where none is kept.
func (e *expiry) stamp() uint64 { return e.idle.stamp() / 1000 << touchedAt }

// touch notes that rows have come: ids are those of the selected rows of a batch, as Apply gives them.
func (e *expiry) touch(rows *state.Rows, b *column.Batch, sel, ids []int32) {
	if e.ttl == 0 {
		return
	}
	now := e.stamp()
	for i, id := range ids {
		if id != state.Absent && !b.Kind(int(sel[i])).Retracts() {
			w := rows.Write(id)
			w[0] = now | w[0]&(1<<touchedAt-1)
		}
	}
}

// sweep forgets rows, now and then.
func (e *expiry) sweep(rows *state.Rows) {
	oldest, sweep := e.sweepDue()
	if !sweep {
		return
	}
	rows.Each(func(id int32) {
		if rows.Acc(id)[0]>>touchedAt < oldest/1000 {
			rows.Remove(id)
		}
	})
	rows.Prune()
}
