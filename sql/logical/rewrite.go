package logical

// Rewrite replaces nodes from the leaves up: f is given each node when its inputs have
// been replaced, and gives the node itself where there is nothing to do. It is the one
// walk that changes trees.
func Rewrite(n Node, f func(Node) Node) Node {
	return f(MapInputs(n, func(x Node) Node { return Rewrite(x, f) }))
}

// MapInputs gives the node over what f makes of its inputs: itself, if that is the same.
func MapInputs(n Node, f func(Node) Node) Node {
	list := n.Inputs()
	in, changed := make([]Node, len(list)), false
	for i, x := range list {
		in[i] = f(x)
		changed = changed || in[i] != x
	}
	if !changed {
		return n
	}
	return n.WithInputs(in)
}

// Walk visits a node and what is below it, each node before its inputs, left to right;
// where visit gives false, the node's inputs are left out.
func Walk(n Node, visit func(Node) bool) {
	if !visit(n) {
		return
	}
	for _, x := range n.Inputs() {
		Walk(x, visit)
	}
}
