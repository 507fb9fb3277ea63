package state

import (
	"cmp"
	"slices"
)

// panes are rows by time, those of a stretch of time together.
type panes struct {
	mem   *derived
	width int64
	list  []*pane // in order of time
	spare []*pane
	last  *pane // that a row was added to
}

type pane struct {
	number int64 // its times, divided by the width
	hashes []uint32
	times  []int64
	rows   []int32
	reads  int   // how often it has been read through, or is about to be
	swept  int64 // up to this time its rows have gone
}

const (
	panesEach = 16        // in the span for which rows are of interest
	leastPane = 1_000_000 // µs
	mostPanes = 256
	// A pane that a bound divides is swept each time if it has no more rows than smallPane, else so many times.
	smallPane  = 4096
	sweepSteps = 16
)

// add puts a row in; false: into none, for there are too many panes already.
func (x *panes) add(at int64, hash uint32, id int32) (added bool, err error) {
	p := x.last
	if number := floorDiv(at, x.width); p == nil || p.number != number {
		if p = x.pane(number); p == nil {
			return false, nil
		}
		x.last = p
	}
	n := len(p.rows)
	if p.hashes, err = grow(x.mem, p.hashes, n+1); err != nil {
		return false, err
	}
	if p.times, err = grow(x.mem, p.times, n+1); err != nil {
		return false, err
	}
	if p.rows, err = grow(x.mem, p.rows, n+1); err != nil {
		return false, err
	}
	p.hashes[n], p.times[n], p.rows[n] = hash, at, id
	return true, nil
}

// pane gives the one with that number, a new one if there is none; nil if there are too many.
func (x *panes) pane(number int64) *pane {
	i, found := slices.BinarySearchFunc(x.list, number, func(p *pane, n int64) int { return cmp.Compare(p.number, n) })
	if found {
		return x.list[i]
	}
	if len(x.list) == mostPanes {
		return nil
	}
	if len(x.spare) == 0 {
		x.spare = append(x.spare, &pane{})
	}
	last := len(x.spare) - 1
	p := x.spare[last]
	x.spare = x.spare[:last]
	p.number, p.swept = number, number*x.width
	x.list = slices.Insert(x.list, i, p)
	return p
}

// remove forgets a pane and its rows, and keeps its memory for another.
func (x *panes) remove(i int) {
	p := x.list[i]
	*p = pane{hashes: p.hashes[:0], times: p.times[:0], rows: p.rows[:0]}
	x.spare, x.list, x.last = append(x.spare, p), slices.Delete(x.list, i, i+1), nil
}

// expire removes rows whose times are below the bound, from their table too: all of whole panes, and some or
// all of the pane that the bound divides.
func (x *panes) expire(bound int64, t *Table) {
	number := floorDiv(bound, x.width)
	for len(x.list) > 0 && x.list[0].number < number {
		for _, id := range x.list[0].rows {
			t.Delete(id)
		}
		x.remove(0)
	}
	if len(x.list) == 0 || x.list[0].number > number {
		return
	}
	if p := x.list[0]; len(p.rows) <= smallPane || bound-p.swept >= x.width/sweepSteps {
		p.sweep(bound, t)
		if len(p.rows) == 0 {
			x.remove(0)
		}
	}
}

func (p *pane) sweep(bound int64, t *Table) {
	kept := 0
	for i, at := range p.times {
		if at < bound {
			t.Delete(p.rows[i])
			continue
		}
		p.hashes[kept], p.times[kept], p.rows[kept] = p.hashes[i], at, p.rows[i]
		kept++
	}
	p.hashes, p.times, p.rows, p.swept = p.hashes[:kept], p.times[:kept], p.rows[:kept], bound
}

// floorDiv divides by a positive number and rounds down.
func floorDiv(x, by int64) int64 {
	if q := x / by; x%by >= 0 {
		return q
	}
	return x/by - 1
}
