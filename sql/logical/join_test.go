package logical

import (
	"fmt"
	"testing"
	"time"

	"slipway/sql/plan"
)

// TestTraitsToCome: what is known of nodes that no analyzer makes yet.
func TestTraitsToCome(t *testing.T) {
	a, b := events("a"), events("b")
	keyed := &Rank{Input: a, Order: byTime, Limit: 1} // unique by id, append
	same, window := []Pair{{0, 0}}, []Pair{{0, 0}, {2, 2}}
	within := &Within{Pair: Pair{2, 2}, Lower: -time.Minute, Upper: time.Minute}
	perMinute := Order{Partition: []int{1, 2}, Keys: []plan.SortKey{{Column: 3, Desc: true}}}
	for _, c := range []struct {
		what string
		node Node
		want string
	}{
		{"a row of each input that never ends",
			&Join{Left: a, Right: b, Equal: same, AsOf: -1},
			"append"},
		{"a row without partner may get one",
			&Join{Kind: Left, Left: a, Right: b, Equal: same, AsOf: -1},
			"retract"},
		{"one partner at most on both sides: either key tells rows apart",
			&Join{Left: keyed, Right: keyed, Equal: same, AsOf: -1, On: isTrue(0)},
			"append unique [[0] [3]]"},
		{"the key of one side, the other has many",
			&Join{Left: keyed, Right: &Rank{Input: a, Order: Order{Partition: []int{0}, Keys: byTime.Keys}, Limit: 1}, Equal: []Pair{{0, 1}}, AsOf: -1},
			"append unique [[3]]"},
		{"neither side has one partner",
			&Join{Left: keyed, Right: keyed, Equal: []Pair{{1, 1}}, AsOf: -1},
			"append unique [[0 3]]"},
		{"within a time: both times go on, and what finds none is known",
			&Join{Kind: Full, Left: a, Right: b, Within: within, AsOf: -1},
			"append"}, // and either may be missing
		{"within a time: the one that is always there goes on",
			&Join{Kind: Left, Left: a, Right: b, Within: within, AsOf: -1},
			"append times [2]"},
		{"within a time: both",
			&Join{Left: a, Right: b, Within: within, AsOf: -1},
			"append times [2 5]"},
		{"within a window: both ends",
			&Join{Left: windows("a"), Right: windows("b"), Equal: window, AsOf: -1},
			"append unique [[0 1] [0 2] [4 5] [4 6]] times [2 6] window 1..2"},
		{"within a window, the end that is always there",
			&Join{Kind: Right, Left: windows("a"), Right: windows("b"), Equal: window, AsOf: -1},
			"append unique [[4 5] [4 6]] times [6] window 5..6"},
		{"within a window, of which either end may be missing",
			&Join{Kind: Full, Left: windows("a"), Right: windows("b"), Equal: window, AsOf: -1},
			"append"},
		{"windows that need not be the same",
			&Join{Left: windows("a"), Right: windows("b"), Equal: same, AsOf: -1},
			"append unique [[0 1 4 5] [0 1 4 6] [0 2 4 5] [0 2 4 6]]"},
		{"the version of a time",
			&Join{Kind: Left, Left: a, Right: users(), Equal: same, AsOf: 2},
			"append times [2]"},
		{"the newest version",
			&Join{Left: a, Right: users(), Equal: same, AsOf: -1},
			"retract"},
		{"one that is there stays",
			&SemiJoin{Left: a, Right: b, Equal: same},
			"append"},
		{"that none comes is known at the end",
			&SemiJoin{Left: a, Right: b, Equal: same, Kind: plan.Anti},
			"retract"},
		{"the first by time stays",
			keyed,
			"append unique [[0]] times [2]"},
		{"the last by time does not",
			&Rank{Input: a, Order: Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 2, Desc: true}}}, Limit: 1},
			"retract unique [[0]]"},
		{"the first three of a window that has ended",
			&Rank{Input: windows("a"), Order: perMinute, Limit: 3, Number: "n"},
			"append unique [[0 1] [0 2] [1 2 4]] times [2] window 1..2"},
		{"by time each row is final",
			&Over{Input: a, Order: byTime},
			"append times [2]"},
		{"by another column it is not",
			&Over{Input: a, Order: Order{Keys: []plan.SortKey{{Column: 1}}}},
			"retract"},
		{"matches are final",
			matches(a),
			"append times [1]"},
		{"elements are told apart by their place",
			&Unnest{Input: keyed, Arrays: []plan.Expr{column(1, textT)}, Ordinality: true},
			"append unique [[0 3]] times [2]"},
		{"a row of many elements",
			&Unnest{Input: keyed, Arrays: []plan.Expr{column(1, textT)}, Columns: a.Schema()[:1]},
			"append times [2]"},
		{"elements of the newest row",
			&Unnest{Input: users(), Arrays: []plan.Expr{column(1, textT)}, Columns: a.Schema()[:1]},
			"retract"},
	} {
		if got := short(TraitsOf(c.node)); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func short(t Traits) string {
	text := t.Changelog.String()
	if len(t.Unique) > 0 {
		text += fmt.Sprintf(" unique %v", t.Unique)
	}
	if len(t.EventTimes) > 0 {
		text += fmt.Sprintf(" times %v", t.EventTimes)
	}
	if t.Window != nil {
		text += fmt.Sprintf(" window %d..%d", t.Window.Start, t.Window.End)
	}
	return text
}
