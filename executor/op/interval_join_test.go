package op

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// timedIn is either input of a join by time: a key, a time and a value.
var timedIn = types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "t", Type: types.NewTimestamp(6)}, {Name: "v", Type: types.Of(types.BigInt)}}

// timedRun sends random rows of two inputs, with times around one that goes on, and random
// watermarks to an operator, which is restored now and then at another parallelism.
type timedRun struct {
	t      *testing.T
	r      *rand.Rand
	new    func() (executor.Operator, error)
	in     types.Schema                  // timedIn if nil
	hash   []int                         // columns
	late   func(port int, at int64) bool // of a watermark
	times  []int                         // columns of the output that are event times
	delay  int64
	skips  bool // rows that cannot be computed
	random func(port int, now int64) executortest.Tuple

	tasks     []*timedTask
	rows      [2][]executortest.Tuple // that were not late
	lateRows  int64
	watermark int64
	passed    int64 // the watermark as it went on
	got       []string
	id        checkpoint.ID
	kept      [][]byte
}

type timedTask struct {
	op    executor.Operator
	store *state.Store
	env   *executor.Env
	chain []checkpoint.Section
}

func (d *timedRun) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *timedRun) start(former []*timedTask) {
	n := 1 + d.r.IntN(3)
	if len(d.hash) == 0 {
		n = 1
	}
	d.tasks = nil
	for i := range n {
		s := &timedTask{store: state.NewStore(state.GroupsOf(i, n), &state.Budget{})}
		for _, f := range former {
			d.must(s.store.Load(d.read, f.chain))
		}
		var err error
		s.op, err = d.new()
		d.must(err)
		s.env = &executor.Env{SkipRows: d.skips, State: s.store, Timers: state.NewTimers(s.store), Counters: &executor.Counters{}}
		s.env.Counters.Watermark.Store(executor.NoWatermark)
		d.must(s.op.Open(s.env))
		d.tasks = append(d.tasks, s)
	}
}

func (d *timedRun) read(s checkpoint.Section) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(d.kept[s.Offset])), nil
}

// Section implements state.SectionWriter.
func (d *timedRun) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return checkpoint.Section{}, err
	}
	d.kept = append(d.kept, b.Bytes())
	return checkpoint.Section{Offset: int64(len(d.kept) - 1), Length: int64(b.Len()), CRC: checkpoint.Checksum(b.Bytes())}, nil
}

func (d *timedRun) restore() {
	d.id++
	former := d.tasks
	for _, s := range former {
		f, err := s.store.Freeze(d.id)
		d.must(err)
		s.chain, _, err = f.Write(d)
		d.must(err)
		s.store.Confirm(d.id)
		d.count(s)
		d.must(s.op.Close())
	}
	d.start(former)
}

func (d *timedRun) count(s *timedTask) { d.lateRows -= s.env.Counters.Late.Load() }

// Emit implements executor.Output: no row is late behind the operator.
func (d *timedRun) Emit(b *column.Batch) error {
	if b.Rows > column.MaxBatchRows {
		d.t.Errorf("a batch of %d rows", b.Rows)
	}
	b.Each(func(i int) {
		row := executortest.TupleOf(b, i)
		d.got = append(d.got, b.Kind(i).String()+" "+row.String())
		for _, c := range d.times {
			if at, ok := row[c].(int64); ok && at < d.passed {
				d.t.Errorf("%s is late behind the operator: the watermark was %d", row, d.passed)
			}
		}
	})
	return nil
}

// send gives a batch to the tasks of its keys.
func (d *timedRun) send(port int, rows []executortest.Tuple) {
	b := column.NewBatch(timedIn)
	if d.in != nil {
		b = column.NewBatch(d.in)
	}
	for _, row := range rows {
		executortest.AppendTuple(b, row)
		if at, ok := row[1].(int64); ok && d.late(port, at) {
			d.lateRows++
		} else {
			d.rows[port] = append(d.rows[port], row)
		}
	}
	hashes := column.HashColumns(nil, b, d.hash)
	for i, s := range d.tasks {
		b.Sel = []int32{}
		for r := range rows {
			if to := state.OwnerOf(state.Group(hashes[r]), len(d.tasks)); to == i || len(d.tasks) == 1 {
				b.Sel = append(b.Sel, int32(r))
			}
		}
		d.must(s.op.Process(port, b, d))
	}
}

func (d *timedRun) mark(w int64) {
	for _, s := range d.tasks {
		for due := s.env.Timers.Take(state.EventTime, w); due != nil; due = s.env.Timers.Take(state.EventTime, w) {
			d.must(s.op.OnTimer(due, d))
		}
		d.must(s.op.OnWatermark(w, d))
	}
	if d.watermark = max(d.watermark, w); w != executor.EndWatermark {
		d.passed = max(d.passed, w-d.delay)
	}
}

const timedStep = 1_000_000

// run gives what came out, and how many rows of state are left at a late watermark.
func (d *timedRun) run(steps int) (left int) {
	d.watermark, d.passed = executor.NoWatermark, executor.NoWatermark
	d.start(nil)
	for step := range steps {
		now := int64(step) * timedStep
		for port := range 2 {
			var rows []executortest.Tuple
			for range d.r.IntN(30) {
				rows = append(rows, d.random(port, now))
			}
			d.send(port, rows)
		}
		switch d.r.IntN(6) {
		case 0, 1, 2:
			d.mark(now - int64(d.r.IntN(6))*timedStep - d.r.Int64N(2))
		case 3:
			d.restore()
		}
	}
	d.mark(int64(steps+1000) * timedStep)
	for _, s := range d.tasks {
		left += s.store.Rows()
	}
	d.mark(executor.EndWatermark)
	for _, s := range d.tasks {
		d.count(s)
		d.must(s.op.Close())
	}
	return left
}

func (d *timedRun) compare(want []string) {
	d.t.Helper()
	slices.Sort(d.got)
	slices.Sort(want)
	if !slices.Equal(d.got, want) {
		at := 0
		for at < len(d.got) && at < len(want) && d.got[at] == want[at] {
			at++
		}
		d.t.Fatalf("%d rows, want %d; the first that differs:\n%v\nwant\n%v", len(d.got), len(want), d.got[at:min(at+3, len(d.got))], want[at:min(at+3, len(want))])
	}
	if d.lateRows != 0 {
		d.t.Errorf("of late rows %d were not counted", d.lateRows)
	}
}

// timedRow has one of a few keys and a time near now, on whole and half steps so that bounds are met.
func timedRow(r *rand.Rand, now int64) executortest.Tuple {
	row := executortest.Tuple{fmt.Sprintf("k%d", r.IntN(4)), now + int64(r.IntN(13)-8)*timedStep/2, int64(r.IntN(3))}
	switch r.IntN(20) {
	case 0:
		row[0] = nil
	case 1:
		row[1] = nil
	}
	return row
}

// nestedLoop is the answer of a join.
func nestedLoop(left, right []executortest.Tuple, keepLeft, keepRight bool, meet func(l, r executortest.Tuple) bool) (out []string) {
	give := func(l, r executortest.Tuple) { out = append(out, "+I "+slices.Concat(l, r).String()) }
	none := make(executortest.Tuple, len(timedIn))
	met := make([]bool, len(right))
	for _, l := range left {
		alone := true
		for i, r := range right {
			if meet(l, r) {
				alone, met[i] = false, true
				give(l, r)
			}
		}
		if alone && keepLeft {
			give(l, none)
		}
	}
	for i, r := range right {
		if !met[i] && keepRight {
			give(none, r)
		}
	}
	return out
}

func equalValues(a, b any) bool { return a != nil && a == b }

var (
	sideBySideColumns = slices.Concat(timedIn, timedIn)
	timedSchemas      = []types.Schema{timedIn, timedIn}
)

// notSame is a condition on the values of both sides.
func notSame() plan.Expr {
	big := types.Of(types.BigInt)
	return &plan.Call{Func: "!=", Args: []plan.Expr{&plan.Column{Index: 2, Name: "v", Typ: big}, &plan.Column{Index: 5, Name: "v", Typ: big}}, Typ: types.Of(types.Boolean)}
}

// TestIntervalJoin: what comes out is what a nested loop gives of the rows that were in time, no
// row of it is late, and behind the last interval there is no state.
func TestIntervalJoin(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		lower, upper time.Duration
		windows      bool
		keyless      bool
		distinct     bool
	}{{-2 * second, 3 * second, false, false, false}, {second, 4 * second, false, false, false}, {-4 * second, -second, false, false, false}, {0, 0, false, false, false},
		{2 * second, -second, false, false, false}, {-second, second, false, true, false}, {0, 0, true, false, false}, {0, 0, true, true, false}, {0, 0, true, false, true}, {0, 0, true, true, true}} {
		for kind := range 4 {
			for _, on := range []plan.Expr{nil, notSame()} {
				left, right := kind&1 != 0, kind&2 != 0
				t.Run(fmt.Sprint(c, left, right, on != nil), func(t *testing.T) {
					p := &plan.IntervalJoin{Left: plan.TimedSide{Time: 1, Keep: left, Distinct: c.distinct}, Right: plan.TimedSide{Time: 1, Keep: right, Distinct: c.distinct},
						Lower: c.lower, Upper: c.upper, Windows: c.windows, On: on, Width: len(timedIn), Out: sideBySideColumns}
					if !c.keyless {
						p.Left.Keys, p.Right.Keys = []int{0}, []int{0}
					}
					checkIntervalJoin(t, p)
				})
			}
		}
	}
}

func checkIntervalJoin(t *testing.T, p *plan.IntervalJoin) {
	d := &timedRun{t: t, r: executortest.Random(t), hash: p.Left.Keys, delay: int64(p.Needs().Delay / time.Microsecond), times: []int{1, 4}}
	d.new = func() (executor.Operator, error) {
		if p.Windows && p.Left.Distinct { // what is known of the rows may be other behind a restore
			p.Right.Distinct = !p.Right.Distinct
		}
		return NewIntervalJoin(p, timedIn, timedIn, expr.Options{})
	}
	d.late = func(_ int, at int64) bool { return at < d.watermark }
	d.random = func(_ int, now int64) executortest.Tuple { return timedRow(d.r, now) }
	if left := d.run(executortest.Rounds(60)); left != 0 {
		t.Errorf("%d rows of state are left", left)
	}
	lower, upper := int64(p.Lower/time.Microsecond), int64(p.Upper/time.Microsecond)
	d.compare(nestedLoop(d.rows[0], d.rows[1], p.Left.Keep, p.Right.Keep, func(l, r executortest.Tuple) bool {
		a, timed := l[1].(int64)
		b, both := r[1].(int64)
		return timed && both && a >= b+lower && a <= b+upper && (len(p.Left.Keys) == 0 || equalValues(l[0], r[0])) && (p.On == nil || l[2] != r[2])
	}))
}

// TestWindowsThatEndLater: an aggregate over windows that have ended, which runs as windows of a
// microsecond round their ends, gives its rows one watermark later than the windows themselves do;
// they meet what came with the former.
func TestWindowsThatEndLater(t *testing.T) {
	const end = 10 * timedStep
	p := &plan.IntervalJoin{Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Right: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Windows: true,
		Width: 3, Out: sideBySideColumns}
	j, err := NewIntervalJoin(p, timedIn, timedIn, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	late := env(store())
	if err := j.Open(late); err != nil {
		t.Fatal(err)
	}
	var got []string
	out := outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { got = append(got, executortest.TupleOf(b, i).String()) })
		return nil
	})
	w := plan.Window{Kind: plan.Tumble, Time: 1, Size: time.Microsecond, Slide: time.Microsecond}
	count := plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: timedIn[2].Type}
	a, err := NewWindowAggregate(&plan.WindowAggregate{Keys: []int{0}, Window: w, Weight: -1, Aggs: []plan.Agg{count},
		Out: types.Schema{timedIn[0], timedIn[1], timedIn[1], timedIn[2]}}, timedIn)
	if err == nil {
		err = a.Open(env(store()))
	}
	if err != nil {
		t.Fatal(err)
	}
	narrow := outputFunc(func(b *column.Batch) error { // without the end of the microsecond
		return j.Process(1, &column.Batch{Rows: b.Rows, Cols: []*column.Vector{b.Cols[0], b.Cols[1], b.Cols[3]}}, out)
	})
	row := kinds(version("k", end, 7))
	steps := []error{j.Process(0, row, out), a.Process(0, row, narrow)}
	for _, watermark := range []int64{end, end + 1, end + 2} {
		steps = append(steps, a.OnWatermark(watermark, narrow), j.OnWatermark(watermark, out))
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	if want := []string{`("k", 10000000, 7, "k", 10000000, 1)`}; !slices.Equal(got, want) || late.Counters.Late.Load() != 0 {
		t.Errorf("%s, want %s; %d rows late", got, want, late.Counters.Late.Load())
	}
}

// TestWindowRowsWait: rows of windows that differ are linked with nothing where one row of the other side looks for
// them; equal ones, which are counted, are.
func TestWindowRowsWait(t *testing.T) {
	for _, distinct := range []bool{true, false} {
		side := plan.TimedSide{Keys: []int{0}, Time: 1, Distinct: distinct}
		j, err := NewIntervalJoin(&plan.IntervalJoin{Left: side, Right: side, Windows: true, On: notSame(), Width: 3, Out: sideBySideColumns}, timedIn, timedIn, expr.Options{})
		if err == nil {
			err = j.Open(env(store()))
		}
		if err != nil {
			t.Fatal(err)
		}
		given := 0
		out := outputFunc(func(b *column.Batch) error { given += b.Live(); return nil })
		b := column.NewBatch(timedIn)
		for v := range int64(1000) {
			executortest.AppendTuple(b, executortest.Tuple{"k", int64(timedStep), v})
		}
		err = errors.Join(j.Process(0, b, out), j.Process(1, kinds(version("k", timedStep, 7)), out))
		if n := j.sides[0].rows.Keys(); err != nil || given != 999 || (n == 0) != distinct {
			t.Errorf("distinct %v: %d pairs, %d keys are linked: %v", distinct, given, n, err)
		}
		if err := j.OnWatermark(2*timedStep, out); err != nil || j.sides[0].rows.Len() != 0 {
			t.Errorf("distinct %v: %d rows are left: %v", distinct, j.sides[0].rows.Len(), err)
		}
	}
}
