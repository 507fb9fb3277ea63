package logical

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"slipway/sql/plan"
)

// State is found in a checkpoint by what its operator means: where its rows come from,
// what was left out of them, and its keys and aggregates traced back to declared columns.
// Where the operator stands, other columns of the stream, and what the optimizer makes of
// the statement are no part of it, so they may change under a checkpoint.

// Identity tells the state of one node from that of all others.
type Identity struct {
	// Meaning is a text in stored forms.
	Meaning string
	// Nth tells nodes of the same meaning apart: the first is 1.
	Nth int
}

// ID is what an operator of some kind that runs for the node is known by.
func (i Identity) ID(kind string) plan.OperatorID { return i.of(kind, i.Meaning) }

// Within is the id of a further operator that the node needs, whose meaning is its own.
func (i Identity) Within(kind, meaning string) plan.OperatorID { return i.of(kind, meaning) }

func (i Identity) of(kind, meaning string) plan.OperatorID {
	sum := sha256.Sum256([]byte(kind + meaning))
	id := kind + "-" + hex.EncodeToString(sum[:6])
	if i.Nth > 1 {
		id = fmt.Sprintf("%s-%d", id, i.Nth)
	}
	return plan.OperatorID(id)
}

// Identify gives every node that keeps something its identity. It must see the tree as
// the analyzer made it: lineage hangs on it, and rules carry identities along.
func Identify(n Node) Node {
	d := identifier{}
	return EachPart(n, func(part Node) Node {
		out, _ := d.node(part)
		return out
	})
}

// lineageOf derives the lineage of a tree whose nodes have their identities.
func lineageOf(n Node) Lineage {
	var in []Lineage
	for _, x := range n.Inputs() {
		in = append(in, lineageOf(x))
	}
	return n.Lineage(in)
}

// identifier counts the nodes of each meaning.
type identifier map[string]int

func (d identifier) node(n Node) (Node, Lineage) {
	var in []Lineage
	n = MapInputs(n, func(x Node) Node {
		x, l := d.node(x)
		in = append(in, l)
		return x
	})
	if s, ok := n.(Stateful); ok {
		kind, meaning := s.Meaning(in)
		d[kind+meaning]++
		n = s.Identified(Identity{Meaning: meaning, Nth: d[kind+meaning]})
	}
	return n, n.Lineage(in)
}

// maxLineage is where a text gives way to its hash: nested queries would let it grow
// without bounds.
const maxLineage = 512

func bounded(text string) string {
	if len(text) <= maxLineage {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Of traces an expression over the columns back to declared ones.
func (l *Lineage) Of(e plan.Expr) string {
	traced := plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		return &plan.Column{Name: l.Columns[c.Index], Typ: c.Typ}
	})
	return bounded(plan.Stored(traced))
}

func (l *Lineage) ofAll(list []plan.Expr) (out []string) {
	for _, e := range list {
		out = append(out, l.Of(e))
	}
	return out
}

// pick lists the lineage of some columns.
func (l *Lineage) pick(columns []int) string {
	var out []string
	for _, c := range columns {
		out = append(out, l.Columns[c])
	}
	return strings.Join(out, ", ")
}
