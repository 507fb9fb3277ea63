package jobs

import (
	"context"
	"errors"
	"fmt"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/sql/sqlerr"
)

// A job whose backend was changed begins from its last checkpoint in the old one; the
// first checkpoint in the new one ends the move, and the old one is emptied.

// move is a job's old backend while something is left there.
type move struct {
	r       *Runner
	job     *ha.Job
	old     Backend
	entries []checkpoint.Entry // in the old backend, newest first; none if the new one has some
}

// moving looks whether a job is on the move; nil if it is not. The old backend is claimed,
// so that no former owner writes there any more.
func (r *Runner) moving(ctx context.Context, j *ha.Job, entries []checkpoint.Entry) (*move, error) {
	if j.MovedFrom == "" {
		return nil, nil
	}
	old, ok := r.Backends.ByName[j.MovedFrom]
	if !ok {
		return nil, permanent(sqlerr.New(sqlerr.InvalidParameter, "the checkpoints of stream job %s are in backend %q, which this server does not have",
			j.FullName(), j.MovedFrom))
	}
	m := &move{r: r, job: j, old: old}
	if len(entries) > 0 {
		return m, nil
	}
	store, err := old.Metadata.Claim(ctx, j.ID)
	if err != nil {
		return nil, fmt.Errorf("claiming the checkpoints in backend %s: %w", j.MovedFrom, err)
	}
	defer store.Close()
	if m.entries, err = store.List(ctx); err != nil {
		return nil, fmt.Errorf("reading the checkpoints in backend %s: %w", j.MovedFrom, err)
	}
	return m, nil
}

// empty removes what the old backend holds of the job. What fails is tried again at the next start.
func (m *move) empty(ctx context.Context) bool {
	err := errors.Join(m.old.Metadata.Drop(ctx, m.job.ID), m.old.Storage.RemoveAll(ctx, m.job.ID+"/"))
	if err != nil {
		m.r.Log.Warn("emptying the former checkpoint backend failed, it is tried again at the next start",
			"job", m.job.FullName(), "backend", m.job.MovedFrom, "error", err)
		return false
	}
	m.r.Log.Info("job moved to another checkpoint backend", "job", m.job.FullName(), "from", m.job.MovedFrom)
	return true
}

// highest is the greatest number of all checkpoints that are there, sound or not.
func highest(lists ...[]checkpoint.Entry) (id checkpoint.ID) {
	for _, list := range lists {
		for _, e := range list {
			id = max(id, e.ID)
		}
	}
	return id
}
