package logical

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// JoinKind says which rows without a partner a join gives.
type JoinKind uint8

const (
	Inner JoinKind = iota
	Left
	Right
	Full
)

func (k JoinKind) String() string {
	return [...]string{"join", "left join", "right join", "full join"}[k]
}

// Pair is a column of the left input that equals one of the right input, each by its number
// in its own input.
type Pair struct{ Left, Right int }

// Within bounds two event times, one of each input: left is from right+Lower to
// right+Upper. A row then waits for its partners only so long.
type Within struct {
	Pair
	Lower, Upper time.Duration
}

// Join gives the pairs of rows that match, and with an outer join rows that match none, with
// NULL for the columns of the other side.
type Join struct {
	Identity Identity
	// Pos is where it stands in the statement, ast.NoPos if that is not the user's text; no part
	// of its meaning.
	Pos         int
	Kind        JoinKind
	Left, Right Node
	// Equal are columns that must be equal; none: every pair is looked at.
	Equal []Pair
	// On is what must be true besides, over the columns of both; nil for nothing.
	On plan.Expr
	// Within, if set, makes it an interval join.
	Within *Within
	// AsOf, if not negative, makes it a temporal join: a row of the left input, whose event
	// time is in this column, meets the version that the right row had then. The right input
	// has a unique key, which is among Equal. Its versions hold from their event time in column
	// Version of the right input on.
	AsOf    int
	Version int
	// Newest makes it a temporal join in processing time: a row of the left input meets the
	// version that the right row has when it comes.
	Newest bool
	// KeyPairs is how many of Equal, the first ones, are the key of a temporal join's versions.
	KeyPairs int
	known    knownSchema
}

// Temporal tells that rows of the left input meet versions of the right one, which do not correct
// them.
func (j *Join) Temporal() bool { return j.AsOf >= 0 || j.Newest }

// Schema is the columns of both; those of a side that may be missing may be NULL.
func (j *Join) Schema() types.Schema { return j.known.get(j, j.Left, j.Right, j.Kind, j.schema) }

func (j *Join) schema() types.Schema {
	out := slices.Concat(j.Left.Schema(), j.Right.Schema())
	width := len(j.Left.Schema())
	for i := range out {
		missing := j.Kind == Full || i < width && j.Kind == Right || i >= width && j.Kind == Left
		out[i].NotNull = out[i].NotNull && !missing
	}
	return out
}

func (j *Join) Inputs() []Node { return []Node{j.Left, j.Right} }

func (j *Join) WithInputs(in []Node) Node {
	out := *j
	out.Left, out.Right = in[0], in[1]
	return &out
}

// Traits: a result is final where it is known when no partner can come any more, or where
// none is missed.
func (j *Join) Traits(in []Traits) Traits {
	l, r, width := in[0], in[1], len(j.Left.Schema())
	t := Traits{Bounded: l.Bounded && r.Bounded, Unique: j.unique(l, r, width), Fixed: j.fixed(l, r, width)}
	_, broadcast := j.Broadcast(l, r)
	final := j.Within != nil || j.Temporal() || broadcast || j.SameWindow(l, r)
	appends := !l.Updating() && (!r.Updating() || j.Temporal())
	if !appends || j.Kind != Inner && !final && !t.Bounded {
		t.Changelog = Retract
	}
	j.times(&t, l, r)
	return t
}

// fixed: a row that is corrected is one with the same partner, or one that gets or loses it. A side
// that is never corrected has the same row then.
func (j *Join) fixed(l, r Traits, width int) (out []int) {
	columns := func(t Traits, from, n int) {
		if !t.Updating() {
			out = append(out, numbers(from, n)...)
			return
		}
		for _, c := range t.Fixed {
			out = append(out, from+c)
		}
	}
	if j.Kind == Inner || j.Kind == Left {
		columns(l, 0, width)
	}
	if j.Kind == Inner || j.Kind == Right {
		columns(r, width, len(j.Right.Schema()))
	}
	return out
}

// numbers are n numbers from one on.
func numbers(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i
	}
	return out
}

// unique: a row that has one partner at most is there once, so what tells rows of its side
// apart does so here; else it takes what tells both sides apart.
func (j *Join) unique(l, r Traits, width int) (out [][]int) {
	left, right := j.equal()
	once := func(sets [][]int, columns []int) bool {
		return slices.ContainsFunc(sets, func(s []int) bool {
			return !slices.ContainsFunc(s, func(c int) bool { return !slices.Contains(columns, c) })
		})
	}
	if once(r.Unique, right) && (j.Kind == Inner || j.Kind == Left) {
		out = append(out, l.Unique...)
	}
	if once(l.Unique, left) && (j.Kind == Inner || j.Kind == Right) {
		out = append(out, shifted(r.Unique, width)...)
	}
	if out != nil || j.Kind == Full {
		return out
	}
	for _, a := range l.Unique {
		for _, b := range shifted(r.Unique, width) {
			out = append(out, slices.Concat(a, b))
		}
	}
	return out
}

// Keys are the columns of an input, by port, that must be equal to those of the other.
func (j *Join) Keys(port int) []int {
	left, right := j.equal()
	return [][]int{left, right}[port]
}

// equal are the columns of either side that must be equal.
func (j *Join) equal() (left, right []int) {
	for _, p := range j.Equal {
		left, right = append(left, p.Left), append(right, p.Right)
	}
	return left, right
}

// shifted are sets of columns that stand behind so many others.
func shifted(sets [][]int, by int) [][]int {
	out := make([][]int, len(sets))
	for i, s := range sets {
		for _, c := range s {
			out[i] = append(out[i], c+by)
		}
	}
	return out
}

func (j *Join) Lineage(in []Lineage) Lineage {
	return Lineage{Rows: bounded(j.meaning(in)), Columns: slices.Concat(in[0].Columns, in[1].Columns)}
}

// Meaning is both inputs and what makes their rows meet.
func (j *Join) Meaning(in []Lineage) (kind, meaning string) { return "join", j.meaning(in) }

func (j *Join) meaning(in []Lineage) string {
	text := fmt.Sprintf("%s join %d %s", in[0].Rows, j.Kind, in[1].Rows)
	for _, p := range j.Equal {
		text += "; " + in[0].Columns[p.Left] + " = " + in[1].Columns[p.Right]
	}
	if j.On != nil {
		both := Lineage{Columns: slices.Concat(in[0].Columns, in[1].Columns)}
		text += "; on " + both.Of(j.On)
	}
	if w := j.Within; w != nil {
		text += fmt.Sprintf("; within %s %s %s %s", in[0].Columns[w.Left], in[1].Columns[w.Right], w.Lower, w.Upper)
	}
	if j.AsOf >= 0 {
		text += "; as of " + in[0].Columns[j.AsOf]
	}
	if j.Newest {
		text += "; newest"
	}
	return text
}

func (j *Join) Identified(id Identity) Node {
	out := *j
	out.Identity = id
	return &out
}

func (j *Join) Describe(in [][]string) (string, []string) {
	names := slices.Concat(in[0], in[1])
	terms := equalTerms(j.Equal, in)
	if j.On != nil {
		terms = append(terms, Show(j.On, names))
	}
	line := j.Kind.String()
	if len(terms) > 0 {
		line += " on " + strings.Join(terms, " and ")
	}
	if w := j.Within; w != nil {
		line += fmt.Sprintf("; %s from %s%+v to %+v", NameOf(in[0], w.Left), NameOf(in[1], w.Right), w.Lower, w.Upper)
	}
	if j.AsOf >= 0 {
		line += "; the version of " + NameOf(in[1], j.Version) + " as of " + NameOf(in[0], j.AsOf)
	}
	if j.Newest {
		line += "; the newest version when a row comes"
	}
	return line, names
}

func equalTerms(pairs []Pair, in [][]string) (out []string) {
	for _, p := range pairs {
		out = append(out, NameOf(in[0], p.Left)+" = "+NameOf(in[1], p.Right))
	}
	return out
}
