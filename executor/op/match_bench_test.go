package op

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/pattern"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// givenMatches counts rows and forgets them.
type givenMatches struct{ n int }

func (c *givenMatches) Emit(b *column.Batch) error { c.n += b.Rows; return nil }

// benchCases are a pattern whose conditions hang on rows alone, one that compares with rows before, one that
// sums up, one that reads the row behind, and events at any distance by a value of the first.
func benchCases() map[string]*plan.MatchTable {
	v := variableOf
	plus := func(n int) pattern.Pattern {
		return pattern.Pattern{Kind: pattern.Repeat, Parts: []pattern.Pattern{v(n)}, Min: 1, Max: pattern.Unbounded}
	}
	read := func(i int) plan.Expr { return &plan.Column{Index: i, Typ: bigOf} }
	test := func(op string, a, b plan.Expr) plan.Expr {
		return &plan.Call{Func: op, Args: []plan.Expr{a, b}, Typ: types.Of(types.Boolean)}
	}
	here := plan.MatchValue{Kind: plan.MatchCurrent, Column: 2, Typ: bigOf}
	before, behind, sum, first := here, here, here, here
	before.Back, behind.Back = 1, -1
	sum.Kind, sum.Agg, sum.Of = plan.MatchAggregate, plan.Sum, []int{1}
	first.Kind, first.Of = plan.MatchLast, []int{0}
	vars := func(conds ...plan.Expr) (out []plan.MatchVariable) {
		for i, c := range conds {
			out = append(out, plan.MatchVariable{Name: fmt.Sprintf("v%d", i), Own: 3 + i, Cond: c})
		}
		return out
	}
	falls := func() []plan.MatchVariable {
		out := vars(nil, test("<", read(0), read(1)), test(">", read(0), read(1)))
		for i := range out {
			out[i].Own = -1
		}
		return out
	}
	peak := falls()[:1]
	peak[0].Cond = &plan.Call{Func: "and", Args: []plan.Expr{test(">", read(0), read(1)), test(">", read(0), read(2))}, Typ: types.Of(types.Boolean)}
	limit := &plan.Const{Typ: bigOf, Int: 30}
	return map[string]*plan.MatchTable{
		"rows alone":      {States: statesOf(inOrder(v(0), plus(1), v(2))), Variables: vars(nil, nil, nil)},
		"falls and rises": {States: statesOf(inOrder(v(0), plus(1), plus(2))), Variables: falls(), Values: []plan.MatchValue{here, before}},
		"peaks":           {States: statesOf(v(0)), Variables: peak, Values: []plan.MatchValue{here, before, behind}, Before: 1},
		"sums":            {States: statesOf(inOrder(v(0), plus(1))), Variables: vars(nil, test("<", read(0), limit)), Values: []plan.MatchValue{sum}},
		"events": {States: statesOf(inOrder(v(0), passedOver(), v(1), passedOver(), v(2))), Skip: plan.SkipToNext, Earliest: true,
			Variables: vars(nil, test("=", read(0), read(1)), test("=", read(0), read(1))), Values: []plan.MatchValue{here, first}},
	}
}

func statesOf(p pattern.Pattern) []plan.MatchState {
	states, err := pattern.Compile(&p)
	if err != nil {
		panic(err)
	}
	return states
}

// openedMatches is the operator with a state of its own.
func openedMatches(tb testing.TB, p *plan.MatchTable, memory *state.Budget) (*MatchTable, *executor.Env) {
	tb.Helper()
	p.Op, p.Partition, p.Time, p.Kept, p.Given = "match", []int{0}, 1, 3, []int{0}
	p.Measures = []plan.MatchValue{{Kind: plan.MatchLast, Column: 2, Typ: bigOf}}
	p.Out = types.Schema{timedIn[0], {Name: "m", Type: bigOf}}
	m, err := NewMatchTable(p, matchIn, expr.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	s := state.NewStore(state.GroupsOf(0, 1), memory)
	env := &executor.Env{State: s, Timers: state.NewTimers(s), Counters: &executor.Counters{}}
	if err := m.Open(env); err != nil {
		tb.Fatal(err)
	}
	return m, env
}

// BenchmarkMatches is of events: ten thousand keys, each with a row in ten seconds, WITHIN a thousand of them. One step is a batch
// and a watermark. Events are those of a second of CPU, of all threads, without the making of them; bytes are all that the
// operator holds, rows and partial matches, when there are most of these.
func BenchmarkMatches(b *testing.B) {
	cases := benchCases()
	for _, name := range []string{"rows alone", "falls and rises", "peaks", "sums", "events"} {
		b.Run(name, func(b *testing.B) {
			p, memory := cases[name], &state.Budget{}
			p.Within = 1000 * time.Second
			m, env := openedMatches(b, p, memory)
			batch, out := column.NewBatch(matchIn), &givenMatches{}
			at, most, bytes := int64(0), 1, int64(0)
			var cpu time.Duration
			for b.Loop() {
				at = benchBatch(batch, at)
				began := ownCPU()
				if err := errors.Join(m.Process(0, batch, out), tick(m, env, at, out)); err != nil {
					b.Fatal(err)
				}
				if cpu += ownCPU() - began; m.threads.total > most {
					most, bytes = m.threads.total, memory.Used()
				}
			}
			b.ReportMetric(float64(b.N)*column.BatchRows/cpu.Seconds(), "events/cpu-s")
			b.ReportMetric(float64(bytes)/float64(most), "B/partial-match")
			b.ReportMetric(float64(most), "partial-matches")
			b.ReportMetric(float64(out.n)/float64(b.N), "matches/op")
		})
	}
}

// ownCPU is the time that this process has computed.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchBatch fills a batch with rows from a time on, a millisecond apart.
func benchBatch(b *column.Batch, at int64) int64 {
	b.Reset()
	for i := range column.BatchRows {
		x := uint64(at+int64(i)) * 0x9e3779b97f4a7c15 >> 33
		b.Cols[0].AppendBytes(fmt.Appendf(nil, "key%d", x%10_000))
		b.Cols[1].AppendInt(at)
		b.Cols[2].AppendInt(int64(x >> 8 % 10))
		for v := range matchVariables {
			b.Cols[3+v].Bools = append(b.Cols[3+v].Bools, x>>(12+v)&1 == 0)
		}
		at += 1000
		b.Rows++
	}
	return at
}

// tick fires what is due up to a watermark.
func tick(m *MatchTable, env *executor.Env, at int64, out executor.Output) error {
	for due := env.Timers.Take(state.EventTime, at); due != nil; due = env.Timers.Take(state.EventTime, at) {
		if err := m.OnTimer(due, out); err != nil {
			return err
		}
	}
	return m.OnWatermark(at, out)
}

// TestExplosivePattern: where each row may belong to either of two variables, whose sums tell the ways apart, there
// are twice as many with every row; that ends with an error and not with the memory.
func TestExplosivePattern(t *testing.T) {
	either := pattern.Pattern{Kind: pattern.Choice, Parts: []pattern.Pattern{variableOf(0), variableOf(1)}}
	many := pattern.Pattern{Kind: pattern.Repeat, Parts: []pattern.Pattern{either}, Min: 1, Max: pattern.Unbounded}
	sum := func(v int) plan.MatchValue {
		return plan.MatchValue{Kind: plan.MatchAggregate, Agg: plan.Sum, Of: []int{v}, Column: 1, Typ: bigOf}
	}
	some := func(i int) plan.Expr {
		return &plan.Call{Func: ">", Args: []plan.Expr{&plan.Column{Index: i, Typ: bigOf}, &plan.Const{Typ: bigOf, Int: -1}}, Typ: types.Of(types.Boolean)}
	}
	p := &plan.MatchTable{States: statesOf(inOrder(many, variableOf(2))), Values: []plan.MatchValue{sum(0), sum(1)},
		Variables: []plan.MatchVariable{{Name: "a", Own: -1, Cond: some(0)}, {Name: "b", Own: -1, Cond: some(1)}, {Name: "c", Own: 3}}}
	m, env := openedMatches(t, p, &state.Budget{})
	b := column.NewBatch(matchIn)
	for i := range int64(40) {
		b.Cols[0].AppendBytes([]byte("k"))
		b.Cols[1].AppendInt(1 << i)
		b.Cols[2].AppendInt(i)
		for v := range matchVariables {
			b.Cols[3+v].Bools = append(b.Cols[3+v].Bools, false)
		}
		b.Rows++
	}
	err := errors.Join(m.Process(0, b, &givenMatches{}), tick(m, env, 1<<41, &givenMatches{}))
	var e *sqlerr.Error
	if !errors.As(err, &e) || e.Code != sqlerr.ProgramLimit {
		t.Errorf("%v", err)
	}
	if n := m.threads.buffer.live(); n > 8*maxThreads {
		t.Errorf("%d rows of partial matches", n)
	}
}
