package state

import (
	"math"

	"slipway/sql/types"
)

// Former servers wrote, in little-endian order:
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
const formerMagic = "SWS1"

// formerTable decodes what such a section has of a table.
func (l *loading) formerTable(last bool) {
	name := l.string()
	var layout Layout
	for range l.count(nullsEach) { // with more, such servers lost which are NULL
		k := types.Type{Kind: types.Kind(l.count(255)), Precision: l.count(255), Scale: l.count(255)}
		if !k.Kind.Known() {
			l.corrupt("a key is of an unknown type")
			return
		}
		layout.Keys = append(layout.Keys, k)
	}
	l.layout(&layout)
	t := l.named(name, layout, l.count(math.MaxInt32), last, false)
	if l.err != nil {
		return
	}
	for range l.count(math.MaxInt32) {
		if t.formerPage(l.count(math.MaxInt32 >> t.table.shift)); l.err != nil {
			return
		}
	}
	for range l.count(maxChunks) {
		chunk := l.count(maxChunks - 1)
		if t.formerText(chunk, l.bytes()); l.err != nil {
			return
		}
	}
}

// formerPage decodes a page with all its words.
func (t *loadedTable) formerPage(page int) {
	l, width := t.l, t.table.width
	words := l.take((width << t.table.shift) * 8)
	if l.err != nil || t.closed || page >= t.pages || t.inPlace && !t.pageThere(page) {
		return
	}
	for r := range 1 << t.table.shift {
		row := words[r*width*8 : (r+1)*width*8]
		if id := page<<t.table.shift + r; id < t.rows && row[15]&0x80 != 0 {
			t.row(id, row)
		}
	}
	t.wholePage(page)
}

// formerText takes a chunk with all its bytes; earlier sections may have less of it.
func (t *loadedTable) formerText(chunk int, b []byte) {
	if chunk < len(t.texts) && t.texts[chunk].bytes != nil && t.texts[chunk].from != len(b) {
		return
	}
	t.text(chunk, 0, b)
}
