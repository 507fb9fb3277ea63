package catalog

import (
	"context"

	"slipway/sql/sqlerr"
)

// Connector is what the compiler knows of a connector. It is the half of executor.Connector
// that is asked when a relation is declared; cmd/node lists them.
type Connector interface {
	// Declaration is what the connector is and can do; it never changes.
	Declaration() *Declaration
	// Check validates the columns of a relation and what its options mean together: all that
	// can be known without asking the outside world. It may return notices.
	Check(r *Relation) (notices []string, err error)
	// Prepare makes ready what is behind a relation that is about to be declared or altered,
	// as far as the relation asks for it; notices tell what is not ready. An outside that does
	// not answer within seconds is a notice too.
	Prepare(ctx context.Context, r *Relation) (notices []*sqlerr.Error, err error)
	// Places name what is behind a relation: what is written to one of them is read by every
	// relation that shares it. None where rows that are written cannot be read.
	Places(r *Relation) []string
}

// NothingBehind is embedded by connectors that take any relation and have nothing outside.
type NothingBehind struct{}

func (NothingBehind) Check(*Relation) ([]string, error)                           { return nil, nil }
func (NothingBehind) Prepare(context.Context, *Relation) ([]*sqlerr.Error, error) { return nil, nil }
func (NothingBehind) Places(*Relation) []string                                   { return nil }
