package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// What may stand among the states that follow one, besides their numbers.
const (
	// MatchEnd: the rows so far are a match.
	MatchEnd = -1
	// MatchElapsed: they are one when the time of the match has run out.
	MatchElapsed = -2
)

// MatchTest asks of a row whether it meets the condition of a variable, or whether it does not.
type MatchTest struct {
	Variable int
	Not      bool
}

// MatchState is a state of an automaton over rows: the row that leads to it meets all tests.
type MatchState struct {
	// Variable is that which the row belongs to; -1: it is passed over, and not part of the match.
	Variable int
	Tests    []MatchTest
	// Excluded: the row is not given.
	Excluded bool
	// Next are the states that may follow, MatchEnd and MatchElapsed among them, the preferred one first.
	Next []int
}

// MatchVariable is a variable and what a row must be to stand for it.
type MatchVariable struct {
	Name string
	// Own is the BOOLEAN column of the input that tells what hangs on the row alone; -1: that is nothing.
	Own int
	// Cond is the rest, over MatchTable.Values, whose row is the one that is asked about; nil: there is none.
	Cond Expr `plan:"optional"`
}

// MatchValueKind tells what a MatchValue is. The numbers stand in encoded plans.
type MatchValueKind uint8

const (
	// MatchCurrent is of the row itself; of a match as a whole its last one.
	MatchCurrent MatchValueKind = iota
	// MatchFirst and MatchLast are of the row that is first or last of its variables, or Offset behind or before it.
	MatchFirst
	MatchLast
	// MatchAggregate is Agg of the rows.
	MatchAggregate
	// MatchClassifier is the name of the row's variable.
	MatchClassifier
	// MatchNumber numbers the matches of a partition from 1.
	MatchNumber
	// MatchFound is true of the rows of a match, and false of those that are given though they belong to none.
	MatchFound
)

var matchValues = [...]string{"", "FIRST", "LAST", "", "CLASSIFIER", "MATCH_NUMBER", "MATCHED"}

// OfMatch tells an accumulator that there is for the rows of a match.
func (k AggKind) OfMatch() bool {
	return k == CountStar || k == Count || k == Sum || k == Min || k == Max
}

// MatchValue is what a condition or a measure reads of the rows of a match so far.
type MatchValue struct {
	Kind MatchValueKind
	Agg  AggKind
	// Distinct: of an aggregate, equal values count once.
	Distinct bool
	// Of are the variables whose rows are meant; nil: all rows of the match.
	Of []int
	// Column of the input; -1 of a count of rows.
	Column int
	Offset int
	// Back is how many rows of the partition the row that is read lies in front of the one that is found (PREV), or, below 0,
	// behind it (NEXT).
	Back int
	// Final: of all rows of the match, not only of those up to the current one.
	Final bool
	Typ   types.Type
}

// Show writes a value in the names of the columns and the variables.
func (v MatchValue) Show(column func(int) string, variables []string) string {
	of := ""
	for i, o := range v.Of {
		of += strings.Repeat("/", min(i, 1)) + variables[o]
	}
	x := "*"
	if v.Column >= 0 {
		x = column(v.Column)
	}
	if of != "" {
		x = of + "." + x
	}
	switch {
	case v.Kind == MatchClassifier || v.Kind == MatchNumber || v.Kind == MatchFound:
		x = matchValues[v.Kind] + "()"
	case v.Kind != MatchCurrent:
		if v.Offset > 0 {
			x += fmt.Sprintf(", %d", v.Offset)
		}
		name, _, _ := strings.Cut(string(v.Agg), "(")
		if v.Distinct {
			x = "DISTINCT " + x
		}
		x = matchValues[v.Kind] + name + "(" + x + ")"
	}
	if v.Back > 0 {
		x = fmt.Sprintf("PREV(%s, %d)", x, v.Back)
	}
	if v.Back < 0 {
		x = fmt.Sprintf("NEXT(%s, %d)", x, -v.Back)
	}
	if v.Final {
		x = "FINAL " + x
	}
	return x
}

// MatchSkip says where the search goes on behind a match. The numbers stand in encoded plans.
type MatchSkip uint8

const (
	SkipPastLast MatchSkip = iota
	SkipToNext
	SkipToFirst // of MatchTable.SkipTo
	SkipToLast
)

var matchSkips = [...]string{"past last row", "to next row", "to first ", "to last "}

// Show writes it.
func (s MatchSkip) Show(variables []string) string {
	return matchSkips[s] + strings.Join(variables, "/")
}

// MatchTable finds what of the rows of a partition, in the order of their times, of equal ones by Order, and of equal ones of these
// in that in which they came, matches a pattern. A row is
// taken when the watermark has passed it; one that comes later is dropped and counted. A match is given as soon as it is
// certain which of those that begin with its first row is preferred.
//
// Output: the columns Given of the input, or with AllRows those of each row of the match, and Measures.
type MatchTable struct {
	Op        OperatorID
	Partition []int
	Time      int
	Order     []SortKey
	States    []MatchState
	Variables []MatchVariable
	// Values are those that conditions read, Measures those that are given. Their columns are among the first Kept of the
	// input; what is behind these is of Variables, of Order and of late rows alone.
	Values, Measures []MatchValue
	Kept             int
	Given            []int
	AllRows          bool
	// OmitEmpty: a match of no rows is not given.
	OmitEmpty bool
	// Unmatched: rows that belong to no match are given, too, between the matches.
	Unmatched bool
	Skip      MatchSkip
	SkipTo    []int
	// Within: all rows of a match lie less than so long behind its first; 0: they may lie anywhere.
	Within time.Duration
	// Before is how many rows in front of the first of a match are read.
	Before int
	// Earliest: of the matches that begin with a row the one is given that is complete first.
	Earliest bool
	// Final: the input ends.
	Final bool
	Out   types.Schema
	// Late: see LateRows.
	Late []int
}

var _ = tag[MatchTable]("match")

func (o *MatchTable) Schema() types.Schema { return o.Out }

func (o *MatchTable) ID() OperatorID { return o.Op }

// Numbered tells that matches are numbered.
func (o *MatchTable) Numbered() bool {
	return slices.ContainsFunc(o.Measures, func(v MatchValue) bool { return v.Kind == MatchNumber })
}

// Ahead is how many rows behind one NEXT reads of some values; 0: none.
func Ahead(values []MatchValue) (most int) {
	for _, v := range values {
		most = max(most, -v.Back)
	}
	return most
}

// Overlapping tells that what matches from one row is independent of what matches from those in front of it.
func (o *MatchTable) Overlapping() bool {
	return o.Skip == SkipToNext && !o.Numbered() && !o.Unmatched
}

// StateSchema: the automaton, since what is kept of rows is where it has come to.
func (o *MatchTable) StateSchema() string {
	text := fmt.Sprintf("%s by %v of %d, %d kept, before %d, within %d", o.Automaton(), o.Partition, o.Time, o.Kept, o.Before, o.Within.Microseconds())
	if o.Numbered() {
		text += ", numbered"
	}
	for _, k := range o.Order {
		text += ", then by a column" + k.Direction()
	}
	if o.Unmatched {
		text += ", all rows"
	}
	return text
}

// names are those of the variables.
func (o *MatchTable) names(list []int) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = o.Variables[v].Name
	}
	return out
}

// Automaton writes the states with those that may follow them: "start: A; A: B; B: B, end".
func (o *MatchTable) Automaton() string {
	lines := make([]string, len(o.States))
	for i, s := range o.States {
		next := make([]string, len(s.Next))
		for k, n := range s.Next {
			next[k] = o.stateName(n)
		}
		lines[i] = o.stateName(i) + " -> " + strings.Join(next, " | ")
	}
	return strings.Join(lines, "; ")
}

// stateName is the variable of a state with its number, if it is not the only one of that variable.
func (o *MatchTable) stateName(n int) string {
	switch n {
	case MatchEnd:
		return "end"
	case MatchElapsed:
		return "end when WITHIN has elapsed"
	case 0:
		return "start"
	}
	s := o.States[n]
	text := "any row"
	if s.Variable >= 0 {
		text = o.Variables[s.Variable].Name
	}
	for _, t := range s.Tests {
		if t.Not {
			text += " but " + o.Variables[t.Variable].Name
		}
	}
	same, nth := 0, 0
	for i := 1; i < len(o.States); i++ {
		if other := o.States[i]; other.Variable == s.Variable && slices.Equal(other.Tests, s.Tests) {
			if same++; i <= n {
				nth++
			}
		}
	}
	if same > 1 {
		text += fmt.Sprintf("#%d", nth)
	}
	return text
}

// maxShown is how much of an automaton a line shows.
const maxShown = 600

func (o *MatchTable) Describe() string {
	text := o.Automaton()
	if len(text) > maxShown {
		text = text[:maxShown] + fmt.Sprintf(" … (%d states)", len(o.States))
	}
	text = "find matches; " + text + "; skip " + o.Skip.Show(o.names(o.SkipTo))
	if o.Within > 0 {
		text += fmt.Sprintf("; within %s", o.Within)
	}
	switch n := max(Ahead(o.Values), Ahead(o.Measures)); n {
	case 0:
	case 1:
		text += "; waits for the next row"
	default:
		text += fmt.Sprintf("; waits for the next %d rows", n)
	}
	return text
}

func (o *MatchTable) Inputs() int { return 1 }

func (o *MatchTable) Reads(int, Columns) []int {
	reads := SamePlaces(o.Kept)
	for _, v := range o.Variables {
		if v.Own >= 0 && !slices.Contains(reads, v.Own) {
			reads = append(reads, v.Own)
		}
	}
	for _, k := range o.Order {
		if !slices.Contains(reads, k.Column) {
			reads = append(reads, k.Column)
		}
	}
	return withLate(reads, o.Late)
}

// Passes: the columns of the rows that are given.
func (o *MatchTable) Passes(int) []int {
	out := slices.Clone(o.Given)
	for range o.Measures {
		out = append(out, -1)
	}
	return out
}

// Needs: rows are taken at times of their own, and come out when a match is certain.
func (o *MatchTable) Needs() Needs { return Needs{Watermarks: true, Timers: true, Delay: o.Within} }

// Keeps implements Keeper: without WITHIN a match that goes on keeps its rows.
func (o *MatchTable) Keeps() Kept {
	k := Kept{Each: "row of a match that may come", Bytes: rowBytes + 2*chainOf + o.Kept*8, Grows: o.endless(), Bounds: "WITHIN INTERVAL says how long a match may take"}
	if o.Within > 0 {
		k.Until = fmt.Sprintf("%s have passed or nothing that begins with it can match", o.Within)
	}
	k.Until = orEnd(o.Final, k.Until)
	return k
}

// endless tells that a match may have any number of rows: a state may come again.
func (o *MatchTable) endless() bool {
	left := make([]int, len(o.States)) // states before it that have not been taken away
	for _, s := range o.States {
		for _, n := range s.Next {
			if n > 0 {
				left[n]++
			}
		}
	}
	taken, list := 0, []int{0}
	for ; len(list) > 0; taken++ {
		for _, n := range o.States[list[0]].Next {
			if n > 0 {
				if left[n]--; left[n] == 0 {
					list = append(list, n)
				}
			}
		}
		list = list[1:]
	}
	return taken < len(o.States)
}

// LateColumns implements LateRows.
func (o *MatchTable) LateColumns(int) []int { return o.Late }
