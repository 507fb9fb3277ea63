package session

import (
	"context"
	"slices"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql/ast"
)

var _ = register(statement[*ast.ShowFailures]{right: inspect, needs: nothing[*ast.ShowFailures], tag: "SHOW FAILURES", list: (*session).showFailures,
	names: []string{"job", "at:timestamp", "class", "sqlstate", "message", "hint", "attempt:bigint", "action", "stage:bigint", "task:bigint", "topic", "partition:bigint", "record_offset:bigint"}})

var _ = showsTable("failures", &ast.ShowFailures{})

// showFailures lists the last failures of jobs, the newest first.
func (s *session) showFailures(_ context.Context, st *ast.ShowFailures, t *table) error {
	list := s.Jobs.List()
	if st.Job != nil {
		j, err := s.status(*st.Job)
		if err != nil {
			return err
		}
		list = []ha.Status{j}
	}
	for _, j := range list {
		for _, i := range slices.Backward(j.Job.Incidents) {
			t.add(failureCells(j.Job.FullName(), &i)...)
		}
	}
	return nil
}

func failureCells(job string, i *ha.Incident) []string {
	cells := append([]string{job, at(i.At), orNull(i.Class), orNull(i.Code), conf.Redact(i.Message), orNull(conf.Redact(i.Hint)), itoa(int64(i.Attempt)), i.Action}, nulls(5)...)
	if i.Task != nil {
		cells[8], cells[9] = itoa(int64(i.Task.Stage)), itoa(int64(i.Task.Subtask))
	}
	if r := i.Record; r != nil {
		cells[10], cells[11], cells[12] = r.Topic, itoa(int64(r.Partition)), itoa(r.Offset)
	}
	return cells
}

var _ = describe(described{chapter: "Stream jobs", place: 14, form: `SHOW FAILURES [FOR STREAMJOB name]`,
	text: "Lists the last 20 failures of a job, or of all jobs, the newest first; they outlive the server. `class` says whose affair it is: `data` (records or rows that the query cannot take), " +
		"`query` (the statement, or what it names), `connector` and `broker` (what is outside does not answer, or refuses), `storage` (checkpoints, disks), `resource` (limits of this server), `internal` (Slipway itself). " +
		"`action` says what was done, `hint` what to do. Topic, partition and offset are those of the record, where one is to blame.",
	example: `SHOW FAILURES FOR STREAMJOB count_pages;`}, of[*ast.ShowFailures]())
