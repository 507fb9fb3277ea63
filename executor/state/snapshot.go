package state

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
	"sync/atomic"
	"unsafe"

	"slipway/checkpoint"
)

// A section is, numbers being unsigned varints, words and flags little-endian:
//
//	"SWS2"
//	key groups: from · to
//	values:  count, then name and bytes of each, by name
//	tables:  count, then each, by name:
//	  name · key types: count, stored form of each · accumulator words · references: count, word of each
//	  flags: 1: the table is new, 2: its texts are · rows ever used · rows alive
//	  pages:  (number << 1 | whole) + 1 · rows: count, a byte of each (place in the page | 128 if alive)
//	          · words of those alive; after the last page a 0
//	  chunks: number + 1 · offset · length · bytes; after the last chunk a 0
//
// A row that a page names replaces what earlier sections have of it; a whole page replaces them
// all: what it does not name is dead. The chain that is restored from has each page wholly in
// one of its sections, what was written to it behind that in later ones, and the bytes of each
// chunk once or more. A table that the last section does not name is gone. "The table is new"
// says: what earlier sections have under its name was another one's; so for its texts.
//
// "SWS1", which former servers wrote, is in former.go.
const magic = "SWS2"

const (
	newTableFlag = 1
	newTextsFlag = 2
	aliveBit     = 128
	wholeBit     = 1
)

// Frozen is the state at a barrier, until the next Freeze.
type Frozen struct {
	id        checkpoint.ID
	groups    Range
	epoch     uint32
	confirmed uint32 // a delta holds what was written behind this epoch
	chainPlan
	values  map[string][]byte
	shape   int
	tables  []*frozenTable
	written []checkpoint.Section // set by Write; read by Confirm behind the acknowledgement
	state   atomic.Int32         // frozenIdle …
	stop    atomic.Bool
}

const (
	frozenIdle = iota
	frozenWriting
	frozenUnwritten // and will not be: nobody reads the pages for it
	frozenWritten   // or Write has failed: the same
)

// errAbandoned ends the writing of a snapshot behind which another was taken.
var errAbandoned = errors.New("the state was frozen again before it was written")

type frozenTable struct {
	of      *Frozen
	table   *Table // the writer reads of it what is fixed: name, layout, width, shift
	isNew   bool
	newText bool
	rows    int
	live    int
	pages   [][]uint64
	marks   []*[marksEach]mark
	chunks  [][]byte
	known   extent // what the chain holds
	now     extent
	wholes  []span // pages to be written wholly
	texts   []span // chunks to be written wholly
	former  former
	bits    []rowBits // of the table, to be cleared
}

// extent is how far a table had grown.
type extent struct{ pages, generation, chunks, offset int }

type span struct{ from, to int }

func within(spans []span, i int) bool {
	for _, s := range spans {
		if s.from <= i && i < s.to {
			return true
		}
	}
	return false
}

// wholly tells that a page is written with all its rows.
func (t *frozenTable) wholly(page int) bool {
	return t.isNew || page >= t.known.pages || within(t.wholes, page)
}

func (t *frozenTable) over() bool { return t.of.over() }

func (f *Frozen) over() bool { return f.state.Load() >= frozenUnwritten }

// abandon makes a Write that runs end with errAbandoned soon, and one that has not begun at once.
func (f *Frozen) abandon() {
	f.stop.Store(true)
	f.state.CompareAndSwap(frozenIdle, frozenUnwritten)
}

func (t *Table) extent() extent {
	chunks, offset := t.slab.at()
	return extent{pages: t.used(), generation: t.slab.generation, chunks: chunks, offset: offset}
}

// freeze shares the table with a snapshot. Neither the lists nor what they name move: they only grow,
// but for the last chunk's length, which the snapshot has for itself.
func (t *Table) freeze(f *Frozen) *frozenTable {
	z := &frozenTable{of: f, table: t, rows: t.rows, live: t.live, pages: t.pages[:t.used()], marks: t.marks, known: t.confirmed, now: t.extent(),
		former: newFormer(t.store, t.width, t.rows), bits: t.swapTouched()}
	z.isNew = f.whole || !t.inChain
	z.newText = z.isNew || z.known.generation != z.now.generation
	if z.isNew {
		z.known = extent{}
	}
	if z.newText {
		z.known.chunks, z.known.offset = 0, 0
	}
	if n := len(t.slab.chunks); n > 0 {
		z.chunks = append(t.slab.chunks[:n-1:n-1], t.slab.chunks[n-1])
	}
	for _, s := range f.refreshed {
		switch {
		case s.table != t:
		case s.texts:
			z.texts = append(z.texts, s.span)
		default:
			z.wholes = append(z.wholes, s.span)
		}
	}
	t.frozen = z
	t.before, t.changed = t.before+t.changed, 0
	return z
}

// Write writes the section and gives the whole chain to restore from and the new
// bytes. It runs beside the loop; Confirm must come after it.
func (f *Frozen) Write(w SectionWriter) ([]checkpoint.Section, int64, error) {
	if !f.state.CompareAndSwap(frozenIdle, frozenWriting) {
		return nil, 0, errAbandoned
	}
	defer f.end()
	if f.unchanged {
		f.written = f.chain
		return f.chain, 0, nil
	}
	s, err := w.Section(func(w io.Writer) error {
		e := &encoder{w: bufio.NewWriterSize(w, 64<<10)}
		f.encode(e)
		if e.err != nil {
			return e.err
		}
		return e.w.Flush()
	})
	if err != nil {
		return nil, 0, err
	}
	f.written = append(f.chain[:len(f.chain):len(f.chain)], s)
	return f.written, s.Length, nil
}

func (f *Frozen) end() {
	for _, t := range f.tables {
		clear(t.bits)
	}
	f.state.Store(frozenWritten)
}

func (f *Frozen) encode(e *encoder) {
	e.raw([]byte(magic))
	e.count(f.groups.From)
	e.count(f.groups.To)
	e.count(len(f.values))
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		e.bytes([]byte(name))
		e.bytes(f.values[name])
	}
	e.count(len(f.tables))
	for _, t := range f.tables {
		t.encode(e)
	}
}

func (t *frozenTable) encode(e *encoder) {
	layout := t.table.layout
	e.bytes([]byte(t.table.name))
	e.count(len(layout.Keys))
	for _, k := range layout.Keys {
		e.bytes([]byte(storedKey(k)))
	}
	e.count(layout.Words)
	e.count(len(layout.Refs))
	for _, r := range layout.Refs {
		e.count(r)
	}
	flags := 0
	if t.isNew {
		flags |= newTableFlag
	}
	if t.newText {
		flags |= newTextsFlag
	}
	e.count(flags)
	e.count(t.rows)
	e.count(t.live)
	for p := range t.pages {
		if e.err != nil {
			return
		}
		t.page(e, p)
	}
	e.count(0)
	t.encodeChunks(e)
}

// page copies what is wanted of a page while the loop keeps off it, and then writes it.
func (t *frozenTable) page(e *encoder, p int) {
	m := &t.marks[p>>marksShift][p&(marksEach-1)]
	whole := t.wholly(p)
	m.hold()
	if t.of.stop.Load() {
		m.release()
		e.err = errAbandoned
		return
	}
	wanted, touched, record := m.dirty(t.of.confirmed), [bitWords]rowBits{}, int32(0)
	if m.epoch > t.of.epoch {
		wanted, touched, record = m.before, m.written, m.former
	}
	if whole {
		wanted = allRows
	}
	e.places, e.words = e.places[:0], e.words[:0]
	if wanted != ([bitWords]rowBits{}) {
		t.collect(e, p, wanted, touched, record, whole)
	}
	m.taken = t.of.epoch
	m.release()
	if !whole && len(e.places) == 0 {
		return
	}
	number := p << 1
	if whole {
		number |= wholeBit
	}
	e.count(number + 1)
	e.bytes(e.places)
	e.raw(e.words)
}

var allRows = [bitWords]rowBits{1<<64 - 1, 1<<64 - 1}

// collect copies the rows that are wanted as they were at the barrier: of one that the loop has
// touched since, the former version.
func (t *frozenTable) collect(e *encoder, page int, wanted, touched [bitWords]rowBits, record int32, whole bool) {
	var versions [1 << maxShift][]uint64
	for record != 0 {
		row, r, link := t.former.get(record)
		versions[r], record = row, link
	}
	width := t.table.width
	for r := range min(1<<t.table.shift, t.rows-page<<t.table.shift) {
		bit := rowBits(1) << (r & 63)
		if wanted[r>>6]&bit == 0 {
			continue
		}
		row := versions[r]
		if touched[r>>6]&bit == 0 {
			row = t.pages[page][r*width : (r+1)*width]
		}
		switch {
		case row[1]&liveFlag != 0:
			e.places = append(e.places, byte(r)|aliveBit)
			e.words = append(e.words, wordBytes(row)...)
		case !whole:
			e.places = append(e.places, byte(r))
		}
	}
}

// encodeChunks writes the bytes that the chain does not hold, and chunks that are due to be written again.
func (t *frozenTable) encodeChunks(e *encoder) {
	for i, c := range t.chunks {
		from := 0
		if i < t.known.chunks && !within(t.texts, i) {
			from = len(c)
			if i == t.known.chunks-1 {
				from = t.known.offset
			}
		}
		if t.of.stop.Load() {
			e.err = errAbandoned
		}
		if from < len(c) {
			e.count(i + 1)
			e.count(from)
			e.bytes(c[from:])
		}
	}
	e.count(0)
}

// wordBytes views words as bytes; every machine this is built for is little-endian.
func wordBytes(p []uint64) []byte {
	if len(p) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&p[0])), len(p)*8)
}

type encoder struct {
	w      *bufio.Writer
	tmp    [binary.MaxVarintLen64]byte
	err    error
	places []byte // of the rows of a page
	words  []byte // of those alive
}

func (e *encoder) raw(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) count(n int) { e.raw(e.tmp[:binary.PutUvarint(e.tmp[:], uint64(n))]) }

func (e *encoder) bytes(b []byte) {
	e.count(len(b))
	e.raw(b)
}
