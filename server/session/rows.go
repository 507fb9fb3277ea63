package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"slipway/executor/column"
	"slipway/server/pgwire"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// batchRow is one row of a batch.
type batchRow struct {
	b *column.Batch
	i int
	n []byte // room for a number's digits
	// zone is that in which moments are shown; nil is UTC.
	zone *time.Location
	// json: rows within rows are written as JSON (slipway.struct.form).
	json bool
}

// AppendText implements pgwire.Row.
func (r *batchRow) AppendText(dst []byte, i int) ([]byte, bool) {
	v := r.b.Cols[i]
	if v.Null(r.i) {
		return dst, true
	}
	return r.appendText(dst, v, r.i), false
}

// AppendBinary implements pgwire.Row.
func (r *batchRow) AppendBinary(dst []byte, i int) ([]byte, bool, error) {
	v := r.b.Cols[i]
	if v.Null(r.i) {
		return dst, true, nil
	}
	dst, err := r.appendBinary(dst, v, r.i)
	return dst, false, err
}

// appendText writes a value in PostgreSQL's form, which is ours but for a few types.
func (r *batchRow) appendText(dst []byte, v *column.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.Boolean:
		if v.Bools[i] {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case types.Binary:
		return hex.AppendEncode(append(dst, `\x`...), v.Bytes(i))
	case types.String, types.Varchar, types.Char, types.JSON:
		return append(dst, value.Characters(v.Bytes(i))...)
	case types.TimestampTZ:
		return value.AppendMoment(dst, v.Ints[i], v.Type.Precision, r.zone)
	}
	switch {
	case !v.Type.IsNested() || r.json && hasRow(v.Type):
	case v.Type.Kind == types.Array:
		return r.appendArrayText(dst, v, i)
	case v.Type.Kind == types.Struct:
		return r.appendRecordText(dst, v, i)
	}
	return column.AppendText(dst, v, i)
}

func (r *batchRow) appendBinary(dst []byte, v *column.Vector, i int) ([]byte, error) {
	switch {
	case !v.Type.IsNested():
		return r.appendScalarBinary(dst, v, i), nil
	case v.Type.Kind == types.Map || r.json && hasRow(v.Type):
		return column.AppendText(dst, v, i), nil
	case v.Type.Kind == types.Struct:
		return r.appendRecordBinary(dst, v, i)
	}
	return r.appendArrayBinary(dst, v, i)
}

func (r *batchRow) appendScalarBinary(dst []byte, v *column.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.Boolean:
		return pgwire.AppendBool(dst, v.Bools[i])
	case types.TinyInt, types.SmallInt:
		return pgwire.AppendInt(dst, v.Ints[i], 2)
	case types.Int:
		return pgwire.AppendInt(dst, v.Ints[i], 4)
	case types.BigInt:
		return pgwire.AppendInt(dst, v.Ints[i], 8)
	case types.Float:
		return pgwire.AppendFloat(dst, v.Floats[i], 4)
	case types.Double:
		return pgwire.AppendFloat(dst, v.Floats[i], 8)
	case types.Date:
		return pgwire.AppendDate(dst, v.Ints[i])
	case types.Timestamp, types.TimestampTZ:
		return pgwire.AppendTimestamp(dst, v.Ints[i])
	case types.Time:
		return pgwire.AppendInt(dst, v.Ints[i], 8)
	case types.Interval:
		return appendInterval(dst, v.Wides[i])
	case types.UUID:
		return value.AppendUUIDBytes(dst, v.Wides[i])
	case types.Decimal:
		r.n = column.AppendText(r.n[:0], v, i)
		return pgwire.AppendNumeric(dst, string(r.n))
	case types.String, types.Varchar, types.Char, types.JSON: // drivers give up at what is no UTF-8
		return append(dst, value.Characters(v.Bytes(i))...)
	}
	return column.AppendText(dst, v, i)
}

func appendInterval(dst []byte, p column.Int128) []byte {
	x := value.UnpackInterval(p)
	return pgwire.AppendInterval(dst, x.Months, x.Days, x.Micros)
}

// streamRows pulls the rows of a SELECT. Its dataflow begins with the first row that is
// asked for: by then it is known whether the client pages.
type streamRows struct {
	s       *session
	columns []pgwire.Column
	ctx     context.Context // of the dataflow
	flow    *plan.Dataflow
	rows    Rows // nil: not begun, or ended
	ended   bool
	row     batchRow
	count   int64
	limit   int64 // 0: none
	form    *pgwire.CopyForm
}

func (r *streamRows) Columns() []pgwire.Column { return r.columns }

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
		r.noticeFull()
		return nil, io.EOF
	}
	r.row.i++
	r.count++
	return &r.row, nil
}

// errMark is what more gives where a mark stands: what was there has been given.
var errMark = errors.New("the rows end here for now")

// more gets the next batch.
func (r *streamRows) more(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	if r.ended {
		return io.EOF
	}
	b, err := r.rows.Next(ctx)
	switch {
	case err == nil && b == nil:
		return errMark
	case err == nil:
		r.row.b, r.row.i = b, -1
	case err == io.EOF:
		if n := r.rows.LeftOut(); n > 0 {
			r.s.notice("what could not be read or computed was left out: %d (on.error)", n)
		}
		r.Close()
	}
	return err
}

// open implements heldRows.
func (r *streamRows) open(ctx context.Context) error {
	if err := r.begin(); err != nil || r.rows == nil {
		return err
	}
	return r.rows.Opened(ctx)
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
	r.rows, err = r.s.Queries.Query(r.ctx, r.flow, r.s.location(), 0)
	return err
}

// mark lets a query that never ends pause behind what is there now.
func (r *streamRows) mark(wait time.Duration) {
	if r.rows != nil && !r.flow.Bounded {
		r.rows.Mark(wait)
	}
}

func (r *streamRows) noticeFull() {
	n := sqlerr.Notice("there are more than %d rows (slipway.select.rows)", r.limit)
	n.WithHint("LIMIT gives as many as you ask for; COPY (SELECT …) TO STDOUT, a cursor and EMIT CHANGES give rows as they come.")
	r.s.tell(n, "notice")
}
