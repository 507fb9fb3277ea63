package session

import (
	"context"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
)

var _ = register(statement[*ast.StatementSet]{right: writeRows, needs: nothing[*ast.StatementSet], changes: true, run: (*session).statementSet})

// statementSet begins a temporary job of several INSERTs.
func (s *session) statementSet(ctx context.Context, st *ast.StatementSet, _ []plan.Expr) (pgwire.Result, error) {
	if err := s.temporaryJob(ctx, st.Inserts); err != nil {
		return nil, err
	}
	return command(st.Tag()), nil
}

var _ = describe(described{chapter: "Rows", place: 2, form: `EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END`,
	text: "Several INSERTs as one temporary job: what they read is read once, and one checkpoint holds for all. In a stream job it is the body."}, of[*ast.StatementSet]())
