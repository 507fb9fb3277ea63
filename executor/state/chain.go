package state

import (
	"bytes"
	"maps"
	"slices"

	"slipway/checkpoint"
)

// The chain of sections to restore from is kept short by writing, beside what has changed, a
// part of what has not: the pages and chunks whose newest whole image is the oldest. When the
// oldest section holds no newest whole image any more, it leaves the chain. So a base is never
// written at once, but for the first one and where nearly everything has changed:
//
//	a checkpoint writes      changed + max(3/4 changed, all × sections of the chain / n², 32 KB)
//	the chain's sections     n where little changes, half as many more on the way there
//	the chain's bytes        all + what was changed while all of it was written once: 2 1/3 × all
//
// n is one for each 256 KB of the state: to open a section takes a restore about as long as to
// read so much. So twice of what has changed is written at most where that is all / n or more.
const (
	minChain     = 64
	maxChain     = 512 // each is named in every manifest, with some 80 bytes
	bytesOfChain = 256 << 10
	minRefresh   = 32 << 10
)

// chainLength is how many sections the chain of a state of so many bytes may have.
func chainLength(stored int64) int64 { return min(max(stored/bytesOfChain, minChain), maxChain) }

// stretch is pages or chunks of a table whose newest whole image is in one section.
type stretch struct {
	table      *Table
	texts      bool // chunks, of this generation of the slab
	generation int
	span
	section int // number of the section, counted over all that were confirmed
}

// chainPlan is what a checkpoint writes, and the chain that it leaves behind.
type chainPlan struct {
	whole      bool // everything: the chain begins with it
	unchanged  bool // nothing: the chain stays
	valuesOnly bool // the chain's last section has no row
	refreshed  []stretch
	stretches  []stretch // afterwards, the oldest first
	chain      []checkpoint.Section
	chainFrom  int // number of the chain's first section
}

// plan decides what the checkpoint writes.
func (s *Store) plan() (p chainPlan) {
	changed, stored := s.sizes()
	if s.confirmed > 0 && changed == 0 && s.shape == s.confirmedShape {
		return s.idle()
	}
	next := s.chainFrom + len(s.chain)
	sections, most := int64(len(s.chain)), chainLength(stored)
	refresh := max(changed*3/4, stored*sections/(most*most), minRefresh)
	if s.confirmed == 0 || changed+refresh >= stored/10*9 || sections >= 2*most {
		p.whole, p.chainFrom = true, next
		for _, name := range s.Tables() {
			p.stretches = s.tables[name].append(p.stretches, extent{}, next)
		}
		return p
	}
	p.refreshed, p.stretches = oldest(s.standing(), refresh)
	for _, r := range p.refreshed {
		r.section = next
		p.stretches = push(p.stretches, r)
	}
	for _, name := range s.Tables() {
		t := s.tables[name]
		p.stretches = t.append(p.stretches, t.confirmed, next)
	}
	p.chainFrom = next
	if len(p.stretches) > 0 {
		p.chainFrom = p.stretches[0].section
	}
	p.chain = s.chain[p.chainFrom-s.chainFrom:]
	return p
}

// idle is the plan where no row has changed: no section, or one of values in place of another such.
func (s *Store) idle() chainPlan {
	p := chainPlan{stretches: s.stretches, chain: s.chain, chainFrom: s.chainFrom, valuesOnly: s.valuesOnly}
	if p.unchanged = maps.EqualFunc(s.values, s.confirmedValues, bytes.Equal); p.unchanged {
		return p
	}
	if s.valuesOnly {
		p.chain = s.chain[:len(s.chain)-1]
	}
	p.valuesOnly = true
	return p
}

// sizes is about how many bytes have changed behind the confirmed checkpoint, and how many a
// base would have.
func (s *Store) sizes() (changed, stored int64) {
	for _, t := range s.tables {
		row := int64(t.width) * 8
		stored += int64(t.live)*row + t.slab.since(0, 0)
		changed += int64(t.before+t.changed) * row
		if t.inChain && t.confirmed.generation == t.slab.generation {
			changed += t.slab.since(t.confirmed.chunks, t.confirmed.offset)
		} else {
			changed += 1 + t.slab.since(0, 0)
		}
	}
	return changed, stored
}

// standing lists the stretches of what is still there, the oldest first.
func (s *Store) standing() []stretch {
	out := make([]stretch, 0, len(s.stretches)+8)
	for _, r := range s.stretches {
		if s.tables[r.table.name] == r.table && (!r.texts || r.generation == r.table.slab.generation) {
			out = append(out, r)
		}
	}
	return out
}

// append lists what a table has beyond an extent.
func (t *Table) append(to []stretch, known extent, section int) []stretch {
	now := t.extent()
	if !t.inChain {
		known = extent{}
	}
	if known.generation != now.generation {
		known.chunks = 0
	}
	to = push(to, stretch{table: t, span: span{known.pages, now.pages}, section: section})
	return push(to, stretch{table: t, texts: true, generation: now.generation, span: span{known.chunks, now.chunks}, section: section})
}

// push appends a stretch, to the last one if it goes on there.
func push(to []stretch, r stretch) []stretch {
	if r.from >= r.to {
		return to
	}
	if n := len(to); n > 0 {
		last := &to[n-1]
		if last.table == r.table && last.texts == r.texts && last.section == r.section && last.to == r.from {
			last.to = r.to
			return to
		}
	}
	return append(to, r)
}

// oldest takes stretches of about so many bytes from the beginning.
func oldest(all []stretch, bytes int64) (taken, rest []stretch) {
	for len(all) > 0 && bytes > 0 {
		r := all[0]
		n := min(r.to-r.from, max(1, int(bytes/r.each())))
		bytes -= int64(n) * r.each()
		taken = append(taken, r)
		taken[len(taken)-1].to = r.from + n
		if all[0].from += n; all[0].from == r.to {
			all = all[1:]
		}
	}
	return taken, slices.Clip(all)
}

// each is about how many bytes of a section one page or chunk of the stretch takes.
func (r stretch) each() int64 {
	t := r.table
	if r.texts {
		return max(1, t.slab.since(0, 0)/int64(max(1, len(t.slab.chunks))))
	}
	return max(1, int64(t.width<<t.shift)*8*int64(t.live)/int64(max(1, t.rows)))
}
