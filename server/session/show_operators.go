package session

import (
	"context"
	"strconv"
	"time"

	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
)

var _ = register(statement[*ast.ShowOperators]{right: inspect, needs: nothing[*ast.ShowOperators], tag: "SHOW OPERATORS", list: (*session).showOperators,
	names: []string{"job", "stage:bigint", "place:bigint", "kind", "name", "id", "tasks:bigint", "rows_in:bigint", "rows_out:bigint", "rows_in_per_s:double", "rows_out_per_s:double",
		"busy:double", "blocked:double", "idle:double", "state_bytes:bigint", "state_rows:bigint", "watermark:timestamp", "skew:double"}})

var _ = showsTable("operators", &ast.ShowOperators{})

// showOperators lists what jobs consist of, and what each part does now. Of a job that does not run the figures are NULL.
func (s *session) showOperators(ctx context.Context, st *ast.ShowOperators, t *table) error {
	return s.eachShown(ctx, st.Job, func(j ha.Status, f job.Status, runs bool) error {
		flow := f.Flow
		if !runs {
			compiled, _, err := s.Runner.Compile(&j.Job)
			if err != nil {
				return s.orWarn(st.Job, &j.Job, err)
			}
			flow = compiled
		}
		for _, l := range sql.Lines(flow) {
			cells := []string{j.Job.FullName(), itoa(int64(l.Stage)), itoa(int64(l.Place)), l.Kind, l.Text, orNull(string(l.ID))}
			if !runs {
				t.add(append(cells, nulls(12)...)...)
				continue
			}
			t.add(append(cells, operatorCells(l, flow.Stages[l.Stage].Source != nil, &f.Stages[l.Stage])...)...)
		}
		return nil
	})
}

// eachShown calls f with every job, or with the one that was asked for, and what it counts if it runs here.
func (s *session) eachShown(ctx context.Context, only *ast.Name, f func(j ha.Status, figures job.Status, runs bool) error) error {
	list := []ha.Status{}
	if only == nil {
		list = s.Jobs.List()
	} else {
		j, err := s.status(*only)
		if err != nil {
			return err
		}
		list = append(list, j)
	}
	for _, j := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		figures, runs := s.Runner.Status(j.Job.ID)
		if err := f(j, figures, runs && figures.Flow != nil); err != nil {
			return err
		}
	}
	return nil
}

// orWarn is an error for who asked for this job, and a warning for who asked for all.
func (s *session) orWarn(only *ast.Name, j *ha.Job, err error) error {
	if only != nil {
		return err
	}
	s.warn("01000", "stream job %s does not compile any more: %v", j.FullName(), err)
	return nil
}

// operatorCells are the figures of a source, an operator or a sink in its stage, whose source comes first.
func operatorCells(l sql.Line, sourced bool, s *job.StageStatus) []string {
	in, out, rate, bytes, rows := s.Out, s.Out, job.Rate{In: s.OutRate, Out: s.OutRate}, int64(0), int64(0)
	op := l.Place
	if sourced {
		op--
	}
	switch {
	case l.Kind == "operator":
		o := s.Operators[op]
		in, out, rate, bytes, rows = o.In, o.Out, s.Rates[op], o.StateBytes, o.StateRows
	case l.Kind == "source":
		in, out, rate = s.In(), s.In(), job.Rate{In: s.InRate(), Out: s.InRate()}
	}
	return append([]string{itoa(int64(s.Tasks)), itoa(in), itoa(out), decimal(rate.In, 1), decimal(rate.Out, 1)},
		append(shareCells(s.Shares), itoa(bytes), itoa(rows), markAt(s.Watermark), orNone(s.Skew(), 3))...)
}

func shareCells(s job.Shares) []string {
	if s == (job.Shares{}) {
		return nulls(3)
	}
	return []string{decimal(s.Busy, 3), decimal(s.Blocked, 3), decimal(s.Idle, 3)}
}

func decimal(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

// orNone is a number that is NULL where it is 0.
func orNone(f float64, digits int) string {
	if f == 0 {
		return null
	}
	return decimal(f, digits)
}

func nulls(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = null
	}
	return out
}

// markAt is a watermark as a time, NULL of none and behind the end.
func markAt(w int64) string {
	if w == executor.NoWatermark || w == executor.EndWatermark {
		return null
	}
	return at(time.UnixMicro(w))
}

var _ = describe(described{chapter: "Stream jobs", place: 11, form: `SHOW OPERATORS [FOR STREAMJOB name]`,
	text: "Lists the sources, operators and sinks of a job, or of all, as EXPLAIN names them, with what they do now: rows and rows a second over the last five to ten seconds; which share of " +
		"the time the tasks of their stage were busy, blocked by what is behind them, and idle (from 0 to 1, the mean of the tasks); state; watermark; and skew, how many times the mean the task has got that got most rows. " +
		"Of a job that does not run the figures are NULL.",
	example: `SHOW OPERATORS FOR STREAMJOB count_pages;`}, of[*ast.ShowOperators]())
