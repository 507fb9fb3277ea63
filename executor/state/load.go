package state

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"slipway/checkpoint"
	"slipway/executor/memory"
)

// Load reads the chain of one former subtask and takes the rows of its own key
// groups. It is called once per former subtask whose range may overlap, before the
// operator opens. The first checkpoint afterwards is a base. After an error the store
// is of no use, and closed: sections are loaded while they are read, and their checksums come last.
//
// The last section is read first. So the first that is seen of a row is the newest, and goes
// where it stays: into the same place of the same page, if the former subtask had no other key
// groups than this store and no table has rows yet; else it is entered behind the rows there are.
func (s *Store) Load(read SectionReader, chain []checkpoint.Section) error {
	err := s.load(read, chain)
	if err != nil {
		s.Close()
	}
	return err
}

func (s *Store) load(read SectionReader, chain []checkpoint.Section) error {
	if len(chain) == 0 {
		return nil
	}
	l := &loading{store: s, tables: map[string]*loadedTable{}}
	for _, c := range chain {
		l.length += c.Length
	}
	last := len(chain) - 1
	if err := l.sections(read, chain[last:], true); err != nil {
		return err
	}
	if l.outside { // that is certain now: the checksum was right
		return l.leave()
	}
	if err := l.sections(read, chain[:last], false); err != nil {
		return err
	}
	for _, t := range l.order {
		if err := t.finish(); err != nil {
			return err
		}
	}
	return nil
}

// sections decodes sections, the last one first.
func (l *loading) sections(read SectionReader, chain []checkpoint.Section, last bool) error {
	ahead := newReadAhead(read, chain)
	defer ahead.close()
	l.decoder = decoder{ahead: ahead}
	for i := len(chain) - 1; i >= 0; i-- {
		l.begin(chain[i].Length)
		l.section(last)
		if err := l.finish(); err != nil {
			return err
		}
	}
	return nil
}

// loading is a chain on its way into a store.
type loading struct {
	decoder
	store   *Store
	length  int64 // of all sections: nothing that is made for them is larger by much
	texts   int64 // of all chunks
	inside  bool  // the chain holds key groups of the store only
	outside bool  // it holds none of them
	tables  map[string]*loadedTable
	order   []*loadedTable
}

// section decodes one section; the last of the chain says what there is.
func (l *loading) section(last bool) {
	switch string(l.take(len(magic))) {
	case magic:
		from, to := l.count(KeyGroups), l.count(KeyGroups)
		if last {
			own := l.store.groups
			l.inside = from <= to && own.From <= from && to <= own.To
			l.outside = from <= to && (to <= own.From || own.To <= from)
		}
		l.values(last)
		for range l.count(1 << 24) {
			if l.table(last); l.err != nil {
				return
			}
		}
	case formerMagic:
		l.values(last)
		for range l.count(1 << 24) {
			if l.formerTable(last); l.err != nil {
				return
			}
		}
	default:
		l.corrupt("it does not begin as one")
	}
}

// leave takes nothing of the chain but its values. A row that lies in the store's groups although the
// chain says that it has none of them is damage: its texts are not there.
func (l *loading) leave() error {
	for _, t := range l.order {
		if t.table.rows != t.first {
			return fmt.Errorf("state table %s: a row is of none of the section's key groups: %w", t.table.name, checkpoint.ErrCorrupt)
		}
		t.table.free = t.free
		for _, c := range t.texts {
			l.store.release(int64(len(c.bytes)))
		}
	}
	return nil
}

func (l *loading) values(last bool) {
	for range l.count(1 << 20) {
		name := l.string()
		value := slices.Clone(l.bytes())
		if l.err != nil {
			return
		}
		if last {
			l.store.former[name] = append(l.store.former[name], value)
		}
	}
}

// maxColumns is above what a table has of key columns and accumulator words: a larger count is damaged.
const maxColumns = 1 << 16

// table decodes what a section has of a table.
func (l *loading) table(last bool) {
	name := l.string()
	var layout Layout
	for range l.count(maxColumns) {
		k, err := parseKey(l.string())
		if err != nil {
			l.corrupt("a key is of an unknown type")
			return
		}
		layout.Keys = append(layout.Keys, k)
	}
	l.layout(&layout)
	flags, rows, live := l.count(3), l.count(math.MaxInt32), l.count(math.MaxInt32)
	if live > rows || int64(live)*int64(layout.Words+len(layout.Keys)+rowHeader) > l.length/8 { // the chain has each of them
		l.corrupt("a count of rows is out of range")
	}
	t := l.named(name, layout, rows, last, l.inside && live >= rows/2)
	if l.err != nil {
		return
	}
	for number := l.count(math.MaxInt32); number != 0 && l.err == nil; number = l.count(math.MaxInt32) {
		t.page((number-1)>>1, (number-1)&wholeBit != 0)
	}
	for number := l.count(maxChunks); number != 0 && l.err == nil; number = l.count(maxChunks) {
		offset := l.count(maxValue)
		t.text(number-1, offset, l.bytes())
	}
	t.closed = t.closed || flags&newTableFlag != 0
	t.textClosed = t.textClosed || flags&newTextsFlag != 0
}

func (l *loading) layout(layout *Layout) {
	layout.Words = l.count(maxColumns)
	for range l.count(layout.Words) {
		layout.Refs = append(layout.Refs, l.count(layout.Words-1))
	}
}

// named gives the table that the rows of a section are for. One that is not wanted takes none.
func (l *loading) named(name string, layout Layout, rows int, last, inPlace bool) *loadedTable {
	t := l.tables[name]
	switch {
	case l.err != nil:
		return nil
	case last && t != nil:
		l.corrupt("a table stands there twice")
		return nil
	case last:
		return l.open(name, layout, rows, inPlace)
	case t == nil || t.closed:
		return &loadedTable{l: l, table: newTable(l.store, name, layout), closed: true, textClosed: true}
	case t.table.layout.stored() != layout.stored():
		l.corrupt("a table changes its layout")
		return nil
	}
	return t
}

func (l *loading) open(name string, layout Layout, rows int, inPlace bool) *loadedTable {
	t := &loadedTable{l: l, table: l.store.Table(name, layout), rows: rows}
	if t.table.layout.stored() != layout.stored() {
		l.err = fmt.Errorf("state table %s has another layout: %w", name, checkpoint.ErrCorrupt)
		return nil
	}
	t.pages = (rows + 1<<t.table.shift - 1) >> t.table.shift
	if int64(t.pages) > l.length { // of each page there is something in the chain
		l.corrupt("a count of rows is out of range")
		return nil
	}
	t.seen, t.whole = make([]uint64, t.pages<<t.table.shift>>6+1), make([]uint64, t.pages>>6+1)
	t.first = t.table.rows
	t.free, t.table.free = t.table.free, nil // rows that are taken follow one another
	if t.inPlace = inPlace && t.table.rows == 0; t.inPlace {
		t.table.rows = rows
	}
	l.tables[name] = t
	l.order = append(l.order, t)
	return t
}

// loadedTable is a table while a chain is read.
type loadedTable struct {
	l          *loading
	table      *Table
	rows       int  // of the former table, ever used
	pages      int  // that hold them
	inPlace    bool // rows keep their numbers
	first      int  // else: the number of the first row taken
	free       []int32
	closed     bool // earlier sections tell of another table
	textClosed bool
	seen       []uint64 // bits of the rows that are as they last were
	whole      []uint64 // of the pages of which all rows are
	wholes     int
	texts      []loadedText
}

// loadedText is a chunk of which the bytes from `from` on are there.
type loadedText struct {
	bytes []byte
	from  int
}

// page decodes the rows of a page.
func (t *loadedTable) page(page int, whole bool) {
	l, width := t.l, t.table.width
	n := l.count(1 << maxShift)
	places := append(make([]byte, 0, 1<<maxShift), l.take(n)...)
	alive := 0
	for _, p := range places {
		alive += int(p >> 7)
	}
	words := l.take(alive * width * 8)
	if l.err != nil || t.closed {
		return
	}
	if page >= t.pages {
		l.corrupt("a page is out of range")
		return
	}
	if t.whole[page>>6]&(1<<(page&63)) != 0 {
		return // later sections had all of it
	}
	if alive > 0 && t.inPlace && !t.pageThere(page) {
		return
	}
	for _, p := range places {
		r := int(p &^ aliveBit)
		id := page<<t.table.shift + r
		switch {
		case r >= 1<<t.table.shift || id >= t.rows:
			l.corrupt("a row is out of range")
			return
		case p&aliveBit == 0:
			t.seen[id>>6] |= 1 << (id & 63)
			continue
		}
		t.row(id, words[:width*8])
		words = words[width*8:]
	}
	if whole {
		t.wholePage(page)
	}
}

// row takes a row that is alive, unless a later section had it.
func (t *loadedTable) row(id int, words []byte) {
	if t.seen[id>>6]&(1<<(id&63)) != 0 {
		return
	}
	t.seen[id>>6] |= 1 << (id & 63)
	table := t.table
	number := int32(id)
	if !t.inPlace {
		if !t.l.store.groups.Contains(Group(binary.LittleEndian.Uint64(words))) {
			return
		}
		if number, t.l.err = table.newRow(); t.l.err != nil {
			return
		}
		table.live++
	}
	row := table.row(number)
	copy(wordBytes(row), words)
	if row[1]&liveFlag == 0 {
		t.l.corrupt("a row that is alive is dead")
	}
}

// pageThere makes sure that a page is there, for rows that keep their places.
func (t *loadedTable) pageThere(page int) bool {
	table := t.table
	for len(table.pages) <= page {
		table.appendPage(nil)
	}
	return table.pages[page] != nil || t.fillPages(page)
}

// fillPages makes the page and those behind it that are not there.
func (t *loadedTable) fillPages(page int) bool {
	table := t.table
	n := 1
	for n < table.extentPages() && page+n < t.pages && int64(n)*table.pageBytes() < t.l.length/extentShare && (page+n >= len(table.pages) || table.pages[page+n] == nil) {
		n++
	}
	if err := table.store.reserve(int64(n) * table.pageBytes()); err != nil {
		t.l.err = err
		return false
	}
	for len(table.pages) < page+n {
		table.appendPage(nil)
	}
	words := table.width << table.shift
	extent := memory.LargePaged(make([]uint64, n*words))
	for i := range n {
		table.pages[page+i] = extent[i*words : (i+1)*words : (i+1)*words]
	}
	return true
}

// wholePage: what no section had of the page until here is dead.
func (t *loadedTable) wholePage(page int) {
	if t.whole[page>>6]&(1<<(page&63)) != 0 {
		return
	}
	t.whole[page>>6] |= 1 << (page & 63)
	t.wholes++
	for id := page << t.table.shift; id < (page+1)<<t.table.shift; id++ {
		t.seen[id>>6] |= 1 << (id & 63)
	}
}

// text takes a piece of a chunk, of which later sections may have had all that is behind.
func (t *loadedTable) text(chunk, offset int, piece []byte) {
	l := t.l
	if l.err != nil || t.textClosed {
		return
	}
	for len(t.texts) <= chunk {
		t.texts = append(t.texts, loadedText{})
	}
	c := &t.texts[chunk]
	end := offset + len(piece)
	if c.bytes == nil {
		if l.texts += int64(end); l.texts > l.length {
			l.corrupt("a place in a chunk is out of range")
			return
		}
		if l.err = t.table.store.reserve(int64(end)); l.err != nil {
			return
		}
		*c = loadedText{memory.LargePaged(make([]byte, end)), end}
	}
	switch {
	case c.from == 0:
	case end != c.from:
		l.corrupt("a piece of a chunk is missing")
	default:
		copy(c.bytes[offset:], piece)
		c.from = offset
	}
}
