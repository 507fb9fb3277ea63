package executor_test

import (
	"context"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// counted is a wrapper as tests and metrics have them: it knows of one method only.
type counted struct {
	executor.Connector
	sinks int
}

func (c *counted) NewSink(s *plan.Sink) (executor.Sink, error) {
	c.sinks++
	return c.Connector.NewSink(s)
}

type closed struct {
	executor.Committer
	n int
}

func (c *closed) Close() error {
	c.n++
	return c.Committer.Close()
}

// TestWrappersLoseNothing: what a connector and its committer can do is in the interface, so
// a wrapper has it too. Here an owner that was shut out is cleared away behind.
func TestWrappersLoseNothing(t *testing.T) {
	w := executortest.NewWorld()
	k := &counted{Connector: executortest.Connector{World: w}}
	s, err := k.NewSink(&plan.Sink{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context(), &executor.Env{Epoch: 7}); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(&column.Batch{Rows: 1, Cols: []*column.Vector{{Type: types.Of(types.BigInt), Ints: []int64{1}}}}); err != nil {
		t.Fatal(err)
	}
	made, err := k.NewCommitter(&plan.Sink{}, &executor.Env{})
	if err != nil {
		t.Fatal(err)
	}
	var c executor.Committer = &closed{Committer: made}
	if w.Open() != 1 {
		t.Fatal("no transaction is open")
	}
	if err := c.Leave(t.Context(), 7, nil); err != nil || w.Open() != 0 {
		t.Errorf("%d transactions are open, %v", w.Open(), err)
	}
	if k.sinks != 1 {
		t.Error("the wrapper was not asked")
	}
}

// TestAbsentConnector: each call of one that nobody registered says so, and for good.
func TestAbsentConnector(t *testing.T) {
	k := executor.Connectors{}.Of("gone")
	_, noSource := k.NewSource(&plan.Source{})
	_, noSink := k.NewSink(&plan.Sink{})
	_, noCommitter := k.NewCommitter(&plan.Sink{}, nil)
	_, noSplits := k.Splits(context.Background(), &plan.Source{})
	_, noEnds := k.Ends(context.Background(), &plan.Source{})
	for _, err := range []error{noSource, noSink, noCommitter, noSplits, noEnds, k.CheckSink(context.Background(), &plan.Sink{}, nil)} {
		p, ok := err.(interface{ Permanent() bool })
		if !ok || !p.Permanent() || err.Error() != `connector "gone" does not exist` {
			t.Errorf("%v", err)
		}
	}
}
