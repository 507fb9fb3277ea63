// Package blackhole is the sink that takes everything and keeps nothing, and print, which
// writes every row to the log.
package blackhole

import (
	"context"
	"log/slog"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// Connector makes the sinks. Print writes each row to the log.
type Connector struct {
	catalog.NothingBehind
	executor.NoSource
	executor.NoCommitter
	executor.NoLookup
	Print bool
	Log   *slog.Logger
}

// Declaration implements catalog.Connector.
func (c *Connector) Declaration() *catalog.Declaration {
	if c.Print {
		return printDeclaration
	}
	return declaration
}

var (
	declaration = &catalog.Declaration{
		Name: "blackhole", Text: "Takes every row and keeps none.",
		Sink: &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce, conf.ExactlyOnce}},
	}
	printDeclaration = &catalog.Declaration{
		Name: "print", Text: "Writes every row to the log.",
		Sink: &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce}},
	}
)

// CheckSink implements executor.Connector.
func (*Connector) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }

// NewSink implements executor.Connector.
func (c *Connector) NewSink(p *plan.Sink) (executor.Sink, error) {
	return &sink{print: c.Print, log: c.Log, name: p.Name}, nil
}

type sink struct {
	print bool
	log   *slog.Logger
	name  string
	buf   []byte
}

func (s *sink) Open(context.Context, *executor.Env) error { return nil }

// Write drops the batch, or prints it row by row.
func (s *sink) Write(b *column.Batch) error {
	if !s.print {
		return nil
	}
	b.Each(func(i int) {
		s.buf = append(s.buf[:0], b.Kind(i).String()...)
		for _, v := range b.Cols {
			s.buf = append(s.buf, ' ')
			if v.Null(i) {
				s.buf = append(s.buf, "NULL"...)
			} else {
				s.buf = column.AppendText(s.buf, v, i)
			}
		}
		s.log.Info("row", "table", s.name, "row", string(s.buf))
	})
	return nil
}

func (s *sink) Prepare(context.Context, checkpoint.ID) ([]byte, error) { return nil, nil }
func (s *sink) Commit(context.Context, checkpoint.ID) error            { return nil }
func (s *sink) Tick(time.Time) (time.Time, error)                      { return time.Time{}, nil }
func (s *sink) Close() error                                           { return nil }
