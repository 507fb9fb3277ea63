package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// engine compiles queries and runs them in this process, as a server does, over tables in memory.
type engine struct {
	data     *dataset
	compiler sql.Compiler
	snapshot *catalog.Snapshot
	turns    *turns // of the last run
}

func newEngine(d *dataset) (*engine, error) {
	e := &engine{data: d}
	e.compiler.Connectors = executor.NewConnectors(memory{data: d}).Declared()
	s := catalog.NewSnapshot()
	s.Databases[catalog.DefaultDatabase] = &catalog.Database{Name: catalog.DefaultDatabase}
	e.snapshot = &s
	for _, t := range d.tables {
		st, err := parser.ParseOne(t.stream())
		if err != nil {
			return nil, err
		}
		r, _, err := e.compiler.Relation(e.snapshot, catalog.DefaultDatabase, st.(*ast.CreateRelation))
		if err != nil {
			return nil, err
		}
		if e.snapshot, err = e.snapshot.With(catalog.Change{PutRelation: r}, func() uint32 { return 1 }); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// way is how a query is run.
type way struct {
	name    string
	bounded bool // as a SELECT that ends; else as a result that changes, until its input ends
	killed  bool // when half of the input is read, behind a checkpoint, and restored from it
	cores   []int
	key     []int // of the stream that the rows are written to; nil: a client reads them
	// sequence is that of the tables; settings are of the job that writes. The seed of a query says them.
	sequence sequence
	settings []conf.Property
}

// run gives the rows of a query in the order they came: final ones, or those that a changelog
// amounts to in the end.
func (e *engine) run(query string, w way) ([]string, error) {
	if w.key != nil {
		return e.upsert(query, w)
	}
	flow, err := e.query(query, w.bounded)
	if err != nil {
		return nil, err
	}
	sink := &applied{changes: flow.Changes(), counts: map[string]int{}}
	again := func() executor.Sink {
		if sink.before != nil { // else the result had ended
			sink = sink.before
		}
		return sink
	}
	if err := e.finish(flow, job.Options{Output: sink}, memory{data: e.data}, w, again); err != nil {
		return nil, err
	}
	return sink.result(), nil
}

func (e *engine) query(query string, bounded bool) (*plan.Dataflow, error) {
	list, err := e.compiler.Parse(query)
	if err != nil {
		return nil, err
	}
	q := list[0].(*ast.QueryStatement).Query
	return e.compiler.Query(e.snapshot, catalog.DefaultDatabase, q, nil, sql.Reading{Bounded: bounded, From: "earliest"})
}

// finish runs a dataflow to the end of its input. Where it is killed on the way, again gives the sink of
// the result as it was at the checkpoint.
func (e *engine) finish(flow *plan.Dataflow, o job.Options, world memory, w way, again func() executor.Sink) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	o.ID, o.Name, o.Settings, o.Cores, o.Budget = "query", "query", conf.Defaults(conf.Job), w.cores[0], &state.Budget{}
	o.Log, o.TimeZone, o.Storage = slog.New(slog.DiscardHandler), time.UTC, checkpointtest.NewFiles()
	if w.killed {
		if o.Restore, err = half(ctx, flow, o, world, w); err != nil {
			return err
		}
		o.Cores, o.Epoch, o.Output = w.cores[1], 2, again()
	}
	world.turns = newTurns(w.sequence)
	e.turns = world.turns
	o.Connectors = executor.NewConnectors(world)
	j, err := job.New(ctx, flow, o)
	if err != nil {
		return err
	}
	return errors.Join(j.Run(ctx, &acks{}), j.Close())
}

// onlyCheckpoint is that which a query goes on from.
const onlyCheckpoint = 1

// half runs a job until its sources have given half of their records, takes a checkpoint, and kills it.
func half(ctx context.Context, flow *plan.Dataflow, o job.Options, world memory, w way) (*checkpoint.Manifest, error) {
	pause := make(chan struct{}, 1000)
	world.pause, world.sources, world.turns = pause, new(int), newTurns(w.sequence)
	o.Connectors, o.Epoch = executor.NewConnectors(world), 1
	j, err := job.New(ctx, flow, o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &acks{all: make(chan struct{}), tasks: len(j.Tasks())}
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(j.Run(ctx, a), j.Close()) }()
	for range *world.sources {
		select {
		case <-pause:
		case err := <-ended:
			cancel()
			return nil, fmt.Errorf("the job ended before its checkpoint: %w", err)
		}
	}
	j.Trigger(checkpoint.Barrier{ID: onlyCheckpoint, Kind: checkpoint.Periodic, Triggered: time.Now()})
	select {
	case <-a.all:
	case <-ctx.Done():
		err = errors.New("no checkpoint in time")
	}
	cancel()
	if end := <-ended; end != nil && !errors.Is(end, context.Canceled) {
		err = errors.Join(err, end)
	}
	m := &checkpoint.Manifest{Version: 1, KeyGroups: state.KeyGroups, Job: o.ID, Checkpoint: onlyCheckpoint, State: a.state}
	return m, err
}

// acks gathers the acknowledgements of a checkpoint.
type acks struct {
	mu    sync.Mutex
	tasks int
	done  map[checkpoint.TaskID]bool
	state []checkpoint.OperatorState
	all   chan struct{}
}

func (a *acks) Ack(x checkpoint.Ack)                                        { a.add(x.Task, x.State) }
func (a *acks) Declined(checkpoint.ID, checkpoint.TaskID, error)            {}
func (a *acks) Finished(id checkpoint.TaskID, s []checkpoint.OperatorState) { a.add(id, s) }

func (a *acks) add(id checkpoint.TaskID, s []checkpoint.OperatorState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done == nil {
		a.done = map[checkpoint.TaskID]bool{}
	}
	if a.done[id] {
		return
	}
	a.done[id] = true
	if a.state = append(a.state, s...); len(a.done) == a.tasks && a.all != nil {
		close(a.all)
	}
}

// applied is a sink that applies a changelog.
type applied struct {
	changes bool
	rows    []string       // of a result that does not change
	counts  map[string]int // of one that does
	before  *applied       // what there was at the barrier
}

// Prepare keeps what a client that begins anew from the checkpoint has.
func (a *applied) Prepare(_ context.Context, id checkpoint.ID) ([]byte, error) {
	if id != onlyCheckpoint { // the end of the input
		return nil, nil
	}
	a.before = &applied{changes: a.changes, rows: slices.Clone(a.rows), counts: maps.Clone(a.counts)}
	return nil, nil
}

func (a *applied) result() []string {
	for row, n := range a.counts {
		for range n {
			a.rows = append(a.rows, row)
		}
	}
	return a.rows
}

func (a *applied) Open(context.Context, *executor.Env) error   { return nil }
func (a *applied) Commit(context.Context, checkpoint.ID) error { return nil }
func (a *applied) Tick(time.Time) (time.Time, error)           { return time.Time{}, nil }
func (a *applied) Close() error                                { return nil }

func (a *applied) Write(b *column.Batch) (err error) {
	b.Each(func(i int) {
		row := rowOf(b, i)
		switch {
		case !a.changes && b.Kind(i) == column.Insert:
			a.rows = append(a.rows, row)
		case !a.changes:
			err = fmt.Errorf("%s of a result that does not change: %s", b.Kind(i), row)
		case !b.Kind(i).Retracts():
			a.counts[row]++
		case a.counts[row] == 0:
			err = fmt.Errorf("%s of a row that is not there: %s", b.Kind(i), row)
		default:
			a.counts[row]--
		}
	})
	return err
}

func rowOf(b *column.Batch, i int) string {
	var cells []cell
	for _, v := range b.Cols {
		if v.Null(i) {
			cells = append(cells, cell{null: true})
			continue
		}
		cells = append(cells, cell{text: string(column.AppendText(nil, v, i)), float: v.Type.Kind == types.Double || v.Type.Kind == types.Float})
	}
	return canonicalRow(cells)
}

// memory is the connector of the tables of a dataset.
type memory struct {
	catalog.NothingBehind
	executor.NoCommitter
	executor.NoLookup
	data    *dataset
	written *written      // takes what is written; nil: nothing is
	pause   chan struct{} // nil: sources read on; else they stop half-way, and say so
	sources *int
	turns   *turns
}

var memoryDeclaration = &catalog.Declaration{Name: "memory", Text: "Tables of a test.", Source: &catalog.SourceTraits{Bounded: true},
	Sink: &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce}, NeedsKey: true}}

func (memory) Declaration() *catalog.Declaration                         { return memoryDeclaration }
func (memory) Splits(context.Context, *plan.Source) (int, error)         { return splits, nil }
func (memory) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, nil }
func (m memory) NewSource(s *plan.Source) (executor.Source, error) {
	t := m.data.table(s.Name)
	if t == nil {
		return nil, fmt.Errorf("no table %s", s.Name)
	}
	if m.pause != nil {
		*m.sources++
	}
	r := &records{pause: m.pause, turns: m.turns, table: t, plan: s, batch: column.NewBatch(s.Out), ready: executor.NewSignal()}
	r.turns.join(t.name, r.ready)
	return r, nil
}

// splits is how many parts the records of a table are read in.
const splits = 4

// records is a source of some splits of a table: a few records at a time, so that what changes
// does so in many steps.
type records struct {
	table *table
	plan  *plan.Source
	batch *column.Batch
	ready executor.Signal
	mine  []int
	turn  int
	pause chan struct{}
	turns *turns
	left  bool

	mu sync.Mutex
	at [splits]int
}

func (r *records) Open(_ context.Context, env *executor.Env, restored [][]byte) error {
	for i := range splits {
		if i%env.Parallelism == env.Task.Subtask {
			r.mine = append(r.mine, i)
		}
	}
	for _, b := range restored {
		var at [splits]int
		if err := json.Unmarshal(b, &at); err != nil {
			return err
		}
		for i, n := range at {
			r.at[i] = max(r.at[i], n)
		}
	}
	return nil
}

// step is how many records come at a time.
const step = 3

func (r *records) Next(context.Context) (*column.Batch, error) {
	if r.turns.waits(r.table.name) {
		return nil, nil
	}
	for range len(r.mine) {
		split := r.mine[r.turn%len(r.mine)]
		r.turn++
		all := r.table.split(split)
		if r.pause != nil {
			all = all[:len(all)/2]
		}
		rest := all[r.at[split]:]
		if len(rest) == 0 {
			continue
		}
		rest = rest[:min(step, len(rest))]
		r.turns.gives(r.table.name)
		r.mu.Lock()
		r.at[split] += len(rest)
		r.mu.Unlock()
		return r.fill(split, rest)
	}
	first := r.leave()
	if r.pause == nil {
		return nil, io.EOF
	}
	if first {
		r.pause <- struct{}{}
	}
	return nil, nil
}

func (r *records) fill(split int, list []record) (*column.Batch, error) {
	b := r.batch
	b.Reset()
	b.Split = split
	for _, rec := range list {
		for to, c := range r.plan.Columns {
			v, x := b.Cols[to], rec.cells[c]
			if x.null || rec.deletes && !slices.Contains(r.plan.Keys, to) {
				v.AppendNull()
				continue
			}
			v.Grow(b.Rows + 1)
			v.Present()
			if err := v.SetText(b.Rows, []byte(x.text)); err != nil {
				return nil, err
			}
		}
		if r.plan.Keys != nil {
			b.Kinds = append(b.Kinds, map[bool]column.RowKind{false: column.Insert, true: column.Delete}[rec.deletes])
		}
		b.Rows++
	}
	return b, nil
}

func (r *records) Snapshot() ([]byte, error) { return json.Marshal(r.at) }
func (r *records) Committed([]byte)          {}
func (r *records) Ready() <-chan struct{}    { return r.ready }
func (r *records) Close() error {
	r.leave() // it may end sooner, as with a LIMIT
	return nil
}

// leave tells the first time that there are no more rows.
func (r *records) leave() bool {
	if r.left {
		return false
	}
	r.left = true
	r.turns.leave(r.table.name)
	return true
}

// Progress tells of splits that are not read to their end: they hold the watermark back.
func (r *records) Progress() (out []executor.SplitProgress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, i := range r.mine {
		out = append(out, executor.SplitProgress{Split: strconv.Itoa(i), Index: i, Next: int64(r.at[i]), End: int64(len(r.table.split(i)))})
	}
	return out
}

// cell is a value as text.
type cell struct {
	text  string
	null  bool
	float bool
}

const between = " | "

// canonicalRow is the same for rows that both dialects would write differently: numbers
// without zeros at their ends, floating-point ones to nine digits, times without zeros.
func canonicalRow(cells []cell) string {
	var out []byte
	for i, c := range cells {
		if i > 0 {
			out = append(out, between...)
		}
		out = append(out, canonical(c)...)
	}
	return string(out)
}

func canonical(c cell) string {
	switch {
	case c.null:
		return "NULL"
	case c.float:
		if x, err := strconv.ParseFloat(c.text, 64); err == nil {
			return withoutMinus(strconv.FormatFloat(x, 'g', 9, 64))
		}
	case c.text == "t" || c.text == "f":
		return map[string]string{"t": "true", "f": "false"}[c.text]
	}
	return withoutMinus(withoutZeros(c.text))
}

func withoutMinus(text string) string {
	if text == "-0" {
		return "0"
	}
	return text
}
