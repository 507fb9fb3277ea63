package op

import (
	"errors"

	"slipway/executor"
	"slipway/executor/expr"
)

// matchFaults decides what becomes of what cannot be computed of several rows: with on.error=skip or divert the way of
// matching, or the match, is left out and counted. No row of it is written elsewhere: none is wrong by itself.
type matchFaults struct{ env *executor.Env }

// skips tells that an error is left out, or may go with fewer rows.
func (f *matchFaults) skips(err error) bool {
	_, ofRow := rowFault(err)
	return ofRow && f.env.SkipRows || errors.Is(err, expr.ErrTooMuch)
}

// leave counts what is left out, or gives the error.
func (f *matchFaults) leave(err error) error {
	e, ofRow := rowFault(err)
	switch {
	case !ofRow:
		return err
	case !f.env.SkipRows:
		return withSkipHint(e)
	}
	f.env.Counters.Failed.Add(1)
	f.env.Dropped.Rows("what rows match that cannot be computed is left out (on.error)", string(e.Code), 1, "reason", e.Message)
	return nil
}
