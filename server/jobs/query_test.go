package jobs

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// query starts a SELECT as a session does.
func (b *bench) query(ctx context.Context, text string) *Rows {
	b.t.Helper()
	list, err := b.runner.Compiler.Parse(text)
	if err != nil {
		b.t.Fatal(err)
	}
	flow, err := b.runner.Compiler.Query(b.runner.Catalog.Snapshot(), "default", list[0].(*ast.QueryStatement).Query, nil, sql.Reading{})
	if err != nil {
		b.t.Fatal(err)
	}
	rows, err := b.queries().Query(ctx, flow, time.UTC, 0)
	if err == nil {
		err = rows.Opened(ctx)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

// upTo reads rows until Next gives none, and what it gives then: nil at a mark.
func upTo(ctx context.Context, q *Rows) (values []int64, err error) {
	for {
		b, err := q.Next(ctx)
		if b == nil {
			return values, err
		}
		values = append(values, b.Cols[0].Ints[:b.Rows]...)
	}
}

// TestQueryUpToMarks: a query that never ends pauses where a mark stands, behind all that was
// there, and goes on.
func TestQueryUpToMarks(t *testing.T) { synctest.Test(t, queryUpToMarks) }

func queryUpToMarks(t *testing.T) {
	b := newBench(t, "")
	b.w.Add("a", numbers(1, 5000)...)
	q := b.query(t.Context(), "SELECT v FROM a")
	q.Mark(0)
	if got, err := upTo(t.Context(), q); err != nil || !slices.Equal(got, numbers(1, 5000)) {
		t.Errorf("up to the mark %d rows, %v", len(got), err)
	}
	q.Mark(time.Second)
	q.Mark(10 * time.Second) // takes the place of the one before
	time.AfterFunc(5*time.Second, func() { b.w.Add("a", 7) })
	if got, err := upTo(t.Context(), q); err != nil || !slices.Equal(got, []int64{7}) {
		t.Errorf("up to the second mark %v, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := q.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a mark %v", err)
	}
	q.Close()
	if _, err := q.Next(t.Context()); err != io.EOF {
		t.Errorf("behind Close %v", err)
	}
}

// TestQueryEnds: a query over what ends gives all rows, then io.EOF, and ends with its context.
func TestQueryEnds(t *testing.T) { synctest.Test(t, queryEnds) }

func queryEnds(t *testing.T) {
	b := newBench(t, "")
	b.w.Bounded["a"] = true
	b.w.Add("a", 1, 2, 3)
	q := b.query(t.Context(), "SELECT v FROM a")
	if got, err := upTo(t.Context(), q); err != io.EOF || !slices.Equal(got, []int64{1, 2, 3}) || q.LeftOut() != 0 {
		t.Errorf("%v, %v", got, err)
	}
	q.Close()
	ctx, cancel := context.WithCancel(t.Context())
	q = b.query(ctx, "SELECT v FROM b")
	cancel()
	if _, err := q.Next(t.Context()); err != io.EOF {
		t.Errorf("behind the end of its context %v", err)
	}
	q.Close()
}

// TestQueryFails: the failure of a source comes behind the rows before it, for good if the data
// would make it again.
func TestQueryFails(t *testing.T) { synctest.Test(t, queryFails) }

func queryFails(t *testing.T) {
	b := newBench(t, "")
	b.w.Add("a", 1, 2)
	q := b.query(t.Context(), "SELECT v FROM a")
	q.Mark(0)
	if _, err := upTo(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	b.w.Do(func() { b.w.Fault = func(string) error { return sqlerr.New(sqlerr.OutOfRange, "too much") } })
	_, err := q.Next(t.Context())
	if p, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err); !ok || !p.Permanent() || sqlerr.From(err).Code != sqlerr.OutOfRange {
		t.Errorf("the source failed, and Next gives %v", err)
	}
	q.Close()
}
