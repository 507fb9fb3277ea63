package pattern

import (
	"errors"
	"testing"
	"time"
)

func nest(p Pattern, depth int, over func(Pattern) Pattern) Pattern {
	for range depth {
		p = over(p)
	}
	return p
}

func repeat(p Pattern, least, most int) Pattern {
	return Pattern{Kind: Repeat, Parts: []Pattern{p}, Min: least, Max: most}
}

func either(list ...Pattern) Pattern { return Pattern{Kind: Choice, Parts: list} }

func inOrder(list ...Pattern) Pattern { return Pattern{Kind: Sequence, Parts: list} }

// explosive are patterns whose ways between rows are many more than their rows.
func explosive() map[string]Pattern {
	v := func(n int) Pattern { return Pattern{Kind: Variable, Variable: n} }
	var plus []Pattern
	for i := range 26 {
		plus = append(plus, repeat(v(i), 1, Unbounded))
	}
	var maybe []Pattern
	for i := range 60 {
		maybe = append(maybe, repeat(v(i%2), 0, 1))
	}
	double := func(p Pattern) Pattern { return repeat(either(p, p), 0, Unbounded) }
	var far []Pattern
	for range 40 {
		far = append(far, nest(v(1), 17, func(p Pattern) Pattern { return inOrder(either(repeat(v(0), 0, 1), repeat(v(0), 0, 1)), p) }))
	}
	return map[string]Pattern{
		"((a?|a?) … 17 b) … 40":    inOrder(far...),
		"a+ b+ … z+":               inOrder(plus...),
		"(a+ b+ … z+)+":            repeat(inOrder(plus...), 1, Unbounded),
		"(a?){50}":                 repeat(repeat(v(0), 0, 1), 50, 50),
		"((a?){50}){50}":           repeat(repeat(repeat(v(0), 0, 1), 50, 50), 50, 50),
		"(a* b*)* nested":          nest(inOrder(repeat(v(0), 0, Unbounded), repeat(v(1), 0, Unbounded)), 12, func(p Pattern) Pattern { return repeat(inOrder(p, p), 0, Unbounded) }),
		"(a | b)* nested":          nest(either(v(0), v(1)), 12, double),
		"(a? | a?)* nested":        nest(repeat(v(0), 0, 1), 14, double),
		"a? b? a? … 60":            inOrder(maybe...),
		"(a? b? … 60){0,60}":       repeat(inOrder(maybe...), 0, 60),
		"((a*)*)* 200 deep":        nest(v(0), 200, func(p Pattern) Pattern { return repeat(p, 0, Unbounded) }),
		"((a?)?)? 200 deep":        nest(v(0), 200, func(p Pattern) Pattern { return repeat(p, 0, 1) }),
		"((a|a?)(a|a?))… 20 times": nest(v(0), 20, func(p Pattern) Pattern { return inOrder(either(v(0), repeat(v(0), 0, 1)), p) }),
		"(x? x?)? nested":          nest(repeat(v(0), 0, 1), 10, func(p Pattern) Pattern { return repeat(inOrder(p, p), 0, 1) }),
	}
}

// TestExplosive: a pattern that is too large is refused, whatever it is made of, after a number of steps that has a bound.
func TestExplosive(t *testing.T) {
	for name, p := range explosive() {
		began := time.Now()
		c, err := compile(&p)
		t.Logf("%-26s %6d states, %8d steps, %v %v", name, len(c.states), c.steps, err, time.Since(began))
		if err != nil && !errors.Is(err, ErrTooLarge) || err == nil && len(c.states) > maxStates+1 || c.steps > allSteps+maxSteps {
			t.Errorf("%s: %d states, %d steps, %v", name, len(c.states), c.steps, err)
		}
	}
}
