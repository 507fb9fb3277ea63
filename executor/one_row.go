package executor

import (
	"context"
	"io"

	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// noConnector makes the sources that read nothing.
type noConnector struct {
	catalog.NothingBehind
	NoSink
	NoLookup
}

func (noConnector) Declaration() *catalog.Declaration                         { return &catalog.Declaration{} }
func (noConnector) Splits(context.Context, *plan.Source) (int, error)         { return 1, nil }
func (noConnector) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, nil }

func (noConnector) NewSource(s *plan.Source) (Source, error) {
	b := column.NewBatch(s.Out)
	b.Cols[0].Bools = append(b.Cols[0].Bools, true)
	b.Rows = 1
	return &oneRow{row: b, ready: NewSignal()}, nil
}

// oneRow gives one row, once: what it has stored says whether it has been given.
type oneRow struct {
	row   *column.Batch
	given bool
	ready Signal
}

// rowGiven is the position behind the row. It stands in checkpoints.
const rowGiven = "given"

func (o *oneRow) Open(_ context.Context, _ *Env, restored [][]byte) error {
	for _, b := range restored {
		o.given = o.given || string(b) == rowGiven
	}
	return nil
}

func (o *oneRow) Next(context.Context) (*column.Batch, error) {
	if o.given {
		return nil, io.EOF
	}
	o.given = true
	return o.row, nil
}

func (o *oneRow) Snapshot() ([]byte, error) {
	if o.given {
		return []byte(rowGiven), nil
	}
	return nil, nil
}

func (o *oneRow) Ready() <-chan struct{}    { return o.ready }
func (o *oneRow) Committed([]byte)          {}
func (o *oneRow) Progress() []SplitProgress { return nil }
func (o *oneRow) Close() error              { return nil }
