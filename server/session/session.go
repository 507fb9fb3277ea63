// Package session holds one client's state and the one switch from statement to
// action. It knows the protocol only as pgwire's contract.
//
// Invariants:
//   - A declaration takes effect at once and survives a crash when it is answered;
//     a transaction does not hold it back, and says so once.
//   - What a property list or an error may hold of secrets leaves it as ******.
//   - An error's position points into the text of the message that is being answered,
//     or nowhere.
package session

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Parts are what sessions work with.
type Parts struct {
	Compiler   *sql.Compiler
	Catalog    catalog.Store
	Supervisor *ha.Supervisor
	Runner     *jobs.Runner
	Server     *conf.Values
	// Standby is nil on the server that leads.
	Standby *Standby
	Log     *slog.Logger
}

// Standby is a server that others would have to do without: it answers what changes nothing.
type Standby struct {
	// Leader is where the leader's clients connect; empty if nobody knows.
	Leader func() string
	// Heard is the leader and when it gave its last sign of life; zero: none was seen yet.
	Heard func() (address string, at time.Time)
	// Patience is how long a leader may be silent before another is elected.
	Patience time.Duration
}

// Word says whose word the states of jobs are here, and how old it is; leads tells whether
// a leader is known to be there.
func (s *Standby) Word(now time.Time) (word string, leads bool) {
	address, at := s.Heard()
	silence := now.Sub(at)
	age := fmt.Sprintf("%.1f s ago", silence.Seconds())
	switch {
	case address == "":
		return "no server leads", false
	case at.IsZero():
		return "the leader " + address + " has not been heard of yet", false
	case silence > s.Patience:
		return "no server leads; " + address + " did and was heard of " + age, false
	}
	return "the leader " + address + " was heard of " + age, true
}

// Handler makes sessions. Parts are asked for anew at each statement: the server's role
// may have changed.
type Handler struct {
	Parts func() Parts
}

// NewSession implements pgwire.Handler. A database that does not exist is taken for a
// client's habit (its user's name), not for a wish.
func (h *Handler) NewSession(_ context.Context, st pgwire.Startup) (pgwire.Session, error) {
	s := &session{Parts: h.Parts(), partsNow: h.Parts, startup: st, database: catalog.DefaultDatabase, application: defaultApplication, vars: map[string]string{},
		prepared: map[string]ast.Statement{}, cursors: map[string]*cursor{}, tx: idle, settings: conf.Defaults(conf.Session)}
	if s.Catalog.Snapshot().Databases[strings.ToLower(st.Database)] != nil {
		s.database = strings.ToLower(st.Database)
	}
	if err := s.startupSettings(st.Params); err != nil {
		return nil, err
	}
	if s.Standby != nil && st.Status != nil { // libpq's target_session_attrs looks at it
		st.Status("in_hot_standby", "on")
	}
	return s, nil
}

// session is one client's state; one goroutine uses it.
type session struct {
	Parts
	partsNow    func() Parts
	startup     pgwire.Startup
	database    string
	application string
	vars        map[string]string // PostgreSQL's settings that are not at their default
	settings    *conf.Values      // slipway.*
	prepared    map[string]ast.Statement
	cursors     map[string]*cursor
	zone        *time.Location // of vars["timezone"], once it has been needed
	tx          byte
	undo        *undo // of the open transaction
}

// catalogQuery finds texts that ask PostgreSQL's own catalog.
var catalogQuery = regexp.MustCompile(`(?i)\b(pg_catalog|information_schema)\s*\.\s*\w+(\s+\w|\s*[^\s\w(]|\s*$)|\b(from|join)\s+pg_\w+`)

// explain gives a fault of a query on PostgreSQL's catalog its real reason.
func catalogFault(text string, err error) error {
	if err == nil || !catalogQuery.MatchString(text) {
		return err
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "queries of the PostgreSQL catalog are not supported yet").
		WithHint("SHOW STREAMS, SHOW STREAMJOBS, DESCRIBE and SHOW CREATE tell what is declared.")
}

// Parse implements pgwire.Session.
func (s *session) Parse(text string) ([]pgwire.Statement, error) {
	list, err := s.Compiler.Parse(text)
	if err != nil {
		return nil, catalogFault(text, err)
	}
	out := make([]pgwire.Statement, len(list))
	for i, st := range list {
		out[i] = st
	}
	return out, nil
}

// Execute implements pgwire.Session.
func (s *session) Execute(ctx context.Context, st pgwire.Statement, args []pgwire.Arg) (pgwire.Result, error) {
	s.Parts = s.partsNow()
	if s.tx == failed && !leaves(st) {
		return nil, sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	values, err := arguments(args)
	if err != nil {
		return nil, err
	}
	r, err := s.execute(ctx, st.(ast.Statement), values)
	if _, query := st.(*ast.QueryStatement); query {
		err = catalogFault(st.(ast.Statement).Origin().Text, err)
	}
	return r, err
}

// Failed implements pgwire.Session.
func (s *session) Failed() {
	if s.tx == open {
		s.tx = failed
	}
}

// TxStatus implements pgwire.Session.
func (s *session) TxStatus() byte { return s.tx }

// Close implements pgwire.Session.
func (s *session) Close() { s.closeCursors(true) }

// execute is the one switch from statement to action.
func (s *session) execute(ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
	if t, ok, err := s.show(ctx, st); err != nil {
		return nil, err
	} else if ok {
		s.remark(st)
		return t, nil
	}
	if declares(st) {
		if s.Standby != nil {
			return nil, s.standingBy(st.Tag())
		}
		s.takesEffectNow(st.Tag())
	}
	switch st := st.(type) {
	case *ast.QueryStatement:
		return s.queried(ctx, st, args)
	case *ast.Copy:
		return s.copyOut(ctx, st, args)
	case *ast.Insert:
		return s.insert(ctx, st, args)
	case *ast.Transaction:
		return s.transaction(st)
	case *ast.Execute:
		return s.executePrepared(ctx, st)
	case *ast.Fetch:
		return s.fetch(ctx, st)
	}
	if err := s.command(ctx, st, args); err != nil {
		return nil, err
	}
	return command(st.Tag()), nil
}

// standingBy sends the client to the leader.
func (s *session) standingBy(tag string) error {
	e := sqlerr.New(sqlerr.ReadOnly, "cannot execute %s: this server stands by", tag)
	leader := s.Standby.Leader()
	host, port, err := net.SplitHostPort(leader)
	if leader == "" || err != nil {
		return e.WithHint("No server leads at the moment; one is elected within seconds.")
	}
	return e.WithHint("The leader is at %s: psql -h %s -p %s. Clients that are given all servers with target_session_attrs=read-write find it by themselves.", leader, host, port)
}

// command is the part of the switch whose statements answer with their tag alone.
func (s *session) command(ctx context.Context, st ast.Statement, args []plan.Expr) error {
	switch st := st.(type) {
	case *ast.CreateRelation:
		return s.createRelation(ctx, st)
	case *ast.DropRelation:
		return s.dropRelations(ctx, st)
	case *ast.CreateDatabase:
		return s.createDatabase(ctx, st)
	case *ast.DropDatabase:
		return s.dropDatabase(ctx, st)
	case *ast.UseDatabase:
		return s.use(st.Name)
	case *ast.CreateApplication:
		return s.createApplication(ctx, st)
	case *ast.DropApplication:
		return s.dropApplication(ctx, st)
	case *ast.UseApplication:
		return s.useApplication(st)
	case *ast.CreateJob:
		return s.createJob(ctx, st)
	case *ast.StartJob:
		return s.startJob(ctx, st)
	case *ast.StopJob:
		return s.stopJob(ctx, st)
	case *ast.ResolveTransactions:
		return s.resolveTransactions(ctx, st)
	case *ast.SavepointJob:
		return s.takeSavepoint(ctx, st)
	case *ast.DropSavepoint:
		return s.dropSavepoint(ctx, st)
	case *ast.DropJob:
		return s.dropJob(ctx, st)
	case *ast.AlterRelation:
		return s.alterRelation(ctx, st)
	case *ast.Rename:
		return s.rename(ctx, st)
	case *ast.AlterJob:
		return s.alterJob(ctx, st)
	case *ast.StartJobs:
		return s.eachJob(func(name string) error { return s.start(ctx, name, ha.StartFrom{}) })
	case *ast.StopJobs:
		return s.eachJob(func(name string) error { return s.stop(ctx, name, "") })
	case *ast.Set:
		return s.set(st)
	case *ast.Reset:
		return s.reset(st)
	case *ast.Discard:
		return s.discard(st)
	case *ast.Prepare:
		return s.prepare(st)
	case *ast.Deallocate:
		return s.deallocate(st)
	case *ast.DeclareCursor:
		return s.declare(ctx, st, args)
	case *ast.CloseCursor:
		return s.closeCursor(st)
	case *ast.Listen, *ast.Unlisten: // taken, nothing is ever notified
		return nil
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported yet", st.Tag())
}

// levels order what client_min_messages leaves out.
var levels = map[string]int{"debug": 0, "log": 1, "notice": 2, "warning": 3, "error": 4}

func (s *session) tell(e *sqlerr.Error, level string) {
	if least, ok := levels[strings.ToLower(s.variable("client_min_messages"))]; !ok || levels[level] >= least {
		s.startup.Notice(e)
	}
}

func (s *session) notice(format string, args ...any) {
	s.tell(sqlerr.Notice(format, args...), "notice")
}

func (s *session) warn(code sqlerr.Code, format string, args ...any) {
	e := sqlerr.New(code, format, args...)
	e.Severity = sqlerr.SeverityWarning
	s.tell(e, "warning")
}
