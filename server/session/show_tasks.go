package session

import (
	"context"

	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql/ast"
)

var _ = register(statement[*ast.ShowTasks]{right: inspect, needs: nothing[*ast.ShowTasks], tag: "SHOW TASKS", list: (*session).showTasks,
	names: []string{"job", "stage:bigint", "task:bigint", "rows_in:bigint", "rows_out:bigint", "rows_in_per_s:double", "rows_out_per_s:double",
		"busy:double", "blocked:double", "idle:double", "state_bytes:bigint", "state_rows:bigint", "watermark:timestamp", "phase"}})

var _ = showsTable("tasks", &ast.ShowTasks{})

// showTasks lists the tasks of running jobs.
func (s *session) showTasks(ctx context.Context, st *ast.ShowTasks, t *table) error {
	return s.eachShown(ctx, st.Job, func(j ha.Status, f job.Status, runs bool) error {
		for i := range f.Stages {
			for _, x := range f.Stages[i].Each {
				cells := []string{j.Job.FullName(), itoa(int64(x.Stage)), itoa(int64(x.Subtask)), itoa(x.In), itoa(x.Out), decimal(x.InRate, 1), decimal(x.OutRate, 1)}
				cells = append(cells, shareCells(x.Shares)...)
				t.add(append(cells, itoa(x.StateBytes), itoa(x.StateRows), markAt(x.Watermark), x.Phase)...)
			}
		}
		return nil
	})
}

var _ = describe(described{chapter: "Stream jobs", place: 12, form: `SHOW TASKS [FOR STREAMJOB name]`,
	text: "Lists the tasks of what runs: rows that came in and went out, rows a second over the last five to ten seconds, the shares of the time in which it worked, was blocked by what is behind it, " +
		"and had nothing to do (together 1), its state, its watermark, and what it does for a checkpoint.",
	example: `SHOW TASKS FOR STREAMJOB count_pages;`}, of[*ast.ShowTasks]())
