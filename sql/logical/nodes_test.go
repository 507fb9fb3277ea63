package logical

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var (
	bigT  = types.Of(types.BigInt)
	textT = types.Of(types.String)
	timeT = types.NewTimestamp(3)
)

// events has a key, a text and an event time; no two rows have the same key.
func events(name string) *Scan {
	return &Scan{Name: "default." + name, Relation: name, Declared: types.Schema{{Name: "id", Type: bigT}, {Name: "text", Type: textT}, {Name: "at", Type: timeT}},
		Columns: []int{0, 1, 2}, Watermark: &plan.WatermarkSpec{Column: 2}}
}

// users is read as its newest row per id.
func users() *Scan {
	s := events("users")
	s.Keys, s.Watermark = []int{0}, nil
	return s
}

// windows are counts of events per text and minute.
func windows(name string) *Aggregate {
	a := &Aggregate{Input: events(name), Keys: []plan.Expr{column(1, textT)},
		Window: &plan.Window{Kind: plan.Tumble, Time: 2, Size: time.Minute, Slide: time.Minute}, Aggs: []Agg{{Kind: plan.CountStar, Typ: bigT, Merges: true}}, TimeKey: -1}
	a.Out = slices.Concat(types.Schema{{Name: "text", Type: textT}}, Bounds(), types.Schema{{Name: "n", Type: bigT}})
	return a
}

// counts are corrected: events per text.
func counts() *Aggregate {
	return &Aggregate{Input: events("a"), Keys: []plan.Expr{column(1, textT)}, Aggs: []Agg{{Kind: plan.CountStar, Typ: bigT, Merges: true}}, TimeKey: -1,
		Out: types.Schema{{Name: "text", Type: textT}, {Name: "n", Type: bigT}}}
}

// distinctCounts are the texts and ids of events that are so, per time.
func distinctCounts() *Aggregate {
	n := Agg{Kind: plan.Count, Arg: column(1, textT), More: []plan.Expr{column(0, bigT)}, Filter: isTrue(0), Distinct: true, Typ: bigT}
	return &Aggregate{Input: events("a"), Keys: []plan.Expr{column(2, timeT)}, Aggs: []Agg{n}, TimeKey: -1,
		Out: types.Schema{{Name: "at", Type: timeT}, {Name: "n", Type: bigT}}}
}

func column(i int, t types.Type) *plan.Column { return &plan.Column{Index: i, Name: "c", Typ: t} }

func isTrue(i int) plan.Expr {
	return &plan.Call{Func: "is_null", Args: []plan.Expr{column(i, bigT)}, Typ: types.Of(types.Boolean)}
}

var byTime = Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 2}}}

// conditionSessions begin with a row whose first column is NULL, and end before one whose second is.
func conditionSessions(in Node) Node {
	p := &Project{Input: in, Exprs: []plan.Expr{column(1, textT), column(2, timeT), isTrue(0), isTrue(1)},
		Out: types.Schema{{Name: "k", Type: textT}, {Name: "t", Type: timeT}, {Name: "a", Type: types.Of(types.Boolean)}, {Name: "b", Type: types.Of(types.Boolean)}}}
	return &ConditionSession{Input: p, Sessions: plan.Sessions{Keys: []int{0}, Time: 1, Init: plan.SessionBound{Column: 2}, End: plan.SessionBound{Column: 3, Exclude: true}, Timeout: time.Minute}}
}

// matches are A+ B of the texts of events, where B is an event whose id is that of the first one.
func matches(in Node) Node {
	p := &Project{Input: in, Exprs: []plan.Expr{column(0, bigT), column(1, textT), column(2, timeT), isTrue(0)},
		Out: types.Schema{{Name: "id", Type: bigT}, {Name: "k", Type: textT}, {Name: "t", Type: timeT}, {Name: "a", Type: types.Of(types.Boolean)}}}
	of := pattern.Pattern{Kind: pattern.Sequence, Parts: []pattern.Pattern{
		{Kind: pattern.Repeat, Min: 1, Max: pattern.Unbounded, Parts: []pattern.Pattern{{Kind: pattern.Variable}}}, {Kind: pattern.Variable, Variable: 1}}}
	states, _ := pattern.Compile(&of)
	return &Match{Input: p, Partition: []int{1}, Time: 2, Pattern: of, States: states, Given: []int{1}, Within: time.Hour,
		Variables: []plan.MatchVariable{{Name: "A", Own: 3}, {Name: "B", Own: -1, Cond: isTrue(0)}},
		Values:    []plan.MatchValue{{Kind: plan.MatchFirst, Of: []int{0}, Column: 0, Typ: bigT}},
		Measures:  []plan.MatchValue{{Kind: plan.MatchLast, Column: 2, Typ: timeT}, {Kind: plan.MatchAggregate, Agg: plan.CountStar, Of: []int{0}, Column: -1, Typ: bigT}}, Names: []string{"r0", "r1"}}
}

// samples has a node of each kind at least.
func samples() []Node {
	a, b := events("a"), events("b")
	same := []Pair{{0, 0}}
	calls := []Call{{Agg: Agg{Kind: plan.Sum, Arg: column(0, bigT), Typ: bigT, Merges: true}, Frame: RunningFrame},
		{Func: "lag", Agg: Agg{Arg: column(1, textT), Typ: textT}, N: 1, Default: column(1, textT)}}
	return []Node{
		a, users(), windows("a"), counts(),
		&OneRow{Of: "1"},
		&Values{Input: &OneRow{}, Rows: [][]plan.Expr{{&plan.Const{Typ: bigT, Int: 1}}}, Out: types.Schema{{Name: "v", Type: bigT}}},
		&Series{Input: a, From: column(0, bigT), To: column(0, bigT), Step: &plan.Const{Typ: bigT, Int: 1}, Out: types.Column{Name: "n", Type: bigT}},
		distinctCounts(), &Expand{Input: a, Sets: []plan.GroupingSet{{Nulls: []int{1}}, {Nulls: []int{0, 1}}}},
		&Filter{Input: a, Pred: isTrue(0)},
		&Project{Input: a, Exprs: []plan.Expr{column(2, timeT), isTrue(0)}, Out: types.Schema{{Name: "t", Type: timeT}, {Name: "n", Type: types.Of(types.Boolean)}}},
		&Window{Input: a, Window: plan.Window{Kind: plan.Hop, Time: 2, Size: time.Minute, Slide: time.Second}},
		&SessionWindow{Input: a, Keys: []int{1}, Window: plan.Window{Kind: plan.Session, Time: 2, Size: time.Minute, Slide: time.Minute}},
		conditionSessions(a),
		&SetOp{In: []Node{a, b}, Out: a.Schema()},
		&CountedSetOp{Kind: plan.Except, Left: a, Right: b, Out: a.Schema()},
		&Sort{Input: a, Keys: []plan.SortKey{{Column: 1, Desc: true}}, Top: 7},
		&Limit{Input: a, Count: 3, Offset: 1},
		&Write{Input: a, Name: "default.o", Relation: "o", Declared: a.Schema(), Mode: plan.Upsert, Keys: []int{0}},
		&Writes{In: []Node{&Write{Input: a, Name: "default.p", Relation: "p", Declared: a.Schema()}, &Write{Input: b, Name: "default.o", Relation: "o", Declared: a.Schema(), Nth: 2}}},
		&Shared{Input: a, Number: 1},
		&Join{Left: a, Right: b, Equal: same, On: isTrue(4), AsOf: -1},
		&Join{Left: a, Right: b, Equal: same, Kind: Full, AsOf: -1},
		&Join{Left: a, Right: b, Kind: Left, Within: &Within{Pair: Pair{2, 2}, Lower: -time.Minute, Upper: time.Minute}, AsOf: -1},
		&Join{Left: a, Right: users(), Equal: same, AsOf: 2},
		&Join{Left: a, Right: users(), Equal: same, AsOf: -1, Newest: true},
		&Versions{Input: a, Keys: []int{0}, Time: 2}, &Versions{Input: a, Keys: []int{1, 0}, Time: -1},
		&SemiJoin{Left: a, Right: b, Equal: same, On: isTrue(3), Kind: plan.Anti},
		&SemiJoin{Left: a, Right: b, Equal: same, Kind: plan.Mark, Unknown: true},
		&SingleJoin{Left: a, Right: b, Equal: same},
		&Rank{Input: a, Order: byTime, Limit: 3, Number: "n"},
		&Over{Input: a, Order: byTime, Calls: calls},
		&LateColumns{Input: a, Given: []int{2, 0}, Late: []plan.Expr{nil, column(1, textT)}},
		matches(a),
		&Unnest{Input: a, Arrays: []plan.Expr{column(1, textT)}, Columns: types.Schema{{Name: "e", Type: bigT}}, Ordinality: true, Outer: true},
	}
}

// TestSamplesAreAll: a kind of node without a sample would be in none of these tests.
func TestSamplesAreAll(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range samples() {
		seen[reflect.TypeOf(n).Elem().Name()] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if m, ok := d.(*ast.FuncDecl); ok && m.Name.Name == "WithInputs" {
				if name := m.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name; !seen[name] {
					t.Errorf("there is no sample of %s", name)
				}
			}
		}
	}
}

// TestNodesAnswer: what a node says of itself speaks of columns that it has, one for one.
func TestNodesAnswer(t *testing.T) {
	for _, n := range samples() {
		line, names := n.Describe(columnsOf(n))
		width := len(n.Schema())
		if len(names) != width || line == "" || strings.TrimSpace(line) != line {
			t.Errorf("%q names %d columns of %d", line, len(names), width)
		}
		_, l := identifier{}.node(n)
		if len(l.Columns) != width || l.Rows == "" {
			t.Errorf("%s: lineage of %d columns, it has %d", line, len(l.Columns), width)
		}
		for _, c := range speaksOf(TraitsOf(n)) {
			if c >= width {
				t.Errorf("%s: traits speak of column %d of %d", line, c, width)
			}
		}
	}
}

// columnsOf are the names of the columns of a node's inputs.
func columnsOf(n Node) (out [][]string) {
	for _, x := range n.Inputs() {
		out = append(out, ColumnNames(x.Schema()))
	}
	return out
}

func speaksOf(t Traits) []int {
	out := slices.Concat(t.Upsert, t.Fixed, t.EventTimes, slices.Concat(t.Unique...))
	if t.Window != nil {
		out = append(out, t.Window.Start, t.Window.End)
	}
	return out
}

// TestNodesAreCopied: other inputs are those of the copy alone, and nothing else differs.
func TestNodesAreCopied(t *testing.T) {
	for _, n := range samples() {
		before := slices.Clone(n.Inputs())
		other := make([]Node, len(before))
		for i, x := range before {
			other[i] = &Limit{Input: x, Count: 9}
		}
		out := n.WithInputs(other)
		if !slices.Equal(n.Inputs(), before) || !slices.Equal(out.Inputs(), other) {
			t.Errorf("%T: inputs are %v and %v", n, n.Inputs(), out.Inputs())
		}
		if back := out.WithInputs(before); !reflect.DeepEqual(back, n) {
			t.Errorf("%T: with its own inputs again it is %+v, was %+v", n, back, n)
		}
	}
}

// TestIdentities: every kind of node that keeps something is told from the others, the second
// of the same meaning from the first, and who reads it follows it.
func TestIdentities(t *testing.T) {
	kinds := map[string]string{}
	for _, n := range samples() {
		if s, ok := n.(Stateful); ok {
			in := make([]Lineage, len(n.Inputs()))
			for i, x := range n.Inputs() {
				_, in[i] = identifier{}.node(x)
			}
			kind, meaning := s.Meaning(in)
			if was, twice := kinds[kind+meaning]; twice {
				t.Errorf("%T means what %s does: %s %s", n, was, kind, meaning)
			}
			kinds[kind+meaning] = reflect.TypeOf(n).String()
		}
	}
	u := Identify(&SetOp{In: []Node{counts(), counts()}, Out: counts().Out}).(*SetOp)
	first, second := u.In[0].(*Aggregate), u.In[1].(*Aggregate)
	if want := first.ID() + "-2"; second.ID() != want {
		t.Errorf("the second one is %s, not %s", second.ID(), want)
	}
	if l := second.Lineage([]Lineage{second.Input.Lineage(nil)}); l.Rows != string(second.ID()) {
		t.Errorf("rows of the second one are known by %s", l.Rows)
	}
	if counts().Identity.Nth != 0 {
		t.Error("the nodes that were there have been changed")
	}
}

// TestRewrite: nodes in which nothing changes stay the same ones.
func TestRewrite(t *testing.T) {
	a, b := events("a"), events("b")
	left, right := &Filter{Input: a, Pred: isTrue(0)}, &Filter{Input: b, Pred: isTrue(0)}
	u := &SetOp{In: []Node{left, right}, Out: a.Schema()}
	if same := Rewrite(u, func(n Node) Node { return n }); same != Node(u) {
		t.Error("a tree that is not changed is copied")
	}
	out := Rewrite(u, func(n Node) Node {
		if f, ok := n.(*Filter); ok && f.Input == Node(a) {
			return a
		}
		return n
	}).(*SetOp)
	if out.In[0] != Node(a) || out.In[1] != Node(right) || u.In[0] != Node(left) {
		t.Errorf("rewritten to %v, from %v", out.In, u.In)
	}
}
