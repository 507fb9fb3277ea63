package op

import "slipway/executor"

// aggregateFaults decides what becomes of a row that an aggregate of the user's fails for: with on.error=skip or divert it is left out
// of that aggregate, and counted. Other aggregates of its group take it.
type aggregateFaults struct {
	env *executor.Env // nil: what fails, fails
	// changes: rows are taken back too. Then none is left out: whoever takes it back would not know.
	changes bool
}

// verdict says whether fewer rows may mend an error; that of a single one is counted here.
func (f *aggregateFaults) verdict(err error, rows int) error {
	e, ofRow := rowFault(err)
	switch {
	case !ofRow || f.env == nil || f.changes:
		return err
	case !f.env.SkipRows:
		return withSkipHint(e)
	case rows == 1:
		f.env.Counters.Failed.Add(1)
		f.env.Dropped.Rows("rows that a function in WebAssembly fails for are left out of its aggregate (on.error)", string(e.Code), 1, "reason", e.Message)
	}
	return nil
}
