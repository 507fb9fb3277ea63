package state

// treeNode is the node of the row whose number is its place - 1 in the tree of that row's key:
// a treap, a search tree that is also a heap by a random number, here a hash of the place.
// Its depth is O(log n) whatever the order in which rows come. Place 0 is the empty tree.
type treeNode struct {
	left, right, parent int32
	size                int32  // of the tree below it, itself included
	sort                uint64 // prefix of the sort key
}

func priority(n int32) uint32 {
	x := uint32(n)
	x = (x ^ x>>16) * 0x85EBCA6B
	x = (x ^ x>>13) * 0xC2B2AE35
	return x ^ x>>16
}

// insert enters a node that stands alone into a tree and gives the new root.
func (o *OrderedMap) insert(root, n int32) int32 {
	at := root
	for {
		o.nodes[at].size++
		child := &o.nodes[at].right
		if o.before(n, at) {
			child = &o.nodes[at].left
		}
		if *child == 0 {
			*child, o.nodes[n].parent = n, at
			break
		}
		at = *child
	}
	for p := o.nodes[n].parent; p != 0 && priority(n) > priority(p); p = o.nodes[n].parent {
		o.rotate(n)
	}
	if o.nodes[n].parent == 0 {
		return n
	}
	return root
}

// rotate lifts a node above its parent.
func (o *OrderedMap) rotate(n int32) {
	node := &o.nodes[n]
	p := node.parent
	parent := &o.nodes[p]
	if parent.left == n {
		parent.left = node.right
		o.adopt(parent.left, p)
		node.right = p
	} else {
		parent.right = node.left
		o.adopt(parent.right, p)
		node.left = p
	}
	o.replace(p, n)
	parent.parent = n
	node.size = parent.size
	parent.size = 1 + o.nodes[parent.left].size + o.nodes[parent.right].size
}

func (o *OrderedMap) adopt(child, parent int32) {
	if child != 0 {
		o.nodes[child].parent = parent
	}
}

// replace puts a node in the place of another below the other's parent.
func (o *OrderedMap) replace(old, by int32) {
	above := o.nodes[old].parent
	o.adopt(by, above)
	switch {
	case above == 0:
	case o.nodes[above].left == old:
		o.nodes[above].left = by
	default:
		o.nodes[above].right = by
	}
}

// cut takes a node out of its tree and gives the new root, 0 if none is left.
func (o *OrderedMap) cut(root, n int32) int32 {
	node := &o.nodes[n]
	for node.left != 0 && node.right != 0 {
		child := node.left
		if priority(node.right) > priority(child) {
			child = node.right
		}
		if o.rotate(child); root == n {
			root = child
		}
	}
	child := node.left + node.right // one of them is none
	o.replace(n, child)
	for above := node.parent; above != 0; above = o.nodes[above].parent {
		o.nodes[above].size--
	}
	if root == n {
		return child
	}
	return root
}

// least and greatest are the ends of the tree below a node.
func (o *OrderedMap) least(n int32) int32 {
	for o.nodes[n].left != 0 {
		n = o.nodes[n].left
	}
	return n
}

func (o *OrderedMap) greatest(n int32) int32 {
	for o.nodes[n].right != 0 {
		n = o.nodes[n].right
	}
	return n
}

// seek gives the first node of a tree whose sort key is not below the bound, or above it if
// it must be; 0 if there is none.
func (o *OrderedMap) seek(root int32, b *Bound, above bool) (found int32) {
	prefix := o.prefixOf(b)
	for n := root; n != 0; {
		if c := o.against(n, b, prefix); c < 0 || above && c == 0 {
			n = o.nodes[n].right
		} else {
			found, n = n, o.nodes[n].left
		}
	}
	return found
}
