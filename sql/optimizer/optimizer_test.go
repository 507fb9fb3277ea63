package optimizer_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/logical"
	"slipway/sql/optimizer"
	"slipway/sql/sqltest"
)

// TestRules runs scripts: the name of a rule gives the tree of a statement before and after
// it, behind the rules that run before it; `optimize` gives what all rules make of it.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := s.Statement(d)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		if d.Cmd == "optimize" {
			return sqltest.Tree(optimizer.Optimize(st.Root))
		}
		i := slices.IndexFunc(optimizer.Rules, func(r optimizer.Rule) bool { return r.Name == d.Cmd })
		if i < 0 {
			t.Fatalf("there is no rule %s", d.Cmd)
		}
		seen[d.Cmd] = true
		n := st.Root
		for _, r := range optimizer.Rules[:i] {
			n = r.Apply(n)
		}
		return "before\n" + sqltest.Tree(n) + "after\n" + sqltest.Tree(optimizer.Rules[i].Apply(n))
	})
	for _, r := range optimizer.Rules {
		if !seen[r.Name] {
			t.Errorf("no script shows rule %s", r.Name)
		}
	}
}

// TestOriginalsStay: a rule replaces nodes and changes none.
func TestOriginalsStay(t *testing.T) {
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		if st, err := s.Statement(d); err == nil {
			before, id := sqltest.Tree(st.Root), identities(st.Root)
			if after := optimizer.Optimize(st.Root); !slices.Equal(identities(after), id) {
				t.Errorf("%s: identities are %v, were %v", d.Input, identities(after), id)
			}
			if now := sqltest.Tree(st.Root); now != before {
				t.Errorf("%s: the tree has become\n%s\nand was\n%s", d.Input, now, before)
			}
		}
		return d.Expected
	})
}

// TestTraitsStay: what is known of the rows of a statement is the same whatever rules have run.
func TestTraitsStay(t *testing.T) {
	for _, folder := range []string{"testdata", "../analyzer/testdata/trees", "../logical/testdata"} {
		sqltest.Run(t, folder, func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
			st, err := s.Statement(d)
			if err != nil {
				return d.Expected
			}
			n, want := st.Root, known(st.Root)
			for _, r := range optimizer.Rules {
				n = r.Apply(n)
				if got := known(n); got != want {
					t.Errorf("%s\nbehind %s: %s, was %s", d.Input, r.Name, got, want)
				}
			}
			return d.Expected
		})
	}
}

// known writes the traits of a tree.
func known(n logical.Node) string {
	t := logical.TraitsOf(n)
	window := logical.Attached{}
	if t.Window != nil {
		window = *t.Window
	}
	t.Window = nil
	return fmt.Sprintf("%+v %+v", t, window)
}

// identities are those of the nodes that hold state, in order.
func identities(n logical.Node) (out []logical.Identity) {
	logical.Walk(n, func(n logical.Node) bool {
		switch n := n.(type) {
		case *logical.Scan:
			out = append(out, n.Identity)
		case *logical.Aggregate:
			out = append(out, n.Identity)
		case *logical.Join:
			out = append(out, n.Identity)
		case *logical.Sort:
			out = append(out, n.Identity)
		case *logical.CountedSetOp:
			out = append(out, n.Identity)
		case *logical.Over:
			out = append(out, n.Identity)
		case *logical.Rank:
			out = append(out, n.Identity)
		case *logical.Write:
			out = append(out, n.Identity)
		}
		return true
	})
	return out
}
