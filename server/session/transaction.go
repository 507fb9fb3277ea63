package session

import (
	"context"
	"maps"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var _ = register(statement[*ast.Transaction]{right: ownSession, needs: nothing[*ast.Transaction], block: transactionBlock,
	run: func(s *session, _ context.Context, t *ast.Transaction, _ []plan.Expr) (pgwire.Result, error) {
		return s.transaction(t)
	}})

// The states of a transaction, as ReadyForQuery gives them.
const (
	idle   byte = 'I'
	open   byte = 'T'
	failed byte = 'E'
)

// undo is what the end of a transaction takes back: SET on ROLLBACK, SET LOCAL always.
type undo struct {
	vars     map[string]string
	settings *conf.Values
	database string
	local    map[string]former // by name
	told     bool              // that declarations take effect at once
}

// former is a setting's value before SET LOCAL.
type former struct {
	value string
	set   bool
}

// transactionBlock tells where a statement about transactions may stand.
func transactionBlock(t *ast.Transaction) block {
	switch t.Kind {
	case ast.Savepoint, ast.Release:
		return block{inside: string(t.Kind)}
	case ast.RollbackTo:
		return block{inside: "ROLLBACK TO SAVEPOINT", recovers: true}
	case ast.Commit, ast.Rollback:
		return block{recovers: true}
	}
	return block{}
}

// admits tells whether a statement may stand where the session is.
func (s *session) admits(b block) error {
	switch {
	case b.inside != "" && s.tx == idle:
		return sqlerr.New("25P01", "%s can only be used in transaction blocks", b.inside)
	case b.outside != "" && s.tx != idle:
		return sqlerr.New(sqlerr.ActiveTransaction, "%s cannot run inside a transaction block", b.outside)
	}
	return nil
}

// noticeTakesEffect says, once in a transaction, that it does not hold back what is done.
func (s *session) noticeTakesEffect(tag string) {
	if s.undo != nil && !s.undo.told {
		s.undo.told = true
		s.notice("%s takes effect at once: a transaction holds neither declarations nor records back, and ROLLBACK does not take them back", tag)
	}
}

func (s *session) transaction(t *ast.Transaction) (pgwire.Result, error) {
	switch t.Kind {
	case ast.Begin, ast.StartTransaction:
		if s.tx == open {
			s.warn("25001", "there is already a transaction in progress")
			break
		}
		s.beginTransaction()
	case ast.Commit, ast.Rollback:
		return s.endTransaction(t)
	case ast.RollbackTo:
		s.tx = open
	}
	return command(t.Tag()), nil
}

func (s *session) beginTransaction() {
	s.tx = open
	s.undo = &undo{vars: maps.Clone(s.vars), settings: s.settings, database: s.database, local: map[string]former{}}
}

// endTransaction is COMMIT and ROLLBACK; the COMMIT of a failed transaction rolls back.
func (s *session) endTransaction(t *ast.Transaction) (pgwire.Result, error) {
	if s.tx == idle {
		s.warn("25P01", "there is no transaction in progress")
		return command(t.Tag()), nil
	}
	tag := t.Tag()
	if t.Kind == ast.Rollback || s.tx == failed {
		tag = "ROLLBACK"
		s.restore(s.undo)
	} else {
		s.endLocal(s.undo.local)
	}
	s.closeCursors(false)
	s.tx, s.undo = idle, nil
	if t.Chain {
		s.beginTransaction()
	}
	return command(tag), nil
}

var _ = describe(described{chapter: "The session", place: 3, form: `BEGIN | START TRANSACTION [mode, …]
COMMIT | END | ROLLBACK | ABORT
SAVEPOINT name | RELEASE name | ROLLBACK TO name`,
	text: "Blocks as clients expect them: a failed one takes nothing but its end, and cursors without WITH HOLD live in one. What a statement changes is not taken back.",
	example: `BEGIN;
SELECT 1;
COMMIT;`}, of[*ast.Transaction]())
