package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// command is a result without rows.
type command string

func (command) Columns() []pgwire.Column                 { return nil }
func (command) CopyOut() (bool, bool)                    { return false, false }
func (command) Next(context.Context) (pgwire.Row, error) { return nil, io.EOF }
func (c command) Tag() string                            { return string(c) }
func (command) Close()                                   {}

// table is a result that is there at once.
type table struct {
	columns []pgwire.Column
	rows    [][]string
	tag     string
	next    int
}

// null is a cell without a value.
const null = "\x00"

// newTable makes a table of text columns; "name:bigint" and "name:timestamp" are others.
func newTable(tag string, names ...string) *table {
	t := &table{tag: tag}
	for _, n := range names {
		name, kind, _ := strings.Cut(n, ":")
		typ := types.Of(types.String)
		switch kind {
		case "bigint":
			typ = types.Of(types.BigInt)
		case "timestamp":
			typ = types.NewTimestamp(3)
		}
		t.columns = append(t.columns, pgwire.Column{Name: name, Type: typ})
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) Columns() []pgwire.Column { return t.columns }
func (t *table) CopyOut() (bool, bool)    { return false, false }
func (t *table) Tag() string              { return t.tag }
func (t *table) Close()                   {}

func (t *table) Next(context.Context) (pgwire.Row, error) {
	if t.next == len(t.rows) {
		return nil, io.EOF
	}
	t.next++
	return cells(t.rows[t.next-1]), nil
}

type cells []string

func (c cells) AppendText(dst []byte, i int) ([]byte, bool) {
	if c[i] == null {
		return dst, true
	}
	return append(dst, c[i]...), false
}

// batchRow is one row of a batch.
type batchRow struct {
	b *column.Batch
	i int
}

func (r *batchRow) AppendText(dst []byte, i int) ([]byte, bool) {
	v := r.b.Cols[i]
	if v.Null(r.i) {
		return dst, true
	}
	if v.Type.Kind == types.Boolean {
		if v.Bools[r.i] {
			return append(dst, 't'), false
		}
		return append(dst, 'f'), false
	}
	return column.AppendText(dst, v, r.i), false
}

// streamRows pulls the rows of a running SELECT.
type streamRows struct {
	s       *session
	columns []pgwire.Column
	rows    *jobs.Rows // nil: batch is all there is
	row     batchRow
	count   int64
	limit   int64         // 0: none
	silence time.Duration // 0: waits for ever
	copy    bool
	csv     bool
	bounded bool // the query ends by itself
}

func (r *streamRows) Columns() []pgwire.Column { return r.columns }
func (r *streamRows) CopyOut() (bool, bool)    { return r.copy, r.csv }

func (r *streamRows) Tag() string {
	if r.copy {
		return fmt.Sprintf("COPY %d", r.count)
	}
	return fmt.Sprintf("SELECT %d", r.count)
}

func (r *streamRows) Close() {
	if r.rows != nil {
		r.rows.Close()
		r.rows = nil
	}
}

// Next implements pgwire.Result.
func (r *streamRows) Next(ctx context.Context) (pgwire.Row, error) {
	if r.limit > 0 && r.count == r.limit {
		r.say("after %d rows (slipway.select.rows)", r.limit)
		return nil, io.EOF
	}
	r.row.i++
	for r.row.b == nil || r.row.i >= r.row.b.Rows {
		if r.rows == nil {
			return nil, io.EOF
		}
		b, err := r.rows.Next(ctx, r.silence)
		if errors.Is(err, jobs.ErrSilent) {
			r.say("after %s without rows (slipway.select.wait)", r.silence)
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		r.row.b, r.row.i = b, 0
	}
	r.count++
	return &r.row, nil
}

func (r *streamRows) say(format string, args ...any) {
	n := sqlerr.Notice("a SELECT over a stream ends "+format, args...)
	n.WithHint("COPY (SELECT …) TO STDOUT gives rows as they come, until it is cancelled; a cursor or LIMIT gives as many as you ask for.")
	r.s.startup.Notice(n)
}

// selectRows begins a query. open means that the client asks for as many rows as it
// wants (cursor, COPY), so nothing bounds it.
func (s *session) selectRows(ctx context.Context, q ast.Query, args []plan.Expr, open bool) (pgwire.Result, error) {
	if c, ok := constantSelect(q); ok {
		exprs, schema, err := s.Compiler.Constants(s.Catalog.Snapshot(), s.database, c, args, s.values())
		if err != nil {
			return nil, err
		}
		b, err := s.Runner.Constants(exprs, schema)
		if err != nil {
			return nil, err
		}
		return &streamRows{s: s, columns: wireColumns(schema), row: batchRow{b: b, i: -1}}, nil
	}
	flow, err := s.compile(q, args)
	if err != nil {
		return nil, err
	}
	rows, err := s.Runner.Query(ctx, flow)
	if err != nil {
		return nil, err
	}
	r := &streamRows{s: s, columns: wireColumns(flow.Output), rows: rows}
	if !open {
		r.limit, r.silence = conf.SelectRows.Get(s.settings), conf.SelectWait.Get(s.settings)
	}
	if l := limited(flow); l > 0 {
		r.limit = 0
	}
	return r, nil
}

func limited(flow *plan.Dataflow) int64 {
	for i := range flow.Stages {
		for _, o := range flow.Stages[i].Ops {
			if l, ok := o.(*plan.Limit); ok {
				return l.Count
			}
		}
	}
	return 0
}

func (s *session) copyOut(ctx context.Context, c *ast.Copy) (pgwire.Result, error) {
	if c.Header || c.Delimiter != "" || c.NullSet || c.Quote != "" || c.Escape != "" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "COPY options other than FORMAT are not supported yet")
	}
	res, err := s.selectRows(ctx, c.Query, nil, true)
	if err != nil {
		return nil, err
	}
	r := res.(*streamRows)
	r.copy, r.csv = true, c.Format == ast.CopyCSV
	return r, nil
}

// fetch gives some rows of a cursor, as many as come within the wait.
func (s *session) fetch(ctx context.Context, f *ast.Fetch) (pgwire.Result, error) {
	c := s.cursors[f.Cursor.Name]
	if c == nil {
		return nil, sqlerr.At(f.Cursor.Pos, sqlerr.InvalidCursorName, "cursor %q does not exist", f.Cursor.Name)
	}
	if f.Direction != ast.FetchForward {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a cursor over a stream goes forward only")
	}
	wait := conf.SelectWait.Get(s.settings)
	if f.Timeout != "" {
		d, err := time.ParseDuration(f.Timeout)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "TIMEOUT %q is no duration such as 1s", f.Timeout)
		}
		wait = d
	}
	if r, ok := c.Result.(*streamRows); ok {
		r.silence = wait
	}
	left := f.Count
	if f.All {
		left = conf.SelectRows.Get(s.settings)
	}
	return &fetched{c: c, left: left, verb: f.Tag(), hide: f.Move}, nil
}

type fetched struct {
	c     *cursor
	left  int64
	count int64
	verb  string
	hide  bool
}

func (f *fetched) Columns() []pgwire.Column {
	if f.hide {
		return nil
	}
	return f.c.Columns()
}

func (f *fetched) CopyOut() (bool, bool) { return false, false }
func (f *fetched) Tag() string           { return fmt.Sprintf("%s %d", f.verb, f.count) }
func (f *fetched) Close()                {}

func (f *fetched) Next(ctx context.Context) (pgwire.Row, error) {
	if f.count == f.left {
		return nil, io.EOF
	}
	row, err := f.c.Next(ctx)
	if err == nil {
		f.count++
	}
	return row, err
}
