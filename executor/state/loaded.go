package state

import (
	"fmt"

	"slipway/checkpoint"
)

// What a load does when all sections have been read: it checks the rows and takes their texts.

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
		if isRef(k) && !t.keys[i].null(row) {
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
