package session

import (
	"context"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.Explain]{right: inspect, needs: nothing[*ast.Explain], tag: "EXPLAIN", columns: explainColumns, list: (*session).explain})
	_ = register(statement[*ast.ExplainJob]{right: inspect,
		needs: onJob(catalog.Read, func(st *ast.ExplainJob) (ast.Name, bool) { return st.Name, true }),
		tag:   "EXPLAIN", names: []string{"plan"}, list: (*session).explainJob})
)

// explainColumns refuses $n: a plan is of a statement whose values are there.
func explainColumns(_ *session, st *ast.Explain, _ []plan.Expr) (columns []pgwire.Column, err error) {
	ast.Walk(st.Statement, func(n ast.Node) bool {
		if p, ok := n.(*ast.Param); ok && err == nil {
			err = sqlerr.At(p.Pos, sqlerr.UndefinedParameter, "there is no parameter $%d", p.N)
		}
		return err == nil
	})
	return textColumns("plan"), err
}

func (s *session) explain(_ context.Context, st *ast.Explain, t *table) error {
	flow, err := s.explained(st.Statement)
	if err != nil {
		return err
	}
	t.addLines(sql.Explain(flow))
	return nil
}

// explained is the dataflow that a statement would run.
func (s *session) explained(st ast.Statement) (*plan.Dataflow, error) {
	switch st := st.(type) {
	case *ast.QueryStatement:
		return s.compile(st.Query, nil, s.reading(st))
	case *ast.Insert:
		return s.newFlow([]*ast.Insert{st}, conf.Defaults(conf.Job))
	case *ast.StatementSet:
		return s.newFlow(st.Inserts, conf.Defaults(conf.Job))
	case *ast.CreateJob:
		v, err := s.jobSettings(st.Properties)
		if err != nil {
			return nil, err
		}
		return s.newFlow(st.Inserts, v)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN takes a query, an INSERT or a CREATE STREAMJOB")
}

// newFlow is the dataflow of a job that would be made now.
func (s *session) newFlow(list []*ast.Insert, v *conf.Values) (*plan.Dataflow, error) {
	flow, _, err := s.Compiler.NewJob(s.everything(), s.database, list, v)
	return flow, err
}

func (s *session) explainJob(ctx context.Context, st *ast.ExplainJob, t *table) error {
	j, err := s.status(st.Name)
	if err != nil {
		return err
	}
	if st.Analyze {
		return s.explainRunning(ctx, st.Name, &j.Job, t)
	}
	flow, _, err := s.Runner.Compile(&j.Job)
	if err != nil {
		return err
	}
	t.addLines(sql.Explain(flow))
	return nil
}

func (t *table) addLines(lines []string) {
	for _, l := range lines {
		t.add(l)
	}
}

var _ = describe(described{chapter: "Stream jobs", place: 3, form: `EXPLAIN query | INSERT … | CREATE STREAMJOB …
EXPLAIN [ANALYZE] STREAMJOB name`,
	text: "Shows the plan: operators, keys, whether rows are final or corrected and why, what each operator keeps and until when. ANALYZE adds rates and sizes of the job that runs.",
	example: `EXPLAIN SELECT page, count(*) FROM clicks GROUP BY page;
EXPLAIN ANALYZE STREAMJOB count_pages;`}, of[*ast.ExplainJob](), of[*ast.Explain]())
