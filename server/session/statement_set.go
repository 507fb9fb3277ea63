package session

import (
	"context"

	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
)

var _ = register(statement[*ast.StatementSet]{right: writeRows, changes: true, run: (*session).statementSet})

// statementSet begins a temporary job of several INSERTs.
func (s *session) statementSet(ctx context.Context, st *ast.StatementSet, _ []plan.Expr) (pgwire.Result, error) {
	if err := s.temporaryJob(ctx, st.Inserts); err != nil {
		return nil, err
	}
	return command(st.Tag()), nil
}
