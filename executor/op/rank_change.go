package op

import (
	"slipway/executor/column"
	"slipway/sql/plan"
)

// difference gives what leads from the first rows of a partition as they were to those that are.
func (r *Rank) difference(before, after []placed) {
	switch {
	case !r.p.Number:
		r.sets(before, after)
	case r.p.Kind == plan.RowNumber:
		r.placeByPlace(before, after)
	default:
		r.rowByRow(before, after)
	}
}

// given is how many of equal rows are at places that are given.
func (r *Rank) given(x placed) int64 {
	if r.p.Kind != plan.RowNumber {
		if x.place <= r.p.Offset {
			return 0
		}
		return x.n
	}
	return max(0, min(x.n, r.p.Limit-x.place+1)-max(0, r.p.Offset-x.place+1))
}

// note makes room for the rows that are compared.
func (r *Rank) note(lists ...[]placed) {
	for _, list := range lists {
		for _, x := range list {
			for int(x.id) >= len(r.former) {
				r.former = append(r.former, 0)
			}
		}
	}
}

// sets: without places only which rows are there counts. One that takes the place of another
// is its new version.
func (r *Rank) sets(before, after []placed) {
	r.note(before, after)
	leave, enter := int64(0), int64(0)
	for _, x := range before {
		r.former[x.id] = r.given(x)
	}
	for _, x := range after {
		r.former[x.id] -= r.given(x)
		enter += max(0, -r.former[x.id])
	}
	for _, x := range before {
		leave += max(0, r.former[x.id])
	}
	gone, come := column.Delete, column.Insert
	if leave == 1 && enter == 1 {
		gone, come = column.UpdateBefore, column.UpdateAfter
	}
	for _, x := range before {
		r.times(x, r.former[x.id], gone)
		r.former[x.id] = min(0, r.former[x.id])
	}
	for _, x := range after {
		r.times(x, -r.former[x.id], come)
		r.former[x.id] = 0
	}
}

// times gives a row so often; an old version only where somebody needs it.
func (r *Rank) times(x placed, n int64, k column.RowKind) {
	if k == column.UpdateBefore && !r.p.EmitBefore {
		return
	}
	for range n {
		r.out.row(x.id, x.place, k)
	}
}

// replace gives the new version of a row behind the old one.
func (r *Rank) replace(old, now placed) {
	r.times(old, 1, column.UpdateBefore)
	r.times(now, 1, column.UpdateAfter)
}

// placeByPlace: each place has one row.
func (r *Rank) placeByPlace(before, after []placed) {
	for place := r.p.Offset + 1; place <= r.p.Limit && (len(before) > 0 || len(after) > 0); place++ {
		was, old := at(&before, place)
		is, now := at(&after, place)
		switch {
		case was && is && old.id != now.id:
			r.replace(old, now)
		case was && !is:
			r.times(old, 1, column.Delete)
		case is && !was:
			r.times(now, 1, column.Insert)
		}
	}
}

// at is the row at a place; those before it go from the list.
func at(list *[]placed, place int64) (bool, placed) {
	for len(*list) > 0 && (*list)[0].place+(*list)[0].n <= place {
		*list = (*list)[1:]
	}
	if len(*list) == 0 || (*list)[0].place > place {
		return false, placed{}
	}
	x := (*list)[0]
	x.place, x.n = place, 1
	return true, x
}

// rowByRow: several rows may have one place, and each keeps its own.
func (r *Rank) rowByRow(before, after []placed) {
	r.note(before, after)
	for i, x := range after {
		if r.given(x) > 0 {
			r.former[x.id] = int64(i) + 1
		}
	}
	for _, old := range before {
		n := r.given(old)
		if at := r.former[old.id]; at > 0 {
			now := after[at-1]
			r.former[old.id] = -at // seen
			r.sameRow(old, now, n)
			continue
		}
		r.times(old, n, column.Delete)
	}
	for _, x := range after {
		if r.former[x.id] > 0 {
			r.times(x, x.n, column.Insert)
		}
		r.former[x.id] = 0
	}
}

// sameRow: of a row there were n, and are now others or at another place.
func (r *Rank) sameRow(old, now placed, n int64) {
	both := min(n, now.n)
	if old.place != now.place {
		for range both {
			r.replace(old, now)
		}
	}
	r.times(old, n-both, column.Delete)
	r.times(now, now.n-both, column.Insert)
}
