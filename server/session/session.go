// Package session holds one client's state and the table of statements. It knows the
// protocol only as pgwire's contract, and jobs and dataflows only by the interfaces of Parts.
//
// Invariants:
//   - A declaration takes effect at once and survives a crash when it is answered;
//     a transaction does not hold it back, and says so once.
//   - What a property list or an error may hold of secrets leaves it as ******.
//   - An error's position points into the text of the message that is being answered,
//     or nowhere.
//   - Describing a statement runs nothing.
package session

import (
	"context"
	"reflect"
	"strings"
	"time"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Handler makes sessions. Parts are asked for anew at each statement: the server's role
// may have changed.
type Handler struct {
	Parts func() Parts
}

// NewSession implements pgwire.Handler. A database that does not exist is not an
// error: clients that were given none send their user's name.
func (h *Handler) NewSession(_ context.Context, st pgwire.Startup) (pgwire.Session, error) {
	if strings.HasPrefix(st.Application, "pg_dump") { // it would read the whole catalog before it finds nothing to lock
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported: streams are not tables that could be dumped", st.Application).
			WithHint("SHOW CREATE gives the statement of a stream, a table, a view, a function or a stream job; \\copy gives rows.")
	}
	s := &session{
		partsNow: h.Parts, statements: statements, startup: st,
		database: catalog.DefaultDatabase, application: defaultApplication,
		vars: map[string]string{}, settings: conf.Defaults(conf.Session),
		prepared: map[string]ast.Statement{}, cursors: map[string]*cursor{},
		tx: idle,
	}
	s.guard(h.Parts())
	if s.Catalog.Snapshot().Databases[strings.ToLower(st.Database)] != nil {
		s.database = strings.ToLower(st.Database)
	}
	s.home = s.database
	if err := s.checkConnections(s.account()); err != nil {
		return nil, err
	}
	s.beginAs(s.account())
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
	Parts       // what the client sees of them
	partsNow    func() Parts
	stored      catalog.Store // what there is behind Parts.Catalog
	supervised  Jobs          // and behind Parts.Jobs
	rights      known
	read        []*catalog.Relation // what the statement that is compiled names
	statements  map[reflect.Type]line
	startup     pgwire.Startup
	home        string // the database of the connection, to which RESET goes back
	database    string
	application string
	vars        map[string]string // PostgreSQL's settings that are not at their default
	settings    *conf.Values      // slipway.*
	prepared    map[string]ast.Statement
	cursors     map[string]*cursor
	zone        *time.Location // of vars["timezone"], once it has been needed
	tx          byte
	undo        *undo  // of the open transaction
	deaf        func() // ends LISTEN; nil: the client does not listen
}

// Parse implements pgwire.Session.
func (s *session) Parse(text string) ([]pgwire.Statement, error) {
	list, err := s.parse(text)
	s.auditUnreadable(text, err)
	return list, err
}

// Execute implements pgwire.Session.
func (s *session) Execute(ctx context.Context, st pgwire.Statement, args []pgwire.Arg) (pgwire.Result, error) {
	s.guard(s.partsNow())
	if q, ok := st.(*catalogQuery); ok {
		if s.tx == failed {
			return nil, errFailed
		}
		return s.askCatalog(ctx, q, args)
	}
	parsed := st.(ast.Statement)
	if l, err := s.line(parsed); s.tx == failed && (err != nil || !l.block(parsed).recovers) {
		return nil, errFailed
	}
	values, err := arguments(args)
	if err != nil {
		return nil, err
	}
	return s.execute(ctx, parsed, values)
}

var errFailed = sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")

// Describe implements pgwire.Session. The statement is compiled with NULL for its
// parameters; those that the client leaves open take the type of their first use.
func (s *session) Describe(_ context.Context, st pgwire.Statement, hints []uint32) ([]uint32, []pgwire.Column, error) {
	s.guard(s.partsNow())
	if q, ok := st.(*catalogQuery); ok {
		return describeCatalog(q, hints)
	}
	statement := st.(ast.Statement)
	nulls := make([]plan.Expr, max(len(hints), s.parameters(statement)))
	for i := range nulls {
		c := &plan.Const{Null: true}
		if i < len(hints) && hints[i] != 0 {
			c.Typ = typeOf(hints[i])
		}
		nulls[i] = c
	}
	columns, err := s.describe(statement, nulls)
	oids := make([]uint32, len(nulls))
	for i, n := range nulls {
		if oids[i] = n.Type().ParameterOID(); i < len(hints) && hints[i] != 0 {
			oids[i] = hints[i]
		}
	}
	return oids, columns, err
}

// Cursor implements pgwire.Session.
func (s *session) Cursor(name string) ([]pgwire.Column, bool) {
	c := s.cursors[name]
	if c == nil {
		return nil, false
	}
	return c.rows.Columns(), true
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
func (s *session) Close() {
	s.endListening()
	s.closeCursors(true)
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

// unless is the answer of CREATE to what is there and of DROP to what is not: an error, or,
// with IF [NOT] EXISTS, a notice.
func (s *session) unless(skip bool, e *sqlerr.Error) error {
	if !skip {
		return e
	}
	s.notice("%s, skipping", e.Message)
	return nil
}

func (s *session) warn(code sqlerr.Code, format string, args ...any) {
	e := sqlerr.New(code, format, args...)
	e.Severity = sqlerr.SeverityWarning
	s.tell(e, "warning")
}
