package session

import (
	"context"

	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql/ast"
)

var _ = register(statement[*ast.ShowSplits]{right: inspect, needs: nothing[*ast.ShowSplits], tag: "SHOW SPLITS", list: (*session).showSplits,
	names: []string{"job", "stage:bigint", "source", "split", "position:bigint", "end_position:bigint", "lag:bigint", "watermark:timestamp", "idle:boolean", "last_record:timestamp"}})

var _ = showsTable("splits", &ast.ShowSplits{})

// showSplits lists what running jobs read, split by split.
func (s *session) showSplits(ctx context.Context, st *ast.ShowSplits, t *table) error {
	return s.eachShown(ctx, st.Job, func(j ha.Status, f job.Status, runs bool) error {
		for _, p := range f.Splits {
			end, lag, idle := null, null, null
			if n, known := lagOf(p); known {
				end, lag = itoa(p.End), itoa(n)
			}
			if p.Watermark != executor.NoWatermark {
				idle = truth(p.Idle)
			}
			t.add(j.Job.FullName(), itoa(int64(p.Stage)), p.Source, p.Split, itoa(p.Next), end, lag, markAt(p.Watermark), idle, at(p.LastRow))
		}
		return nil
	})
}

// lagOf is how many records of a split are not read yet, as far as that is known.
func lagOf(p job.Split) (int64, bool) { return max(0, p.End-p.Next), p.End >= 0 }

var _ = describe(described{chapter: "Stream jobs", place: 13, form: `SHOW SPLITS [FOR STREAMJOB name]`,
	text: "Lists what running jobs read, by partition: the position of the next record, that behind the last one there is, how many lie between (lag), the watermark that the partition allows, " +
		"whether it is idle and holds nothing back, and when its last row with an event time came. NULL is what is not known.",
	example: `SHOW SPLITS FOR STREAMJOB count_pages;`}, of[*ast.ShowSplits]())
