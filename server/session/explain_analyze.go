package session

import (
	"context"
	"fmt"
	"time"

	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
)

// watched is how long a running job is looked at for its rates.
const watched = time.Second

// explainRunning is the plan of a running job with what its operators do now.
func (s *session) explainRunning(ctx context.Context, n ast.Name, j *ha.Job, t *table) error {
	before, ok := s.Runner.Status(j.ID)
	began := time.Now()
	if ok {
		select {
		case <-time.After(watched):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	now, still := s.Runner.Status(j.ID)
	if !ok || !still || now.Flow == nil || len(now.Stages) != len(before.Stages) {
		return translateJob(n, ha.ErrNotRunning)
	}
	r := rates{before: before.Stages, now: now.Stages, over: time.Since(began)}
	t.addLines(sql.ExplainWith(now.Flow, r.note))
	return nil
}

// rates says what operators have done between two moments.
type rates struct {
	before, now []job.StageStatus
	over        time.Duration
}

func (r rates) note(stage, op int) string {
	was, is := &r.before[stage], &r.now[stage]
	if op == len(is.Operators) {
		text := fmt.Sprintf("%s out (%d) of %d tasks", r.perSecond(is.Out-was.Out), is.Out, is.Tasks)
		if w := is.Watermark; w != executor.NoWatermark && w != executor.EndWatermark {
			text += ", watermark " + at(time.UnixMicro(w))
		}
		return text
	}
	o, p := is.Operators[op], was.Operators[op]
	text := fmt.Sprintf("%s in (%d), %s out (%d)", r.perSecond(o.In-p.In), o.In, r.perSecond(o.Out-p.Out), o.Out)
	if o.StateBytes > 0 || o.StateRows > 0 {
		text += fmt.Sprintf(", state %d bytes in %d rows", o.StateBytes, o.StateRows)
	}
	return text
}

func (r rates) perSecond(rows int64) string {
	return fmt.Sprintf("%.0f rows/s", float64(rows)/r.over.Seconds())
}
