package jobs

import (
	"errors"
	"slices"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/state"
	"slipway/sql/sqlerr"
)

// translate makes final what a restart would run into again: the memory limit and state of
// another layout, which get their SQLSTATE here, and what the data or the definition does.
func translate(err error) error {
	if b, ok := errors.AsType[*state.BudgetError](err); ok {
		if b.Setting != "" {
			return permanent(sqlerr.New(sqlerr.OutOfMemory, "%v", b).WithCause(err).
				WithHint("Ask for fewer rows or shorter values at a time, or raise %s. A stream job is not bounded by it.", b.Setting))
		}
		return permanent(sqlerr.New(sqlerr.OutOfMemory, "%v", b).WithCause(err).
			WithHint("Raise server.memory.limit, shorten windows, set morphling.state.ttl, or stop other jobs."))
	}
	if _, ok := errors.AsType[*state.LayoutError](err); ok {
		return permanent(sqlerr.New(sqlerr.ObjectNotReady, "%v: a column has another type than when the checkpoint was taken", err).WithCause(err).
			WithHint("START STREAMJOB … FRESH begins without the old state; DROP STREAMJOB removes it."))
	}
	if e, ok := errors.AsType[*sqlerr.Error](err); ok && definite(e.Code) {
		return permanent(err)
	}
	return err
}

// definite tells the classes of errors that lie in the data (22, 23) or in the definition
// (0A, 42, 54): the same rows and the same text would meet them again. What is missing
// outside (a topic) may come.
func definite(c sqlerr.Code) bool {
	return c != sqlerr.UndefinedObject && slices.Contains([]string{"0A", "22", "23", "42", "54"}, string(c)[:2])
}

// isAborted: the brokers gave up every transaction of the checkpoint. If only some are
// lost the error is permanent, because a person has to choose.
func isAborted(err error) bool {
	p, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return errors.Is(err, executor.ErrAborted) && !(ok && p.Permanent())
}

// isDamage tells the failures after which an older checkpoint is tried.
func isDamage(err error) bool { return errors.Is(err, checkpoint.ErrCorrupt) }

func damaged(cause error, what string) error {
	return permanent(sqlerr.New(sqlerr.DataCorrupted, "%s", what).
		WithHint("START STREAMJOB … FRESH begins without state; DROP STREAMJOB removes everything.").WithCause(cause))
}

func permanent(err error) error { return executor.Permanent(err) }
