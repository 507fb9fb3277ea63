package kafkaio

import (
	"testing"
	"time"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/executor/format"
	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
)

// faulty is a format with a fault in its code.
var faulty = &format.Format{Name: "faulty", NewWriter: func(format.Options) (format.Writer, error) { return faultyWriter{}, nil }}

type faultyWriter struct{}

func (faultyWriter) Takes(*column.Batch) error { return nil }

func (faultyWriter) Write(*column.Batch, int, *format.Record) bool { panic("a fault in a format") }

// TestPanicInAFormat: a task that panics closes its sink before it says so; the sink does not
// wait for what the panic left.
func TestPanicInAFormat(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	p := sinkPlan("out", plan.Append)
	p.Properties[conf.Format.Name()] = "faulty"
	s, err := (&Connector{Brokers: b.Address, Formats: format.Registry{faulty}}).NewSink(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(t.Context(), testEnv(t, 0, 1)); err != nil {
		t.Fatal(err)
	}
	closed := make(chan any, 1)
	go func() { // ends with Close
		defer func() { closed <- recover() }()
		defer s.Close()
		s.Write(rows(0, nil, 1))
	}()
	select {
	case fault := <-closed:
		if fault != "a fault in a format" {
			t.Errorf("the panic became %v", fault)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the sink is not closed within 30 s")
	}
}
