package state

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unsafe"

	"slipway/checkpoint"
	"slipway/sql/types"
)

// A section is, in little-endian order:
//
//	"SWS1"
//	values:  count, then name and bytes of each
//	tables:  count, then each:
//	  name · key types (number of the kind, precision, scale) · accumulator words · references · rows
//	  pages:  count, then number and words of each (all words of a page)
//	  chunks: count, then number, length, bytes of each
//
// A base holds every page and chunk, a delta those written since the confirmed
// checkpoint; a table that a later section does not name is gone, a page that it
// names replaces the earlier one.
const magic = "SWS1"

// Frozen is the state at a barrier.
type Frozen struct {
	store   *Store
	id      checkpoint.ID
	epoch   uint32
	base    uint32 // the delta holds what was written after this epoch
	chain   []checkpoint.Section
	values  map[string][]byte
	tables  []frozenTable
	written []checkpoint.Section // set by Write; read by Confirm behind the acknowledgement
}

type frozenTable struct {
	name        string
	layout      Layout
	rows        int
	pages       [][]uint64
	epochs      []uint32
	chunks      [][]byte
	chunkEpochs []uint32
}

// Write writes the section and gives the whole chain to restore from and the new
// bytes. It runs beside the loop; Confirm must come after it.
func (f *Frozen) Write(w SectionWriter) ([]checkpoint.Section, int64, error) {
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
	chain := append(f.chain[:len(f.chain):len(f.chain)], s)
	f.written, f.tables = chain, nil
	return chain, s.Length, nil
}

func (f *Frozen) encode(e *encoder) {
	e.raw([]byte(magic))
	e.count(len(f.values))
	for name, v := range f.values {
		e.bytes([]byte(name))
		e.bytes(v)
	}
	e.count(len(f.tables))
	for i := range f.tables {
		f.tables[i].encode(e, f.base)
	}
}

func (t *frozenTable) encode(e *encoder, base uint32) {
	e.bytes([]byte(t.name))
	e.count(len(t.layout.Keys))
	for _, k := range t.layout.Keys {
		e.count(int(k.Kind))
		e.count(k.Precision)
		e.count(k.Scale)
	}
	e.count(t.layout.Words)
	e.count(len(t.layout.Refs))
	for _, r := range t.layout.Refs {
		e.count(r)
	}
	e.count(t.rows)
	changed := func(i int) bool { return t.epochs[i] > base }
	e.count(countIf(len(t.pages), changed))
	for i, p := range t.pages {
		if changed(i) {
			e.count(i)
			e.raw(wordBytes(p))
		}
	}
	grown := func(i int) bool { return t.chunkEpochs[i] > base }
	e.count(countIf(len(t.chunks), grown))
	for i, c := range t.chunks {
		if grown(i) {
			e.count(i)
			e.bytes(c)
		}
	}
}

func countIf(n int, is func(int) bool) (count int) {
	for i := range n {
		if is(i) {
			count++
		}
	}
	return count
}

// wordBytes views words as bytes; every machine this is built for is little-endian.
func wordBytes(p []uint64) []byte {
	if len(p) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&p[0])), len(p)*8)
}

type encoder struct {
	w   *bufio.Writer
	tmp [binary.MaxVarintLen64]byte
	err error
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

// image is the state of one former subtask while its chain is read.
type image struct {
	values map[string][]byte
	tables map[string]*tableImage
}

type tableImage struct {
	layout Layout
	rows   int
	pages  map[int][]uint64
	chunks map[int][]byte
}

// Load reads the chain of one former subtask and takes the rows of its own key
// groups. It is called once per former subtask whose range may overlap, before the
// operator opens. The first checkpoint afterwards is a base.
func (s *Store) Load(read SectionReader, chain []checkpoint.Section) error {
	im := &image{values: map[string][]byte{}, tables: map[string]*tableImage{}}
	for _, section := range chain {
		if err := im.apply(read, section); err != nil {
			return err
		}
	}
	for name, v := range im.values {
		s.former[name] = append(s.former[name], v)
	}
	for name, t := range im.tables {
		if err := s.adopt(name, t); err != nil {
			return err
		}
	}
	return nil
}

// apply reads one section to its end, so that its checksum has been verified, and
// only then lets it take effect.
func (im *image) apply(read SectionReader, section checkpoint.Section) error {
	r, err := read(section)
	if err != nil {
		return err
	}
	defer r.Close()
	d := &decoder{r: bufio.NewReaderSize(r, 64<<10), left: section.Length}
	next := im.decode(d)
	if d.err == nil {
		_, d.err = d.r.ReadByte() // verifies the checksum at the end
		if d.err == nil {
			d.err = fmt.Errorf("state section: bytes behind the end: %w", checkpoint.ErrCorrupt)
		} else if d.err == io.EOF {
			*im = *next
			return nil
		}
	}
	return d.err
}

func (im *image) decode(d *decoder) *image {
	next := &image{values: map[string][]byte{}, tables: map[string]*tableImage{}}
	if string(d.take(len(magic))) != magic {
		d.corrupt("it does not begin as one")
		return next
	}
	for range d.count(1 << 20) {
		name := string(d.bytes())
		next.values[name] = d.bytes()
		if d.err != nil {
			return next
		}
	}
	for range d.count(1 << 24) {
		name := string(d.bytes())
		if d.err != nil {
			return next
		}
		next.tables[name] = decodeTable(d, im.tables[name])
	}
	return next
}

func decodeTable(d *decoder, before *tableImage) *tableImage {
	t := &tableImage{pages: map[int][]uint64{}, chunks: map[int][]byte{}}
	if before != nil {
		t.pages, t.chunks = before.pages, before.chunks
	}
	width := rowHeader
	for range d.count(64) {
		k := types.Type{Kind: types.Kind(d.count(255)), Precision: d.count(255), Scale: d.count(255)}
		if !k.Kind.Known() {
			d.corrupt("a key is of an unknown type")
			return t
		}
		t.layout.Keys = append(t.layout.Keys, k)
		width += keyWords(k)
	}
	t.layout.Words = d.count(1 << 12)
	width += t.layout.Words
	for range d.count(t.layout.Words) {
		t.layout.Refs = append(t.layout.Refs, d.count(t.layout.Words-1))
	}
	t.rows = d.count(math.MaxInt32)
	if before != nil && fmt.Sprint(before.layout) != fmt.Sprint(t.layout) {
		d.corrupt("a table changes its layout")
	}
	if d.err != nil {
		return t
	}
	shape := newTable(&Store{}, t.layout)
	words := shape.width << shape.shift
	for range d.count(math.MaxInt32) {
		i := d.count(math.MaxInt32 >> shape.shift)
		b := d.take(words * 8)
		if d.err != nil {
			return t
		}
		p := make([]uint64, words)
		copy(wordBytes(p), b)
		t.pages[i] = p
	}
	for range d.count(1 << 16) {
		i := d.count(1<<16 - 1)
		t.chunks[i] = d.bytes()
		if d.err != nil {
			return t
		}
	}
	if width != shape.width {
		d.corrupt("a table's width does not fit")
	}
	return t
}

// adopt enters an image's rows into the store's own table.
func (s *Store) adopt(name string, im *tableImage) error {
	t := s.Table(name, im.layout)
	if fmt.Sprint(t.layout) != fmt.Sprint(im.layout) {
		return fmt.Errorf("state table %s has another layout: %w", name, checkpoint.ErrCorrupt)
	}
	from := &slab{}
	for i := range len(im.chunks) {
		c, ok := im.chunks[i]
		if !ok {
			return fmt.Errorf("state table %s: chunk %d is missing: %w", name, i, checkpoint.ErrCorrupt)
		}
		from.chunks = append(from.chunks, c)
	}
	for id := range im.rows {
		page := im.pages[id>>t.shift]
		if page == nil {
			return fmt.Errorf("state table %s: page %d is missing: %w", name, id>>t.shift, checkpoint.ErrCorrupt)
		}
		at := (id & (1<<t.shift - 1)) * t.width
		row := page[at : at+t.width]
		if row[1]&liveFlag == 0 || !s.groups.Contains(Group(row[0])) {
			continue
		}
		if err := t.adoptRow(from, row); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) adoptRow(from *slab, row []uint64) error {
	if err := from.check(t, row); err != nil {
		return err
	}
	if err := t.reserve(1); err != nil {
		return err
	}
	id, err := t.newRow()
	if err != nil {
		return err
	}
	own := t.writable(id)
	copy(own, row)
	if err := t.move(from, own); err != nil {
		return err
	}
	t.live++
	t.link(id)
	return nil
}

// check keeps references of a damaged image from reading beyond their chunk.
func (s *slab) check(t *Table, row []uint64) error {
	ok := func(ref uint64) bool {
		n, off, chunk := ref&maxValue, ref>>24&maxValue, ref>>48
		return n == 0 || chunk < uint64(len(s.chunks)) && off+n <= uint64(len(s.chunks[chunk]))
	}
	for i, k := range t.layout.Keys {
		if isRef(k) && row[1]&(1<<uint(i)) == 0 && !ok(row[t.keyAt[i]]) {
			return fmt.Errorf("state row with a reference to nowhere: %w", checkpoint.ErrCorrupt)
		}
	}
	for _, r := range t.layout.Refs {
		if !ok(row[t.accAt+r]) {
			return fmt.Errorf("state row with a reference to nowhere: %w", checkpoint.ErrCorrupt)
		}
	}
	return nil
}

// decoder reads with bounds: left is what the section can still hold, so that a
// damaged length never asks for more memory than there are bytes.
type decoder struct {
	r    *bufio.Reader
	left int64
	err  error
}

func (d *decoder) corrupt(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("state section: %s: %w", what, checkpoint.ErrCorrupt)
	}
}

func (d *decoder) count(limit int) int {
	if d.err != nil {
		return 0
	}
	n, shift := uint64(0), 0
	for {
		b, err := d.r.ReadByte()
		if err != nil {
			d.short(err)
			return 0
		}
		n |= uint64(b&0x7F) << shift
		if shift += 7; b < 0x80 {
			break
		}
		if shift > 63 {
			d.corrupt("a count is malformed")
			return 0
		}
	}
	if n > uint64(max(limit, 0)) {
		d.corrupt("a count is out of range")
		return 0
	}
	return int(n)
}

func (d *decoder) short(err error) {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		d.corrupt("it ends too early")
	} else if d.err == nil {
		d.err = err
	}
}

func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if int64(n) > d.left {
		d.corrupt("a length is out of range")
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.short(err)
		return nil
	}
	d.left -= int64(n)
	return b
}

func (d *decoder) bytes() []byte { return d.take(d.count(math.MaxInt32)) }
