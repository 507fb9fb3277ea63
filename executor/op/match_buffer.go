package op

import (
	"slipway/executor/state"
)

// matchBuffer holds the rows that partial matches consist of. What several of them begin with is there once: a
// node knows the one in front of it, and goes when nothing leads to it. It is derived from the rows in
// the state: charged to the budget, and never written.
type matchBuffer struct {
	store *state.Store
	width int // words of a node
	nodes []matchNode
	words []uint64
	free  []int32
	zeros []uint64
	held  int64
}

type matchNode struct {
	matchRow
	prev int32 // noNode: it is the first
	refs int32
}

// noNode is that of a match without rows.
const noNode = int32(-1)

const matchNodeBytes = 16

// of are the words of a node.
func (b *matchBuffer) of(n int32) []uint64 {
	if n == noNode {
		return b.zeros
	}
	return b.words[int(n)*b.width : (int(n)+1)*b.width]
}

// add makes a node behind another one, with one that leads to it.
func (b *matchBuffer) add(prev int32, row matchRow, words []uint64) (n int32, err error) {
	if last := len(b.free) - 1; last >= 0 {
		n, b.free = b.free[last], b.free[:last]
	} else {
		if len(b.nodes) == cap(b.nodes) {
			if err := b.grow(); err != nil {
				return n, err
			}
		}
		n = int32(len(b.nodes))
		b.nodes, b.words = append(b.nodes, matchNode{}), append(b.words, b.zeros...)
	}
	b.nodes[n] = matchNode{matchRow: row, prev: prev, refs: 1}
	copy(b.of(n), words)
	b.share(prev)
	return n, nil
}

// grow makes room for as many nodes again.
func (b *matchBuffer) grow() error {
	more := max(256, len(b.nodes))
	size := int64(more) * int64(matchNodeBytes+8*b.width)
	if err := b.store.Reserve(size); err != nil {
		return err
	}
	b.held += size
	b.nodes = append(make([]matchNode, 0, len(b.nodes)+more), b.nodes...)
	b.words = append(make([]uint64, 0, (len(b.nodes)+more)*b.width), b.words...)
	return nil
}

// share says that one more leads to a node.
func (b *matchBuffer) share(n int32) {
	if n != noNode {
		b.nodes[n].refs++
	}
}

// release says that one less does.
func (b *matchBuffer) release(n int32) {
	for n != noNode {
		node := &b.nodes[n]
		if node.refs--; node.refs > 0 {
			return
		}
		b.free = append(b.free, n)
		n = node.prev
	}
}

// live is the number of nodes.
func (b *matchBuffer) live() int { return len(b.nodes) - len(b.free) }

// shrink gives the memory back when nothing is left.
func (b *matchBuffer) shrink() error {
	if b.live() > 0 || len(b.nodes) <= 1<<12 {
		return nil
	}
	held := b.held
	b.nodes, b.words, b.free, b.held = nil, nil, nil, 0
	return b.store.Reserve(-held)
}

// rows appends the rows up to a node, the first one first.
func (b *matchBuffer) rows(list []matchRow, n int32) []matchRow {
	for at := n; at != noNode; at = b.nodes[at].prev {
		list = append(list, b.nodes[at].matchRow)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}
