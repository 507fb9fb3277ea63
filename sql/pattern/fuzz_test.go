package pattern

import (
	"errors"
	"slices"
	"testing"

	"slipway/sql/plan"
)

// treeOf reads bytes as a tree, whatever they are.
func treeOf(b []byte, depth int) (p Pattern, rest []byte) {
	if len(b) == 0 || depth == 0 {
		return Pattern{Kind: Variable}, b
	}
	c, b := b[0], b[1:]
	p = Pattern{Kind: Kind(c % 7), Variable: int(c>>3) % 5, Reluctant: c&0x40 != 0, Excluded: c&0x80 != 0}
	parts := 0
	switch p.Kind {
	case Sequence, Choice:
		parts = 1 + int(c>>3)%4
	case Repeat:
		parts, p.Min, p.Max = 1, int(c>>3)%4, Unbounded
		if len(b) > 0 && b[0]&1 == 0 {
			p.Max = max(1, p.Min+int(b[0]>>1))
			b = b[1:]
		}
	case Pass:
		p.Not = []int{p.Variable}
	}
	for range parts {
		var part Pattern
		part, b = treeOf(b, depth-1)
		p.Parts = append(p.Parts, part)
	}
	return p, b
}

// FuzzCompile: any tree gives an automaton whose states are sound, or is refused; it takes no endless time.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"", "\x01\x00\x08", "\x0b\x01\x03\x00\x43\x08", "\x9b\xff\x9b\xff\x9b\xff\x01", "\x1b\xfe\x1b\xfe\x1b\xfe\x00", "\x01\x05\x06\x01",
		"2z\xff\x00\xb9\xb9Y\xff\x00", "2\xf1\xf1\xf1\xf1\xf1\xf1\xf1Y"} {
		f.Add([]byte(s))
	}
	names := []string{"a", "b", "c", "d", "e"}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, _ := treeOf(b, 12)
		states, err := Compile(&p)
		if err != nil {
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrNotNext) {
				t.Error(err)
			}
			return
		}
		if p.Show(names) == "" || len(states) > maxStates+1 || len(Distances(states)) != len(states) {
			t.Errorf("%s has %d states", p.Show(names), len(states))
		}
		for i, s := range states {
			sound(t, i, s, len(states))
		}
	})
}

// sound: what may follow is there, once each, and the end that is certain is the last.
func sound(t *testing.T, i int, s plan.MatchState, states int) {
	t.Helper()
	for k, n := range s.Next {
		if n < plan.MatchElapsed || n == 0 || n >= states || slices.Contains(s.Next[:k], n) || n == plan.MatchEnd && k != len(s.Next)-1 {
			t.Errorf("state %d: %v", i, s.Next)
		}
	}
	if i > 0 && len(s.Tests) == 0 && s.Variable >= 0 {
		t.Errorf("state %d asks nothing", i)
	}
}

// TestWays pins automata: what may follow each state, in the order of preference.
func TestWays(t *testing.T) {
	v := func(n int) Pattern { return Pattern{Kind: Variable, Variable: n} }
	many := func(p Pattern, least, most int, reluctant bool) Pattern {
		return Pattern{Kind: Repeat, Parts: []Pattern{p}, Min: least, Max: most, Reluctant: reluctant}
	}
	seq := func(list ...Pattern) Pattern { return Pattern{Kind: Sequence, Parts: list} }
	const end = plan.MatchEnd
	for _, c := range []struct {
		p    Pattern
		want [][]int
	}{
		{seq(v(0), v(1)), [][]int{{1}, {2}, {end}}},
		{seq(v(0), many(v(1), 1, Unbounded, false)), [][]int{{1}, {2}, {3, end}, {3, end}}},
		{seq(v(0), many(v(1), 0, Unbounded, true)), [][]int{{1}, {end}}},
		{many(many(v(0), 0, Unbounded, true), 0, Unbounded, false), [][]int{{end}}},
		{seq(many(v(0), 0, 2, false), v(1)), [][]int{{1, 2}, {3, 2}, {end}, {2}}},
		{seq(v(0), Pattern{Kind: NotNext, Variable: 1}, Pattern{Kind: Pass}), [][]int{{1}, {2}, {end}}},
		{seq(v(0), many(Pattern{Kind: Pass, Not: []int{1}}, 0, Unbounded, true), Pattern{Kind: Elapsed}), [][]int{{1}, {plan.MatchElapsed, 2}, {plan.MatchElapsed, 2}}},
	} {
		states, err := Compile(&c.p)
		var got [][]int
		for _, s := range states {
			got = append(got, s.Next)
		}
		if err != nil || !slices.EqualFunc(got, c.want, slices.Equal[[]int]) {
			t.Errorf("%s: %v, %v, want %v", c.p.Show([]string{"a", "b"}), got, err, c.want)
		}
	}
}
