package state

// pool keeps memory of a store that is not used now, by number of words: pages of tables that
// were dropped, and what former versions of rows lay in. It counts as held.
type pool struct {
	free  map[int][][]uint64
	bytes int64
}

// poolShare: as much memory may lie idle as this part of what is in use.
const poolShare = 8

// put takes memory and gives its bytes.
func (p *pool) put(all [][]uint64) (bytes int64) {
	if p.free == nil {
		p.free = map[int][][]uint64{}
	}
	for _, w := range all {
		if n := len(w); n > 0 {
			p.free[n] = append(p.free[n], w)
			bytes += int64(n) * 8
		}
	}
	p.bytes += bytes
	return bytes
}

// take gives memory of so many words, nil if there is none. It is not cleared.
func (p *pool) take(words int) []uint64 {
	all := p.free[words]
	if len(all) == 0 {
		return nil
	}
	w := all[len(all)-1]
	all[len(all)-1] = nil
	p.free[words] = all[:len(all)-1]
	p.bytes -= int64(words) * 8
	return w
}

// empty gives everything to the garbage collector.
func (p *pool) empty() (bytes int64) { return p.trim(0) }

// trim keeps at most so many bytes and gives the number of those let go.
func (p *pool) trim(most int64) (bytes int64) {
	for words := range p.free {
		for p.bytes > most && p.take(words) != nil {
			bytes += int64(words) * 8
		}
	}
	return bytes
}

// pooled takes memory from the pool, nil if it has none. The caller has reserved it.
func (s *Store) pooled(words int) []uint64 {
	w := s.pool.take(words)
	s.release(int64(len(w)) * 8)
	return w
}

// memory gives memory for what cannot be refused.
func (s *Store) memory(words int) []uint64 {
	s.hold(int64(words) * 8)
	if w := s.pooled(words); w != nil {
		return w
	}
	return make([]uint64, words)
}
