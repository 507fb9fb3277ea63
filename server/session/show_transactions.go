package session

import (
	"context"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.ShowTransactions]{right: inspect,
		needs: onJob(catalog.Read, func(st *ast.ShowTransactions) (ast.Name, bool) { return maybe(st.Job) }),
		tag:   "SHOW TRANSACTIONS", list: (*session).showTransactions,
		names: []string{"job", "id", "state", "open", "age_ms:bigint", "timeout_ms:bigint", "checkpoint:bigint", "topics"}})
	_ = register(statement[*ast.ResolveTransactions]{right: operate,
		needs:   onJob(catalog.Operate, func(st *ast.ResolveTransactions) (ast.Name, bool) { return st.Job, true }),
		changes: true, do: (*session).resolveTransactions})
)

var _ = showsTable("transactions", &ast.ShowTransactions{})

// showTransactions lists what the sinks of exactly-once jobs have on the brokers. A job
// whose brokers do not answer is said and passed over, unless it was asked for.
func (s *session) showTransactions(ctx context.Context, st *ast.ShowTransactions, t *table) error {
	if st.Job != nil {
		if _, err := s.status(*st.Job); err != nil {
			return err
		}
	}
	for _, j := range s.Jobs.List() {
		if st.Job != nil && j.Job.FullName() != s.resolveJob(*st.Job) {
			continue
		}
		list, err := s.Runner.Transactions(ctx, &j.Job)
		if err != nil && st.Job != nil {
			return err
		}
		if err != nil {
			s.warn("01000", "the transactions of stream job %s cannot be listed: %v", j.Job.FullName(), err)
		}
		for _, x := range list {
			named := null
			if x.Checkpoint > 0 {
				named = itoa(int64(x.Checkpoint))
			}
			t.add(j.Job.FullName(), x.ID, x.State, strconv.FormatBool(x.Open),
				itoa(x.Age.Milliseconds()), itoa(x.Timeout.Milliseconds()), named, strings.Join(x.Topics, ", "))
		}
	}
	return nil
}

// resolveTransactions is RESOLVE TRANSACTIONS: what a job that does not run has left open
// on the brokers, and readers wait for.
func (s *session) resolveTransactions(ctx context.Context, st *ast.ResolveTransactions) error {
	status, err := s.status(st.Job)
	if err != nil {
		return err
	}
	if status.State.Active() {
		return sqlerr.At(st.Job.Pos, sqlerr.ObjectNotReady, "stream job %s is %s: it ends its transactions itself", status.Job.FullName(), status.State).
			WithHint("STOP STREAMJOB %s first.", st.Job)
	}
	n, err := s.Runner.Resolve(ctx, &status.Job, st.Commit)
	if err != nil {
		return err
	}
	s.notice("%d transactions of stream job %s are ended", n, status.Job.FullName())
	return nil
}

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 4, form: `SHOW TRANSACTIONS [FOR STREAMJOB name]`,
	text:    "Lists Kafka transactions that jobs have open or prepared.",
	example: `SHOW TRANSACTIONS;`}, of[*ast.ShowTransactions]())

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 5, form: `RESOLVE TRANSACTIONS FOR STREAMJOB name COMMIT | ABORT`,
	text: "Ends transactions of a stopped job by hand, where the job itself cannot any more: [guarantees.md](../guarantees.md) says when."}, of[*ast.ResolveTransactions]())
