package logical

import "strings"

// Print writes a tree, a node a line, inputs below the node that reads them and further in.
// Columns are called as in the user's text; what the compiler made is shown as what it
// holds.
func Print(n Node) []string {
	lines, _ := printed(n, 0)
	for _, s := range SharedIn(n) {
		below, _ := printed(s.Input, 1)
		lines = append(append(lines, s.title()+" is"), below...)
	}
	return lines
}

// printed gives the lines of a node and how its columns are called. The line of a node
// needs the names below it, which are known later.
func printed(n Node, depth int) (lines []string, columns []string) {
	var below []string
	var names [][]string
	for _, x := range n.Inputs() {
		list, columns := printed(x, depth+1)
		below, names = append(below, list...), append(names, columns)
	}
	line, columns := n.Describe(names)
	return append([]string{strings.Repeat("  ", depth) + line}, below...), columns
}
