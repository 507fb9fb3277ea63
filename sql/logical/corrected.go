package logical

// Corrected gives the lines of the nodes at which rows begin to be corrected, left to right: those
// whose own rows are though their inputs' are not.
func Corrected(n Node) []string {
	c := &corrections{shared: map[*Shared]Traits{}}
	c.node(n)
	return c.lines
}

type corrections struct {
	lines  []string
	shared map[*Shared]Traits
}

// node gives what is known of a node, and how its columns are called.
func (c *corrections) node(n Node) (Traits, []string) {
	if s, ok := n.(*Shared); ok {
		if _, seen := c.shared[s]; !seen {
			c.shared[s], _ = c.node(s.Input)
		}
		_, columns := n.Describe(nil)
		return c.shared[s], columns
	}
	var in []Traits
	var names [][]string
	begins := true
	for _, x := range n.Inputs() {
		t, columns := c.node(x)
		in, names = append(in, t), append(names, columns)
		begins = begins && !t.Updating()
	}
	t := n.Traits(in)
	line, columns := n.Describe(names)
	if begins && t.Updating() {
		c.lines = append(c.lines, line)
	}
	return t, columns
}
