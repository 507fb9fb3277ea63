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
	begun []int // iterations that have begun since the last row and not ended, the outer ones first
	not   []int // what the next row must not be
	// lists numbers what stands in begun, and in not: by the number of what is in front of the last one, and that.
	lists          map[[2]int]int
	parents        []int // by number that of what is in front
	begunAt, notAt int
	// been are the splits that were gone through with the same lists: a second time adds no way.
	been map[[3]int]bool
}

// ways are those from an instruction, in the order of preference.
func (c *compiler) ways(at int) ([]int, error) {
	w := &walk{compiler: c, lists: map[[2]int]int{}, parents: []int{0}, been: map[[3]int]bool{}}
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
		last := len(w.begun) - 1
		if last < 0 || w.begun[last] != i.loop {
			return w.from(i.next[0])
		}
		defer func(begun []int, at int) { w.begun, w.begunAt = begun, at }(w.begun, w.begunAt)
		w.begun, w.begunAt = w.begun[:last], w.parents[w.begunAt]
		return w.from(i.next[1])
	case iterate:
		defer func(begun []int, at int) { w.begun, w.begunAt = begun, at }(w.begun, w.begunAt)
		w.begun, w.begunAt = append(slices.Clip(w.begun), i.loop), w.number(w.begunAt, i.loop)
	case notNext:
		defer func(not []int, at int) { w.not, w.notAt = not, at }(w.not, w.notAt)
		if v := i.state.Variable; !slices.Contains(w.not, v) {
			w.not, w.notAt = append(slices.Clip(w.not), v), w.number(w.notAt, v)
		}
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
	key := [3]int{at, w.begunAt, w.notAt}
	known := w.been[key]
	w.been[key] = true
	return known
}

// number is that of a list with one thing more.
func (w *walk) number(list, thing int) int {
	key := [2]int{list, thing}
	if w.lists[key] == 0 {
		w.parents = append(w.parents, list)
		w.lists[key] = len(w.parents) - 1
	}
	return w.lists[key]
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
