package op

import (
	"cmp"
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// stretch is rows of one key in one batch that belong to one session whatever else there is: each
// comes at most the gap after the one before.
type stretch struct {
	first, last int64 // times
	row         int32 // one of them in the batch
	session     int32 // number of the session that takes them
}

// stretches finds them. Its slices are valid until the next batch.
type stretches struct {
	keyed
	scratch   *state.Store
	groups    *state.Table // of the batch: its row numbers are those of the keys, from 0
	gap       int64
	list      []stretch
	ends      []int32 // of each key of the batch, behind its last stretch in list
	stretchOf []int32 // of each selected row
	sel       []int32 // rows of the batch that have a time
	order     []int32 // their places in sel, by key and time
	counts    []int32
}

func (s *stretches) open(env *executor.Env, layout state.Layout) {
	s.scratch = env.State.Scratch()
	s.groups = s.scratch.Table("", layout)
}

// find divides the rows of a batch; timeless is how many have no time.
func (s *stretches) find(b *column.Batch, t *column.Vector) (timeless int64, err error) {
	s.sel = s.sel[:0]
	b.Each(func(r int) {
		if t.Null(r) {
			timeless++
			return
		}
		s.sel = append(s.sel, int32(r))
	})
	s.groups.Clear()
	if len(s.sel) == 0 {
		s.list, s.ends = s.list[:0], s.ends[:0]
		return timeless, nil
	}
	if err = s.keyed.find(s.groups, b, s.sel); err != nil {
		return timeless, err
	}
	s.sort(t.Ints)
	s.divide(t.Ints)
	return timeless, nil
}

// sort puts the rows in order of key and time.
func (s *stretches) sort(times []int64) {
	n := s.groups.Len()
	s.counts = slices.Grow(s.counts[:0], n+1)[:n+1]
	clear(s.counts)
	for _, g := range s.ids {
		s.counts[g+1]++
	}
	for g := range n {
		s.counts[g+1] += s.counts[g]
	}
	s.order = slices.Grow(s.order[:0], len(s.sel))[:len(s.sel)]
	for i, g := range s.ids { // then counts[g] is the end of g
		s.order[s.counts[g]] = int32(i)
		s.counts[g]++
	}
	from := int32(0)
	for _, to := range s.counts[:n] {
		s.sortOne(times, s.order[from:to])
		from = to
	}
}

// sortOne puts the rows of one key in order, which they mostly are.
func (s *stretches) sortOne(times []int64, list []int32) {
	for i := 1; i < len(list); i++ {
		if times[s.sel[list[i]]] < times[s.sel[list[i-1]]] {
			slices.SortFunc(list, func(a, b int32) int { return cmp.Compare(times[s.sel[a]], times[s.sel[b]]) })
			return
		}
	}
}

// divide cuts the rows of each key where nothing comes for longer than the gap.
func (s *stretches) divide(times []int64) {
	s.list, s.ends = s.list[:0], s.ends[:0]
	s.stretchOf = slices.Grow(s.stretchOf[:0], len(s.sel))[:len(s.sel)]
	from := int32(0)
	for _, to := range s.counts[:s.groups.Len()] {
		for n, i := range s.order[from:to] {
			row := s.sel[i]
			t := times[row]
			if n == 0 || t-s.list[len(s.list)-1].last > s.gap {
				s.list = append(s.list, stretch{first: t, row: row, session: state.Absent})
			}
			one := &s.list[len(s.list)-1]
			one.last = t
			s.stretchOf[i] = int32(len(s.list) - 1)
		}
		from = to
		s.ends = append(s.ends, int32(len(s.list)))
	}
}

func (s *stretches) close() {
	if s.scratch != nil {
		s.scratch.Close()
	}
}
