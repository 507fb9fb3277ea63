package op

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// sessionsOf gives rows with the bounds of their sessions, by a sort.
func sessionsOf(rows []executortest.Tuple, keys []int, at int, gap int64) (out []executortest.Tuple) {
	byKey := map[string][]executortest.Tuple{}
	for _, row := range rows {
		var key executortest.Tuple
		for _, k := range keys {
			key = append(key, row[k])
		}
		if row[at] != nil {
			byKey[key.String()] = append(byKey[key.String()], row)
		}
	}
	for _, list := range byKey {
		slices.SortFunc(list, func(a, b executortest.Tuple) int { return cmp.Compare(a[at].(int64), b[at].(int64)) })
		first := 0
		for i := range list {
			if i+1 < len(list) && list[i+1][at].(int64)-list[i][at].(int64) <= gap {
				continue
			}
			for _, row := range list[first : i+1] {
				out = append(out, append(slices.Clone(row), list[first][at], list[i][at].(int64)+gap))
			}
			first = i + 1
		}
	}
	return out
}

// TestSessionChanges: after every batch the rows have the bounds that a sort gives of all rows there are.
func TestSessionChanges(t *testing.T) {
	bound := types.NewTimestamp(6)
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		for _, gap := range []int64{0, 2, 30} {
			t.Run(fmt.Sprint(keys, gap), func(t *testing.T) {
				p := &plan.SessionChanges{Keys: keys, Updates: true, Window: plan.Window{Kind: plan.Session, Time: 1, Size: time.Duration(gap) * time.Microsecond},
					Out: append(slices.Clone(timedIn), types.Column{Name: "s", Type: bound}, types.Column{Name: "e", Type: bound})}
				value := func(r *rand.Rand, c int) any {
					if c == 1 && r.IntN(20) > 0 {
						return r.Int64N(300)
					}
					return executortest.AnyValue(r, timedIn[c].Type)
				}
				executortest.Check{
					Inputs: []executortest.Input{{Schema: timedIn, Hash: keys, Value: value}},
					New:    func() (executor.Operator, error) { return NewSessionChanges(p, timedIn), nil },
					Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return sessionsOf(in[0], keys, 1, gap) },
					Before: true,
				}.Run(t)
			})
		}
	}
}
