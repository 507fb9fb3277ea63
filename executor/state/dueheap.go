package state

// dueHeap gives what is due in order of time: a heap of four children a node, in which an
// element is also found by its id, so that it can be moved and taken out. It is derived, never
// written. Memory: 28 to 42 bytes per element. The next time is at hand; all else takes O(log n).
type dueHeap struct {
	mem    *derived
	items  []dueItem
	places []int32 // of each id its place + 1; 0: it is not in the heap
}

// dueItem is due at a time. Of those of the same time the one with the lesser tie comes first.
type dueItem struct {
	at   int64
	tie  uint64
	id   int32
	note uint32 // of the owner's
}

func (a *dueItem) before(b *dueItem) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.tie != b.tie {
		return a.tie < b.tie
	}
	return a.id < b.id
}

func (h *dueHeap) len() int { return len(h.items) }

// push enters an element whose id is not in the heap.
func (h *dueHeap) push(d dueItem) (err error) {
	if h.places, err = grow(h.mem, h.places, int(d.id)+1); err != nil {
		return err
	}
	n := len(h.items)
	if h.items, err = grow(h.mem, h.items, n+1); err != nil {
		return err
	}
	h.items[n] = d
	h.up(n)
	return nil
}

// find gives the element of an id, nil if there is none.
func (h *dueHeap) find(id int32) *dueItem {
	if int(id) >= len(h.places) || h.places[id] == 0 {
		return nil
	}
	return &h.items[h.places[id]-1]
}

// move gives an element of the heap another time.
func (h *dueHeap) move(id int32, at int64) {
	i := int(h.places[id] - 1)
	h.items[i].at = at
	h.up(i)
	h.down(int(h.places[id] - 1))
}

// remove takes the element of an id out, if there is one.
func (h *dueHeap) remove(id int32) {
	if h.find(id) == nil {
		return
	}
	i, last := int(h.places[id]-1), len(h.items)-1
	h.places[id] = 0
	moved := h.items[last]
	h.items = h.items[:last]
	if i < last {
		h.items[i] = moved
		h.up(i)
		h.down(int(h.places[moved.id] - 1))
	}
}

// up moves the element at place i towards the top until its parent comes before it.
func (h *dueHeap) up(i int) {
	d := h.items[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !d.before(&h.items[parent]) {
			break
		}
		h.put(i, h.items[parent])
		i = parent
	}
	h.put(i, d)
}

// down moves the element at place i away from the top until it comes before its children.
func (h *dueHeap) down(i int) {
	d := h.items[i]
	for {
		least, end := 4*i+1, min(4*i+5, len(h.items))
		if least >= end {
			break
		}
		for c := least + 1; c < end; c++ {
			if h.items[c].before(&h.items[least]) {
				least = c
			}
		}
		if !h.items[least].before(&d) {
			break
		}
		h.put(i, h.items[least])
		i = least
	}
	h.put(i, d)
}

func (h *dueHeap) put(i int, d dueItem) {
	h.items[i] = d
	h.places[d.id] = int32(i + 1)
}
