package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

var _ = register(statement[*ast.ShowJob]{right: inspect,
	needs: onJob(catalog.Read, func(st *ast.ShowJob) (ast.Name, bool) { return st.Name, true }), names: []string{"property", "value"}, list: (*session).showJob,
	tagOf: func(st *ast.ShowJob) string { return st.Verb + " STREAMJOB" }})

// showJob is everything about one job, a line each.
func (s *session) showJob(_ context.Context, st *ast.ShowJob, t *table) error {
	j, err := s.status(st.Name)
	if err != nil {
		return err
	}
	t.add("name", j.Job.FullName())
	t.add("stream id", j.Job.ID)
	t.add("application", j.Job.Application)
	t.add("state", string(j.State))
	t.add("since", at(j.Since))
	if s.Standby == nil {
		t.add("reason", orNull(j.Waits()))
	} else {
		seen, _ := s.Standby.LeaderSeen(time.Now())
		t.add("told by", seen)
	}
	t.add("sql", j.Job.SQL)
	t.add("properties", properties(&j.Job))
	t.add("reads", strings.Join(j.Job.Reads, ", "))
	t.add("writes", strings.Join(j.Job.Writes, ", "))
	if j.Job.Group != "" {
		t.add("consumer group", j.Job.Group)
	}
	if f, ok := s.Runner.Status(j.Job.ID); ok {
		addFigures(t, f)
	}
	s.addCheckpoints(t, j)
	addFailure(t, j)
	s.noticeStandby()
	return nil
}

// addFigures is what a running job counts.
func addFigures(t *table, f job.Status) {
	t.add("tasks", itoa(int64(f.Tasks)))
	t.add("rows in", itoa(f.RowsIn))
	t.add("rows out", itoa(f.RowsOut))
	t.add("rows late", itoa(f.Late))
	t.add("rows failed", itoa(f.Failed))
	t.add("rows skipped", itoa(f.Skipped))
	if f.LookupHits+f.LookupMisses > 0 {
		t.add("lookups of keys that were known", itoa(f.LookupHits))
		t.add("lookups of keys that were asked for", itoa(f.LookupMisses))
	}
	t.add("state bytes", itoa(f.StateBytes))
	mark := null
	if f.Watermark != executor.NoWatermark && f.Watermark != executor.EndWatermark {
		mark = at(time.UnixMicro(f.Watermark))
	}
	t.add("watermark", mark)
	for _, p := range f.Splits {
		lag := "unknown"
		if p.End >= 0 {
			lag = itoa(max(0, p.End-p.Next))
		}
		t.add("lag of "+p.Split, lag)
		if p.Watermark != executor.NoWatermark {
			t.add("watermark of "+p.Split, splitMark(p))
		}
	}
}

// addCheckpoints is what is known of a job's checkpoints.
func (s *session) addCheckpoints(t *table, j ha.Status) {
	last := null
	if j.LastCheckpoint > 0 {
		last = fmt.Sprintf("%d at %s", j.LastCheckpoint, at(j.CheckpointedAt))
	}
	t.add("last checkpoint", last)
	if v, err := settingsOf(&j.Job); err == nil {
		t.add("checkpoint backend", s.backendName(v))
	}
	t.add("moving from backend", orNull(j.Job.MovedFrom))
	expired, failed := s.Runner.History(j.Job.ID).Counts()
	t.add("checkpoints expired", itoa(expired))
	t.add("checkpoints failed", itoa(failed))
}

func addFailure(t *table, j ha.Status) {
	t.add("restarts", itoa(j.Job.Restarts))
	t.add("last failure", orNull(conf.Redact(j.Job.LastFailure)))
	t.add("failed at", at(j.Job.FailedAt))
	hint := j.Job.LastHint
	if j.State == ha.Running { // it is out already; what begins anew would cost it its state
		hint = ""
	}
	t.add("hint", orNull(conf.Redact(hint)))
}

// splitMark says how far a split has come, and whether the job still waits for it.
func splitMark(p job.Split) string {
	mark := at(time.UnixMicro(p.Watermark))
	if p.Idle {
		mark += ", idle"
	}
	return mark
}

var _ = describe(described{chapter: "Stream jobs", place: 2, form: `SHOW | DESCRIBE STREAMJOB name`,
	text:    "Shows state, progress, lag, watermarks and the last failure with what to do about it.",
	example: `SHOW STREAMJOB count_pages;`}, of[*ast.ShowJob]())
