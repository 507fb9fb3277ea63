package executor

import (
	"context"

	"slipway/conf"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Connectors finds a Connector by the name in the plan.
type Connectors map[string]Connector

// NewConnectors registers connectors under the names that they declare.
func NewConnectors(list ...Connector) Connectors {
	out := Connectors{}
	for _, c := range list {
		out[c.Declaration().Name] = c
	}
	return out
}

// Of gives a connector; one that nobody registered answers every call with that.
func (c Connectors) Of(name string) Connector {
	if name == plan.NoConnector {
		return noConnector{}
	}
	if k := c[name]; k != nil {
		return k
	}
	return absent{name: name}
}

// Declared are the connectors as the compiler sees them.
func (c Connectors) Declared() map[string]catalog.Connector {
	out := map[string]catalog.Connector{}
	for name, k := range c {
		out[name] = k
	}
	return out
}

// NoSource is embedded by connectors that only write.
type NoSource struct{}

var errWriteOnly = sqlerr.New(sqlerr.WrongObjectType, "this connector only writes")

func (NoSource) Splits(context.Context, *plan.Source) (int, error)         { return 0, errWriteOnly }
func (NoSource) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, errWriteOnly }
func (NoSource) NewSource(*plan.Source) (Source, error)                    { return nil, errWriteOnly }

// NoSink is embedded by connectors that only read.
type NoSink struct{ NoCommitter }

func (NoSink) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }
func (NoSink) NewSink(*plan.Sink) (Sink, error) {
	return nil, sqlerr.New(sqlerr.WrongObjectType, "this connector only reads")
}

// NoCommitter is embedded by connectors whose sinks leave nothing open between a crash and
// the next start.
type NoCommitter struct{}

func (NoCommitter) NewCommitter(*plan.Sink, *Env) (Committer, error) { return nil, nil }

// NoTransactions is embedded by committers that have nothing outside to look at, to clear
// away or to remove.
type NoTransactions struct{}

func (NoTransactions) Transactions(context.Context, [][]byte) ([]Transaction, error) { return nil, nil }
func (NoTransactions) Resolve(context.Context, [][]byte, bool) (int, error)          { return 0, nil }
func (NoTransactions) Leave(context.Context, int64, [][]byte) error                  { return nil }
func (NoTransactions) Purge(context.Context) error                                   { return nil }

// absent answers for a connector that nobody registered.
type absent struct {
	catalog.NothingBehind
	name string
}

func (a absent) err() error {
	return Permanent(sqlerr.New(sqlerr.FeatureNotSupported, "connector %q does not exist", a.name))
}

func (a absent) Declaration() *catalog.Declaration                         { return &catalog.Declaration{Name: a.name} }
func (a absent) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return a.err() }
func (a absent) Splits(context.Context, *plan.Source) (int, error)         { return 0, a.err() }
func (a absent) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, a.err() }
func (a absent) NewSource(*plan.Source) (Source, error)                    { return nil, a.err() }
func (a absent) NewSink(*plan.Sink) (Sink, error)                          { return nil, a.err() }
func (a absent) NewLookup(*plan.LookupTable) (Lookup, error)               { return nil, a.err() }
func (a absent) NewCommitter(*plan.Sink, *Env) (Committer, error)          { return nil, a.err() }
