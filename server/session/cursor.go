package session

import (
	"context"
	"fmt"
	"io"
	"time"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// cursor is a declared query that is being read.
type cursor struct {
	rows *streamRows
	hold bool // outlives its transaction
}

func (s *session) declare(ctx context.Context, d *ast.DeclareCursor, args []plan.Expr) error {
	if !d.Hold {
		if err := s.takesPart("DECLARE CURSOR"); err != nil {
			return err
		}
	}
	if s.cursors[d.Name.Name] != nil {
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateCursor, "cursor %q already exists", d.Name.Name)
	}
	if len(s.cursors) >= maxHeld {
		return sqlerr.New(sqlerr.ProgramLimit, "there are %d cursors already", maxHeld)
	}
	// The query outlives the statement; closing the cursor ends it.
	r, err := s.selectRows(context.WithoutCancel(ctx), d.Query, args)
	if err != nil {
		return err
	}
	r.Paged()
	r.quiet = true
	s.cursors[d.Name.Name] = &cursor{rows: r, hold: d.Hold}
	return nil
}

func (s *session) closeCursor(c *ast.CloseCursor) error {
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

// fetch gives some rows of a cursor, as many as come within the wait. FETCH ALL of a
// stream gives what is there; what comes later is for the next FETCH.
func (s *session) fetch(ctx context.Context, f *ast.Fetch) (pgwire.Result, error) {
	c := s.cursors[f.Cursor.Name]
	if c == nil {
		return nil, noCursor(f.Cursor)
	}
	if f.Direction != ast.FetchForward || f.Count < 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a cursor over a stream goes forward only")
	}
	wait := conf.SelectWait.Get(s.settings)
	if f.Timeout != "" {
		d, err := time.ParseDuration(f.Timeout)
		if err != nil || d < 0 {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "TIMEOUT %q is no duration such as 1s", f.Timeout)
		}
		wait = max(d, time.Millisecond)
	}
	c.rows.silence = wait
	out := &fetched{rows: c.rows, left: f.Count, verb: f.Tag()}
	if f.All {
		out.left = -1
		if !c.rows.bounded {
			out.left = conf.SelectRows.Get(s.settings)
		}
	}
	if f.Move {
		return out.skip(ctx)
	}
	return out, nil
}

// fetched is the answer to one FETCH.
type fetched struct {
	rows  *streamRows
	left  int64 // -1: all
	count int64
	verb  string
}

func (f *fetched) Columns() []pgwire.Column  { return f.rows.Columns() }
func (f *fetched) CopyOut() *pgwire.CopyForm { return nil }
func (f *fetched) Paged()                    {}
func (f *fetched) Ready() bool               { return f.count == f.left || f.rows.Ready() }
func (f *fetched) Tag() string               { return fmt.Sprintf("%s %d", f.verb, f.count) }
func (f *fetched) Close()                    {}

// Next implements pgwire.Result.
func (f *fetched) Next(ctx context.Context) (pgwire.Row, error) {
	if f.count == f.left {
		return nil, io.EOF
	}
	row, err := f.rows.Next(ctx)
	if err == nil {
		f.count++
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
