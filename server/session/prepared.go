package session

import (
	"context"
	"errors"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.Prepare]{right: ownSession, needs: nothing[*ast.Prepare], do: (*session).prepare})
	_ = register(statement[*ast.Execute]{right: ownSession, needs: nothing[*ast.Execute], run: (*session).executePrepared, columns: (*session).preparedColumns})
	_ = register(statement[*ast.Deallocate]{right: ownSession,
		needs: nothing[*ast.Deallocate], do: func(s *session, _ context.Context, d *ast.Deallocate) error { return s.deallocate(d) }})
)

// maxHeld is how many prepared statements, and how many cursors, a client may hold.
const maxHeld = 1000

func (s *session) prepare(_ context.Context, p *ast.Prepare) error {
	if s.prepared[p.Name.Name] != nil {
		return sqlerr.At(p.Name.Pos, sqlerr.DuplicateStatement, "prepared statement %q already exists", p.Name.Name)
	}
	if len(s.prepared) >= maxHeld {
		return sqlerr.New(sqlerr.ProgramLimit, "there are %d prepared statements already", maxHeld).WithHint("DEALLOCATE ALL forgets them.")
	}
	if q, ok := p.Statement.(*catalogQuery); ok {
		if _, _, err := describeCatalog(q, nil); err != nil {
			return err
		}
	}
	s.prepared[p.Name.Name] = p.Statement
	return nil
}

func (s *session) executePrepared(ctx context.Context, e *ast.Execute, _ []plan.Expr) (pgwire.Result, error) {
	inner := s.prepared[e.Name.Name]
	if inner == nil {
		return nil, sqlerr.At(e.Name.Pos, sqlerr.InvalidStatementName, "prepared statement %q does not exist", e.Name.Name)
	}
	args, err := s.executeArgs(e)
	if err != nil {
		return nil, err
	}
	r, err := s.execute(ctx, inner, args)
	return r, withoutPosition(err)
}

// preparedColumns are those of the statement behind EXECUTE; what does not exist is Execute's fault to tell.
func (s *session) preparedColumns(e *ast.Execute, _ []plan.Expr) ([]pgwire.Column, error) {
	inner := s.prepared[e.Name.Name]
	if inner == nil {
		return nil, nil
	}
	args, err := s.executeArgs(e)
	if err != nil {
		return nil, err
	}
	return s.describe(inner, args)
}

// executeArgs computes the arguments of EXECUTE.
func (s *session) executeArgs(e *ast.Execute) ([]plan.Expr, error) {
	if len(e.Args) == 0 {
		return nil, nil
	}
	items := make([]ast.SelectItem, len(e.Args))
	for i, x := range e.Args {
		items[i] = ast.SelectItem{X: x}
	}
	row, err := s.oneRow(&ast.Select{Items: items}, nil)
	if err != nil {
		return nil, err
	}
	return row.Exprs, nil
}

// withoutPosition takes the position out of an error that points into another message's text.
func withoutPosition(err error) error {
	e, ok := errors.AsType[*sqlerr.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Position = 0
	return &out
}

// deallocate forgets statements of PREPARE and of the protocol: they share their names.
func (s *session) deallocate(d *ast.Deallocate) error {
	forget := s.startup.Deallocate
	if forget == nil {
		forget = func(string) bool { return false }
	}
	if d.All {
		clear(s.prepared)
		forget("")
		return nil
	}
	if s.prepared[d.Name.Name] != nil {
		delete(s.prepared, d.Name.Name)
		return nil
	}
	if d.Name.Name == "" || !forget(d.Name.Name) {
		return sqlerr.At(d.Name.Pos, sqlerr.InvalidStatementName, "prepared statement %q does not exist", d.Name.Name)
	}
	return nil
}

var _ = describe(described{chapter: "Rows", place: 6, form: `PREPARE name [(type, …)] AS statement
EXECUTE name [(value, …)]
DEALLOCATE [PREPARE] name | ALL`,
	text: "A statement with parameters $1, $2 …, kept in the session.",
	example: `PREPARE slow (BIGINT) AS SELECT page FROM clicks WHERE ms > $1;
EXECUTE slow (100);
DEALLOCATE slow;`}, of[*ast.Prepare](), of[*ast.Execute](), of[*ast.Deallocate]())
