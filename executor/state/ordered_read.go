package state

// First gives the first row of a key.
func (o *OrderedMap) First(key int32) int32 { return o.least(o.root(key)) - 1 }

// Last gives the last row of a key.
func (o *OrderedMap) Last(key int32) int32 { return o.greatest(o.root(key)) - 1 }

// Size is the number of rows of a key, equal ones counted once.
func (o *OrderedMap) Size(key int32) int { return int(o.nodes[o.root(key)].size) }

// Next gives the row behind one of the same key, or Absent; a whole walk takes constant time
// per row.
func (o *OrderedMap) Next(id int32) int32 {
	n := id + 1
	if right := o.nodes[n].right; right != 0 {
		return o.least(right) - 1
	}
	above := o.nodes[n].parent
	for above != 0 && o.nodes[above].right == n {
		n, above = above, o.nodes[above].parent
	}
	return above - 1
}

// Prev gives the row before one of the same key, or Absent.
func (o *OrderedMap) Prev(id int32) int32 {
	n := id + 1
	if left := o.nodes[n].left; left != 0 {
		return o.greatest(left) - 1
	}
	above := o.nodes[n].parent
	for above != 0 && o.nodes[above].left == n {
		n, above = above, o.nodes[above].parent
	}
	return above - 1
}

// Rank is how many rows of its key come before a row, equal ones counted once.
func (o *OrderedMap) Rank(id int32) int {
	n := id + 1
	rank := o.nodes[o.nodes[n].left].size
	for above := o.nodes[n].parent; above != 0; n, above = above, o.nodes[above].parent {
		if o.nodes[above].right == n {
			rank += 1 + o.nodes[o.nodes[above].left].size
		}
	}
	return int(rank)
}

// At gives the row of a key with that rank, or Absent.
func (o *OrderedMap) At(key int32, rank int) int32 {
	n := o.root(key)
	for n != 0 {
		before := int(o.nodes[o.nodes[n].left].size)
		switch {
		case rank < before:
			n = o.nodes[n].left
		case rank == before:
			return n - 1
		default:
			rank -= before + 1
			n = o.nodes[n].right
		}
	}
	return Absent
}

// Ceil gives the first row of a key whose sort key is the bound or above it, or Absent.
func (o *OrderedMap) Ceil(key int32, b Bound) int32 { return o.seek(o.root(key), &b, false) - 1 }

// Floor gives the last row of a key whose sort key is the bound or below it, or Absent.
func (o *OrderedMap) Floor(key int32, b Bound) int32 {
	root := o.root(key)
	if n := o.seek(root, &b, true); n != 0 {
		return o.Prev(n - 1)
	}
	return o.greatest(root) - 1
}

// AppendRange appends a row (of Ceil, First or Next; it may be Absent) and those behind it up
// to the bound, which belongs to the range, until there are limit.
func (o *OrderedMap) AppendRange(ids []int32, id int32, to Bound, limit int) []int32 {
	prefix := o.prefixOf(&to)
	for ; id != Absent && len(ids) < limit && o.against(id+1, &to, prefix) <= 0; id = o.Next(id) {
		ids = append(ids, id)
	}
	return ids
}

// AppendRangeDown appends a row (of Floor, Last or Prev; it may be Absent) and those before it
// down to the bound, which belongs to the range, until there are limit.
func (o *OrderedMap) AppendRangeDown(ids []int32, id int32, to Bound, limit int) []int32 {
	prefix := o.prefixOf(&to)
	for ; id != Absent && len(ids) < limit && o.against(id+1, &to, prefix) >= 0; id = o.Prev(id) {
		ids = append(ids, id)
	}
	return ids
}
