package session

import (
	"context"
	"maps"
	"slices"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

var _ = register(statement[*ast.ShowCheckpoints]{right: inspect,
	needs: onJob(catalog.Read, func(st *ast.ShowCheckpoints) (ast.Name, bool) { return maybe(st.Job) }),
	tag:   "SHOW CHECKPOINTS", list: (*session).showCheckpoints,
	names: []string{"job", "id:bigint", "kind", "name", "status", "triggered:timestamp", "duration_ms:bigint", "bytes:bigint", "reason"}})

var _ = showsTable("checkpoints", &ast.ShowCheckpoints{})

// showCheckpoints lists the checkpoints of one job or of all.
func (s *session) showCheckpoints(ctx context.Context, st *ast.ShowCheckpoints, t *table) error {
	for _, j := range s.Jobs.List() {
		if st.Job != nil && j.Job.FullName() != s.resolveJob(*st.Job) {
			continue
		}
		records, err := s.checkpoints(ctx, &j.Job)
		if err != nil {
			return err
		}
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(records))) {
			r := records[id]
			t.add(j.Job.FullName(), itoa(int64(r.ID)), string(r.Kind), orNull(r.Name), string(r.Status),
				at(r.Triggered), itoa(r.Duration.Milliseconds()), itoa(r.Bytes), orNull(r.Reason))
		}
	}
	if st.Job != nil {
		_, err := s.status(*st.Job)
		return err
	}
	return nil
}

// checkpoints joins what the store holds of a job's with what is remembered of others.
func (s *session) checkpoints(ctx context.Context, j *ha.Job) (map[checkpoint.ID]checkpoint.Record, error) {
	held, err := s.Runner.Checkpoints(ctx, j)
	if err != nil {
		return nil, err
	}
	records := map[checkpoint.ID]checkpoint.Record{}
	for _, r := range s.Runner.History(j.ID).Records() {
		if r.Kind.Keeps() && r.Status != checkpoint.Completed {
			records[r.ID] = r
		}
	}
	for _, m := range held {
		records[m.Checkpoint] = checkpoint.RecordOf(m)
	}
	return records, nil
}

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 1, form: `SHOW CHECKPOINTS [FOR STREAMJOB name]`,
	text:    "Lists the checkpoints that are kept, those that failed or expired and why, and savepoints, with sizes and durations.",
	example: `SHOW CHECKPOINTS FOR STREAMJOB count_pages;`}, of[*ast.ShowCheckpoints]())
