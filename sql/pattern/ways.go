package pattern

import (
	"fmt"
	"slices"

	"slipway/sql/plan"
)

// walk finds the ways from one row to the next, or to the end.
type walk struct {
	*compiler
	next  []int
	steps int
	begun []int // iterations that have begun since the last row
	not   []int // what the next row must not be
	// context numbers what has begun and what is forbidden, in this order.
	context  int
	contexts map[[2]int]int // by the one in front and what came to it
	// been are the splits that were gone through in a context: a second time adds no way.
	been map[[2]int]bool
}

// ways are those from an instruction, in the order of preference.
func (c *compiler) ways(at int) ([]int, error) {
	w := &walk{compiler: c, contexts: map[[2]int]int{}, been: map[[2]int]bool{}}
	_, err := w.from(at)
	c.total += len(w.next)
	c.steps += w.steps
	if err == nil && (c.total > maxWays || c.steps > allSteps || len(c.states) > maxStates) {
		err = ErrTooLarge
	}
	return w.next, err
}

// from tells whether the end is certain by now: nothing that is preferred less can come about.
func (w *walk) from(at int) (certain bool, err error) {
	if w.steps++; w.steps > maxSteps {
		return false, ErrTooLarge
	}
	i := &w.code[at]
	switch i.op {
	case end, elapsed:
		if len(w.not) > 0 {
			return false, ErrNotNext
		}
		w.way(map[bool]int{true: plan.MatchEnd, false: plan.MatchElapsed}[i.op == end])
		return i.op == end, nil
	case row:
		w.way(w.state(at))
		return false, nil
	case split:
		if w.again(at) {
			return false, nil
		}
	case check:
		if slices.Contains(w.begun, i.loop) {
			return w.from(i.next[1])
		}
		return w.from(i.next[0])
	case iterate:
		w.begun = append(w.begun, i.loop)
		defer func(former int) { w.begun, w.context = w.begun[:len(w.begun)-1], former }(w.within(i.loop))
	case notNext:
		w.not = append(w.not, i.state.Variable)
		defer func(former int) { w.not, w.context = w.not[:len(w.not)-1], former }(w.within(-1 - i.state.Variable))
	}
	for _, next := range i.next {
		if certain, err = w.from(next); certain || err != nil {
			return certain, err
		}
	}
	return false, nil
}

// again tells that an instruction was gone through in the same way.
func (w *walk) again(at int) bool {
	key := [2]int{at, w.context}
	if w.been[key] {
		return true
	}
	w.been[key] = true
	return false
}

// within makes the context that of one thing more, and gives the one that it was.
func (w *walk) within(thing int) (former int) {
	former = w.context
	key := [2]int{former, thing}
	if w.contexts[key] == 0 {
		w.contexts[key] = len(w.contexts) + 1
	}
	w.context = w.contexts[key]
	return former
}

func (w *walk) way(to int) {
	if !slices.Contains(w.next, to) {
		w.next = append(w.next, to)
	}
}

// state is that of a row instruction, with what the row must not be here.
func (w *walk) state(at int) int {
	name := fmt.Sprint(at, w.not)
	if s, ok := w.numbers[name]; ok {
		return s
	}
	s := w.code[at].state
	for _, v := range w.not {
		s.Tests = append(slices.Clip(s.Tests), plan.MatchTest{Variable: v, Not: true})
	}
	w.numbers[name] = len(w.states)
	w.states, w.after = append(w.states, s), append(w.after, w.code[at].next[0])
	return len(w.states) - 1
}

// Distances are the least numbers of rows that are taken before that of each state.
func Distances(states []plan.MatchState) []int {
	out := make([]int, len(states))
	for i := range out {
		out[i] = -1
	}
	list := []int{0}
	for out[0] = -1; len(list) > 0; list = list[1:] {
		for _, s := range states[list[0]].Next {
			if s > 0 && out[s] < 0 {
				out[s] = out[list[0]] + 1
				list = append(list, s)
			}
		}
	}
	return out
}
