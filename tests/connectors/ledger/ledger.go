// Package ledger is a connector that exists for tests: a table whose rows correct one another,
// in memory at both ends. Nobody but its test names it.
package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// Connector reads the entries that a table lists, and keeps the rows that are written.
type Connector struct {
	catalog.NothingBehind
	executor.NoCommitter
	executor.NoLookup
	mu   sync.Mutex
	rows []string
}

var (
	entries = conf.StringOption("entries", "", "O", "Rows of (STRING, BIGINT): +I a 1; -U a 1; +U a 2; -D b 3.")
	pin     = conf.SecretOption("pin", "O", "Opens the ledger.")
	per     = conf.IntOption("batch", "2", 1, 100, "entries", "O", "Entries that come at once.")
)

var declaration = &catalog.Declaration{
	Name: "ledger", Text: "Entries that correct one another.",
	Options: []*conf.Setting{entries.Setting, pin.Setting, per.Setting},
	Source:  &catalog.SourceTraits{Bounded: true, Changes: true},
	Sink:    &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce}},
}

// Declaration implements catalog.Connector.
func (*Connector) Declaration() *catalog.Declaration { return declaration }

// CheckSink implements executor.Connector.
func (*Connector) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }

// Splits implements executor.Connector.
func (*Connector) Splits(context.Context, *plan.Source) (int, error) { return 1, nil }

// Ends implements executor.Connector.
func (*Connector) Ends(_ context.Context, s *plan.Source) (map[int]int64, error) {
	return map[int]int64{0: int64(len(listed(s)))}, nil
}

func listed(s *plan.Source) []string {
	return strings.Split(entries.Get(declaration.Read(s.Properties)), ";")
}

// NewSource implements executor.Connector.
func (*Connector) NewSource(s *plan.Source) (executor.Source, error) {
	return &source{plan: s, entries: listed(s), per: int(per.Get(declaration.Read(s.Properties))), batch: column.NewBatch(s.Out), ready: executor.NewSignal()}, nil
}

// NewSink implements executor.Connector.
func (c *Connector) NewSink(*plan.Sink) (executor.Sink, error) { return &sink{c: c}, nil }

// Rows are those that were written, in order.
func (c *Connector) Rows() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.rows...)
}

type source struct {
	plan    *plan.Source
	entries []string
	per     int
	at      int
	batch   *column.Batch
	ready   executor.Signal
}

func (s *source) Open(_ context.Context, _ *executor.Env, restored [][]byte) error {
	for _, b := range restored {
		if err := json.Unmarshal(b, &s.at); err != nil {
			return err
		}
	}
	return nil
}

var kinds = map[string]column.RowKind{"+I": column.Insert, "-U": column.UpdateBefore, "+U": column.UpdateAfter, "-D": column.Delete}

// Next gives some entries; the versions of a changed row are never parted.
func (s *source) Next(context.Context) (*column.Batch, error) {
	s.batch.Reset()
	for s.at < len(s.entries) && (s.batch.Rows < s.per || s.batch.Kinds[s.batch.Rows-1] == column.UpdateBefore) {
		var kind, name string
		var n int64
		if _, err := fmt.Sscan(s.entries[s.at], &kind, &name, &n); err != nil {
			return nil, executor.Permanent(fmt.Errorf("entry %d: %w", s.at, err))
		}
		for i, c := range s.plan.Columns {
			if c == 0 {
				s.batch.Cols[i].AppendBytes([]byte(name))
			} else {
				s.batch.Cols[i].AppendInt(n)
			}
		}
		s.batch.Kinds = append(s.batch.Kinds, kinds[kind])
		s.batch.Rows++
		s.at++
	}
	switch {
	case s.batch.Rows > 0:
		return s.batch, nil
	case s.plan.Bounded:
		return nil, io.EOF
	}
	return nil, nil
}

func (s *source) Ready() <-chan struct{}    { return s.ready }
func (s *source) Snapshot() ([]byte, error) { return json.Marshal(s.at) }
func (s *source) Committed([]byte)          {}
func (s *source) Close() error              { return nil }
func (s *source) Progress() []executor.SplitProgress {
	return []executor.SplitProgress{{Split: "ledger", Next: int64(s.at), End: int64(len(s.entries))}}
}

type sink struct{ c *Connector }

func (s *sink) Open(context.Context, *executor.Env) error { return nil }

func (s *sink) Write(b *column.Batch) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	b.Each(func(i int) {
		row := b.Kind(i).String()
		for _, v := range b.Cols {
			row += " "
			if v.Null(i) {
				row += "NULL"
			} else {
				row += string(column.AppendText(nil, v, i))
			}
		}
		s.c.rows = append(s.c.rows, row)
	})
	return nil
}

func (s *sink) Prepare(context.Context, checkpoint.ID) ([]byte, error) { return nil, nil }
func (s *sink) Commit(context.Context, checkpoint.ID) error            { return nil }
func (s *sink) Tick(time.Time) (time.Time, error)                      { return time.Time{}, nil }
func (s *sink) Close() error                                           { return nil }
