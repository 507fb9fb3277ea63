package logical

import (
	"fmt"
	"reflect"
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Writes is several INSERTs that run as one job.
type Writes struct {
	In []Node // each a *Write
}

// Schema: it gives no rows.
func (w *Writes) Schema() types.Schema      { return nil }
func (w *Writes) Inputs() []Node            { return w.In }
func (w *Writes) WithInputs(in []Node) Node { return &Writes{In: in} }

// Traits: it has no columns; some of it changes, or all of it ends.
func (w *Writes) Traits(in []Traits) Traits {
	t := Traits{Bounded: true}
	for _, x := range in {
		t.Bounded = t.Bounded && x.Bounded
		if x.Updating() {
			t.Changelog = Retract
		}
	}
	return t
}

func (w *Writes) Lineage([]Lineage) Lineage              { return Lineage{Rows: "writes"} }
func (w *Writes) Describe([][]string) (string, []string) { return "statement set", nil }

// Shared is a relation that several nodes read, and that runs once. Those read the same *Shared,
// for which it is a leaf: walks and rules see the tree behind it as one of its own (EachPart).
type Shared struct {
	Input Node
	// Number tells it from the others in what is printed: the first is 1.
	Number int
}

func (s *Shared) Schema() types.Schema      { return s.Input.Schema() }
func (s *Shared) Inputs() []Node            { return nil }
func (s *Shared) WithInputs([]Node) Node    { return s }
func (s *Shared) Traits([]Traits) Traits    { return TraitsOf(s.Input) }
func (s *Shared) Lineage([]Lineage) Lineage { return lineageOf(s.Input) }

func (s *Shared) Describe([][]string) (string, []string) {
	_, columns := printed(s.Input, 0)
	return s.title(), columns
}

func (s *Shared) title() string { return fmt.Sprintf("shared %d", s.Number) }

// EachPart rewrites a tree and the trees of what is shared in it, each once: those that others
// read come first, and their readers then read what they have become.
func EachPart(n Node, f func(Node) Node) Node {
	done := map[*Shared]*Shared{}
	var part func(Node) Node
	part = func(n Node) Node {
		return f(Rewrite(n, func(n Node) Node {
			s, ok := n.(*Shared)
			if !ok {
				return n
			}
			if done[s] == nil {
				done[s] = &Shared{Input: part(s.Input), Number: s.Number}
			}
			return done[s]
		}))
	}
	return part(n)
}

// Parts are a tree and the trees of what is shared in it.
func Parts(n Node) []Node {
	out := []Node{n}
	for _, s := range SharedIn(n) {
		out = append(out, s.Input)
	}
	return out
}

// SharedIn lists what is shared in a tree, each once, and behind what it reads itself.
func SharedIn(n Node) (list []*Shared) {
	Walk(n, func(n Node) bool {
		if s, ok := n.(*Shared); ok && !slices.Contains(list, s) {
			for _, below := range SharedIn(s.Input) {
				if !slices.Contains(list, below) {
					list = append(list, below)
				}
			}
			list = append(list, s)
		}
		return true
	})
	return list
}

// Share makes one of equal relations, as large as can be. What gives another value each time it is
// computed is left as it is. It sees the tree as the analyzer made it, so that what is shared, and
// with it the identities, hang on the statement alone.
func Share(n Node) Node { return share(n, ofOneJoin, func(Node) bool { return true }) }

// ShareJoined does so with what one statement groups or joins twice and joins again, unless it ends. What ends
// is left as it is: it may be loaded before the rows that it is joined with. Statements that join nothing
// stay as they are, and so do streams that are read twice: jobs run that find their state by identities
// that they had so. With streams those are shared too, in all statements.
func ShareJoined(n Node, streams bool) Node {
	if _, several := n.(*Writes); several || !streams && !anyIn(n, joins) || TraitsOf(n).Bounded {
		return n
	}
	alone := func(n Node) bool { return ofOneJoin(n) || TraitsOf(n).Bounded }
	return share(n, alone, func(n Node) bool {
		return anyIn(n, func(n Node) bool { return joins(n) || groups(n) || streams && scans(n) })
	})
}

// SharesStreams tells one statement, with a stream that is read once for several readers.
func SharesStreams(n Node) bool {
	_, several := n.(*Writes)
	return !several && slices.ContainsFunc(SharedIn(n), func(s *Shared) bool { return scans(s.Input) })
}

func scans(n Node) bool {
	_, ok := n.(*Scan)
	return ok
}

func joins(n Node) bool {
	switch n.(type) {
	case *Join, *SemiJoin, *SingleJoin:
		return true
	}
	return false
}

func groups(n Node) bool {
	_, ok := n.(*Aggregate)
	return ok
}

func anyIn(n Node, f func(Node) bool) (found bool) {
	Walk(n, func(n Node) bool {
		found = found || f(n)
		return !found
	})
	return found
}

// share leaves relations alone that are not to be shared, and those that they are in; and it makes one
// only of what is worth it, as what holds that is.
func share(n Node, alone, worth func(Node) bool) Node {
	var seen []Node
	n = Rewrite(n, func(n Node) Node {
		if _, write := n.(*Write); write || changes(n) || alone(n) || slices.ContainsFunc(n.Inputs(), func(x Node) bool { return !slices.Contains(seen, x) }) {
			return n
		}
		if i := slices.IndexFunc(seen, func(x Node) bool { return reflect.DeepEqual(placeless(x), placeless(n)) }); i >= 0 {
			return seen[i]
		}
		seen = append(seen, n)
		return n
	})
	return (&sharing{readers: readersOf(n), worth: worth, done: map[Node]Node{}}).node(n)
}

// placeless is a node without its place in the user's text, where it has one.
func placeless(n Node) any {
	out := reflect.New(reflect.TypeOf(n).Elem()).Elem()
	out.Set(reflect.ValueOf(n).Elem())
	if pos := out.FieldByName("Pos"); pos.IsValid() {
		pos.SetZero()
	}
	return out.Interface()
}

// readersOf counts how often each node is read.
func readersOf(root Node) map[Node]int {
	readers := map[Node]int{}
	var visit func(Node)
	visit = func(n Node) {
		for _, x := range n.Inputs() {
			if readers[x]++; readers[x] == 1 {
				visit(x)
			}
		}
	}
	visit(root)
	return readers
}

type sharing struct {
	readers map[Node]int
	worth   func(Node) bool
	done    map[Node]Node
	number  int
}

// node puts a Shared where a relation has several readers.
func (s *sharing) node(n Node) Node {
	if out := s.done[n]; out != nil {
		return out
	}
	out := MapInputs(n, s.node)
	if s.readers[n] > 1 && !s.worth(n) {
		return copied(out)
	}
	if s.readers[n] > 1 {
		s.number++
		out = &Shared{Input: out, Number: s.number}
	}
	s.done[n] = out
	return out
}

// copied is a tree of nodes of its own.
func copied(n Node) Node {
	return Rewrite(n, func(n Node) Node {
		out := reflect.New(reflect.TypeOf(n).Elem())
		out.Elem().Set(reflect.ValueOf(n).Elem())
		return out.Interface().(Node)
	})
}

// ofOneJoin tells a table that is a join's own: one that is loaded whole, at each start anew, which no
// other reader of it could bear, or one that is asked for rows.
func ofOneJoin(n Node) bool {
	s, ok := n.(*Scan)
	return ok && (s.Bounded || s.Lookup != nil)
}

// changes tells a node that computes what may be another value each time.
func changes(n Node) bool { return volatileIn(reflect.ValueOf(n).Elem()) }

var (
	typeOfExpr = reflect.TypeFor[plan.Expr]()
	typeOfNode = reflect.TypeFor[Node]()
)

// volatileIn looks at the expressions of a node, not at those of its inputs.
func volatileIn(v reflect.Value) bool {
	if v.Type() == typeOfExpr {
		return !v.IsNil() && volatile(v.Interface().(plan.Expr))
	}
	if v.Type().Implements(typeOfNode) {
		return false
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if volatileIn(v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if volatileIn(v.Field(i)) {
				return true
			}
		}
	}
	return false
}
