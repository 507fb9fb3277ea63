package state

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

var (
	timedLayout = OrderedLayout{RowLayout: RowLayout{Columns: []types.Type{types.Of(types.BigInt), types.Of(types.BigInt), types.Of(types.String)}, Key: []int{0}, Apart: true}, Sort: 1}
	timedSchema = types.Schema{{Type: timedLayout.Columns[0]}, {Type: timedLayout.Columns[1]}, {Type: timedLayout.Columns[2]}}
	timedCols   = []int{0, 1, 2}
)

const (
	timedSpan = 32 * leastPane
	timedStep = 2 * leastPane // of the watermark
)

// timedSubject is a map and what should be in it.
type timedSubject struct {
	*testing.T
	r     *rand.Rand
	store *Store
	m     *TimedMap
	look  Look
	rows  [][2]int64 // key and time
	now   int64
}

func newTimedSubject(t *testing.T, store *Store) *timedSubject {
	m, err := store.TimedMap("timed", timedLayout, timedSpan)
	if err != nil {
		t.Fatal(err)
	}
	return &timedSubject{T: t, r: rand.New(rand.NewPCG(3, 3)), store: store, m: m, now: -40 * timedStep}
}

// batch makes rows of few keys, at times round now, every third of them left out.
func (s *timedSubject) batch(rows, keys int) (b *column.Batch, hashes []uint64, sel []int32) {
	b = column.NewBatch(timedSchema)
	for i := range rows {
		b.Cols[0].AppendInt(s.r.Int64N(int64(keys)))
		b.Cols[1].AppendInt(s.now + s.r.Int64N(4*timedStep))
		b.Cols[2].AppendBytes([]byte("a row of some length"))
		if b.Rows++; i%3 != 1 {
			sel = append(sel, int32(i))
		}
	}
	return b, column.HashColumns(nil, b, []int{0}), sel
}

func (s *timedSubject) enter(rows, keys int) {
	s.Helper()
	b, hashes, sel := s.batch(rows, keys)
	ids, err := s.m.Apply(b, timedCols, hashes, sel, nil)
	if err != nil || len(ids) != len(sel) {
		s.Fatal(len(ids), len(sel), err)
	}
	for _, r := range sel {
		s.rows = append(s.rows, [2]int64{b.Cols[0].Ints[r], b.Cols[1].Ints[r]})
	}
}

// probe looks for rows near those of a batch; each pair is a row and what it was found by.
func (s *timedSubject) probe(rows, keys int) {
	s.Helper()
	b, hashes, sel := s.batch(rows, keys)
	near := Near{Times: b.Cols[1].Ints, Lower: -timedStep, Upper: timedStep / 2}
	var got, want [][3]int64
	for i, r := range sel {
		at := near.Times[r]
		for _, row := range s.rows {
			if row[0] == b.Cols[0].Ints[r] && row[1] >= at+near.Lower && row[1] <= at+near.Upper {
				want = append(want, [3]int64{int64(i), row[0], row[1]})
			}
		}
	}
	if err := s.m.Look(&s.look, b, []int{0}, hashes, sel, near); err != nil {
		s.Fatal(err)
	}
	for i, key := range s.m.Lookup(b, []int{0}, hashes, sel, nil) {
		if key == Absent {
			continue
		}
		at := near.Times[sel[i]]
		for id := s.m.Ceil(key, Bound{Int: at + near.Lower}); id != Absent && s.m.SortInt(id) <= at+near.Upper; id = s.m.Next(id) {
			got = append(got, [3]int64{int64(i), b.Cols[0].Ints[sel[i]], s.m.SortInt(id)})
		}
	}
	for s.m.More(&s.look) {
		for i, id := range s.look.Rows {
			at := s.look.Probes[i]
			got = append(got, [3]int64{int64(at), b.Cols[0].Ints[sel[at]], s.m.SortInt(id)})
		}
	}
	compare := func(a, b [3]int64) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(got, compare)
	slices.SortFunc(want, compare)
	if !slices.Equal(got, want) {
		s.Fatalf("%d pairs were found in place of %d", len(got), len(want))
	}
}

// expire goes on by a step, or to the end of time.
func (s *timedSubject) expire(bound int64) {
	s.Helper()
	for ids, err := s.m.ExpireBelow(bound, nil, 100); err != nil || len(ids) == 100; {
		if ids, err = s.m.ExpireBelow(bound, ids[:0], 100); err != nil {
			s.Fatal(err)
		}
	}
	s.m.Prune()
	s.rows = slices.DeleteFunc(s.rows, func(row [2]int64) bool { return row[1] < bound })
	if s.m.Len() != len(s.rows) {
		s.Fatalf("%d rows in place of %d", s.m.Len(), len(s.rows))
	}
}

// TestTimedMap: what is found is the same whether rows wait or are linked; they wait where few look
// for them, are linked where many do, and wait again.
func TestTimedMap(t *testing.T) {
	s := newTimedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}))
	for phase, many := range []bool{false, true, false} {
		for range 40 {
			for range 3 {
				s.enter(300, 50)
			}
			s.probe(240, 50)
			if many {
				for range 60 {
					s.probe(1+s.r.IntN(30), 50)
				}
			}
			s.now += timedStep
			s.expire(s.now - timedSpan + timedStep/3)
		}
		if s.m.eager != many {
			t.Errorf("phase %d: rows are linked as they come: %v", phase, s.m.eager)
		}
	}
	if len(s.m.panes.list) == 0 {
		t.Error("no row waits")
	}
	s.restored()
	s.expire(math.MaxInt64)
	if n := len(s.m.panes.list); n > 0 {
		t.Errorf("%d panes are left", n)
	}
}

// restored goes on with what a checkpoint holds.
func (s *timedSubject) restored() {
	s.Helper()
	again := newTimedSubject(s.T, reloaded(s.T, s.store))
	again.rows, again.now, again.r = s.rows, s.now, s.r
	if n := len(again.m.panes.list); n > 0 {
		s.Errorf("%d panes behind a restore", n)
	}
	for range 20 {
		again.enter(50, 50)
		again.probe(20, 50)
	}
	again.expire(math.MaxInt64)
}

// TestTimedMapOfOneKey: a pane whose rows all have the key of all rows of a batch is linked before it is read.
func TestTimedMapOfOneKey(t *testing.T) {
	s := newTimedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}))
	s.enter(1000, 1)
	s.probe(600, 1)
	if !s.m.eager || len(s.m.panes.list) > 0 {
		t.Error("rows wait that each row of a batch looks at")
	}
}

// TestFarApartTimes: where there are panes enough, rows of other times are linked.
func TestFarApartTimes(t *testing.T) {
	s := newTimedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}))
	for i := range int64(2 * mostPanes) {
		s.now = (i - mostPanes) * timedSpan
		s.enter(5, 3)
	}
	if n := len(s.m.panes.list); n != mostPanes {
		t.Errorf("%d panes", n)
	}
	for i := range int64(2 * mostPanes) {
		s.now = (i - mostPanes) * timedSpan
		s.probe(5, 3)
	}
	s.expire(0)
	s.expire(math.MaxInt64)
}

func TestTimedMapAllocatesNothing(t *testing.T) {
	s := newTimedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}))
	b, hashes, sel := s.batch(column.BatchRows, 100_000)
	b.Cols[2].Reset()
	for range b.Rows { // no texts, which are given new memory now and then
		b.Cols[2].AppendBytes(nil)
	}
	var ids []int32
	key := []int{0}
	step := func() {
		for i := range b.Cols[1].Ints {
			b.Cols[1].Ints[i] += timedStep
		}
		ids, _ = s.m.Apply(b, timedCols, hashes, sel, ids)
		if err := s.m.Look(&s.look, b, key, hashes, sel[:1], Near{Times: b.Cols[1].Ints}); err != nil {
			t.Fatal(err)
		}
		for s.m.More(&s.look) {
		}
		ids, _ = s.m.ExpireBelow(b.Cols[1].Ints[0]-8*timedStep, ids[:0], 1)
	}
	for range 50 {
		step()
	}
	steady(t, "TimedMap", step)
}
