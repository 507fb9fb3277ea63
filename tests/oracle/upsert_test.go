package oracle

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/job"
	"slipway/sql"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// upsert gives what is in a stream with PRIMARY KEY in the end, to which a job writes the rows.
func (e *engine) upsert(query string, w way) ([]string, error) {
	result, err := e.query(query, false)
	if err != nil {
		return nil, err
	}
	out := &catalog.Relation{Database: catalog.DefaultDatabase, Name: "out", Kind: catalog.Stream, Columns: result.Output,
		Properties: []catalog.Property{{Key: "connector", Value: memoryDeclaration.Name}}}
	for _, c := range w.key {
		out.PrimaryKey = append(out.PrimaryKey, out.Columns[c].Name)
	}
	snapshot, err := e.snapshot.With(catalog.Change{PutRelation: out}, func() uint32 { return 1 })
	if err != nil {
		return nil, err
	}
	settings := conf.Defaults(conf.Job)
	for _, s := range w.settings {
		settings = settings.With(s.Key, s.Value)
	}
	flow, err := e.compiler.JobText(snapshot, catalog.DefaultDatabase, "insert into out "+query, sql.Chosen(settings))
	if err != nil {
		return nil, err
	}
	world := memory{data: e.data, written: &written{rows: map[string]string{}, before: map[string]string{}}}
	again := func() executor.Sink {
		world.written.rows = world.written.before
		return nil
	}
	if err := e.finish(flow, job.Options{}, world, w, again); err != nil {
		return nil, err
	}
	var rows []string
	for _, row := range world.written.rows {
		rows = append(rows, row)
	}
	return rows, nil
}

// written is a stream with PRIMARY KEY: its newest row of each key, and what that was at the barrier.
// A job that is restored goes on from there: what it wrote behind the barrier under keys that nothing
// determines need not come again.
type written struct {
	mu     sync.Mutex
	rows   map[string]string
	before map[string]string
}

// writer is the sink of one task, which alone writes its keys.
type writer struct {
	*written
	key  []int
	own  map[string]bool // keys
	kept bool            // of before
}

func (memory) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }

func (m memory) NewSink(s *plan.Sink) (executor.Sink, error) {
	if s.Mode != plan.Upsert {
		return nil, fmt.Errorf("the rows are written by %s", s.Mode)
	}
	return &writer{written: m.written, key: s.Keys, own: map[string]bool{}}, nil
}

func (w *writer) Open(context.Context, *executor.Env) error   { return nil }
func (w *writer) Commit(context.Context, checkpoint.ID) error { return nil }
func (w *writer) Tick(time.Time) (time.Time, error)           { return time.Time{}, nil }
func (w *writer) Close() error                                { return nil }

// Prepare keeps what the task has written, at the barrier or, if that came later, at the end.
func (w *writer) Prepare(context.Context, checkpoint.ID) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.own {
		if row, there := w.rows[key]; there && !w.kept {
			w.before[key] = row
		}
	}
	w.kept = true
	return nil, nil
}

func (w *writer) Write(b *column.Batch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	b.Each(func(i int) {
		row := rowOf(b, i)
		key := keyOf(row, w.key)
		w.own[key] = true
		switch b.Kind(i) {
		case column.UpdateBefore: // sinks by key leave it out
		case column.Delete:
			delete(w.rows, key)
		default:
			w.rows[key] = row
		}
	})
	return nil
}

// keyOf takes some columns of a row.
func keyOf(row string, key []int) string {
	cells := strings.Split(row, between)
	var out []string
	for _, k := range key {
		out = append(out, cells[k])
	}
	return strings.Join(out, between)
}

// keyIn chooses columns that no two rows have alike: one, or the first few; nil if there are none.
func keyIn(rows []string, width int) []int {
	var choices [][]int
	for c := width - 1; c >= 0; c-- {
		choices = append(choices, []int{c})
	}
	for n := 2; n <= width; n++ {
		var first []int
		for c := range n {
			first = append(first, c)
		}
		choices = append(choices, first)
	}
	for _, key := range choices {
		seen := map[string]bool{}
		for _, row := range rows {
			seen[keyOf(row, key)] = true
		}
		if len(seen) == len(rows) {
			return key
		}
	}
	return nil
}
