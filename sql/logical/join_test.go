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
		what, want string
		node       Node
	}{
		{"a row of each input that never ends", "append", &Join{Left: a, Right: b, Equal: same, AsOf: -1}},
		{"a row without partner may get one", "retract", &Join{Kind: Left, Left: a, Right: b, Equal: same, AsOf: -1}},
		{"one partner at most on both sides: either key tells rows apart", "append unique [[0] [3]]", &Join{Left: keyed, Right: keyed, Equal: same, AsOf: -1, On: isTrue(0)}},
		{"the key of one side, the other has many", "append unique [[3]]", &Join{Left: keyed, Right: &Rank{Input: a, Order: Order{Partition: []int{0}, Keys: byTime.Keys}, Limit: 1}, Equal: []Pair{{0, 1}}, AsOf: -1}},
		{"neither side has one partner", "append unique [[0 3]]", &Join{Left: keyed, Right: keyed, Equal: []Pair{{1, 1}}, AsOf: -1}},
		{"within a time: both times go on, and what finds none is known", "append times [2 5]", &Join{Kind: Full, Left: a, Right: b, Within: within, AsOf: -1}},
		{"within a window: both ends", "append times [2 6] window 1..2", &Join{Kind: Full, Left: windows("a"), Right: windows("b"), Equal: window, AsOf: -1}},
		{"windows that need not be the same", "append unique [[0 1 4 5] [0 1 4 6] [0 2 4 5] [0 2 4 6]]", &Join{Left: windows("a"), Right: windows("b"), Equal: same, AsOf: -1}},
		{"the version of a time", "append times [2]", &Join{Kind: Left, Left: a, Right: users(), Equal: same, AsOf: 2}},
		{"the newest version", "retract", &Join{Left: a, Right: users(), Equal: same, AsOf: -1}},
		{"one that is there stays", "append", &SemiJoin{Left: a, Right: b, Equal: same}},
		{"that none comes is known at the end", "retract", &SemiJoin{Left: a, Right: b, Equal: same, Anti: true}},
		{"the first by time stays", "append unique [[0]] times [2]", keyed},
		{"the last by time does not", "retract unique [[0]]", &Rank{Input: a, Order: Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 2, Desc: true}}}, Limit: 1}},
		{"the first three of a window that has ended", "append unique [[0 1] [0 2] [1 2 4]] times [2] window 1..2", &Rank{Input: windows("a"), Order: perMinute, Limit: 3, Number: true}},
		{"by time each row is final", "append times [2]", &Over{Input: a, Order: byTime}},
		{"by another column it is not", "retract", &Over{Input: a, Order: Order{Keys: []plan.SortKey{{Column: 1}}}}},
		{"matches are final", "append", &Match{Input: a, Order: byTime}},
		{"elements are told apart by their place", "append unique [[0 3]] times [2]", &Unnest{Input: keyed, Array: column(1, textT), Ordinality: true}},
		{"a row of many elements", "append times [2]", &Unnest{Input: keyed, Array: column(1, textT), Columns: a.Schema()[:1]}},
		{"elements of the newest row", "retract", &Unnest{Input: users(), Array: column(1, textT), Columns: a.Schema()[:1]}},
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
