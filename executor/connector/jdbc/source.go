package jdbc

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// source reads a table whole, with one statement: in the order of its PRIMARY KEY, if it has one, so
// that it can go on behind a row.
type source struct {
	*table
	plan   *plan.Source
	key    []keyColumn
	at     position
	pages  chan page
	spare  chan *column.Batch
	ready  executor.Signal
	cancel context.CancelFunc
	beside sync.WaitGroup
	rows   atomic.Int64
	taken  *column.Batch // lent
}

// page is some rows with the key of the last one; with an error the last there are: io.EOF behind
// them, or how the reading failed.
type page struct {
	rows *column.Batch
	last []string
	err  error
}

// position is the snapshot. It stands in checkpoints.
type position struct {
	Version int   `json:"version"`
	Rows    int64 `json:"rows"`
	// After is the key of the last row that was given, as texts.
	After []string `json:"after,omitempty"`
	Done  bool     `json:"done"`
}

const (
	positionVersion = 1
	pagesAhead      = 2
)

func newSource(t *table, p *plan.Source) *source {
	s := &source{table: t, plan: p, at: position{Version: positionVersion},
		pages: make(chan page, pagesAhead), spare: make(chan *column.Batch, pagesAhead+2), ready: executor.NewSignal()}
	for _, c := range p.Unique {
		s.key = append(s.key, keyColumn{name: t.quote(t.columns[c].Name), typ: t.columns[c].Type})
	}
	return s
}

// Open implements executor.Source.
func (s *source) Open(ctx context.Context, env *executor.Env, restored [][]byte) error {
	for _, b := range restored {
		if err := s.restore(b); err != nil {
			return err
		}
	}
	if env.Task.Subtask > 0 || s.at.Done {
		s.pages <- page{err: io.EOF}
		return nil
	}
	reading, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	s.beside.Go(func() { s.read(reading) }) // ends with Close
	return nil
}

// restore goes on where a checkpoint says.
func (s *source) restore(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	var at position
	if err := json.Unmarshal(b, &at); err != nil || at.Version != positionVersion {
		return executor.Permanent(fmt.Errorf("the position in %s cannot be read: %q", s.name, b))
	}
	if at.Rows == 0 && !at.Done {
		return nil // of a task that reads nothing
	}
	if !at.Done && len(at.After) != len(s.key) || !at.Done && len(s.key) == 0 {
		return executor.Permanent(sqlerr.New(sqlerr.FeatureNotSupported, "%s was read in part, and nothing says which of its rows are left", s.name).
			WithHint("Declare its PRIMARY KEY: it is then read in that order, and a job goes on behind the last row."))
	}
	s.at = at
	s.rows.Store(at.Rows)
	return nil
}

// read reads beside the task.
func (s *source) read(ctx context.Context) {
	last, err := s.readRows(ctx)
	if err != nil {
		last.rows = nil
	}
	last.err = cmp.Or(err, io.EOF)
	_ = s.send(ctx, last) // or nobody wants it
}

func (s *source) send(ctx context.Context, p page) error {
	select {
	case s.pages <- p:
		s.ready.Set()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readRows runs the statement and sends its rows, a batch at a time; what is left is the last page.
func (s *source) readRows(ctx context.Context) (p page, err error) {
	statement, args, err := s.statement(ctx)
	if err != nil {
		return p, err
	}
	err = s.ask(ctx, statement, args, func(row [][]byte) error {
		if p.rows == nil {
			p.rows = s.fresh()
		}
		if err := s.appendRow(p.rows, s.plan.Columns, row); err != nil {
			return err
		}
		if p.rows.Rows < column.BatchRows {
			return nil
		}
		full := page{rows: p.rows, last: s.lastKey(row)}
		p.rows = nil
		return s.send(ctx, full)
	})
	return p, err
}

// statement is what reads the rows that are left.
func (s *source) statement(ctx context.Context) (text string, args []any, err error) {
	fields := s.list(s.plan.Out, s.plan.Columns)
	if len(s.plan.Columns) == 0 && len(s.key) > 0 {
		fields = ""
	}
	order := ""
	for i, k := range s.key {
		if fields != "" {
			fields += ", "
		}
		fields += s.text(k.name, k.typ)
		order += []string{" ORDER BY ", ", "}[min(i, 1)] + "t." + k.name // not the text of that name, which is selected
	}
	text = "SELECT " + fields + " FROM " + s.there + " AS t"
	condition := ""
	if len(s.at.After) > 0 {
		if err := s.learn(ctx, s.key); err != nil {
			return "", nil, err
		}
		row, err := s.lastRow()
		if err != nil {
			return "", nil, err
		}
		condition, args = s.behind(s.key, row)
		condition = "(" + condition + ")"
	}
	more, list, err := s.where(ctx, s.plan.Reject, s.plan.Columns, len(args))
	if condition = both(condition, " AND ", more); condition != "" {
		text += " WHERE " + condition
	}
	return text + order, append(args, list...), err
}

// lastRow is the key of the position as a row.
func (s *source) lastRow() (*column.Batch, error) {
	var schema types.Schema
	var row [][]byte
	for i, c := range s.plan.Unique {
		schema, row = append(schema, s.columns[c]), append(row, []byte(s.at.After[i]))
	}
	b := column.NewBatch(schema)
	return b, s.appendRow(b, s.plan.Unique, row)
}

// lastKey is the key of a row.
func (s *source) lastKey(row [][]byte) (out []string) {
	for _, text := range row[len(row)-len(s.key):] {
		out = append(out, string(text))
	}
	return out
}

func (s *source) fresh() *column.Batch {
	select {
	case b := <-s.spare:
		b.Reset()
		return b
	default:
		return column.NewBatch(s.plan.Out)
	}
}

// Next implements executor.Source.
func (s *source) Next(context.Context) (*column.Batch, error) {
	if s.taken != nil {
		s.spare <- s.taken // which has room for all there are
		s.taken = nil
	}
	if s.at.Done {
		return nil, io.EOF
	}
	select {
	case p := <-s.pages:
		return s.take(p)
	default:
		return nil, nil
	}
}

func (s *source) take(p page) (*column.Batch, error) {
	if p.err != nil && p.err != io.EOF {
		return nil, fmt.Errorf("reading %s: %w", s.name, p.err)
	}
	s.at.Done = p.err == io.EOF
	if p.rows == nil {
		return nil, io.EOF
	}
	s.at.After = p.last
	s.at.Rows += int64(p.rows.Rows)
	s.rows.Store(s.at.Rows)
	if s.plan.ArrivalColumn != "" {
		now := time.Now().UnixMilli() * column.Millisecond
		for range p.rows.Rows {
			p.rows.Cols[len(p.rows.Cols)-1].AppendInt(now)
		}
	}
	s.taken = p.rows
	s.ready.Set() // there may be more, or the end
	return p.rows, nil
}

// Ready implements executor.Source.
func (s *source) Ready() <-chan struct{} { return s.ready }

// Snapshot implements executor.Source.
func (s *source) Snapshot() ([]byte, error) { return json.Marshal(s.at) }

// Committed implements executor.Source.
func (*source) Committed([]byte) {}

// Progress implements executor.Source: how many rows there are nobody knows.
func (s *source) Progress() []executor.SplitProgress {
	return []executor.SplitProgress{{Split: s.there, Next: s.rows.Load(), End: -1}}
}

// Close implements executor.Source.
func (s *source) Close() error {
	if s.cancel != nil {
		s.cancel()
	}
	s.beside.Wait()
	return s.table.Close()
}
