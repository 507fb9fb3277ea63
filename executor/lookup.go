package executor

import (
	"context"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Lookup finds rows of a table that stays outside, by the values of some of its columns: the third
// end of a dataflow beside Source and Sink. The operator in front of it bounds how many calls are
// under way, keeps what was found, and tries again; so Find asks once, and says what went wrong. It
// is safe for concurrent use.
type Lookup interface {
	// Find appends to out, whose columns are those of the table in the plan, the rows whose key
	// columns equal any row of keys (plan.LookupTable.Keys, in that order), in whatever order. No two
	// rows of keys are the same, none has a NULL, and none is left out by a selection. Rows with other
	// keys may be among them, since an outside may find equal what is not: the caller leaves them out.
	// It must not keep keys or out. An error that is not Permanent is tried again, with out as it was.
	Find(ctx context.Context, keys, out *column.Batch) error
	// Close frees what is held outside, when no call is under way.
	Close() error
}

// NoLookup is embedded by connectors whose tables cannot be asked for single rows.
type NoLookup struct{}

// NewLookup refuses.
func (NoLookup) NewLookup(*plan.LookupTable) (Lookup, error) {
	return nil, sqlerr.New(sqlerr.WrongObjectType, "this connector cannot look rows up")
}
