package logical_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/logical"
	"slipway/sql/sqltest"
)

// TestTraits runs scripts: `traits` of a statement gives its tree with what is known of the
// rows of each node, `lineage` what checkpoints know its nodes by.
func TestTraits(t *testing.T) {
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := s.Statement(d)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		if d.Cmd == "lineage" {
			return meanings(st.Root)
		}
		return traits(st.Root)
	})
}

// traits prints a tree with a line of traits below each node's.
func traits(root logical.Node) string {
	var out strings.Builder
	lines := logical.Print(root)
	logical.Walk(root, func(n logical.Node) bool {
		line := lines[0]
		lines = lines[1:]
		indent := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " ")))
		fmt.Fprintf(&out, "%s\n%s  - %s\n", line, indent, known(n))
		return true
	})
	return out.String()
}

// known writes the traits of a node.
func known(n logical.Node) string {
	t := logical.TraitsOf(n)
	text := t.Changelog.String() + named(n, " by", t.Upsert)
	for _, set := range t.Unique {
		text += "; unique" + named(n, "", set)
		if len(set) == 0 {
			text += " one row"
		}
	}
	text += named(n, "; fixed", t.Fixed) + named(n, "; event time", t.EventTimes)
	if w := t.Window; w != nil {
		text += named(n, "; window", []int{w.Start, w.End})
		if w.Final {
			text += " final"
		}
		if w.Assigned {
			text += ", assigned"
		}
	}
	if t.Bounded {
		text += "; bounded"
	}
	return text
}

// named writes some columns behind a word; nothing if there are none.
func named(n logical.Node, word string, columns []int) string {
	if len(columns) == 0 {
		return ""
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "-"
		if c >= 0 {
			names[i] = n.Schema()[c].Name
		}
	}
	return word + " " + strings.Join(names, ", ")
}

// meanings prints what each node that keeps something is known by, inputs first.
func meanings(root logical.Node) string {
	var out strings.Builder
	logical.Rewrite(root, func(n logical.Node) logical.Node {
		if s, ok := n.(logical.Stateful); ok {
			kind, id := identity(s)
			fmt.Fprintf(&out, "%s %d: %s\n", kind, id.Nth, id.Meaning)
		}
		return n
	})
	return out.String()
}

func identity(n logical.Stateful) (kind string, id logical.Identity) {
	switch n := n.(type) {
	case *logical.Scan:
		return "source", n.Identity
	case *logical.Aggregate:
		return "aggregate", n.Identity
	case *logical.Sort:
		return "sort", n.Identity
	case *logical.CountedSetOp:
		return "setop", n.Identity
	case *logical.Join:
		return "join", n.Identity
	case *logical.Write:
		return "sink", n.Identity
	}
	panic(fmt.Sprintf("%T", n))
}
