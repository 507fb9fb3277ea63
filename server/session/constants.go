package session

import (
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// constantSelect tells a SELECT without FROM: it has one row or none.
func constantSelect(q ast.Query) (*ast.Select, bool) {
	c, ok := q.(*ast.Select)
	return c, ok && c.From == nil
}

func (s *session) oneRow(q *ast.Select, args []plan.Expr) (*analyzer.Row, error) {
	return s.Compiler.OneRow(s.Catalog.Snapshot(), s.database, q, args, s.values())
}

// selectConstants computes a SELECT without FROM.
func (s *session) selectConstants(q *ast.Select, args []plan.Expr) (*streamRows, error) {
	row, err := s.oneRow(q, args)
	if err != nil {
		return nil, err
	}
	r := &streamRows{s: s, columns: wireColumns(row.Schema), row: batchRow{i: -1}}
	if holds, err := s.holds(row); err != nil || !holds {
		return r, err
	}
	r.row.b, err = s.Runner.Constants(row.Exprs, row.Schema, s.location())
	return r, err
}

// holds tells whether the row is there at all.
func (s *session) holds(row *analyzer.Row) (bool, error) {
	if row.Where == nil || row.None {
		return !row.None, nil
	}
	b, err := s.Runner.Constants([]plan.Expr{row.Where}, types.Schema{{Name: "where", Type: types.Of(types.Boolean)}}, s.location())
	if err != nil {
		return false, err
	}
	return !b.Cols[0].Null(0) && b.Cols[0].Bools[0], nil
}
