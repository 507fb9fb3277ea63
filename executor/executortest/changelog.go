package executortest

import (
	"bytes"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// Check holds an operator over changing rows against a computation over what its inputs hold:
//
//	executortest.Check{
//		Inputs: []executortest.Input{{Schema: in, Hash: []int{0}}},
//		New:    func() (executor.Operator, error) { return NewGroupAggregate(p, in) },
//		Want:   func(in [][]executortest.Tuple) []executortest.Tuple { … },
//		Before: true,
//	}.Run(t)
//
// Its inputs change at random: inserts, updates whose new versions follow at once, later or through
// another task, deletes, duplicates, NULLs; batches of one row up to more than column.BatchRows,
// some with rows that are not alive. Behind every Flush, which comes after one or several of them, the output,
// applied, is what Want gives, and takes back nothing that is not there. Now and then there is a checkpoint, or a restore from one
// at another parallelism. In the end everything is taken back, and the state is empty.
type Check struct {
	Inputs []Input
	// New makes the operator of a task.
	New func() (executor.Operator, error)
	// Want gives the answer over the rows that the inputs hold, by port.
	Want func(inputs [][]Tuple) []Tuple
	// Before, Key and Upsert are those of Applied.
	Before bool
	Key    []int
	Upsert bool
	// Left is how many rows the state keeps when everything was taken back: 1 for an
	// aggregate without GROUP BY.
	Left int
	// Most is about how many rows an input holds (0: 200); Rounds how many batches there are
	// before everything is taken back (0: 80; fewer with the race detector).
	Most, Rounds int
	// Single: the operator runs in one task.
	Single bool
	// Skip: rows that cannot be computed are left out (on.error).
	Skip bool
}

// Run runs the check, from a seed that the test prints.
func (c Check) Run(t *testing.T) {
	t.Helper()
	c.Most, c.Rounds = orElse(c.Most, 200), Rounds(orElse(c.Rounds, 80))
	d := &driver{Check: c, t: t, r: Random(t), applied: Applied{Before: c.Before, Key: c.Key, Upsert: c.Upsert}}
	for i := range c.Inputs {
		d.inputs = append(d.inputs, &changes{Input: &c.Inputs[i], r: d.r, most: c.Most})
	}
	d.start(nil)
	for range c.Rounds {
		d.round()
	}
	d.takeBack()
	d.stop()
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

type driver struct {
	Check
	t       *testing.T
	r       *rand.Rand
	inputs  []*changes
	applied Applied
	tasks   []*subtask
	id      checkpoint.ID
	kept    memory
	hashes  []uint64
}

// subtask is one task of the operator.
type subtask struct {
	op    executor.Operator
	store *state.Store
	in    []*column.Batch // by port; lent again and again
	chain []checkpoint.Section
}

func (d *driver) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// start makes tasks, restored from sections of former ones.
func (d *driver) start(load func(*state.Store) error) {
	n := 1 + d.r.IntN(4)
	if d.Single {
		n = 1
	}
	d.tasks = nil
	for i := range n {
		s := &subtask{store: state.NewStore(state.GroupsOf(i, n), &state.Budget{})}
		if load != nil {
			d.must(load(s.store))
		}
		var err error
		s.op, err = d.New()
		d.must(err)
		for _, in := range d.Inputs {
			s.in = append(s.in, column.NewBatch(in.Schema))
		}
		d.must(s.op.Open(&executor.Env{SkipRows: d.Skip, JobName: "check", Operator: "operator", Parallelism: n, Logger: slog.New(slog.DiscardHandler), State: s.store,
			Timers: state.NewTimers(s.store), Counters: &executor.Counters{}, TimeZone: time.UTC, Task: checkpoint.TaskID{Subtask: i}}))
		d.tasks = append(d.tasks, s)
	}
}

func (d *driver) stop() {
	for _, s := range d.tasks {
		d.must(s.op.Close())
	}
}

// round sends a batch to a random port, and perhaps takes a checkpoint.
func (d *driver) round() {
	port := d.r.IntN(len(d.inputs))
	sizes := []int{1, 2, 5, 30, 30, 100, column.BatchRows + 1}
	d.send(port, d.inputs[port].next(sizes[d.r.IntN(len(sizes))]))
	switch d.r.IntN(8) {
	case 0:
		d.checkpoint()
	case 1:
		d.checkpoint()
		d.restore()
	}
}

// send brings changes to the tasks of their keys and mostly flushes them.
func (d *driver) send(port int, list []change) {
	d.t.Helper()
	in := d.Inputs[port]
	all := column.NewBatch(in.Schema)
	for _, c := range list {
		AppendTuple(all, c.row)
	}
	d.hashes = column.HashColumns(d.hashes, all, in.Hash)
	for i, s := range d.tasks {
		var own []change
		for row, c := range list {
			to := 0
			if len(in.Hash) > 0 {
				to = state.OwnerOf(state.Group(d.hashes[row]), len(d.tasks))
			}
			if to == i {
				own = append(own, c)
			}
		}
		d.give(s, port, own)
	}
	if d.r.IntN(3) > 0 {
		d.flush()
	}
}

// flush lets go what the tasks hold and compares the answer.
func (d *driver) flush() {
	d.t.Helper()
	for _, s := range d.tasks {
		d.must(s.op.Flush(&d.applied))
	}
	d.compare()
}

// give hands changes to a task, in batches that it may hold.
func (d *driver) give(s *subtask, port int, list []change) {
	d.t.Helper()
	for len(list) > 0 {
		n := min(len(list), column.MaxBatchRows/2+1)
		b := d.fill(s.in[port], port, list[:n])
		d.must(s.op.Process(port, b, &d.applied))
		list = list[n:]
		d.spoil(b)
	}
}

// fill makes a batch of changes, sometimes with rows between them that are not alive.
func (d *driver) fill(b *column.Batch, port int, list []change) *column.Batch {
	b.Reset()
	b.Sel, b.Kinds = nil, nil
	selected, plain := d.r.IntN(2) == 0, true
	for _, c := range list {
		plain = plain && c.kind == column.Insert
		for selected && d.r.IntN(3) == 0 {
			AppendTuple(b, d.inputs[port].random())
			b.Kinds = append(b.Kinds, column.RowKind(d.r.IntN(4)))
		}
		if selected {
			b.Sel = append(b.Sel, int32(b.Rows))
		}
		AppendTuple(b, c.row)
		b.Kinds = append(b.Kinds, c.kind)
	}
	if plain && d.r.IntN(2) == 0 {
		b.Kinds = nil
	}
	return b
}

// spoil overwrites a batch that was lent: what is kept of it was to be copied.
func (d *driver) spoil(b *column.Batch) {
	for _, v := range b.Cols {
		for i := range v.Ints {
			v.Ints[i] = -1 << 40
		}
		for i := range v.Slab {
			v.Slab[i] = '?'
		}
		for i := range v.Floats {
			v.Floats[i] = -1e99
		}
	}
}

func (d *driver) compare() {
	d.t.Helper()
	var held [][]Tuple
	for _, in := range d.inputs {
		held = append(held, in.live)
	}
	if differs := d.applied.Differs(d.Want(held)); differs != "" {
		d.t.Fatalf("%d tasks:\n%s", len(d.tasks), differs)
	}
}

// checkpoint freezes and writes the state of all tasks, and confirms it.
func (d *driver) checkpoint() {
	d.t.Helper()
	d.flush()
	d.id++
	for _, s := range d.tasks {
		f, err := s.store.Freeze(d.id)
		d.must(err)
		s.chain, _, err = f.Write(&d.kept)
		d.must(err)
		s.store.Confirm(d.id)
	}
}

// restore goes on with other tasks.
func (d *driver) restore() {
	d.t.Helper()
	former := d.tasks
	d.stop()
	d.start(func(s *state.Store) error {
		for _, f := range former {
			if err := s.Load(d.kept.read, f.chain); err != nil {
				return err
			}
		}
		return nil
	})
	d.compare()
}

// takeBack deletes whatever the inputs hold, from all of them in turn.
func (d *driver) takeBack() {
	d.t.Helper()
	for _, in := range d.Inputs {
		if in.Append {
			return
		}
	}
	for left := true; left; {
		left = false
		for port, in := range d.inputs {
			d.send(port, in.takeBack(1+d.r.IntN(100)))
			left = left || len(in.live) > 0
		}
	}
	d.flush()
	rows := 0
	for _, s := range d.tasks {
		rows += s.store.Rows()
	}
	if rows != d.Left {
		d.t.Errorf("%d rows of state are left when everything was taken back, want %d", rows, d.Left)
	}
}

// memory holds sections; it is a state.SectionWriter.
type memory struct{ all [][]byte }

// Section implements state.SectionWriter.
func (m *memory) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return checkpoint.Section{}, err
	}
	m.all = append(m.all, b.Bytes())
	return checkpoint.Section{Offset: int64(len(m.all) - 1), Length: int64(b.Len()), CRC: checkpoint.Checksum(b.Bytes())}, nil
}

func (m *memory) read(s checkpoint.Section) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m.all[s.Offset])), nil
}
