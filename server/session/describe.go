package session

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Describe implements pgwire.Session. The statement is compiled with NULL for its
// parameters; those that the client leaves open take the type of their first use.
func (s *session) Describe(ctx context.Context, st pgwire.Statement, hints []uint32) ([]uint32, []pgwire.Column, error) {
	s.Parts = s.partsNow()
	statement := st.(ast.Statement)
	nulls := make([]plan.Expr, max(len(hints), parameters(statement)))
	for i := range nulls {
		c := &plan.Const{Null: true}
		if i < len(hints) && hints[i] != 0 {
			c.Typ = typeOf(hints[i])
		}
		nulls[i] = c
	}
	columns, err := s.describe(ctx, statement, nulls)
	oids := make([]uint32, len(nulls))
	for i, n := range nulls {
		if oids[i] = n.Type().OID(); i < len(hints) && hints[i] != 0 {
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

func (s *session) describe(ctx context.Context, st ast.Statement, args []plan.Expr) ([]pgwire.Column, error) {
	switch st := st.(type) {
	case *ast.QueryStatement:
		return s.queryColumns(st.Query, args, s.reading(st))
	case *ast.Copy:
		_, err := s.queryColumns(st.Query, args, s.following())
		return nil, err
	case *ast.DeclareCursor:
		_, err := s.queryColumns(st.Query, args, s.declared(st))
		return nil, err
	case *ast.Insert:
		if _, ok := st.Query.(*ast.Values); !ok {
			return nil, nil
		}
		_, rows, err := s.Compiler.Values(s.Catalog.Snapshot(), s.database, st, args, s.values())
		if err != nil {
			return nil, err
		}
		return nil, rows(func([]plan.Expr) error { return nil })
	case *ast.Execute:
		inner := s.prepared[st.Name.Name]
		if inner == nil {
			return nil, nil
		}
		values, err := s.executeArgs(st)
		if err != nil {
			return nil, err
		}
		return s.describe(ctx, inner, values)
	case *ast.Fetch:
		if c := s.cursors[st.Cursor.Name]; c != nil && !st.Move {
			return c.rows.Columns(), nil
		}
		return nil, nil
	}
	t, ok, err := s.show(ctx, st)
	if !ok || err != nil {
		return nil, err
	}
	return t.Columns(), nil
}

func (s *session) queryColumns(q ast.Query, args []plan.Expr, r sql.Reading) ([]pgwire.Column, error) {
	if c, ok := constantSelect(q); ok {
		row, err := s.oneRow(c, args)
		if err != nil {
			return nil, err
		}
		return wireColumns(row.Schema), nil
	}
	flow, err := s.compile(q, args, r)
	if err != nil {
		return nil, err
	}
	return wireColumns(flow.Result()), nil
}

func (s *session) compile(q ast.Query, args []plan.Expr, r sql.Reading) (*plan.Dataflow, error) {
	return s.Compiler.Query(s.Catalog.Snapshot(), s.database, q, args, r)
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
	number := func(n int64) plan.Expr { return &plan.Const{Typ: types.Of(types.Int), Int: n} }
	database, user := text(s.database), text(s.startup.User)
	return map[string]plan.Expr{"current_database": database, "database": database, "current_schema": database, "schema": database, "current_catalog": database,
		"current_user": user, "session_user": user, "user": user, "pg_backend_pid": number(int64(s.startup.PID)), "pg_advisory_unlock_all": text(""),
		"pg_is_in_recovery": &plan.Const{Typ: types.Of(types.Boolean)}}
}

// parameters is the highest $n of a statement. In the normal form only strings,
// quoted names and parameters hold a dollar sign.
func parameters(st ast.Statement) int {
	switch st.(type) {
	case *ast.QueryStatement, *ast.Insert, *ast.Copy, *ast.DeclareCursor:
	default:
		return 0
	}
	highest, text := 0, st.String()
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'', '`':
			for i++; i < len(text) && text[i] != c; i++ {
			}
		case '$':
			end := i + 1
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			n, _ := strconv.ParseUint(text[i+1:end], 10, 16) // 0 of what is too big
			highest = max(highest, int(n))
			i = end - 1
		}
	}
	return highest
}

// typeOf is the type of a parameter that the client declares.
func typeOf(oid uint32) types.Type {
	switch oid {
	case types.OIDBool:
		return types.Of(types.Boolean)
	case types.OIDInt2:
		return types.Of(types.SmallInt)
	case types.OIDInt4:
		return types.Of(types.Int)
	case types.OIDInt8:
		return types.Of(types.BigInt)
	case types.OIDFloat4:
		return types.Of(types.Float)
	case types.OIDFloat8:
		return types.Of(types.Double)
	case types.OIDNumeric:
		return types.NewDecimal(types.MaxDecimalPrecision, 10)
	case types.OIDDate:
		return types.Of(types.Date)
	case types.OIDTimestamp, types.OIDTimestamptz:
		return types.NewTimestamp(types.MaxTimestampPrecision)
	case types.OIDBytea:
		return types.Of(types.Binary)
	case types.OIDUnknown:
		return types.Type{}
	}
	return types.Of(types.String)
}

// arguments turns bound values into constants of the parameters' types.
func arguments(args []pgwire.Arg) ([]plan.Expr, error) {
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		c := &plan.Const{Typ: typeOf(a.OID), Null: a.Null}
		if c.Typ.Kind == types.Null && !a.Null {
			c.Typ = types.Of(types.String)
		}
		if a.Null {
			out[i] = c
			continue
		}
		x, err := parameter(a.Text, c.Typ)
		if err != nil {
			e := sqlerr.From(err)
			return nil, sqlerr.New(e.Code, "parameter $%d: %s", i+1, e.Message)
		}
		out[i] = x
	}
	return out, nil
}

// parameter reads a value that came as text.
func parameter(text string, t types.Type) (*plan.Const, error) {
	if t.Kind != types.Binary {
		return analyzer.ReadText(text, t)
	}
	c := &plan.Const{Typ: t}
	if !fillBinary(c, text) {
		return nil, value.Malformed.Error(t, []byte(text))
	}
	return c, nil
}

func fillBinary(c *plan.Const, text string) bool {
	digits, isHex := strings.CutPrefix(text, `\x`)
	if !isHex {
		c.Text = text
		return true
	}
	raw, err := hex.DecodeString(digits)
	c.Text = string(raw)
	return err == nil
}
