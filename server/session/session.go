// Package session holds one client's state and the one switch from statement to
// action. It knows the protocol only as pgwire's contract.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"slipway/conf"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Parts are what sessions work with.
type Parts struct {
	Compiler   *sql.Compiler
	Catalog    catalog.Store
	Supervisor *ha.Supervisor
	Runner     *jobs.Runner
	Metadata   Checkpoints
	Server     *conf.Values
	Log        *slog.Logger
}

// Handler makes sessions.
type Handler struct {
	Parts
	serial atomic.Int64
}

// NewSession implements pgwire.Handler.
func (h *Handler) NewSession(_ context.Context, st pgwire.Startup) (pgwire.Session, error) {
	s := &session{Parts: h.Parts, startup: st, database: catalog.DefaultDatabase, application: "default", vars: map[string]string{}, id: h.serial.Add(1),
		prepared: map[string]ast.Statement{}, cursors: map[string]*cursor{}, tx: 'I'}
	if h.Catalog.Snapshot().Databases[strings.ToLower(st.Database)] != nil {
		s.database = strings.ToLower(st.Database)
	}
	s.settings = conf.Defaults(conf.Session)
	return s, nil
}

// session is one client's state; one goroutine uses it.
type session struct {
	Parts
	startup     pgwire.Startup
	id          int64
	database    string
	application string
	vars        map[string]string
	settings    *conf.Values // slipway.*
	prepared    map[string]ast.Statement
	cursors     map[string]*cursor
	tx          byte
}

// Parse implements pgwire.Session.
func (s *session) Parse(text string) ([]pgwire.Statement, error) {
	list, err := s.Compiler.Parse(text)
	if lower := strings.ToLower(text); err != nil && (strings.Contains(lower, "pg_catalog.") || strings.Contains(lower, "information_schema.")) {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "queries of the PostgreSQL catalog are not supported yet").
			WithHint("SHOW STREAMS, SHOW STREAMJOBS, DESCRIBE and SHOW CREATE tell what is declared.")
	}
	if err != nil {
		return nil, err
	}
	out := make([]pgwire.Statement, len(list))
	for i, st := range list {
		out[i] = st
	}
	return out, nil
}

// Describe implements pgwire.Session.
func (s *session) Describe(ctx context.Context, st pgwire.Statement, hints []uint32) ([]uint32, []pgwire.Column, error) {
	params := parameters(st.(ast.Statement), hints)
	nulls := make([]plan.Expr, len(params))
	for i := range nulls {
		nulls[i] = &plan.Const{Typ: typeOf(params[i]), Null: true}
	}
	columns, err := s.describe(ctx, st.(ast.Statement), nulls)
	return params, columns, err
}

// parameters counts $n; what the client does not hint at is text.
func parameters(st ast.Statement, hints []uint32) []uint32 {
	n := len(hints)
	text := st.Origin().Text
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		k := 0
		for i++; i < len(text) && text[i] >= '0' && text[i] <= '9' && k < 1000; i++ {
			k = k*10 + int(text[i]-'0')
		}
		n = max(n, k)
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = types.OIDText
		if i < len(hints) && hints[i] != 0 {
			out[i] = hints[i]
		}
	}
	return out
}

func typeOf(oid uint32) types.Type {
	switch oid {
	case types.OIDInt2, types.OIDInt4, types.OIDInt8:
		return types.Of(types.BigInt)
	case types.OIDFloat4, types.OIDFloat8:
		return types.Of(types.Double)
	case types.OIDBool:
		return types.Of(types.Boolean)
	}
	return types.Of(types.String)
}

// arguments turns bound values into constants.
func arguments(args []pgwire.Arg) []plan.Expr {
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		out[i] = &plan.Const{Typ: types.Of(types.String), Null: a.Null, Text: a.Text}
		if !a.Null {
			out[i] = guess(a.Text)
		}
	}
	return out
}

// guess gives a number that is written as one its type; everything else is text.
func guess(text string) plan.Expr {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err == nil && fmt.Sprint(n) == text {
		return &plan.Const{Typ: types.Of(types.BigInt), Int: n}
	}
	return &plan.Const{Typ: types.Of(types.String), Text: text}
}

func (s *session) describe(ctx context.Context, st ast.Statement, args []plan.Expr) ([]pgwire.Column, error) {
	switch st := st.(type) {
	case *ast.QueryStatement:
		return s.queryColumns(st.Query, args)
	case *ast.Execute:
		if inner := s.prepared[st.Name.Name]; inner != nil {
			return s.describe(ctx, inner, args)
		}
		return nil, nil
	case *ast.Fetch:
		if c := s.cursors[st.Cursor.Name]; c != nil {
			return c.Columns(), nil
		}
		return nil, nil
	}
	t, ok, err := s.show(ctx, st)
	if !ok || err != nil {
		return nil, err
	}
	return t.Columns(), nil
}

func (s *session) queryColumns(q ast.Query, args []plan.Expr) ([]pgwire.Column, error) {
	if c, ok := constantSelect(q); ok {
		_, schema, err := s.Compiler.Constants(s.Catalog.Snapshot(), s.database, c, args, s.values())
		return wireColumns(schema), err
	}
	flow, err := s.compile(q, args)
	if err != nil {
		return nil, err
	}
	return wireColumns(flow.Output), nil
}

func constantSelect(q ast.Query) (*ast.Select, bool) {
	c, ok := q.(*ast.Select)
	return c, ok && c.From == nil
}

func (s *session) compile(q ast.Query, args []plan.Expr) (*plan.Dataflow, error) {
	return s.Compiler.Query(s.Catalog.Snapshot(), s.database, q, args, conf.SelectStart.Get(s.settings))
}

func wireColumns(schema types.Schema) []pgwire.Column {
	out := make([]pgwire.Column, len(schema))
	for i, c := range schema {
		out[i] = pgwire.Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// values are what functions such as current_user give.
func (s *session) values() map[string]plan.Expr {
	text := func(v string) plan.Expr { return &plan.Const{Typ: types.Of(types.String), Text: v} }
	return map[string]plan.Expr{"current_database": text(s.database), "database": text(s.database), "current_schema": text(s.database), "schema": text(s.database),
		"current_catalog": text(s.database), "current_user": text(s.startup.User), "session_user": text(s.startup.User), "user": text(s.startup.User),
		"pg_backend_pid": &plan.Const{Typ: types.Of(types.Int), Int: s.id}}
}

// Execute implements pgwire.Session.
func (s *session) Execute(ctx context.Context, st pgwire.Statement, args []pgwire.Arg) (pgwire.Result, error) {
	if s.tx == 'E' {
		if t, ok := st.(*ast.Transaction); !ok || t.Kind != ast.Rollback && t.Kind != ast.Commit && t.Kind != ast.RollbackTo {
			return nil, sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
		}
	}
	return s.execute(ctx, st.(ast.Statement), arguments(args))
}

// Failed implements pgwire.Session.
func (s *session) Failed() {
	if s.tx == 'T' {
		s.tx = 'E'
	}
}

// TxStatus implements pgwire.Session.
func (s *session) TxStatus() byte { return s.tx }

// Close implements pgwire.Session.
func (s *session) Close() {
	for name, c := range s.cursors {
		c.Close()
		delete(s.cursors, name)
	}
}

func (s *session) notice(format string, args ...any) {
	s.startup.Notice(sqlerr.Notice(format, args...))
}

func (s *session) warn(format string, args ...any) {
	e := sqlerr.New("01000", format, args...)
	e.Severity = sqlerr.SeverityWarning
	s.startup.Notice(e)
}

// ddl says once per statement that a transaction does not hold a declaration back.
func (s *session) ddl(tag string) {
	if s.tx == 'T' {
		s.notice("%s takes effect at once: transactions do not cover declarations", tag)
	}
}

// execute is the one switch from statement to action.
func (s *session) execute(ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
	if t, ok, err := s.show(ctx, st); ok || err != nil {
		return t, err
	}
	tag := st.Tag()
	done := func(err error) (pgwire.Result, error) {
		if err != nil {
			return nil, err
		}
		return command(tag), nil
	}
	switch st := st.(type) {
	case *ast.QueryStatement:
		return s.selectRows(ctx, st.Query, args, false)
	case *ast.Copy:
		return s.copyOut(ctx, st)
	case *ast.Insert:
		return s.insert(ctx, st, args)
	case *ast.CreateRelation:
		s.ddl(tag)
		return done(s.createRelation(ctx, st))
	case *ast.DropRelation:
		s.ddl(tag)
		return done(s.dropRelations(ctx, st))
	case *ast.CreateDatabase:
		return done(s.createDatabase(ctx, st))
	case *ast.DropDatabase:
		return done(s.dropDatabase(ctx, st))
	case *ast.UseDatabase:
		return done(s.use(st.Name))
	case *ast.CreateApplication:
		return done(s.createApplication(ctx, st))
	case *ast.DropApplication:
		return done(s.dropApplication(ctx, st))
	case *ast.UseApplication:
		return done(s.useApplication(st))
	case *ast.CreateJob:
		s.ddl(tag)
		return done(s.createJob(ctx, st))
	case *ast.StartJob:
		return done(s.startJob(ctx, st))
	case *ast.StopJob:
		return done(s.stopJob(ctx, st))
	case *ast.DropJob:
		s.ddl(tag)
		return done(s.dropJob(ctx, st))
	case *ast.AlterJob:
		return done(s.alterJob(ctx, st))
	case *ast.StartJobs:
		return done(s.eachJob(func(name string) error { return s.start(ctx, name, ha.StartFrom{}) }))
	case *ast.StopJobs:
		return done(s.eachJob(func(name string) error { return s.stop(ctx, name, "") }))
	case *ast.Transaction:
		return s.transaction(st)
	case *ast.Set:
		return done(s.set(st))
	case *ast.Reset:
		return done(s.reset(st))
	case *ast.Discard:
		s.Close()
		clear(s.prepared)
		return command(tag), nil
	case *ast.Prepare:
		s.prepared[st.Name.Name] = st.Statement
		return command(tag), nil
	case *ast.Execute:
		return s.executePrepared(ctx, st)
	case *ast.Deallocate:
		return done(s.deallocate(st))
	case *ast.DeclareCursor:
		return done(s.declare(ctx, st))
	case *ast.Fetch:
		return s.fetch(ctx, st)
	case *ast.CloseCursor:
		return done(s.closeCursor(st))
	case *ast.Listen, *ast.Unlisten:
		return command(tag), nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported yet", tag)
}

func (s *session) transaction(t *ast.Transaction) (pgwire.Result, error) {
	switch t.Kind {
	case ast.Begin, ast.StartTransaction:
		if s.tx == 'T' {
			s.warn("there is already a transaction in progress")
		}
		s.tx = 'T'
	case ast.Commit, ast.Rollback:
		if s.tx == 'I' {
			s.warn("there is no transaction in progress")
		}
		failed := s.tx == 'E'
		s.tx = 'I'
		if failed {
			return command("ROLLBACK"), nil
		}
	case ast.RollbackTo:
		if s.tx == 'E' {
			s.tx = 'T'
		}
		return command("ROLLBACK"), nil
	}
	return command(t.Tag()), nil
}

func (s *session) executePrepared(ctx context.Context, e *ast.Execute) (pgwire.Result, error) {
	inner := s.prepared[e.Name.Name]
	if inner == nil {
		return nil, sqlerr.At(e.Name.Pos, sqlerr.InvalidStatementName, "prepared statement %q does not exist", e.Name.Name)
	}
	var args []plan.Expr
	if len(e.Args) > 0 {
		items := make([]ast.SelectItem, len(e.Args))
		for i, x := range e.Args {
			items[i] = ast.SelectItem{X: x}
		}
		var err error
		if args, _, err = s.Compiler.Constants(s.Catalog.Snapshot(), s.database, &ast.Select{Items: items}, nil, s.values()); err != nil {
			return nil, err
		}
	}
	return s.execute(ctx, inner, args)
}

func (s *session) deallocate(d *ast.Deallocate) error {
	if d.All {
		clear(s.prepared)
		return nil
	}
	if s.prepared[d.Name.Name] == nil {
		return sqlerr.At(d.Name.Pos, sqlerr.InvalidStatementName, "prepared statement %q does not exist", d.Name.Name)
	}
	delete(s.prepared, d.Name.Name)
	return nil
}

// plainVars are PostgreSQL's settings that clients set; we keep them and no more.
var plainVars = map[string]string{"client_encoding": "UTF8", "datestyle": "ISO, MDY", "timezone": "UTC", "search_path": "default", "application_name": "",
	"extra_float_digits": "1", "client_min_messages": "notice", "standard_conforming_strings": "on", "statement_timeout": "0", "lock_timeout": "0",
	"idle_in_transaction_session_timeout": "0", "transaction_isolation": "read committed", "transaction_read_only": "off", "transaction_deferrable": "off",
	"default_transaction_isolation": "read committed", "default_transaction_read_only": "off", "default_transaction_deferrable": "off", "bytea_output": "hex", "intervalstyle": "postgres",
	"server_version": "13.14", "server_encoding": "UTF8", "max_identifier_length": "63", "integer_datetimes": "on", "row_security": "on", "xmloption": "content", "jit": "off"}

func (s *session) set(st *ast.Set) error {
	value := strings.Join(st.Values, ", ")
	if st.Name == "search_path" && !st.Default && len(st.Values) > 0 {
		return s.use(ast.Ident{Pos: st.ValuePos, Name: strings.ToLower(st.Values[0])})
	}
	if _, ok := plainVars[st.Name]; ok {
		s.vars[st.Name] = value
		if st.Default {
			delete(s.vars, st.Name)
		}
		return nil
	}
	list := s.settings.Properties()
	for i := range list {
		if strings.EqualFold(list[i].Key, st.Name) {
			list = append(list[:i], list[i+1:]...)
			break
		}
	}
	if !st.Default {
		list = append(list, conf.Property{Key: st.Name, Value: value, KeyPos: st.Pos, ValuePos: st.ValuePos})
	}
	v, notices, err := conf.Parse(conf.Session, list)
	if err != nil {
		e := sqlerr.From(sql.SettingError(err))
		if strings.HasPrefix(e.Message, "unknown") {
			e.Code, e.Message = sqlerr.UndefinedObject, fmt.Sprintf("unrecognized configuration parameter %q", st.Name)
		}
		return e
	}
	for _, n := range notices {
		s.notice("%s", n.Message)
	}
	s.settings = v
	return nil
}

func (s *session) reset(r *ast.Reset) error {
	if r.All {
		clear(s.vars)
		s.settings = conf.Defaults(conf.Session)
		return nil
	}
	return s.set(&ast.Set{Pos: r.Pos, Name: r.Name, Default: true, ValuePos: ast.NoPos})
}

func (s *session) use(n ast.Ident) error {
	if s.Catalog.Snapshot().Databases[n.Name] == nil {
		if n.Name == "public" || n.Name == "pg_catalog" { // what clients say without thinking
			return nil
		}
		return sqlerr.At(n.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", n.Name)
	}
	s.database = n.Name
	return nil
}

// cursor is a declared query that is being read.
type cursor struct{ pgwire.Result }

func (s *session) declare(ctx context.Context, d *ast.DeclareCursor) error {
	if s.tx == 'I' && !d.Hold {
		return sqlerr.New("25P01", "DECLARE CURSOR can only be used in transaction blocks")
	}
	if s.cursors[d.Name.Name] != nil {
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateCursor, "cursor %q already exists", d.Name.Name)
	}
	r, err := s.selectRows(context.WithoutCancel(ctx), d.Query, nil, true)
	if err != nil {
		return err
	}
	s.cursors[d.Name.Name] = &cursor{r}
	return nil
}

func (s *session) closeCursor(c *ast.CloseCursor) error {
	if c.All {
		s.Close()
		return nil
	}
	cur := s.cursors[c.Name.Name]
	if cur == nil {
		return sqlerr.At(c.Name.Pos, sqlerr.InvalidCursorName, "cursor %q does not exist", c.Name.Name)
	}
	delete(s.cursors, c.Name.Name)
	cur.Close()
	return nil
}

// translateJob brings the supervisor's errors to the client's form.
func translateJob(n ast.Name, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ha.ErrNoJob):
		return sqlerr.At(n.Pos, sqlerr.UndefinedObject, "stream job %q does not exist", n.Name)
	case errors.Is(err, ha.ErrExists):
		return sqlerr.At(n.Pos, sqlerr.DuplicateObject, "stream job %q already exists", n.Name)
	}
	return err
}
