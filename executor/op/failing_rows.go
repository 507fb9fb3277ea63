package op

import (
	"errors"
	"strings"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// failingRows finds the rows of a batch that an expression cannot be computed for. An
// expression is computed for a whole batch; only where that fails are the rows asked for
// in halves, down to the single one, which on.error=skip leaves out and counts, and
// on.error=divert writes elsewhere besides.
type failingRows struct {
	env *executor.Env
	// names are the columns of its batches; nil: rows are no rows of the input, and written nowhere.
	names types.Schema
	all   []int32 // the rows of a batch without a selection
	kept  []int32
}

// Open implements executor.Operator.
func (f *failingRows) Open(env *executor.Env) error { f.env = env; return nil }

// rest is what try gives for the rows at which nothing fails, after err came for all of
// them. It is valid until the next call.
func (f *failingRows) rest(err error, b *column.Batch, sel []int32, try func(sel []int32) ([]int32, error)) ([]int32, error) {
	if sel == nil {
		f.all = liveRows(f.all, b)
		sel = f.all
	}
	f.kept = f.kept[:0]
	err = f.divide(err, b, sel, try)
	return f.kept, err
}

func (f *failingRows) divide(err error, b *column.Batch, sel []int32, try func(sel []int32) ([]int32, error)) error {
	if err := f.verdict(err, b, sel); err != nil || len(sel) == 1 {
		return err
	}
	for _, half := range [][]int32{sel[:len(sel)/2], sel[len(sel)/2:]} {
		kept, err := try(half)
		if err != nil {
			err = f.divide(err, b, half, try)
		} else {
			f.kept = append(f.kept, kept...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// verdict says whether fewer rows may mend an error; that of a single row is left out here.
func (f *failingRows) verdict(err error, b *column.Batch, sel []int32) error {
	if errors.Is(err, expr.ErrTooMuch) && len(sel) > 1 {
		return nil
	}
	e, ofRow := rowFault(err)
	switch {
	case !ofRow:
		return err
	case f.env == nil || !f.env.SkipRows:
		return withSkipHint(e)
	case len(sel) == 1:
		return f.leave(b, int(sel[0]), e)
	}
	return nil
}

// leave counts a row that is left out. What takes one back that was left out is no news.
func (f *failingRows) leave(b *column.Batch, row int, e *sqlerr.Error) error {
	f.env.Counters.Failed.Add(1)
	if f.env.Diverted == nil || f.names == nil {
		f.env.Dropped.Rows("rows that cannot be computed are left out (on.error=skip)", string(e.Code), 1, "reason", e.Message)
		return nil
	}
	f.env.Dropped.Rows("rows that cannot be computed are written to another stream (on.error=divert)", string(e.Code), 1, "reason", e.Message)
	if b.Kind(row).Retracts() {
		return nil
	}
	return f.env.Diverted.Row(rowJSON(b, row, f.names), e.Message)
}

// rowJSON is a row by the names of its columns.
func rowJSON(b *column.Batch, row int, names types.Schema) []byte {
	text := []byte{'{'}
	for i, v := range b.Cols {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(value.AppendJSONString(text, []byte(names[i].Name)), ':')
		text = column.AppendJSON(text, v, row)
	}
	return append(text, '}')
}

// rowFault tells the errors that a row's values are the cause of: data exceptions, texts that grow too long, and
// what goes wrong in a function of the user's.
func rowFault(err error) (*sqlerr.Error, bool) {
	e, ok := errors.AsType[*sqlerr.Error](err)
	return e, ok && (strings.HasPrefix(string(e.Code), "22") || e.Code == sqlerr.ProgramLimit || e.Code == sqlerr.ExternalRoutine)
}

func withSkipHint(e *sqlerr.Error) error {
	if e.Hint != "" {
		return e
	}
	out := *e
	return out.WithHint("\"on.error\"=\"skip\" leaves such rows out and counts them.")
}

// pairKinds gives the rows their kinds when only those of sel go on. Of the two versions
// of a row, which follow one another, both may; else the old one is deleted, or the new
// one inserted.
func pairKinds(dst []column.RowKind, live []int32, b *column.Batch, sel []int32) []column.RowKind {
	dst = append(dst[:0], b.Kinds...)
	before := false // the row in front is an old version that does not go on
	for i, r := range live {
		kind, passes := b.Kinds[r], len(sel) > 0 && sel[0] == r
		if passes {
			sel = sel[1:]
		}
		switch {
		case passes && kind == column.UpdateBefore:
			goesOn := i+1 < len(live) && b.Kinds[live[i+1]] == column.UpdateAfter && len(sel) > 0 && sel[0] == live[i+1]
			if !goesOn {
				dst[r] = column.Delete
			}
		case passes && kind == column.UpdateAfter && before:
			dst[r] = column.Insert
		}
		before = kind == column.UpdateBefore && !passes
	}
	return dst
}
