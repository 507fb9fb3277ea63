package op

import (
	"slipway/executor"
	"slipway/sql/sqlerr"
)

// aggregateFaults decides what becomes of a row that an aggregate of the user's fails for: with on.error=skip or divert it is left out
// of that aggregate, and counted. Other aggregates of its group take it.
type aggregateFaults struct {
	env *executor.Env // nil: what fails, fails
	// changes: rows are taken back too, and those that were left out are known by then.
	changes bool
	// again: rows of a batch are taken several times, and those before next have been counted.
	again bool
	next  int32
}

// verdict says whether fewer rows may mend an error; that of a single one is counted here.
func (f *aggregateFaults) verdict(err error, rows []int32) error {
	e, ofRow := rowFault(err)
	switch {
	case !ofRow || f.env == nil:
		return err
	case !f.env.SkipRows:
		return withSkipHint(e)
	case len(rows) == 1:
		f.count(e, rows[0])
	}
	return nil
}

func (f *aggregateFaults) count(e *sqlerr.Error, row int32) {
	if f.again {
		if row < f.next {
			return
		}
		f.next = row + 1
	}
	f.env.Counters.Failed.Add(1)
	f.env.Dropped.Rows("rows that a function in WebAssembly fails for are left out of its aggregate (on.error)", string(e.Code), 1, "reason", e.Message)
}

// skips tells an error that rows are left out for.
func (f *aggregateFaults) skips(err error) bool {
	_, ofRow := rowFault(err)
	return ofRow && f.env != nil && f.env.SkipRows
}
