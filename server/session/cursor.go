package session

import (
	"context"
	"fmt"
	"io"
	"time"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.DeclareCursor]{right: readRows, needs: nothing[*ast.DeclareCursor], parameters: true, run: (*session).declare,
		block: func(d *ast.DeclareCursor) block {
			if d.Hold {
				return block{}
			}
			return block{inside: "DECLARE CURSOR"}
		},
		columns: func(s *session, d *ast.DeclareCursor, args []plan.Expr) ([]pgwire.Column, error) {
			if q, ok := d.Query.(*ofCatalog); ok {
				_, err := s.catalogQueryColumns(q.query, args)
				return nil, err
			}
			_, err := s.queryColumns(d.Query, args, s.declared(d))
			return nil, err
		}})
	_ = register(statement[*ast.Fetch]{right: ownSession, needs: nothing[*ast.Fetch], run: (*session).fetch,
		columns: func(s *session, f *ast.Fetch, _ []plan.Expr) ([]pgwire.Column, error) {
			if c := s.cursors[f.Cursor.Name]; c != nil && !f.Move {
				return c.rows.Columns(), nil
			}
			return nil, nil
		}})
	_ = register(statement[*ast.CloseCursor]{right: ownSession, needs: nothing[*ast.CloseCursor], do: (*session).closeCursor})
)

// cursor is a declared query that is being read.
type cursor struct {
	rows heldRows
	hold bool // outlives its transaction
	// reads are the relations that its query names.
	reads []*catalog.Relation
	// waits: a FETCH gives as many rows as it asks for, however long they take.
	waits bool
}

func (s *session) declare(ctx context.Context, d *ast.DeclareCursor, args []plan.Expr) (pgwire.Result, error) {
	if s.cursors[d.Name.Name] != nil {
		return nil, sqlerr.At(d.Name.Pos, sqlerr.DuplicateCursor, "cursor %q already exists", d.Name.Name)
	}
	if len(s.cursors) >= maxHeld {
		return nil, sqlerr.New(sqlerr.ProgramLimit, "there are %d cursors already", maxHeld)
	}
	r, err := s.declaredRows(ctx, d, args)
	if err == nil {
		err = r.open(ctx)
	}
	if err != nil {
		if r != nil {
			r.Close()
		}
		return nil, err
	}
	s.cursors[d.Name.Name] = &cursor{rows: r, hold: d.Hold, reads: s.read, waits: d.Name.Name == psqlCursor && d.EmitChanges}
	return command(d.Tag()), nil
}

// heldRows are the rows of a cursor: of a query over streams, or of the catalog.
type heldRows interface {
	pgwire.Result
	// open begins the query, so that what it reads is of this moment.
	open(ctx context.Context) error
	// ahead tells that there is a row without waiting, mark lets Next fail with errMark behind what is there and comes within a time.
	ahead() bool
	mark(wait time.Duration)
}

// declaredRows make ready what a cursor reads. The query outlives the statement; closing the cursor ends it.
func (s *session) declaredRows(ctx context.Context, d *ast.DeclareCursor, args []plan.Expr) (heldRows, error) {
	if q, ok := d.Query.(*ofCatalog); ok {
		return held(s.askConstant(ctx, q.query, args))
	}
	return held(s.rows(context.WithoutCancel(ctx), d.Query, args, s.declared(d)))
}

// held is no interface around a nil pointer.
func held[R interface {
	*streamRows | *catalogRows
	heldRows
}](r R, err error) (heldRows, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// psqlCursor is what psql before 17 declares for a SELECT of its user's when FETCH_COUNT is set. It takes
// a FETCH of fewer rows than that for the end.
const psqlCursor = "_psql_cursor"

// declared is how a cursor reads: it follows, but for one that only stands for a SELECT.
func (s *session) declared(d *ast.DeclareCursor) sql.Reading {
	if d.Name.Name == psqlCursor && !d.EmitChanges {
		return s.now()
	}
	return s.following()
}

func (s *session) closeCursor(_ context.Context, c *ast.CloseCursor) error {
	if c.All {
		s.closeCursors(true)
		return nil
	}
	cur := s.cursors[c.Name.Name]
	if cur == nil {
		return noCursor(c.Name)
	}
	delete(s.cursors, c.Name.Name)
	cur.rows.Close()
	return nil
}

// closeCursors ends the cursors of a transaction, or all of them.
func (s *session) closeCursors(all bool) {
	for name, c := range s.cursors {
		if all || !c.hold {
			c.rows.Close()
			delete(s.cursors, name)
		}
	}
}

func noCursor(n ast.Ident) error {
	return sqlerr.At(n.Pos, sqlerr.InvalidCursorName, "cursor %q does not exist", n.Name)
}

// fetch gives some rows of a cursor: what is there now, and what comes within the wait;
// what comes later is for the next FETCH.
func (s *session) fetch(ctx context.Context, f *ast.Fetch, _ []plan.Expr) (pgwire.Result, error) {
	c := s.cursors[f.Cursor.Name]
	if c == nil {
		return nil, noCursor(f.Cursor)
	}
	if err := s.stillReads(c.reads); err != nil {
		return nil, err
	}
	if f.Direction != ast.FetchForward || f.Count < 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a cursor over a stream goes forward only")
	}
	out := &fetched{rows: c.rows, left: f.Count, verb: f.Tag(), wait: conf.SelectWait.Get(s.settings), marked: c.waits}
	if f.All {
		out.left = -1
	}
	if f.Timeout != "" {
		d, err := conf.ReadDuration(f.Timeout)
		if err != nil || d < 0 {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "TIMEOUT %q is no duration such as 1s, 5 min or 1 day", f.Timeout)
		}
		out.wait = d
	}
	if f.Move {
		return out.skip(ctx)
	}
	return out, nil
}

// fetched is the answer to one FETCH.
type fetched struct {
	rows   heldRows
	left   int64 // -1: all
	count  int64
	verb   string
	wait   time.Duration
	marked bool // behind what is there now, or there is no such mark
	ended  bool
}

func (f *fetched) Columns() []pgwire.Column { return f.rows.Columns() }

func (f *fetched) CopyOut() *pgwire.CopyForm { return nil }

func (f *fetched) Paged() {}

func (f *fetched) Ready() bool { return f.over() || f.rows.Ready() }

func (f *fetched) Tag() string { return fmt.Sprintf("%s %d", f.verb, f.count) }

func (f *fetched) Close() {}

func (f *fetched) over() bool { return f.ended || f.count == f.left }

// Next implements pgwire.Result.
func (f *fetched) Next(ctx context.Context) (pgwire.Row, error) {
	if f.over() {
		return nil, io.EOF
	}
	if !f.marked && !f.rows.ahead() {
		f.rows.mark(f.wait)
		f.marked = true
	}
	row, err := f.rows.Next(ctx)
	if err == nil {
		f.count++
	}
	if err == errMark {
		f.ended, err = true, io.EOF
	}
	return row, err
}

// skip is MOVE.
func (f *fetched) skip(ctx context.Context) (pgwire.Result, error) {
	for {
		_, err := f.Next(ctx)
		if err == io.EOF {
			return command(f.Tag()), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

var _ = describe(described{chapter: "Rows", place: 5, form: `DECLARE name [NO SCROLL] CURSOR [WITH HOLD] FOR query
FETCH | MOVE [NEXT | n | ALL | FORWARD [n | ALL]] [FROM | IN] name [WITH (TIMEOUT = '1s')]
CLOSE name | ALL`,
	text: "A query whose rows are fetched some at a time; over streams it goes on. FETCH waits for rows as long as TIMEOUT says (`slipway.select.wait`). Without WITH HOLD it lives in a transaction block.",
	example: `DECLARE pages CURSOR WITH HOLD FOR SELECT page, ms FROM clicks;
FETCH 2 FROM pages;
CLOSE pages;`}, of[*ast.DeclareCursor](), of[*ast.Fetch](), of[*ast.CloseCursor]())
