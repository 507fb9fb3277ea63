package state

import (
	"math/bits"
	"runtime"
	"sync"

	"slipway/executor/memory"
)

// partRows is from how many rows on a table is worth a second core.
const partRows = 1 << 16

// parts is into how many parts so many rows are cut: a power of two.
func parts(rows int) int {
	n := min(runtime.GOMAXPROCS(0), max(1, rows/partRows))
	return 1 << (bits.Len(uint(n)) - 1)
}

// together runs f for each of n parts at once and waits for all.
func together(n int, f func(part int)) {
	var all sync.WaitGroup
	for part := 1; part < n; part++ {
		all.Go(func() { f(part) }) // the wait below waits for it
	}
	f(0)
	all.Wait()
}

// grow makes the index anew for so many rows.
func (t *Table) grow(rows int) error {
	size := max(64, 1<<bits.Len(uint(max(1, 2*rows)-1)))
	if err := t.store.reserve(int64(size-len(t.index)) * 8); err != nil {
		return err
	}
	t.index = memory.LargePaged(make([]uint64, size))
	if t.live < partRows {
		t.EachRow(func(id int32) { t.link(id) })
		return nil
	}
	b := builder{table: t, parts: parts(t.rows), count: size / bucketSlots}
	b.build()
	return nil
}

// builder fills an index that is larger than the caches: it first throws the entries of the rows
// into buckets, each of which fits, and then puts those of a bucket where they belong. A bucket
// is a stretch of the index itself, of which each part of the rows has its share.
type builder struct {
	table *Table
	parts int
	count int        // of buckets
	used  [][]uint32 // of each part: the entries in its share of each bucket
	over  [][]uint64 // of each part: entries for which there was no room
}

const bucketSlots = 1 << 14 // 128 KB

func (b *builder) build() {
	b.used, b.over = make([][]uint32, b.parts), make([][]uint64, b.parts)
	together(b.parts, b.scatter)
	together(b.parts, func(part int) {
		entries := make([]uint64, 0, bucketSlots)
		for bucket := part; bucket < b.count; bucket += b.parts {
			entries = b.gather(entries[:0], bucket)
			b.over[part] = b.table.enterAll(entries, bucket*bucketSlots, b.over[part])
		}
	})
	for _, entries := range b.over {
		for _, e := range entries {
			b.table.enter(e)
		}
	}
}

// scatter throws the entries of one part of the rows into their buckets.
func (b *builder) scatter(part int) {
	t := b.table
	used := make([]uint32, b.count)
	share := bucketSlots / b.parts
	pages := t.used()
	for p := part * pages / b.parts; p < (part+1)*pages/b.parts; p++ {
		page := t.pages[p]
		for r := range min(1<<t.shift, t.rows-p<<t.shift) {
			row := page[r*t.width : (r+1)*t.width]
			if row[1]&liveFlag == 0 {
				continue
			}
			h := t.place(row)
			e := h>>32<<32 | uint64(p<<t.shift+r+1)
			bucket := int(t.slot(h)) / bucketSlots
			if n := used[bucket]; int(n) < share {
				t.index[bucket*bucketSlots+part*share+int(n)] = e
				used[bucket]++
			} else {
				b.over[part] = append(b.over[part], e)
			}
		}
	}
	b.used[part] = used
}

// gather takes the entries of a bucket out of the index.
func (b *builder) gather(entries []uint64, bucket int) []uint64 {
	stretch := b.table.index[bucket*bucketSlots:][:bucketSlots]
	share := bucketSlots / b.parts
	for part := range b.parts {
		entries = append(entries, stretch[part*share:][:b.used[part][bucket]]...)
	}
	clear(stretch)
	return entries
}

// enterAll puts entries where they belong in the bucket that begins at a slot, and adds to over
// those that find it taken up to its end.
func (t *Table) enterAll(entries []uint64, from int, over []uint64) []uint64 {
	for _, e := range entries {
		slot := int(t.slot(e))
		for slot < from+bucketSlots && t.index[slot] != 0 {
			slot++
		}
		if slot == from+bucketSlots {
			over = append(over, e)
			continue
		}
		t.index[slot] = e
	}
	return over
}

// link enters a row that is not in the index.
func (t *Table) link(id int32) { t.enter(t.place(t.row(id))>>32<<32 | uint64(id+1)) }

// enter puts an entry where its probe ends.
func (t *Table) enter(e uint64) {
	mask := uint64(len(t.index) - 1)
	slot := t.slot(e)
	for t.index[slot] != 0 {
		slot = (slot + 1) & mask
	}
	t.index[slot] = e
}
