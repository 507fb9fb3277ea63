package session

import (
	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

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

// leaves tells the statements that a failed transaction still takes.
func leaves(st pgwire.Statement) bool {
	t, ok := st.(*ast.Transaction)
	return ok && (t.Kind == ast.Rollback || t.Kind == ast.Commit || t.Kind == ast.RollbackTo)
}

// declares tells the statements that change what the server keeps.
func declares(st ast.Statement) bool {
	switch st.(type) {
	case *ast.CreateRelation, *ast.DropRelation, *ast.AlterRelation, *ast.Rename, *ast.CreateDatabase, *ast.DropDatabase, *ast.CreateApplication, *ast.DropApplication,
		*ast.CreateJob, *ast.DropJob, *ast.AlterJob, *ast.StartJob, *ast.StopJob, *ast.StartJobs, *ast.StopJobs, *ast.SavepointJob, *ast.ResolveTransactions, *ast.DropSavepoint, *ast.Insert:
		return true
	}
	return false
}

// takesEffectNow says, once in a transaction, that it does not hold back what is done.
func (s *session) takesEffectNow(tag string) {
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
	case ast.Savepoint, ast.Release:
		if s.tx == idle {
			return nil, sqlerr.New("25P01", "%s can only be used in transaction blocks", t.Kind)
		}
	case ast.RollbackTo:
		if s.tx == idle {
			return nil, sqlerr.New("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks")
		}
		s.tx = open
		return command("ROLLBACK"), nil
	}
	return command(t.Tag()), nil
}

func (s *session) beginTransaction() {
	s.tx = open
	s.undo = &undo{vars: cloneVars(s.vars), settings: s.settings, database: s.database, local: map[string]former{}}
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

// takesPart refuses what has no meaning outside a transaction.
func (s *session) takesPart(what string) error {
	if s.tx == idle {
		return sqlerr.New("25P01", "%s can only be used in transaction blocks", what)
	}
	return nil
}
