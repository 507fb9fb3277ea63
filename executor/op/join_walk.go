package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
)

// joinWalk goes over the pairs that the rows of a batch make with the other side, in the order of
// the batch.
type joinWalk struct {
	join      *Join
	b         *column.Batch
	me, other *joinSide
	found     state.Matches
	passes    []bool  // of the pairs of this step: On is true
	partners  []int64 // of each row of the batch, by number: how many it has
	open      int32   // a row whose pairs did not end with the last step; Absent: none
	list      []probe
}

// probe is a row of the batch, and its pairs in this step.
type probe struct {
	row      int32
	from, to int
	whole    bool // it has no pairs in other steps
}

func (w *joinWalk) begin(j *Join, b *column.Batch, me, other *joinSide) {
	w.join, w.b, w.me, w.other, w.open = j, b, me, other, state.Absent
	if me.keeps {
		w.partners = slices.Grow(w.partners[:0], b.Rows)[:b.Rows]
		clear(w.partners)
	}
}

// step takes the pairs that were found last.
func (w *joinWalk) step() (err error) {
	w.passes = nil
	if w.join.on != nil && len(w.found.Rows) > 0 {
		if w.passes, err = w.join.on.test(w); err != nil {
			return err
		}
	}
	if !w.me.keeps && !w.other.keeps && len(w.b.Kinds) == 0 {
		w.insert()
		return w.join.give.err
	}
	w.probes()
	for i := 0; i < len(w.list); i++ {
		p := w.list[i]
		if w.open != state.Absent && w.open != p.row {
			w.close(w.open)
		}
		w.open = state.Absent
		if i+1 < len(w.list) && w.versions(p, w.list[i+1]) {
			w.change(p, w.list[i+1])
			i++
			continue
		}
		w.one(p)
	}
	return w.join.give.err
}

// insert gives the pairs of an inner join's rows of which none is taken back.
func (w *joinWalk) insert() {
	for i, id := range w.found.Rows {
		if w.passes == nil || w.passes[i] {
			for range w.other.rows.Count(id) {
				w.join.give.row(w.found.Probes[i], id, column.Insert)
			}
		}
	}
}

// probes lists the rows of this step in the order of the batch, those without pairs among them.
func (w *joinWalk) probes() {
	w.list = w.list[:0]
	pairs, none := w.found.Probes, w.found.Unmatched
	for i := 0; i < len(pairs) || len(none) > 0; {
		if i == len(pairs) || len(none) > 0 && none[0] < pairs[i] {
			w.list = append(w.list, probe{row: none[0], whole: true})
			none = none[1:]
			continue
		}
		from := i
		for i < len(pairs) && pairs[i] == pairs[from] {
			i++
		}
		mayGoOn := i == len(pairs) && i >= column.BatchRows
		w.list = append(w.list, probe{row: pairs[from], from: from, to: i, whole: !mayGoOn && pairs[from] != w.open})
	}
}

// one takes the pairs of a row.
func (w *joinWalk) one(p probe) {
	taken := w.b.Kind(int(p.row)).Retracts()
	for i := p.from; i < p.to; i++ {
		if w.pass(i) {
			w.pair(p.row, w.found.Rows[i], taken)
		}
	}
	if p.to > p.from && !p.whole {
		w.open = p.row
		return
	}
	w.close(p.row)
}

func (w *joinWalk) pass(i int) bool { return w.passes == nil || w.passes[i] }

// pair gives or takes back a pair. The NULL row of the other side's row goes when it has its first
// partner and comes again when the last one has gone.
func (w *joinWalk) pair(row, id int32, taken bool) {
	n, give := w.other.rows.Count(id), &w.join.give
	w.count(row, n)
	alone := w.meets(id, taken)
	for range n {
		switch {
		case alone && taken:
			give.row(row, id, column.UpdateBefore)
			give.row(state.Absent, id, column.UpdateAfter)
		case alone:
			give.row(state.Absent, id, column.UpdateBefore)
			give.row(row, id, column.UpdateAfter)
		case taken:
			give.row(row, id, column.Delete)
		default:
			give.row(row, id, column.Insert)
		}
	}
}

func (w *joinWalk) count(row int32, n int64) {
	if w.me.keeps {
		w.partners[row] += n
	}
}

// meets counts the partner that a row of the other side gets or loses. It tells that the row's NULL
// row goes or comes with it.
func (w *joinWalk) meets(id int32, taken bool) bool {
	s := w.other
	if !s.keeps {
		return false
	}
	n := s.rows.Acc(id)[0] & partners
	switch {
	case taken && n > 0:
		s.rows.Write(id)[0]--
		return n == 1
	case !taken && (n == 0 || s.counts && n < partners):
		s.rows.Write(id)[0]++
		return n == 0 && !w.join.final
	}
	return false
}

// close gives the NULL row of a row whose pairs have all been seen, if there were none.
func (w *joinWalk) close(row int32) {
	w.open = state.Absent
	if !w.lonely(row) {
		return
	}
	kind := column.Insert
	if w.b.Kind(int(row)).Retracts() {
		kind = column.Delete
	}
	w.join.give.row(row, state.Absent, kind)
}

// lonely tells that a row has no partner and is given without one.
func (w *joinWalk) lonely(row int32) bool {
	return w.me.keeps && !w.join.final && w.partners[row] == 0
}

// versions tells that a row is the old version of the next one, and both meet the same rows.
func (w *joinWalk) versions(p, q probe) bool {
	if len(w.b.Kinds) == 0 || !p.whole || !q.whole || !w.areVersions(p.row, q.row) {
		return false
	}
	return slices.Equal(w.found.Rows[p.from:p.to], w.found.Rows[q.from:q.to])
}

// areVersions tells of two rows that follow one another that the second corrects the first: the two
// versions of a row may have come here by different ways, with others in between.
func (w *joinWalk) areVersions(p, q int32) bool {
	if w.b.Kind(int(p)) != column.UpdateBefore || w.b.Kind(int(q)) != column.UpdateAfter {
		return false
	}
	for _, c := range w.me.fixed {
		if !w.b.Cols[c].Equal(int(p), int(q)) {
			return false
		}
	}
	return true
}

// change takes the pairs of both versions of a row: with a partner of both the pair changes.
func (w *joinWalk) change(p, q probe) {
	give := &w.join.give
	was, is := w.anyPasses(p), w.anyPasses(q)
	keeps := w.me.keeps && !w.join.final
	switch {
	case keeps && !was && !is:
		give.row(p.row, state.Absent, column.UpdateBefore)
		give.row(q.row, state.Absent, column.UpdateAfter)
	case keeps && !was:
		give.row(p.row, state.Absent, column.Delete)
	}
	for i := range p.to - p.from {
		w.changePair(p, q, i)
	}
	if keeps && was && !is {
		give.row(q.row, state.Absent, column.Insert)
	}
}

func (w *joinWalk) changePair(p, q probe, i int) {
	id := w.found.Rows[p.from+i]
	switch was, is := w.pass(p.from+i), w.pass(q.from+i); {
	case was && is:
		n := w.other.rows.Count(id)
		w.count(q.row, n)
		for range n {
			w.join.give.row(p.row, id, column.UpdateBefore)
			w.join.give.row(q.row, id, column.UpdateAfter)
		}
	case was:
		w.pair(p.row, id, true)
	case is:
		w.pair(q.row, id, false)
	}
}

func (w *joinWalk) anyPasses(p probe) bool {
	return p.to > p.from && (w.passes == nil || slices.Contains(w.passes[p.from:p.to], true))
}

// end closes what is open, and gives the rows that have no key.
func (w *joinWalk) end() {
	if w.open != state.Absent {
		w.close(w.open)
	}
	if !w.me.keeps {
		return
	}
	slices.Sort(w.me.nulls) // several columns may have been looked at
	for i, r := range w.me.nulls {
		kind := w.b.Kind(int(r))
		switch {
		case kind == column.UpdateBefore && i+1 < len(w.me.nulls) && w.areVersions(r, w.me.nulls[i+1]):
		case kind == column.UpdateAfter && i > 0 && w.areVersions(w.me.nulls[i-1], r):
		case kind.Retracts():
			kind = column.Delete
		default:
			kind = column.Insert
		}
		w.join.give.row(r, state.Absent, kind)
	}
}
