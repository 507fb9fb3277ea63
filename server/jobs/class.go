package jobs

import (
	"cmp"
	"errors"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor/task"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// The classes of failures: whose affair it is.
const (
	dataClass      = "data"      // records or rows that the query cannot take
	queryClass     = "query"     // the statement, or what it names
	connectorClass = "connector" // what a source, sink or lookup outside answers, or that it does not
	brokerClass    = "broker"    // the same of Kafka
	storageClass   = "storage"   // checkpoints and disks
	resourceClass  = "resource"  // memory and other limits of this server
	internalClass  = "internal"  // Slipway itself
)

// Classes are all of them.
var Classes = []string{dataClass, queryClass, connectorClass, brokerClass, storageClass, resourceClass, internalClass}

// classes of SQLSTATEs, by their first two characters.
var classes = map[string]string{
	"21": dataClass, "22": dataClass, "23": dataClass, "38": dataClass,
	"0A": queryClass, "2B": queryClass, "3D": queryClass, "3F": queryClass, "42": queryClass, "54": queryClass, "55": queryClass,
	"08": connectorClass, "28": connectorClass,
	"53": resourceClass,
	"58": storageClass,
}

// faulted is a failure of which it is known where it lies.
type faulted struct {
	error
	class string
}

func (f faulted) Unwrap() error { return f.error }

// classified says of a failure of a running dataflow whose affair it is, as far as its text of SQLSTATE does not: what a
// source, a sink or a lookup fails with comes from outside.
func classified(err error, flow *plan.Dataflow) error {
	if err == nil {
		return nil
	}
	class := classOf(err)
	e, inTask := errors.AsType[*task.Error](err)
	switch {
	case !inTask && class == internalClass:
		class = storageClass // it is the coordinator's: it writes checkpoints and nothing else
	case inTask && !e.Panicked && (class == internalClass || class == connectorClass):
		class = cmp.Or(outsideOf(&flow.Stages[e.ID.Stage]), class)
	}
	return faulted{err, class}
}

// unbegun says it of a dataflow that could not begin: whoever holds what it reads and writes does not answer.
func unbegun(err error, flow *plan.Dataflow) error {
	class := classOf(err)
	if class == internalClass || class == connectorClass {
		for i := range flow.Stages {
			if outside := outsideOf(&flow.Stages[i]); outside != "" {
				return faulted{err, outside}
			}
		}
	}
	return faulted{err, class}
}

// outsideOf is whose affair it is when a stage fails that reads or writes outside; empty of one that does not.
func outsideOf(s *plan.Stage) string {
	connector := ""
	switch {
	case s.Sink != nil:
		connector = s.Sink.Connector
	case s.Source != nil:
		connector = s.Source.Connector
	}
	switch connector {
	case "", plan.NoConnector:
		return ""
	case conf.Connector.Default: // Kafka
		return brokerClass
	}
	return connectorClass
}

// classOf is the class of a failure by itself.
func classOf(err error) string {
	if f, ok := errors.AsType[faulted](err); ok {
		return f.class
	}
	if errors.Is(err, checkpoint.ErrCorrupt) {
		return storageClass
	}
	e, ok := errors.AsType[*sqlerr.Error](err)
	if !ok || len(e.Code) < 2 {
		return internalClass
	}
	switch e.Code {
	case sqlerr.DiskFull, sqlerr.DataCorrupted:
		return storageClass
	}
	if class, known := classes[string(e.Code)[:2]]; known {
		return class
	}
	return internalClass
}
