package state

import "testing"

// TestGCPercent: a process without state is collected as usual; with much of it, garbage and
// state together stay well below 1.4 times the state.
func TestGCPercent(t *testing.T) {
	const mb = 1 << 20
	if p := GCPercent(0); p != 100 {
		t.Errorf("without state it is %d", p)
	}
	for state := int64(mb); state < 1<<45; state += state / 3 {
		p := GCPercent(state)
		if p < 9 || p > GCPercent(state/2) {
			t.Errorf("for %d bytes it is %d, for half of that %d", state, p, GCPercent(state/2))
		}
		if garbage := state * int64(p) / 100; 2*garbage < min(state, 128*mb) || garbage > 128*mb+state/10 || state > 1024*mb && p > 20 {
			t.Errorf("with %d bytes of state there may be %d of garbage", state, garbage)
		}
	}
}

// TestBudgetTells: by steps of an eighth, up and down, also of what cannot be refused.
func TestBudgetTells(t *testing.T) {
	var told []int64
	b := &Budget{Changed: func(used int64) { told = append(told, used>>20) }}
	for range 1024 {
		b.hold(1 << 20)
	}
	for range 1024 {
		if err := b.Reserve(-1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	last, highest := int64(0), int64(0)
	for _, n := range told {
		if step := max(n-last, last-n); step < 32 || step > max(32, last/8)+1 {
			t.Errorf("%d is told behind %d", n, last)
		}
		last, highest = n, max(highest, n)
	}
	if len(told) < 20 || highest < 900 || last > 32 {
		t.Errorf("told are %v", told)
	}
}
