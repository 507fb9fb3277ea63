package session

import (
	"context"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/plan"
)

var _ = register(statement[*ast.Insert]{right: writeRows, needs: nothing[*ast.Insert], changes: true, parameters: true, run: (*session).insert,
	columns: func(s *session, st *ast.Insert, args []plan.Expr) ([]pgwire.Column, error) {
		if _, ok := st.Query.(*ast.Values); !ok {
			return nil, nil
		}
		_, rows, err := s.Compiler.Values(s.everything(), s.database, st, args, s.values())
		if err != nil {
			return nil, err
		}
		return nil, rows(func([]plan.Expr) error { return nil })
	}})

// insert produces records, or begins a temporary job.
func (s *session) insert(ctx context.Context, i *ast.Insert, args []plan.Expr) (pgwire.Result, error) {
	if _, ok := i.Query.(*ast.Values); ok {
		return s.insertValues(ctx, i, args)
	}
	if err := s.temporaryJob(ctx, []*ast.Insert{i}); err != nil {
		return nil, err
	}
	return command("INSERT 0 0"), nil
}

func (s *session) insertValues(ctx context.Context, i *ast.Insert, args []plan.Expr) (pgwire.Result, error) {
	target, rows, err := s.Compiler.Values(s.everything(), s.database, i, args, s.values())
	if err != nil {
		return nil, err
	}
	n, err := s.Queries.Insert(ctx, target, rows, s.location())
	if err != nil {
		return nil, err
	}
	return command("INSERT 0 " + itoa(int64(n))), nil
}

// temporaryJob begins a job without a name.
func (s *session) temporaryJob(ctx context.Context, list []*ast.Insert) error {
	flow, v, err := s.compileJob(list, conf.Defaults(conf.Job))
	if err != nil {
		return err
	}
	j := s.newJob(list, flow)
	j.Name, j.Database, j.Temporary, j.Properties = j.ID, s.database, true, withChosen(nil, v)
	warning, err := s.Jobs.Create(ctx, j)
	if err != nil {
		return err
	}
	s.notice("temporary stream job %s is running; STOP STREAMJOB `%s` ends it", j.ID, j.ID)
	s.warnNotRunning(j.ID, warning)
	return nil
}

var _ = describe(described{chapter: "Rows", place: 1, form: `INSERT INTO name [(column, …)] VALUES (value, …), … | query`,
	text: "VALUES writes records, and answers when the brokers have them. A query that ends does, too; one over streams that do not end is a temporary job with a name of its own, which STOP STREAMJOB ends.",
	example: `INSERT INTO clicks VALUES ('/home', 20, '2026-01-01 10:00:00'), ('/buy', 300, '2026-01-01 10:00:01');
INSERT INTO clicks (page, ms) SELECT '/' || n, n FROM generate_series(1, 3) AS t (n);`}, of[*ast.Insert]())
