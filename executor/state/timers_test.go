package state

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// The key of a test timer: a text and a number, which lie in other places of a batch.
var (
	timerKeys   = []types.Type{types.Of(types.String), types.Of(types.BigInt)}
	timerSchema = types.Schema{{Type: types.Of(types.BigInt)}, {Type: types.Of(types.Double)}, {Type: types.Of(types.String)}}
	timerCols   = []int{2, 0}
)

type timersSubject struct {
	store  *Store
	timers *Timers
	rows   contents // of each key: domain and time
	r      *rand.Rand
}

func newTimersSubject(t *testing.T, s *Store, rows contents) *timersSubject {
	timers := NewTimers(s)
	if err := timers.Open(timerKeys); err != nil {
		t.Fatal(err)
	}
	return &timersSubject{store: s, timers: timers, rows: rows, r: rand.New(rand.NewPCG(4, 4))}
}

func (s *timersSubject) state() *Store   { return s.store }
func (s *timersSubject) model() contents { return s.rows }

func (s *timersSubject) over(t *testing.T, store *Store, rows contents) subject {
	return newTimersSubject(t, store, rows)
}

func timerBatch(r *rand.Rand, rows, keys, span int) (b *column.Batch, times []int64) {
	b = column.NewBatch(timerSchema)
	for range rows {
		k := r.IntN(keys)
		b.Cols[1].AppendNull()
		b.Cols[2].AppendBytes(fmt.Appendf(nil, "key %d", k))
		if k%5 == 0 {
			b.Cols[0].AppendNull()
		} else {
			b.Cols[0].AppendInt(int64(k))
		}
		times = append(times, int64(r.IntN(span)))
		b.Rows++
	}
	return b, times
}

func byDomainAndTime(a, b entry) int {
	if a.text != b.text {
		return slices.Compare([]string{a.text}, []string{b.text})
	}
	return int(a.sort - b.sort)
}

func (s *timersSubject) add(key string, e entry) {
	at, there := slices.BinarySearchFunc(s.rows[key], e, byDomainAndTime)
	if !there {
		s.rows[key] = slices.Insert(s.rows[key], at, e)
	}
}

// drop takes a timer from the model; false if it is not there.
func (s *timersSubject) drop(key string, e entry) bool {
	at, there := slices.BinarySearchFunc(s.rows[key], e, byDomainAndTime)
	if there {
		if s.rows[key] = slices.Delete(s.rows[key], at, at+1); len(s.rows[key]) == 0 {
			delete(s.rows, key)
		}
	}
	return there
}

func (s *timersSubject) change(t *testing.T, r *rand.Rand) {
	for d := range domains {
		b, times := timerBatch(r, 1+r.IntN(200), 60, 1000)
		hashes := column.HashColumns(nil, b, timerCols)
		sel := owned(s.store, b, hashes, r)
		if err := s.timers.Register(d, b, timerCols, hashes, sel, times); err != nil {
			t.Fatal(err)
		}
		for _, row := range sel {
			s.add(string(b.Cols[2].Bytes(int(row))), entry{text: d.String(), sort: times[row]})
		}
		cancelled := owned(s.store, b, hashes, r)
		for i := range times {
			times[i] -= int64(r.IntN(2))
		}
		cancelled = cancelled[:len(cancelled)/2]
		s.timers.Cancel(d, b, timerCols, hashes, cancelled, times)
		for _, row := range cancelled {
			s.drop(string(b.Cols[2].Bytes(int(row))), entry{text: d.String(), sort: times[row]})
		}
		if r.IntN(2) == 0 {
			s.fire(t, d, int64(r.IntN(300)))
		}
	}
}

// fire takes all that is due; some of it registers or cancels further timers of its key.
func (s *timersSubject) fire(t *testing.T, d Domain, upTo int64) {
	all := []int{0, 1}
	for due := s.timers.Take(d, upTo); due != nil; due = s.timers.Take(d, upTo) {
		if due.Domain != d || due.UpTo != upTo || !slices.IsSorted(due.Times) || len(due.Times) != due.Keys.Rows {
			t.Fatalf("%s timers up to %d, of %d keys: %v", due.Domain, due.UpTo, due.Keys.Rows, due.Times)
		}
		seen := map[string]bool{}
		for i, at := range due.Times {
			key := string(due.Keys.Cols[0].Bytes(i))
			if !s.drop(key, entry{text: d.String(), sort: at}) || seen[key] || at > upTo {
				t.Fatalf("up to %d fires %s at %d, twice %t", upTo, key, at, seen[key])
			}
			seen[key] = true
		}
		next := slices.Clone(due.Times)
		for i := range next {
			next[i] += int64(s.r.IntN(400))
		}
		some := owned(s.store, due.Keys, due.Hashes, s.r)
		some = some[:len(some)/3]
		if err := s.timers.Register(d, due.Keys, all, due.Hashes, some, next); err != nil {
			t.Fatal(err)
		}
		for _, i := range some {
			s.add(string(due.Keys.Cols[0].Bytes(int(i))), entry{text: d.String(), sort: next[i]})
		}
	}
	for key, list := range s.rows {
		for _, e := range list {
			if e.text == d.String() && e.sort <= upTo {
				t.Fatalf("up to %d: %s at %d did not fire", upTo, key, e.sort)
			}
		}
	}
}

func (s *timersSubject) have(t *testing.T) contents {
	out := contents{}
	v := column.NewVector(timerKeys[0])
	for d := range domains {
		set, first := &s.timers.sets[d], int64(NoTimer)
		set.table.EachRow(func(id int32) {
			v.Reset()
			set.table.AppendKey(v, id, 0)
			at := int64(set.table.row(id)[set.table.keyAt[2]])
			first = min(first, at)
			key := string(v.Bytes(0))
			out[key] = append(out[key], entry{text: d.String(), sort: at})
		})
		if s.timers.Next(d) != first || s.timers.Len(d) != set.table.Len() {
			t.Fatalf("%s: next at %d, first at %d; %d in the heap, %d in the table", d, s.timers.Next(d), first, s.timers.Len(d), set.table.Len())
		}
	}
	for _, list := range out {
		slices.SortFunc(list, byDomainAndTime)
	}
	return out
}

func TestTimersAgainstModel(t *testing.T) {
	testAgainstModel(t, func(s *Store) subject { return newTimersSubject(t, s, contents{}) })
}

// TestTimersFireInOrder: of time, then of registration, and a key's next one only when the
// former has been handled; the same after a restore.
func TestTimersFireInOrder(t *testing.T) {
	s := newTimersSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}), contents{})
	b := column.NewBatch(timerSchema)
	times := []int64{7, 5, 5, 9, 5, 7, 5} // of keys a to d, then of a twice and of c once more
	for _, key := range "abcdaac" {
		b.Cols[0].AppendNull()
		b.Cols[1].AppendNull()
		b.Cols[2].AppendBytes([]byte(string(key)))
		b.Rows++
	}
	hashes := column.HashColumns(nil, b, timerCols)
	for range 2 { // the second changes nothing
		if err := s.timers.Register(EventTime, b, timerCols, hashes, nil, times); err != nil {
			t.Fatal(err)
		}
	}
	again := reloaded(t, s.store)
	for what, timers := range map[string]*Timers{"before": s.timers, "after a restore": newTimersSubject(t, again, nil).timers} {
		last := column.NewBatch(timerSchema)
		last.Cols[0].AppendNull()
		last.Cols[2].AppendBytes([]byte("e"))
		last.Rows = 1
		if err := timers.Register(EventTime, last, timerCols, column.HashColumns(nil, last, timerCols), nil, []int64{5}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for due := timers.Take(EventTime, 8); due != nil; due = timers.Take(EventTime, 8) {
			batch := ""
			for i, at := range due.Times {
				batch += fmt.Sprintf("%s%d ", due.Keys.Cols[0].Bytes(i), at)
			}
			got = append(got, batch)
		}
		if want := []string{"b5 c5 a5 e5 ", "a7 "}; !slices.Equal(got, want) || timers.Next(EventTime) != 9 || timers.Next(ProcessingTime) != NoTimer {
			t.Errorf("%s: %q fire, next at %d; want %q", what, got, timers.Next(EventTime), want)
		}
	}
}

// TestTimersOfNoKey: of an operator without keys, which has one at a time.
func TestTimersOfNoKey(t *testing.T) {
	timers := NewTimers(NewStore(Range{0, KeyGroups}, &Budget{}))
	if timers.Take(EventTime, NoTimer) != nil || timers.Next(EventTime) != NoTimer {
		t.Error("there are timers before Open")
	}
	if err := timers.Open(nil); err != nil {
		t.Fatal(err)
	}
	b := &column.Batch{Rows: 3}
	if err := timers.Register(ProcessingTime, b, nil, column.HashColumns(nil, b, nil), nil, []int64{3, 1, 3}); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for due := timers.Take(ProcessingTime, NoTimer); due != nil; due = timers.Take(ProcessingTime, NoTimer) {
		got = append(got, due.Times...)
		if due.Keys.Rows != 1 || len(due.Hashes) != 1 {
			t.Errorf("%d timers of one key at once", due.Keys.Rows)
		}
	}
	if !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("timers fire at %v", got)
	}
}
