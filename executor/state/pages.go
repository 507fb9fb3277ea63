package state

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"slipway/executor/memory"
)

// A page holds the rows of 2^shift numbers that follow one another. Beside it stands a mark:
// which of its rows were written since the last freeze and since the confirmed checkpoint.
// A page never moves and is never copied: while a snapshot is written, the loop keeps the
// former version of a row that it changes, if the snapshot wants that row and has not
// come by its page yet.

// mark is what is known of a page's rows beside their words. The loop owns it; while a snapshot
// is written, both sides hold the lock to look at it.
type mark struct {
	lock    atomic.Uint32
	epoch   uint32            // of the last write
	taken   uint32            // the epoch of the snapshot that has taken what it wants of the page
	former  int32             // the newest former version kept since epoch began, as a number from 1; 0: none
	written [bitWords]rowBits // of the rows: written in epoch
	before  [bitWords]rowBits // written behind the confirmed checkpoint, before epoch
}

// rowBits are bits, one per row of a page.
type rowBits = uint64

const (
	pageWords = 640 // at most, unless one row is longer: about 5 KB
	maxShift  = 7   // at most 128 rows of a page: their numbers are kept in seven bits
	bitWords  = 1 << maxShift / 64

	marksShift = 4 // marks are made 16 at a time, and stay where they are
	marksEach  = 1 << marksShift
	markBytes  = int64(unsafe.Sizeof(mark{}))

	extentBytes = memory.LargeBytes // a large table grows by as much
	extentShare = 64                // of a section that is read: an extent is a smaller part of it
)

func (m *mark) hold() {
	for !m.lock.CompareAndSwap(0, 1) {
		runtime.Gosched()
	}
}

func (m *mark) release() { m.lock.Store(0) }

// dirty gives the rows written behind a confirmed epoch, when nothing was behind the mark's own.
func (m *mark) dirty(confirmed uint32) (d [bitWords]rowBits) {
	for i := range d {
		if m.epoch > confirmed {
			d[i] = m.written[i]
		}
		if m.epoch > confirmed+1 {
			d[i] |= m.before[i]
		}
	}
	return d
}

// begin lets a new epoch begin.
func (m *mark) begin(epoch, confirmed uint32) {
	m.before = m.dirty(confirmed)
	m.written, m.former, m.epoch = [bitWords]rowBits{}, 0, epoch
}

// writable gives the words of a row for writing.
func (t *Table) writable(id int32) []uint64 {
	if t.touched[id>>6]&(1<<(id&63)) == 0 {
		t.touch(id)
	}
	return t.row(id)
}

// touch notes the first write to a row in an epoch.
func (t *Table) touch(id int32) {
	t.touched[id>>6] |= 1 << (id & 63)
	t.changed++
	page, r := int(id>>t.shift), int(id)&(1<<t.shift-1)
	m := &t.marks[page>>marksShift][page&(marksEach-1)]
	if f := t.frozen; f != nil {
		if !f.over() {
			t.touchFrozen(f, m, page, r)
			return
		}
		t.store.reclaim()
	}
	if m.epoch != t.store.epoch {
		m.begin(t.store.epoch, t.store.confirmed)
	}
	m.written[r>>6] |= 1 << (r & 63)
}

// touchFrozen does so beside a snapshot that is being written.
func (t *Table) touchFrozen(f *frozenTable, m *mark, page, r int) {
	m.hold()
	defer m.release()
	if m.epoch != t.store.epoch {
		m.begin(t.store.epoch, t.store.confirmed)
	}
	if m.taken != f.of.epoch && page<<t.shift+r < f.rows && (m.before[r>>6]&(1<<(r&63)) != 0 || f.wholly(page)) {
		at := r * t.width
		m.former = f.former.keep(t.pages[page][at:at+t.width], r, m.former)
	}
	m.written[r>>6] |= 1 << (r & 63)
}

// addPages makes room for more rows: several pages at once when there are many.
func (t *Table) addPages() error {
	n := min(max(1, len(t.pages)/8), t.extentPages())
	if err := t.store.reserve(int64(n) * t.pageBytes()); err != nil {
		return err
	}
	from := len(t.pages)
	t.appendPages(n)
	t.allTouched(from<<t.shift, len(t.pages)<<t.shift)
	return nil
}

// allTouched spares the rows of new pages the noting: of such a page everything is wanted.
func (t *Table) allTouched(from, to int) {
	for id := from; id < to; id++ {
		t.touched[id>>6] |= 1 << (id & 63)
	}
}

// extentPages is how many pages are made at once, at most.
func (t *Table) extentPages() int { return max(1, extentBytes/(t.width<<t.shift*8)) }

func (t *Table) appendPages(n int) {
	words := t.width << t.shift
	for n > 0 {
		if p := t.store.pooled(words); p != nil {
			clear(p)
			t.appendPage(p)
			n--
			continue
		}
		extent := memory.LargePaged(make([]uint64, n*words))
		for ; n > 0; n-- {
			t.appendPage(extent[:words:words])
			extent = extent[words:]
		}
	}
}

func (t *Table) appendPage(p []uint64) {
	if len(t.pages)&(marksEach-1) == 0 {
		t.marks = append(t.marks, new([marksEach]mark))
	}
	t.pages = append(t.pages, p)
	for len(t.touched) <= len(t.pages)<<t.shift>>6 {
		if len(t.untouched) == len(t.touched) { // else a snapshot has them
			t.untouched = append(t.untouched, 0)
		}
		t.touched = append(t.touched, 0)
	}
}

// pageBytes is what a page, its mark and the bits of its rows take.
func (t *Table) pageBytes() int64 { return int64(t.width<<t.shift)*8 + markBytes + 2<<t.shift/8 }

// swapTouched lets all rows be untouched: bits that were cleared beside the loop are taken, and those
// that were used are given, to be cleared there.
func (t *Table) swapTouched() (used []rowBits) {
	used = t.touched
	t.touched = t.untouched
	if n := len(used) - len(t.touched); n > 0 {
		t.touched = append(t.touched, make([]rowBits, n)...)
	}
	t.untouched = nil
	return used
}

// used is the number of pages that hold rows.
func (t *Table) used() int { return (t.rows + 1<<t.shift - 1) >> t.shift }

// former keeps former versions of rows for a snapshot: records of a link, the row's place in
// its page, and its words. A record is published by the mark of its page, under its lock;
// neither it nor the list of chunks moves.
type former struct {
	store  *Store
	width  int
	most   int // records: no row is kept twice
	each   int // records of a chunk
	chunks [][]uint64
	n      int
}

const formerAtOnce = 2048

func newFormer(s *Store, width, most int) former {
	return former{store: s, width: width + 1, most: most, each: max(1, min(formerAtOnce, most))}
}

// keep copies a row and links it to the one kept before it of the same page.
func (f *former) keep(row []uint64, r int, link int32) int32 {
	c := f.n / f.each
	if f.chunks == nil {
		f.chunks = make([][]uint64, (f.most+f.each-1)/f.each)
	}
	if f.chunks[c] == nil {
		f.chunks[c] = f.store.memory(f.each * f.width)
	}
	to := f.chunks[c][f.n%f.each*f.width:][:f.width]
	to[0] = uint64(link)<<maxShift | uint64(r)
	copy(to[1:], row)
	f.n++
	return int32(f.n)
}

// get gives the row of a record, its place in its page, and the record before it.
func (f *former) get(record int32) (row []uint64, r int, link int32) {
	i := int(record) - 1
	w := f.chunks[i/f.each][i%f.each*f.width:][:f.width]
	return w[1:], int(w[0] & (1<<maxShift - 1)), int32(w[0] >> maxShift)
}
