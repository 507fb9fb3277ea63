package state

import (
	"fmt"
	"math/bits"
	"runtime"
	"sync"

	"slipway/checkpoint"
)

// What a load does when all sections have been read: it checks the rows, and makes the index
// once, at the size that it needs. Large tables are cut into parts, one per core.

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

func (t *loadedTable) finish() error {
	if t.wholes != t.pages {
		return fmt.Errorf("state table %s: pages are missing: %w", t.table.name, checkpoint.ErrCorrupt)
	}
	from := &slab{}
	for i, c := range t.texts {
		if c.bytes == nil || c.from != 0 {
			return fmt.Errorf("state table %s: chunk %d is missing: %w", t.table.name, i, checkpoint.ErrCorrupt)
		}
		from.chunks = append(from.chunks, c.bytes)
	}
	t.texts, t.seen, t.whole = nil, nil, nil
	if err := t.enter(from); err != nil {
		return err
	}
	return t.table.grow(t.table.live)
}

// enter makes what was read rows of the table, with the texts they name.
func (t *loadedTable) enter(from *slab) error {
	if t.inPlace {
		return t.stay(from)
	}
	defer func() {
		for _, c := range from.chunks {
			t.table.store.release(int64(cap(c)))
		}
		t.table.free = append(t.table.free, t.free...)
	}()
	if !t.table.hasTexts() {
		return nil
	}
	for id := t.first; id < t.table.rows; id++ {
		row := t.table.row(int32(id))
		if !from.holds(t.table, row) {
			return errNowhere
		}
		if err := t.table.move(from, row); err != nil {
			return err
		}
	}
	return nil
}

var errNowhere = fmt.Errorf("state row with a reference to nowhere: %w", checkpoint.ErrCorrupt)

// stay checks rows that are in their places, counts them and lists the free ones.
func (t *loadedTable) stay(from *slab) error {
	table := t.table
	for page := range t.pages {
		if (page >= len(table.pages) || table.pages[page] == nil) && !t.fillPages(page) {
			return t.l.err
		}
	}
	from.store, from.generation = table.store, table.slab.generation
	table.slab = *from
	n := parts(t.rows)
	found := make([]inspected, n)
	together(n, func(part int) {
		found[part] = table.inspect(part*t.rows/n, (part+1)*t.rows/n)
	})
	texts := int64(0)
	for i := len(found) - 1; i >= 0; i-- {
		if found[i].err != nil {
			return found[i].err
		}
		table.live += found[i].live
		table.free = append(table.free, found[i].free...)
		texts += found[i].texts
	}
	table.slab.total = table.slab.since(0, 0)
	table.slab.dead = table.slab.total - texts
	return nil
}

// inspected is what is known of some rows of a table.
type inspected struct {
	live  int
	free  []int32 // the last one first, so that the first one is taken first
	texts int64   // bytes that references name
	err   error
}

func (t *Table) inspect(from, to int) (i inspected) {
	texts := t.hasTexts()
	for id := to - 1; id >= from; id-- {
		row := t.row(int32(id))
		switch {
		case row[1]&liveFlag == 0:
			i.free = append(i.free, int32(id))
			continue
		case !t.store.groups.Contains(Group(row[0])):
			i.err = fmt.Errorf("state row of another key group: %w", checkpoint.ErrCorrupt)
			return i
		case texts && !t.slab.holds(t, row):
			i.err = errNowhere
			return i
		}
		i.live++
		if texts {
			t.eachRef(row, func(ref uint64) { i.texts += int64(ref & maxValue) })
		}
	}
	return i
}

func (t *Table) hasTexts() bool {
	for _, k := range t.layout.Keys {
		if isRef(k) {
			return true
		}
	}
	return len(t.layout.Refs) > 0
}

// eachRef calls f with the references of a row.
func (t *Table) eachRef(row []uint64, f func(ref uint64)) {
	for i, k := range t.layout.Keys {
		if isRef(k) && row[1]&(1<<uint(i)) == 0 {
			f(row[t.keyAt[i]])
		}
	}
	for _, r := range t.layout.Refs {
		f(row[t.accAt+r])
	}
}

// holds tells whether the slab has all that a row's references name: a damaged one must not
// read beyond its chunk.
func (s *slab) holds(t *Table, row []uint64) bool {
	all := true
	t.eachRef(row, func(ref uint64) {
		n, off, chunk := ref&maxValue, ref>>24&maxValue, ref>>48
		all = all && (n == 0 || chunk < uint64(len(s.chunks)) && off+n <= uint64(len(s.chunks[chunk])))
	})
	return all
}

// grow makes the index anew for so many rows. Each part takes the rows whose probe begins in its
// share of the slots; those that find the end of the share taken follow when all are done.
func (t *Table) grow(rows int) error {
	size := max(64, 1<<bits.Len(uint(max(1, 2*rows)-1)))
	if err := t.store.reserve(int64(size-len(t.index)) * 8); err != nil {
		return err
	}
	t.index = make([]uint64, size)
	n := parts(t.rows)
	over := make([][]int32, n)
	together(n, func(part int) {
		over[part] = t.linkPart(uint64(part*size/n), uint64((part+1)*size/n))
	})
	for _, ids := range over {
		for _, id := range ids {
			t.link(id)
		}
	}
	return nil
}

// linkPart enters the rows whose probe begins in from <= slot < to, and gives those that it did not.
func (t *Table) linkPart(from, to uint64) (over []int32) {
	for p, page := range t.pages[:t.used()] {
		for r := range min(1<<t.shift, t.rows-p<<t.shift) {
			row := page[r*t.width : r*t.width+rowHeader]
			slot := t.slot(row[0])
			if row[1]&liveFlag == 0 || slot < from || slot >= to {
				continue
			}
			for slot < to && t.index[slot] != 0 {
				slot++
			}
			id := int32(p<<t.shift + r)
			if slot == to {
				over = append(over, id)
				continue
			}
			t.index[slot] = row[0]>>32<<32 | uint64(id+1)
		}
	}
	return over
}
