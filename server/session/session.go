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
	"regexp"
	"strings"
	"time"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Handler makes sessions. Parts are asked for anew at each statement: the server's role
// may have changed.
type Handler struct {
	Parts func() Parts
}

// NewSession implements pgwire.Handler. A database that does not exist is not an
// error: clients that were given none send their user's name.
func (h *Handler) NewSession(_ context.Context, st pgwire.Startup) (pgwire.Session, error) {
	s := &session{
		Parts: h.Parts(), partsNow: h.Parts, statements: statements, startup: st,
		database: catalog.DefaultDatabase, application: defaultApplication,
		vars: map[string]string{}, settings: conf.Defaults(conf.Session),
		prepared: map[string]ast.Statement{}, cursors: map[string]*cursor{},
		tx: idle,
	}
	if s.Catalog.Snapshot().Databases[strings.ToLower(st.Database)] != nil {
		s.database = strings.ToLower(st.Database)
	}
	s.home = s.database
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
	undo        *undo // of the open transaction
}

// catalogQuery finds texts that ask PostgreSQL's own catalog.
var catalogQuery = regexp.MustCompile(`(?i)\b(pg_catalog|information_schema)\s*\.\s*\w+(\s+\w|\s*[^\s\w(]|\s*$)|\b(from|join)\s+pg_\w+`)

// longestCatalogQuery is more than tools send: what is longer is not searched.
const longestCatalogQuery = 100_000

// catalogFault gives a fault of a query on PostgreSQL's catalog its real reason.
func catalogFault(text string, err error) error {
	if err == nil || len(text) > longestCatalogQuery || !catalogQuery.MatchString(text) {
		return err
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "queries of the PostgreSQL catalog are not supported yet").
		WithHint("SHOW STREAMS, SHOW STREAMJOBS, DESCRIBE and SHOW CREATE tell what is declared.")
}

// Parse implements pgwire.Session.
func (s *session) Parse(text string) ([]pgwire.Statement, error) {
	if q, err := driverQuestion(text); q != nil || err != nil {
		return []pgwire.Statement{q}, err
	}
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
	parsed := st.(ast.Statement)
	if question, ok := st.(*typeQuestion); ok && s.tx != failed {
		values, err := arguments(args)
		return question.answer(values), err
	}
	if l, err := s.line(parsed); s.tx == failed && (err != nil || !l.block(parsed).recovers) {
		return nil, sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	values, err := arguments(args)
	if err != nil {
		return nil, err
	}
	r, err := s.execute(ctx, parsed, values)
	if _, query := st.(*ast.QueryStatement); query {
		err = catalogFault(parsed.Origin().Text, err)
	}
	return r, err
}

// Describe implements pgwire.Session. The statement is compiled with NULL for its
// parameters; those that the client leaves open take the type of their first use.
func (s *session) Describe(_ context.Context, st pgwire.Statement, hints []uint32) ([]uint32, []pgwire.Column, error) {
	s.Parts = s.partsNow()
	statement := st.(ast.Statement)
	if _, ok := st.(*typeQuestion); ok {
		return []uint32{types.OIDOids}, typeQuestionColumns, nil
	}
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
	return oids, columns, catalogFault(statement.Origin().Text, err)
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
func (s *session) Close() { s.closeCursors(true) }

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
