package session

import (
	"context"

	"slipway/conf"
	"slipway/executor/expr"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var _ = register(statement[*ast.QueryStatement]{right: readRows, needs: nothing[*ast.QueryStatement], parameters: true, run: (*session).queried,
	columns: func(s *session, st *ast.QueryStatement, args []plan.Expr) ([]pgwire.Column, error) {
		return s.queryColumns(st.Query, args, s.reading(st))
	}})

// queried answers a SELECT sent on its own.
func (s *session) queried(ctx context.Context, st *ast.QueryStatement, args []plan.Expr) (pgwire.Result, error) {
	r, err := s.rows(ctx, st.Query, args, s.reading(st))
	if err == nil && r.flow != nil && r.flow.Bounded && !r.flow.Limited {
		r.limit = conf.SelectRows.Get(s.settings)
	}
	return r, err
}

// constantSelect tells a SELECT without FROM: it has one row or none.
func constantSelect(q ast.Query) (*ast.Select, bool) {
	c, ok := q.(*ast.Select)
	return c, ok && analyzer.Constant(c)
}

func (s *session) queryColumns(q ast.Query, args []plan.Expr, r sql.Reading) ([]pgwire.Column, error) {
	if c, ok := constantSelect(q); ok {
		row, err := s.oneRow(c, args)
		if err != nil {
			return nil, err
		}
		return s.wireColumns(row.Schema), nil
	}
	flow, err := s.compile(q, args, r)
	if err != nil {
		return nil, err
	}
	return s.wireColumns(flow.Result()), nil
}

func (s *session) compile(q ast.Query, args []plan.Expr, r sql.Reading) (*plan.Dataflow, error) {
	return s.Compiler.Query(s.everything(), s.database, q, args, r)
}

// following reads streams on and on.
func (s *session) following() sql.Reading {
	return sql.Reading{From: conf.SelectStart.Get(s.settings)}
}

// now reads what is there.
func (s *session) now() sql.Reading {
	return sql.Reading{From: conf.SelectStart.Get(s.settings), Bounded: true, Wait: conf.SelectWait.Get(s.settings)}
}

func (s *session) reading(st *ast.QueryStatement) sql.Reading {
	if st.EmitChanges {
		return s.following()
	}
	return s.now()
}

// rows makes ready a query that reads its streams in some way.
func (s *session) rows(ctx context.Context, q ast.Query, args []plan.Expr, reading sql.Reading) (*streamRows, error) {
	if c, ok := constantSelect(q); ok {
		return s.selectConstants(c, args)
	}
	flow, err := s.compile(q, args, reading)
	if err != nil {
		return nil, err
	}
	return &streamRows{s: s, columns: s.wireColumns(flow.Result()), ctx: ctx, flow: flow, row: s.rowsOut()}, nil
}

func (s *session) oneRow(q *ast.Select, args []plan.Expr) (*analyzer.Row, error) {
	return s.Compiler.OneRow(s.everything(), s.database, q, args, s.values())
}

// selectConstants computes a SELECT without FROM.
func (s *session) selectConstants(q *ast.Select, args []plan.Expr) (*streamRows, error) {
	row, err := s.oneRow(q, args)
	if err != nil {
		return nil, err
	}
	r := &streamRows{s: s, columns: s.wireColumns(row.Schema), row: s.rowsOut()}
	r.row.i = -1
	if holds, err := s.holds(row); err != nil || !holds {
		return r, err
	}
	r.row.b, err = expr.Constants(row.Exprs, row.Schema, s.location())
	return r, err
}

// holds tells whether the row is there at all.
func (s *session) holds(row *analyzer.Row) (bool, error) {
	if row.Where == nil || row.None {
		return !row.None, nil
	}
	b, err := expr.Constants([]plan.Expr{row.Where}, types.Schema{{Name: "where", Type: types.Of(types.Boolean)}}, s.location())
	if err != nil {
		return false, err
	}
	return !b.Cols[0].Null(0) && b.Cols[0].Bools[0], nil
}

// values are what functions such as current_user give.
func (s *session) values() map[string]plan.Expr {
	text := func(v string) plan.Expr { return &plan.Const{Typ: types.Of(types.String), Text: v} }
	number := func(n int64) plan.Expr { return &plan.Const{Typ: types.Of(types.Int), Int: n} }
	database, user := text(s.database), text(s.startup.User)
	return map[string]plan.Expr{"current_database": database, "database": database, "current_schema": database, "schema": database, "current_catalog": database,
		"current_user": user, "session_user": user, "user": user, "pg_backend_pid": number(int64(s.startup.PID)), "pg_advisory_unlock_all": text(""),
		"pg_is_in_recovery": &plan.Const{Typ: types.Of(types.Boolean)}}
}

var _ = describe(described{chapter: "Rows", place: 3, form: `query [EMIT CHANGES]`,
	text: "SELECT, VALUES, WITH, UNION and the rest: [queries.md](../queries.md). It answers for what is there now and ends, with `slipway.select.rows` rows at most unless LIMIT says otherwise; with EMIT CHANGES it goes on until it is cancelled.",
	example: `SELECT page, count(*) FROM clicks GROUP BY page ORDER BY page;
SELECT page FROM clicks LIMIT 2 EMIT CHANGES;`}, of[*ast.QueryStatement]())

var _ = describe(described{chapter: "Rows", place: 9, form: `query of the catalog`,
	text:    "A query of `pg_catalog`, `information_schema` and `slipway` alone, in PostgreSQL's dialect: [clients.md](../clients.md).",
	example: `SELECT name, connector FROM slipway.streams WHERE database = current_database();`}, of[*catalogQuery]())
