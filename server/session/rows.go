package session

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// command is a result without rows.
type command string

func (command) Columns() []pgwire.Column                 { return nil }
func (command) CopyOut() *pgwire.CopyForm                { return nil }
func (command) Paged()                                   {}
func (command) Ready() bool                              { return true }
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

func (t *table) Columns() []pgwire.Column  { return t.columns }
func (t *table) CopyOut() *pgwire.CopyForm { return nil }
func (t *table) Paged()                    {}
func (t *table) Ready() bool               { return true }
func (t *table) Tag() string               { return t.tag }
func (t *table) Close()                    {}

// Next implements pgwire.Result. The table is its own row.
func (t *table) Next(context.Context) (pgwire.Row, error) {
	if t.next == len(t.rows) {
		return nil, io.EOF
	}
	t.next++
	return t, nil
}

// AppendText implements pgwire.Row.
func (t *table) AppendText(dst []byte, i int) ([]byte, bool) {
	cell := t.rows[t.next-1][i]
	if cell == null {
		return dst, true
	}
	return append(dst, cell...), false
}

// AppendBinary implements pgwire.Row.
func (t *table) AppendBinary(dst []byte, i int) ([]byte, bool, error) {
	cell := t.rows[t.next-1][i]
	if cell == null {
		return dst, true, nil
	}
	out, err := pgwire.AppendBinary(dst, cell, t.columns[i].Type.OID())
	return out, false, err
}

// batchRow is one row of a batch.
type batchRow struct {
	b *column.Batch
	i int
	n []byte // room for a number's digits
}

// AppendText implements pgwire.Row: PostgreSQL's forms where ours differ.
func (r *batchRow) AppendText(dst []byte, i int) ([]byte, bool) {
	v := r.b.Cols[i]
	if v.Null(r.i) {
		return dst, true
	}
	switch v.Type.Kind {
	case types.Boolean:
		if v.Bools[r.i] {
			return append(dst, 't'), false
		}
		return append(dst, 'f'), false
	case types.Binary:
		return hex.AppendEncode(append(dst, `\x`...), v.Bytes(r.i)), false
	case types.String, types.Varchar, types.Char, types.JSON:
		return append(dst, value.Characters(v.Bytes(r.i))...), false
	}
	return column.AppendText(dst, v, r.i), false
}

// AppendBinary implements pgwire.Row.
func (r *batchRow) AppendBinary(dst []byte, i int) ([]byte, bool, error) {
	v := r.b.Cols[i]
	if v.Null(r.i) {
		return dst, true, nil
	}
	switch v.Type.Kind {
	case types.Boolean:
		return pgwire.AppendBool(dst, v.Bools[r.i]), false, nil
	case types.TinyInt, types.SmallInt:
		return pgwire.AppendInt(dst, v.Ints[r.i], 2), false, nil
	case types.Int:
		return pgwire.AppendInt(dst, v.Ints[r.i], 4), false, nil
	case types.BigInt:
		return pgwire.AppendInt(dst, v.Ints[r.i], 8), false, nil
	case types.Float:
		return pgwire.AppendFloat(dst, v.Floats[r.i], 4), false, nil
	case types.Double:
		return pgwire.AppendFloat(dst, v.Floats[r.i], 8), false, nil
	case types.Date:
		return pgwire.AppendDate(dst, v.Ints[r.i]), false, nil
	case types.Timestamp:
		return pgwire.AppendTimestamp(dst, v.Ints[r.i]), false, nil
	case types.Interval:
		return pgwire.AppendInterval(dst, v.Ints[r.i]), false, nil
	case types.Decimal:
		r.n = column.AppendText(r.n[:0], v, r.i)
		return pgwire.AppendNumeric(dst, string(r.n)), false, nil
	case types.String, types.Varchar, types.Char, types.JSON: // drivers give up at what is no UTF-8
		return append(dst, value.Characters(v.Bytes(r.i))...), false, nil
	}
	return column.AppendText(dst, v, r.i), false, nil
}

// streamRows pulls the rows of a SELECT. Its dataflow begins with the first row that is
// asked for: by then it is known whether the client pages.
type streamRows struct {
	s       *session
	columns []pgwire.Column
	ctx     context.Context // of the dataflow
	flow    *plan.Dataflow
	rows    *jobs.Rows // nil: not begun, or ended
	ended   bool
	row     batchRow
	count   int64
	limit   int64 // 0: none
	form    *pgwire.CopyForm
}

func (r *streamRows) Columns() []pgwire.Column  { return r.columns }
func (r *streamRows) CopyOut() *pgwire.CopyForm { return r.form }

// Paged implements pgwire.Result.
func (r *streamRows) Paged() { r.limit = 0 }

// Tag implements pgwire.Result.
func (r *streamRows) Tag() string {
	if r.form != nil {
		return fmt.Sprintf("COPY %d", r.count)
	}
	return fmt.Sprintf("SELECT %d", r.count)
}

// Close implements pgwire.Result.
func (r *streamRows) Close() {
	if r.ended = true; r.rows != nil {
		r.rows.Close()
		r.rows = nil
	}
}

// Ready implements pgwire.Result.
func (r *streamRows) Ready() bool { return r.ended || r.ahead() && !r.full() }

// ahead tells that there is a row without waiting.
func (r *streamRows) ahead() bool { return r.row.b != nil && r.row.i+1 < r.row.b.Rows }

// full tells that a SELECT without LIMIT has given its rows.
func (r *streamRows) full() bool { return r.limit > 0 && r.count == r.limit }

// Next implements pgwire.Result.
func (r *streamRows) Next(ctx context.Context) (pgwire.Row, error) {
	for !r.ahead() {
		if err := r.more(ctx); err != nil {
			return nil, err
		}
	}
	if r.full() {
		r.Close()
		r.row.b = nil
		r.sayFull()
		return nil, io.EOF
	}
	r.row.i++
	r.count++
	return &r.row, nil
}

// more gets the next batch.
func (r *streamRows) more(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	if r.ended {
		return io.EOF
	}
	b, err := r.rows.Next(ctx)
	if err == nil {
		r.row.b, r.row.i = b, -1
	} else if err == io.EOF {
		if n := r.rows.LeftOut(); n > 0 {
			r.s.notice("what could not be read or computed was left out: %d (on.error)", n)
		}
		r.Close()
	}
	return err
}

// begin starts the dataflow; what is behind the limit is not computed, but for one row
// that tells that there is more.
func (r *streamRows) begin() (err error) {
	if r.rows != nil || r.ended {
		return nil
	}
	if r.flow == nil || r.flow.None() {
		r.ended = true
		return nil
	}
	if r.limit > 0 {
		r.flow.First(r.limit + 1)
	}
	r.rows, err = r.s.Runner.Query(r.ctx, r.flow, r.s.location())
	return err
}

// mark lets a query that never ends pause behind what is there now.
func (r *streamRows) mark(wait time.Duration) {
	if r.rows != nil && !r.flow.Bounded {
		r.rows.Mark(wait)
	}
}

func (r *streamRows) sayFull() {
	n := sqlerr.Notice("there are more than %d rows (slipway.select.rows)", r.limit)
	n.WithHint("LIMIT gives as many as you ask for; COPY (SELECT …) TO STDOUT, a cursor and EMIT CHANGES give rows as they come.")
	r.s.tell(n, "notice")
}

// rows makes ready a query that reads its streams in some way.
func (s *session) rows(ctx context.Context, q ast.Query, args []plan.Expr, reading sql.Reading) (*streamRows, error) {
	if c, ok := constantSelect(q); ok {
		return s.selectConstants(c, args)
	}
	flow, err := s.compile(q, args, reading)
	if err != nil {
		return nil, err
	}
	return &streamRows{s: s, columns: wireColumns(flow.Result()), ctx: ctx, flow: flow}, nil
}

// queried answers a SELECT sent on its own.
func (s *session) queried(ctx context.Context, st *ast.QueryStatement, args []plan.Expr) (*streamRows, error) {
	r, err := s.rows(ctx, st.Query, args, s.reading(st))
	if err == nil && r.flow != nil && r.flow.Bounded && !r.flow.Limited {
		r.limit = conf.SelectRows.Get(s.settings)
	}
	return r, err
}

// copyOut is COPY … TO STDOUT: rows as they come, until the query ends or is cancelled.
func (s *session) copyOut(ctx context.Context, c *ast.Copy, args []plan.Expr) (pgwire.Result, error) {
	form, err := copyForm(c)
	if err != nil {
		return nil, err
	}
	r, err := s.rows(ctx, c.Query, args, s.following())
	if err != nil {
		return nil, err
	}
	r.form = form
	return r, nil
}

// copyForm brings COPY's options together, with PostgreSQL's defaults.
func copyForm(c *ast.Copy) (*pgwire.CopyForm, error) {
	form := pgwire.TextForm
	if c.Format == ast.CopyCSV {
		form = pgwire.CSVForm
	}
	form.Header = c.Header
	if c.NullSet {
		form.Null = c.Null
	}
	if c.Delimiter != "" {
		form.Delimiter = c.Delimiter[0]
	}
	if !form.CSV && (c.Quote != "" || c.Escape != "") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "COPY QUOTE and ESCAPE are available only in CSV mode")
	}
	if c.Quote != "" {
		form.Quote, form.Escape = c.Quote[0], c.Quote[0]
	}
	if c.Escape != "" {
		form.Escape = c.Escape[0]
	}
	return &form, checkForm(&form)
}

// checkForm refuses what could not be read back.
func checkForm(f *pgwire.CopyForm) error {
	switch {
	case f.Delimiter == '\n' || f.Delimiter == '\r' || strings.ContainsAny(f.Null, "\r\n"):
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and null representation cannot hold newline or carriage return")
	case !f.CSV && strings.IndexByte(`\.abcdefghijklmnopqrstuvwxyz0123456789`, f.Delimiter) >= 0:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter cannot be %q", string(f.Delimiter))
	case f.CSV && f.Delimiter == f.Quote:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and quote must be different")
	case strings.IndexByte(f.Null, f.Delimiter) >= 0 || f.CSV && strings.IndexByte(f.Null, f.Quote) >= 0:
		return sqlerr.New(sqlerr.InvalidParameter, "COPY delimiter and quote must not appear in the NULL specification")
	}
	return nil
}
