package pattern

import (
	"errors"
	"slices"

	"slipway/sql/plan"
)

// ErrTooLarge: the automaton would have more than maxStates states, or its states more than maxWays ways.
var ErrTooLarge = errors.New("the pattern unfolds to too many states")

// ErrNotNext: what a NotNext forbids is not followed by a row in every way.
var ErrNotNext = errors.New("a row must follow what must not be next")

const (
	maxStates = 4096
	maxWays   = 1 << 17
	maxSteps  = 1 << 21 // of finding the ways from one row on
	allSteps  = 1 << 22 // and from all
)

// Compile gives the automaton of a pattern. Its state 0 is where a match begins; each other has taken one row
// last. The states that may follow one are in the order of preference, and what is behind an end that is
// certain is left out.
func Compile(p *Pattern) ([]plan.MatchState, error) {
	c, err := compile(p)
	if err != nil {
		return nil, err
	}
	return c.states, nil
}

func compile(p *Pattern) (*compiler, error) {
	c := &compiler{states: []plan.MatchState{{Variable: -1}}, numbers: map[string]int{}}
	c.code = append(c.code, instruction{})
	first, err := c.emit(p, false, 0)
	if err != nil {
		return c, err
	}
	c.after = append(c.after, first)
	for i := 0; i < len(c.states); i++ {
		if c.states[i].Next, err = c.ways(c.after[i]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// instruction is one of a program whose ways between rows are then found. What is made first is what
// comes last: each knows those behind it by number. 0 is the end.
type instruction struct {
	op    operation
	state plan.MatchState // of a row
	next  []int           // in the order of preference
	loop  int             // of iterate and check
}

type operation uint8

const (
	end operation = iota
	row
	split
	iterate // an iteration that need not be begins
	check   // and ends: if it has taken no row, what follows is next[1], else next[0]
	notNext // state.Variable
	elapsed
)

type compiler struct {
	code    []instruction
	loops   int
	states  []plan.MatchState
	after   []int          // by state, where the program goes on
	numbers map[string]int // states by their instruction and what is forbidden besides
	total   int            // ways
	steps   int            // of finding them
}

func (c *compiler) add(i instruction) (int, error) {
	if len(c.code) > 4*maxStates {
		return 0, ErrTooLarge
	}
	c.code = append(c.code, i)
	return len(c.code) - 1, nil
}

// emit puts a pattern in front of an instruction, and gives that which it begins with.
func (c *compiler) emit(p *Pattern, excluded bool, next int) (_ int, err error) {
	excluded = excluded || p.Excluded
	switch p.Kind {
	case Variable:
		return c.add(instruction{op: row, next: []int{next},
			state: plan.MatchState{Variable: p.Variable, Tests: []plan.MatchTest{{Variable: p.Variable}}, Excluded: excluded}})
	case Pass:
		s := plan.MatchState{Variable: -1}
		for _, v := range p.Not {
			s.Tests = append(s.Tests, plan.MatchTest{Variable: v, Not: true})
		}
		return c.add(instruction{op: row, next: []int{next}, state: s})
	case NotNext:
		return c.add(instruction{op: notNext, next: []int{next}, state: plan.MatchState{Variable: p.Variable}})
	case Elapsed:
		return c.add(instruction{op: elapsed})
	case Sequence:
		for i := len(p.Parts) - 1; i >= 0 && err == nil; i-- {
			next, err = c.emit(&p.Parts[i], excluded, next)
		}
		return next, err
	case Choice:
		ways := make([]int, len(p.Parts))
		for i := range p.Parts {
			if ways[i], err = c.emit(&p.Parts[i], excluded, next); err != nil {
				return 0, err
			}
		}
		return c.add(instruction{op: split, next: ways})
	}
	return c.repeat(p, excluded, next)
}

// repeat unfolds a quantifier: the iterations that must be, and those that may be behind them.
func (c *compiler) repeat(p *Pattern, excluded bool, next int) (_ int, err error) {
	exit := next
	if p.Max == Unbounded {
		head, err := c.add(instruction{op: split})
		if err != nil {
			return 0, err
		}
		if next, err = c.optional(p, excluded, head, exit); err != nil {
			return 0, err
		}
		c.code[head].next = c.code[next].next
		next = head
	}
	for range p.Max - p.Min { // none of -1 - Min
		if next, err = c.optional(p, excluded, next, exit); err != nil {
			return 0, err
		}
	}
	for range p.Min {
		if next, err = c.emit(&p.Parts[0], excluded, next); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// optional is an iteration that need not be, with what follows it and what follows without it.
func (c *compiler) optional(p *Pattern, excluded bool, again, exit int) (int, error) {
	c.loops++
	loop := c.loops
	last, err := c.add(instruction{op: check, next: []int{again, exit}, loop: loop})
	if err != nil {
		return 0, err
	}
	body, err := c.emit(&p.Parts[0], excluded, last)
	if err != nil {
		return 0, err
	}
	if body, err = c.add(instruction{op: iterate, next: []int{body}, loop: loop}); err != nil {
		return 0, err
	}
	ways := []int{body, exit}
	if p.Reluctant {
		slices.Reverse(ways)
	}
	return c.add(instruction{op: split, next: ways})
}
