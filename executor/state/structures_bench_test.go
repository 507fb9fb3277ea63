package state

import (
	"fmt"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/types"
)

var (
	bidLayout = RowLayout{Columns: []types.Type{types.Of(types.BigInt), types.Of(types.BigInt), types.Of(types.String)}, Key: []int{0}, Init: []uint64{0}}
	bidSchema = types.Schema{{Type: bidLayout.Columns[0]}, {Type: bidLayout.Columns[1]}, {Type: bidLayout.Columns[2]}}
	bidCols   = []int{0, 1, 2}
	bidKeys   = []int{0}
)

// bids makes batches of rows that differ, each key with perKey of them, and their hashes.
func bids(rows, perKey int) (all []*column.Batch, hashes [][]uint64) {
	for at := 0; at < rows; at += column.BatchRows {
		b := column.NewBatch(bidSchema)
		for i := at; i < min(rows, at+column.BatchRows); i++ {
			b.Cols[0].AppendInt(int64(uint64(i/perKey) * 0x9E3779B97F4A7C15 >> 20))
			b.Cols[1].AppendInt(int64(i))
			b.Cols[2].AppendBytes([]byte("channel"))
			b.Rows++
		}
		all, hashes = append(all, b), append(hashes, column.HashColumns(nil, b, bidKeys))
	}
	return all, hashes
}

func retract(all []*column.Batch, kind column.RowKind) {
	for _, b := range all {
		b.Kinds = b.Kinds[:0]
		for range b.Rows {
			b.Kinds = append(b.Kinds, kind)
		}
	}
}

// perRow shows nanoseconds per row of n that each loop did.
func perRow(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
}

// steady fails if f allocates in the steady state.
func steady(t *testing.T, what string, f func()) {
	t.Helper()
	f()
	if n := testing.AllocsPerRun(10, f); n > 0 {
		t.Errorf("%s allocates %g times in %d rows", what, n, column.BatchRows)
	}
}

func TestMultimapAllocatesNothing(t *testing.T) {
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).Multimap("m", bidLayout)
	if err != nil {
		t.Fatal(err)
	}
	all, hashes := bids(column.BatchRows, 4)
	var ids []int32
	var found Matches
	steady(t, "entering and taking back", func() {
		for _, kind := range []column.RowKind{column.Insert, column.Delete} {
			retract(all, kind)
			if ids, err = m.Apply(all[0], bidCols, hashes[0], nil, ids); err != nil {
				t.Fatal(err)
			}
		}
		m.Prune()
	})
	retract(all, column.Insert)
	if ids, err = m.Apply(all[0], bidCols, hashes[0], nil, ids); err != nil {
		t.Fatal(err)
	}
	v := column.NewVector(types.Of(types.String))
	steady(t, "matching", func() {
		for m.Match(&found, all[0], bidKeys, hashes[0], nil); m.More(&found); {
			v.Reset()
			m.AppendColumn(v, 2, found.Rows)
		}
	})
}

// BenchmarkMultimapApply enters a million rows of 250,000 keys; one loop is all of them.
func BenchmarkMultimapApply(b *testing.B) {
	for _, apart := range []bool{false, true} {
		b.Run(fmt.Sprintf("apart=%t", apart), func(b *testing.B) { benchmarkMultimapApply(b, apart) })
	}
}

func benchmarkMultimapApply(b *testing.B, apart bool) {
	layout := bidLayout
	layout.Apart = apart
	all, hashes := bids(1<<20, 4)
	var ids []int32
	for b.Loop() {
		s := NewStore(Range{0, KeyGroups}, &Budget{})
		m, err := s.Multimap("m", layout)
		if err != nil {
			b.Fatal(err)
		}
		for i, batch := range all {
			if ids, err = m.Apply(batch, bidCols, hashes[i], nil, ids); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(s.Bytes())/float64(1<<20), "B/row")
	}
	perRow(b, 1<<20)
}

// BenchmarkMultimapMatch finds four rows for each of a million probes.
func BenchmarkMultimapMatch(b *testing.B) {
	all, hashes := bids(1<<20, 4)
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).Multimap("m", bidLayout)
	if err != nil {
		b.Fatal(err)
	}
	var ids []int32
	for i, batch := range all {
		if ids, err = m.Apply(batch, bidCols, hashes[i], nil, ids); err != nil {
			b.Fatal(err)
		}
	}
	var found Matches
	out := column.NewVector(types.Of(types.BigInt))
	for b.Loop() {
		for i, batch := range all {
			for m.Match(&found, batch, bidKeys, hashes[i], nil); m.More(&found); {
				out.Reset()
				m.AppendColumn(out, 1, found.Rows)
			}
		}
	}
	perRow(b, 4<<20)
}

var bidTimes = OrderedLayout{RowLayout: bidLayout, Sort: 1}

func TestOrderedMapAllocatesNothing(t *testing.T) {
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).OrderedMap("m", bidTimes)
	if err != nil {
		t.Fatal(err)
	}
	all, hashes := bids(column.BatchRows, 4)
	var ids, keys []int32
	steady(t, "entering, reading and expiring", func() {
		if ids, err = m.Apply(all[0], bidCols, hashes[0], nil, ids); err != nil {
			t.Fatal(err)
		}
		keys = m.Lookup(all[0], bidKeys, hashes[0], nil, keys)
		for _, key := range keys {
			ids = m.AppendRange(ids[:0], m.Ceil(key, Bound{Int: 0}), Bound{Int: 1 << 40}, 100)
		}
		if ids, err = m.ExpireBelow(1<<40, ids[:0], column.BatchRows); err != nil {
			t.Fatal(err)
		}
	})
	if len(ids) != column.BatchRows || m.Len() != 0 {
		t.Fatalf("%d rows were removed, %d are left", len(ids), m.Len())
	}
}

// BenchmarkOrderedMap enters a million rows in order of time, 4 and 4096 under a key, reads the
// last four of its key for each row, and expires all.
func BenchmarkOrderedMap(b *testing.B) {
	for _, perKey := range []int{4, 4096, -4} { // the last: rows apart
		layout := bidTimes
		if perKey < 0 {
			perKey, layout.Apart = -perKey, true
		}
		all, hashes := bids(1<<20, perKey)
		b.Run(fmt.Sprintf("perKey=%d/apart=%t", perKey, layout.Apart), func(b *testing.B) {
			var put, read, expire time.Duration
			var ids, keys []int32
			for b.Loop() {
				s := NewStore(Range{0, KeyGroups}, &Budget{})
				m, err := s.OrderedMap("m", layout)
				if err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				for i, batch := range all {
					if ids, err = m.Apply(batch, bidCols, hashes[i], nil, ids); err != nil {
						b.Fatal(err)
					}
				}
				put += time.Since(began)
				b.ReportMetric(float64(s.Bytes())/float64(1<<20), "B/row")
				began = time.Now()
				for i, batch := range all {
					keys = m.Lookup(batch, bidKeys, hashes[i], nil, keys)
					for _, key := range keys {
						ids = m.AppendRangeDown(ids[:0], m.Last(key), Bound{Int: 0}, 4)
					}
				}
				read += time.Since(began)
				began = time.Now()
				for n := 1; n > 0; n = len(ids) {
					if ids, err = m.ExpireBelow(1<<40, ids[:0], column.BatchRows); err != nil {
						b.Fatal(err)
					}
				}
				expire += time.Since(began)
			}
			for name, d := range map[string]time.Duration{"put-ns/row": put, "read-ns/row": read, "expire-ns/row": expire} {
				b.ReportMetric(float64(d.Nanoseconds())/float64(b.N)/float64(1<<20), name)
			}
		})
	}
}

func TestTimersAllocateNothing(t *testing.T) {
	timers := NewTimers(NewStore(Range{0, KeyGroups}, &Budget{}))
	if err := timers.Open([]types.Type{bidLayout.Columns[0], bidLayout.Columns[2]}); err != nil {
		t.Fatal(err)
	}
	all, _ := bids(column.BatchRows, 2)
	keys := []int{0, 2}
	hashes := column.HashColumns(nil, all[0], keys)
	times := all[0].Cols[1].Ints
	fired := 0
	steady(t, "registering, cancelling and firing", func() {
		if err := timers.Register(EventTime, all[0], keys, hashes, nil, times); err != nil {
			t.Fatal(err)
		}
		timers.Cancel(EventTime, all[0], keys, hashes, []int32{0, 5}, times)
		fired = 0
		for due := timers.Take(EventTime, NoTimer); due != nil; due = timers.Take(EventTime, NoTimer) {
			fired += len(due.Times)
		}
	})
	if fired != column.BatchRows-2 {
		t.Fatalf("%d timers fired", fired)
	}
}

// BenchmarkTimers registers a million timers of as many keys and fires them all.
func BenchmarkTimers(b *testing.B) {
	all, hashes := bids(1<<20, 1)
	var register, fire time.Duration
	for b.Loop() {
		s := NewStore(Range{0, KeyGroups}, &Budget{})
		timers := NewTimers(s)
		if err := timers.Open(bidLayout.Columns[:1]); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		for i, batch := range all {
			if err := timers.Register(EventTime, batch, bidKeys, hashes[i], nil, batch.Cols[0].Ints); err != nil { // in random order
				b.Fatal(err)
			}
		}
		register += time.Since(began)
		b.ReportMetric(float64(s.Bytes())/float64(1<<20), "B/timer")
		began = time.Now()
		for timers.Take(EventTime, NoTimer) != nil {
		}
		fire += time.Since(began)
	}
	for name, d := range map[string]time.Duration{"register-ns/timer": register, "fire-ns/timer": fire} {
		b.ReportMetric(float64(d.Nanoseconds())/float64(b.N)/float64(1<<20), name)
	}
}
