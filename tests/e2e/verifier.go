// Package e2e kills whole processes and judges what is left: an independent verifier
// that reads only topics, and that is itself tested by damaging its input.
package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// event is one input record as the generator made it.
type event struct {
	ID    int64
	Key   string
	Value int64
	Time  int64 // milliseconds since 1970
}

// windowKey is one group of the windowed aggregate.
type windowKey struct {
	Key   string
	Start int64 // milliseconds
}

// totals are count and sum of a group.
type totals struct{ Count, Sum int64 }

// expected is the plain batch computation over all input.
type expected struct {
	windows map[windowKey]totals
	groups  map[string]totals
	passed  map[int64]event
}

const windowMillis = 10_000

func compute(input []event) expected {
	e := expected{windows: map[windowKey]totals{}, groups: map[string]totals{}, passed: map[int64]event{}}
	for _, v := range input {
		w := windowKey{v.Key, v.Time - v.Time%windowMillis}
		e.windows[w] = e.windows[w].with(v.Value)
		e.groups[v.Key] = e.groups[v.Key].with(v.Value)
		e.passed[v.ID] = v
	}
	return e
}

// sumRow is the sums over all groups at one time.
type sumRow struct {
	Groups int64
	totals
}

// checkSums: the last row is of all groups as they are, and the row is never deleted.
func checkSums(groups map[string]totals, got []*sumRow) (v verdict) {
	want, last := sumRow{Groups: int64(len(groups))}, sumRow{}
	for _, g := range groups {
		want.Count, want.Sum = want.Count+g.Count, want.Sum+g.Sum
	}
	for _, row := range got {
		if row == nil {
			v.Foreign++
			v.note("the sums were deleted")
			continue
		}
		last = *row
	}
	if last != want {
		v.Wrong++
		v.note("the sums are %v, want %v", last, want)
	}
	return v
}

func (t totals) with(value int64) totals { return totals{t.Count + 1, t.Sum + value} }

// verdict is what the verifier found wrong, and what an at-least-once sink may do.
type verdict struct {
	Lost, Wrong, Foreign, Changed int
	Repeated                      int // allowed at least once: identical rows given again
	Reordered                     int
	Examples                      []string
}

func (v *verdict) note(format string, args ...any) {
	if len(v.Examples) < 5 {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// ok tells that nothing was lost, wrong, foreign, changed or reordered.
func (v verdict) ok() bool { return v.Lost+v.Wrong+v.Foreign+v.Changed+v.Reordered == 0 }

func (v verdict) String() string {
	return fmt.Sprintf("lost %d, wrong %d, foreign %d, final windows changed %d, reordered %d; repeated %d %v",
		v.Lost, v.Wrong, v.Foreign, v.Changed, v.Reordered, v.Repeated, v.Examples)
}

// windowRow is one row of the windowed aggregate's topic.
type windowRow struct {
	windowKey
	totals
}

// checkWindows: every window there, each right, and never given twice with
// different content: a final window does not change.
func checkWindows(want map[windowKey]totals, rows []windowRow) (v verdict) {
	seen := map[windowKey]totals{}
	for _, r := range rows {
		before, again := seen[r.windowKey]
		switch {
		case again && before != r.totals:
			v.Changed++
			v.note("window %v was %v, then %v", r.windowKey, before, r.totals)
		case again:
			v.Repeated++
		}
		seen[r.windowKey] = r.totals
	}
	compareMaps(&v, want, seen)
	return v
}

// groupRow is one row of the updating aggregate's topic, in the topic's order.
type groupRow struct {
	Key string
	totals
}

// checkGroups: the last row of each key is right, and counts never fall except
// where a restart repeats what came after its checkpoint.
func checkGroups(want map[string]totals, rows []groupRow) (v verdict) {
	last := map[string]totals{}
	for _, r := range rows {
		if r.Count <= last[r.Key].Count {
			v.Repeated++
		}
		last[r.Key] = r.totals
	}
	compareMaps(&v, want, last)
	return v
}

func compareMaps[K, V comparable](v *verdict, want, got map[K]V) {
	for k, w := range want {
		g, ok := got[k]
		switch {
		case !ok:
			v.Lost++
			v.note("%v is missing, want %v", k, w)
		case g != w:
			v.Wrong++
			v.note("%v is %v, want %v", k, g, w)
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			v.Foreign++
			v.note("%v with %v was never put in", k, g)
		}
	}
}

// checkPassed: every record once or, at least once, again; unchanged; and in order
// within a key, repetitions apart (a step back must go to a row seen before).
func checkPassed(want map[int64]event, rows []event) (v verdict) {
	seen := map[int64]bool{}
	newest := map[string]int64{}
	for _, r := range rows {
		w, ok := want[r.ID]
		switch {
		case !ok:
			v.Foreign++
			v.note("record %d was never put in", r.ID)
		case w != r:
			v.Wrong++
			v.note("record %+v, want %+v", r, w)
		case seen[r.ID]:
			v.Repeated++
		case r.ID < newest[r.Key]:
			v.Reordered++
			v.note("record %d of key %s for the first time behind %d", r.ID, r.Key, newest[r.Key])
		}
		seen[r.ID] = true
		newest[r.Key] = max(newest[r.Key], r.ID)
	}
	for _, id := range slices.SortedFunc(maps.Keys(want), cmp.Compare[int64]) {
		if !seen[id] {
			v.Lost++
			v.note("record %d is missing", id)
		}
	}
	return v
}
