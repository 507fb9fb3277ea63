package op

import (
	"time"

	"slipway/executor/column"
	"slipway/executor/state"
)

// expiry forgets rows that have not come again for some time. When that was stands in
// the upper half of their first word, in seconds since 1970; the lower half is the operator's.
type expiry struct {
	ttl   time.Duration // 0: rows stay
	now   func() time.Time
	swept time.Time
}

const touchedAt = 32

// stamp is the time in its place; 0 where none is kept.
func (e *expiry) stamp() uint64 {
	if e.ttl == 0 {
		return 0
	}
	return uint64(e.now().Unix()) << touchedAt
}

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
	if e.ttl == 0 {
		return
	}
	now := e.now()
	if now.Sub(e.swept) < e.ttl/10 {
		return
	}
	e.swept = now
	oldest := uint64(now.Add(-e.ttl).Unix())
	rows.Each(func(id int32) {
		if rows.Acc(id)[0]>>touchedAt < oldest {
			rows.Remove(id)
		}
	})
	rows.Prune()
}
