package op

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/types"
)

const matchVariables = 4

// matchIn is timedIn with what a row may stand for by itself.
var matchIn = func() types.Schema {
	out := slices.Clone(timedIn)
	for v := range matchVariables {
		out = append(out, types.Column{Name: fmt.Sprintf("own%d", v), Type: types.Of(types.Boolean)})
	}
	return out
}()

// matchCase is a random pattern with the plan of its operator.
type matchCase struct {
	r       *rand.Rand
	pattern pattern.Pattern
	conds   [matchVariables]matchCond
	// often is the kind that conditions have more often than others.
	often int
	plan  *plan.MatchTable
}

// matchCond is what a row must be for a variable: besides its own flag something of the rows before it.
type matchCond struct {
	own      bool
	kind     int
	other, n int
	offset   int // of condBehind
}

const (
	condNone = iota
	condPrev
	condNext
	condBehind // a row behind one of the match
	condLast
	condFirst
	condCount
	condSum
	condDistinct
	condFails // where the other row's value is above 1
	condKinds
)

// tree is a random pattern of the first variables.
func (c *matchCase) tree(depth, variables int) pattern.Pattern {
	p := pattern.Pattern{Kind: pattern.Variable, Variable: c.r.IntN(variables), Excluded: c.r.IntN(12) == 0}
	if depth == 0 || c.r.IntN(4) == 0 {
		return p
	}
	switch c.r.IntN(4) {
	case 0, 1:
		p.Kind = pattern.Sequence
		for range 1 + c.r.IntN(3) {
			p.Parts = append(p.Parts, c.tree(depth-1, variables))
		}
	case 2:
		p.Kind = pattern.Choice
		for range 2 + c.r.IntN(2) {
			p.Parts = append(p.Parts, c.tree(depth-1, variables))
		}
	default:
		p.Kind, p.Parts, p.Reluctant = pattern.Repeat, []pattern.Pattern{c.tree(depth-1, variables)}, c.r.IntN(3) == 0
		p.Min, p.Max = c.r.IntN(3), pattern.Unbounded
		if c.r.IntN(2) == 0 {
			p.Max = max(1, p.Min+c.r.IntN(3))
		}
	}
	return p
}

func variableOf(v int) pattern.Pattern { return pattern.Pattern{Kind: pattern.Variable, Variable: v} }

func inOrder(parts ...pattern.Pattern) pattern.Pattern {
	return pattern.Pattern{Kind: pattern.Sequence, Parts: parts}
}

func passedOver(not ...int) pattern.Pattern {
	return pattern.Pattern{Kind: pattern.Repeat, Max: pattern.Unbounded, Reluctant: true, Parts: []pattern.Pattern{{Kind: pattern.Pass, Not: not}}}
}

// events is a random pattern as PATTERN has them: elements that follow one another at once or at any time, and that do not.
func (c *matchCase) events() pattern.Pattern {
	parts := []pattern.Pattern{variableOf(0)}
	for v := 1; v < matchVariables; v++ {
		switch c.r.IntN(6) {
		case 0:
			parts = append(parts, variableOf(v))
		case 1, 2:
			parts = append(parts, passedOver(), variableOf(v))
		case 3:
			more := pattern.Pattern{Kind: pattern.Repeat, Max: pattern.Unbounded, Reluctant: true, Parts: []pattern.Pattern{inOrder(passedOver(), variableOf(v))}}
			parts = append(parts, passedOver(), variableOf(v), more)
		case 4:
			if v < matchVariables-1 {
				parts = append(parts, passedOver(v), variableOf(v+1))
			} else {
				parts = append(parts, passedOver(v), pattern.Pattern{Kind: pattern.Elapsed})
			}
			v++
		default:
			if v < matchVariables-1 {
				parts = append(parts, pattern.Pattern{Kind: pattern.NotNext, Variable: v}, passedOver(), variableOf(v+1))
			} else {
				next := inOrder(pattern.Pattern{Kind: pattern.NotNext, Variable: v}, pattern.Pattern{Kind: pattern.Pass})
				parts = append(parts, pattern.Pattern{Kind: pattern.Choice, Parts: []pattern.Pattern{next, {Kind: pattern.Elapsed}}})
			}
			v++
		}
	}
	return inOrder(parts...)
}

var bigOf = types.Of(types.BigInt)

// condition makes a random one and its plan.
func (c *matchCase) condition(v int) {
	cond := matchCond{own: c.r.IntN(4) > 0, kind: c.r.IntN(condKinds), other: c.r.IntN(matchVariables+1) - 1, n: c.r.IntN(3)}
	if c.r.IntN(3) == 0 {
		cond.kind = c.often
	}
	value := plan.MatchValue{Column: 2, Typ: bigOf}
	if cond.other >= 0 {
		value.Of = []int{cond.other}
	}
	op := ""
	switch cond.kind {
	case condPrev:
		value.Kind, value.Of, value.Back, op = plan.MatchCurrent, nil, 1+cond.n, ">"
		cond.n++
	case condNext:
		cond.n++
		value.Kind, value.Of, value.Back, op = plan.MatchCurrent, nil, -cond.n, "<"
	case condBehind:
		cond.n, cond.offset = cond.n+1, c.r.IntN(3)
		value.Kind, value.Offset, value.Back, op = plan.MatchLast, cond.offset, -cond.n, "!="
	case condLast:
		value.Kind, value.Offset, op = plan.MatchLast, cond.n, ">="
	case condFirst:
		value.Kind, value.Offset, op = plan.MatchFirst, cond.n, "<="
	case condCount:
		value.Kind, value.Agg, value.Column, op = plan.MatchAggregate, plan.CountStar, -1, "<="
	case condDistinct:
		value.Kind, value.Agg, value.Distinct, op = plan.MatchAggregate, plan.Count, true, "<="
	case condFails:
		value.Kind, op = plan.MatchLast, ">="
	case condSum:
		cond.n *= 5
		value.Kind, value.Agg, op = plan.MatchAggregate, plan.Sum, "<="
	}
	w := plan.MatchVariable{Name: fmt.Sprintf("v%d", v), Own: -1}
	if cond.own {
		w.Own = 3 + v
	}
	if op != "" {
		read := &plan.Column{Index: len(c.plan.Values), Typ: bigOf}
		c.plan.Values = append(c.plan.Values, value)
		args := []plan.Expr{read, &plan.Const{Typ: bigOf, Int: int64(cond.n)}}
		if cond.kind == condFails {
			args[0] = &plan.Call{Func: "*", Args: []plan.Expr{read, &plan.Const{Typ: bigOf, Int: 9e18}}, Typ: bigOf}
			args[1] = &plan.Const{Typ: bigOf}
		}
		if cond.kind < condCount {
			args = []plan.Expr{&plan.Column{Index: len(c.plan.Values), Typ: bigOf}, read}
			c.plan.Values = append(c.plan.Values, plan.MatchValue{Kind: plan.MatchCurrent, Column: 2, Typ: bigOf})
		}
		w.Cond = &plan.Call{Func: op, Args: args, Typ: types.Of(types.Boolean)}
	}
	c.conds[v] = cond
	c.plan.Variables = append(c.plan.Variables, w)
}

// newMatchCase makes the case of a seed.
func newMatchCase(t *testing.T, seed uint64) *matchCase {
	c := &matchCase{r: rand.New(rand.NewPCG(seed, 7)), plan: &plan.MatchTable{Op: "match", Partition: []int{0}, Time: 1, Kept: 3, Given: []int{0}}}
	p := c.plan
	c.often = c.r.IntN(condKinds)
	for v := range matchVariables {
		c.condition(v)
	}
	p.Skip = plan.MatchSkip(c.r.IntN(4))
	last := matchVariables - 1
	switch c.pattern = c.tree(3, matchVariables); {
	case p.Skip >= plan.SkipToFirst:
		c.pattern, p.SkipTo = inOrder(variableOf(0), c.tree(2, last), variableOf(last), c.tree(2, last)), []int{last}
	case c.r.IntN(3) == 0:
		c.pattern, p.Earliest = c.events(), true
	}
	if c.r.IntN(4) > 0 || p.Earliest {
		p.Within = time.Duration(1+c.r.IntN(8)) * time.Second
	}
	p.AllRows, p.OmitEmpty = c.r.IntN(2) == 0, c.r.IntN(4) == 0
	p.Unmatched = p.AllRows && !p.OmitEmpty && c.r.IntN(2) == 0
	if c.r.IntN(3) == 0 {
		p.Order = []plan.SortKey{{Column: 2, Desc: c.r.IntN(2) == 0, NullsFirst: c.r.IntN(2) == 0}}
	}
	c.measures()
	var err error
	if p.States, err = pattern.Compile(&c.pattern); err != nil {
		t.Fatal(err)
	}
	for _, v := range slices.Concat(p.Values, p.Measures) {
		p.Before = max(p.Before, v.Back)
	}
	return c
}

func (c *matchCase) measures() {
	p := c.plan
	p.Out = types.Schema{timedIn[0]}
	if p.AllRows {
		p.Given, p.Out = []int{0, 1}, types.Schema{timedIn[0], timedIn[1]}
	}
	list := []plan.MatchValue{{Kind: plan.MatchClassifier, Column: -1, Typ: types.Of(types.String)}, {Kind: plan.MatchFirst, Column: 1, Typ: timedIn[1].Type},
		{Kind: plan.MatchLast, Of: []int{1}, Column: 2, Offset: 1, Typ: bigOf}, {Kind: plan.MatchFirst, Of: []int{0}, Column: 2, Back: 1, Typ: bigOf}, {Kind: plan.MatchNumber, Column: -1, Typ: bigOf},
		{Kind: plan.MatchLast, Column: 2, Back: -1 - c.r.IntN(2), Typ: bigOf}}
	for _, k := range []plan.AggKind{plan.CountStar, plan.Count, plan.Sum, plan.Min, plan.Max} {
		v := plan.MatchValue{Kind: plan.MatchAggregate, Agg: k, Of: []int{c.r.IntN(matchVariables)}, Column: 2, Typ: bigOf}
		if k == plan.CountStar {
			v.Column = -1
		}
		v.Distinct = (k == plan.Count || k == plan.Sum) && c.r.IntN(3) == 0
		list = append(list, v)
	}
	if p.Unmatched {
		list = append(list, plan.MatchValue{Kind: plan.MatchFound, Column: -1, Typ: types.Of(types.Boolean)})
	}
	c.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	p.Measures = list[:3+c.r.IntN(4)]
	for i := range p.Measures {
		v := &p.Measures[i]
		v.Final = c.r.IntN(3) == 0 && v.Kind < plan.MatchNumber
		p.Out = append(p.Out, types.Column{Name: "m", Type: v.Typ})
	}
}

// row is a random one near a time.
func (c *matchCase) row(at int64) executortest.Tuple {
	row := executortest.Tuple{[]any{"a", "b", nil}[c.r.IntN(3)], at + int64(c.r.IntN(5)-2)*timedStep/2, int64(c.r.IntN(6))}
	if c.r.IntN(8) == 0 {
		row[2] = nil
	}
	for range matchVariables {
		row = append(row, []any{true, true, false, nil}[c.r.IntN(4)])
	}
	return row
}

// TestMatches: on random patterns, conditions and rows the operator gives what the plain matcher gives, in the order
// of the first rows where matches do not overlap and always in the same one, killed and restored at another
// parallelism in the middle; late rows are counted; in the end there is no state but what the next row may read.
// SLIPWAY_MATCH_SEEDS is how many seeds are tried; one that fails is a subtest of its own.
func TestMatches(t *testing.T) {
	seeds := executortest.Rounds(400)
	if n, err := strconv.Atoi(os.Getenv("SLIPWAY_MATCH_SEEDS")); err == nil {
		seeds = n
	}
	given, matched := 0, 0
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			got, ok := checkMatches(t, uint64(seed))
			if matched += got; !ok {
				given++
			}
		})
	}
	t.Logf("%d rows of matches, %d seeds given up", matched, given)
	if seeds >= 100 && (matched < seeds || given > seeds/20) {
		t.Errorf("the seeds try too little")
	}
}

func checkMatches(t *testing.T, seed uint64) (given int, ok bool) {
	c := newMatchCase(t, seed)
	d := c.run(t)
	d.watermark, d.passed = executor.NoWatermark, executor.NoWatermark
	d.start(nil)
	for step := range int64(10 + c.r.IntN(15)) {
		var rows []executortest.Tuple
		for range c.r.IntN(4) {
			rows = append(rows, c.row(step*timedStep))
		}
		d.send(0, rows)
		switch c.r.IntN(6) {
		case 0, 1, 2:
			d.mark((step-int64(c.r.IntN(4)))*timedStep + c.r.Int64N(3) - 1)
		case 3:
			d.restore()
		}
	}
	c.finish(d)
	keys := []any{"a", "b", nil}
	for _, key := range keys {
		m := &plainMatcher{c: c, rows: c.rowsOf(d.rows[0], key)}
		want := m.all()
		if m.took > maxTries {
			return 0, false
		}
		c.compare(t, key, ofKey(d.got, key), want)
		given += len(want)
	}
	c.again(t, d)
	return given, true
}

func (c *matchCase) run(t *testing.T) *timedRun {
	d := &timedRun{t: t, r: c.r, in: matchIn, hash: []int{0}, skips: true}
	d.new = func() (executor.Operator, error) { return NewMatchTable(c.plan, matchIn, expr.Options{}) }
	d.late = func(_ int, at int64) bool { return at < d.watermark }
	if d.delay = micros(c.plan.Within); d.delay > 0 && plan.Ahead(c.plan.Values) == 0 && plan.Ahead(c.plan.Measures) == 0 {
		d.times = c.times()
	}
	return d
}

// times are the columns that are event times of matches.
func (c *matchCase) times() (out []int) {
	if c.plan.AllRows {
		out = append(out, 1)
	}
	for i, v := range c.plan.Measures {
		if v.Column == 1 {
			out = append(out, len(c.plan.Given)+i)
		}
	}
	return out
}

// finish ends the input, and looks at what is left.
func (c *matchCase) finish(d *timedRun) {
	d.mark(executor.EndWatermark)
	left := 3 * c.plan.Before
	if c.plan.Numbered() {
		left += 3
	}
	for _, s := range d.tasks {
		left -= s.store.Rows()
		d.count(s)
		d.must(s.op.Close())
	}
	if left < 0 {
		d.t.Errorf("%d rows of state too many are left", -left)
	}
	if d.lateRows != 0 {
		d.t.Errorf("late rows: %d more than were counted", d.lateRows)
	}
}

// rowsOf are those of a key in their order.
func (c *matchCase) rowsOf(rows []executortest.Tuple, key any) (out []executortest.Tuple) {
	for _, r := range rows {
		if r[0] == key {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b executortest.Tuple) int {
		order := int(a[1].(int64) - b[1].(int64))
		for _, k := range c.plan.Order {
			order = cmp.Or(order, compareCells(a[k.Column], b[k.Column], k))
		}
		return order
	})
	return out
}

func (c *matchCase) compare(t *testing.T, key any, got, want []string) {
	t.Helper()
	if c.plan.Overlapping() {
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	}
	if !slices.Equal(got, want) {
		names := make([]string, matchVariables)
		for i := range names {
			names[i] = fmt.Sprintf("v%d", i)
		}
		t.Fatalf("%s of key %v gives\n%q\nwant\n%q\n%+v", c.pattern.Show(names), key, got, want, c.conds)
	}
}

// again sends the rows at once, and takes them at one watermark: the order of matches is the same.
func (c *matchCase) again(t *testing.T, d *timedRun) {
	e := c.run(t)
	e.watermark, e.passed = executor.NoWatermark, executor.NoWatermark
	e.start(nil)
	e.send(0, d.rows[0])
	c.finish(e)
	for _, key := range []any{"a", "b", nil} {
		if got, want := ofKey(e.got, key), ofKey(d.got, key); !slices.Equal(got, want) {
			t.Errorf("key %v at one watermark gives\n%q\nand at several\n%q", key, got, want)
		}
	}
}
