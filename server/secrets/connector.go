package secrets

import (
	"context"
	"fmt"
	"maps"

	"slipway/conf"
	"slipway/executor"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Connector is a connector whose properties hold the values of secrets when it is asked for
// something, and only then: catalog and plans hold what names them, or what is sealed.
type Connector struct {
	executor.Connector
	Vault *Vault
}

// Check implements catalog.Connector.
func (c Connector) Check(r *catalog.Relation) ([]string, error) {
	opened, err := c.relation(r)
	if err != nil {
		return nil, err
	}
	return c.Connector.Check(opened)
}

// Prepare implements catalog.Connector.
func (c Connector) Prepare(ctx context.Context, r *catalog.Relation) ([]*sqlerr.Error, error) {
	opened, err := c.relation(r)
	if err != nil {
		return nil, err
	}
	return c.Connector.Prepare(ctx, opened)
}

// CheckSink implements executor.Connector.
func (c Connector) CheckSink(ctx context.Context, s *plan.Sink, v *conf.Values) error {
	opened, err := c.sink(s)
	if err != nil {
		return err
	}
	return c.Connector.CheckSink(ctx, opened, v)
}

// Splits implements executor.Connector.
func (c Connector) Splits(ctx context.Context, s *plan.Source) (int, error) {
	opened, err := c.source(s)
	if err != nil {
		return 0, err
	}
	return c.Connector.Splits(ctx, opened)
}

// Ends implements executor.Connector.
func (c Connector) Ends(ctx context.Context, s *plan.Source) (map[int]int64, error) {
	opened, err := c.source(s)
	if err != nil {
		return nil, err
	}
	return c.Connector.Ends(ctx, opened)
}

// NewSource implements executor.Connector.
func (c Connector) NewSource(s *plan.Source) (executor.Source, error) {
	opened, err := c.source(s)
	if err != nil {
		return nil, err
	}
	return c.Connector.NewSource(opened)
}

// NewSink implements executor.Connector.
func (c Connector) NewSink(s *plan.Sink) (executor.Sink, error) {
	opened, err := c.sink(s)
	if err != nil {
		return nil, err
	}
	return c.Connector.NewSink(opened)
}

// NewCommitter implements executor.Connector.
func (c Connector) NewCommitter(s *plan.Sink, env *executor.Env) (executor.Committer, error) {
	opened, err := c.sink(s)
	if err != nil {
		return nil, err
	}
	return c.Connector.NewCommitter(opened, env)
}

// NewLookup implements executor.Connector.
func (c Connector) NewLookup(t *plan.LookupTable) (executor.Lookup, error) {
	properties, err := c.properties(t.Name, t.Properties)
	if err != nil {
		return nil, err
	}
	opened := *t
	opened.Properties = properties
	return c.Connector.NewLookup(&opened)
}

func (c Connector) source(s *plan.Source) (*plan.Source, error) {
	properties, err := c.properties(s.Name, s.Properties)
	opened := *s
	opened.Properties = properties
	return &opened, err
}

func (c Connector) sink(s *plan.Sink) (*plan.Sink, error) {
	properties, err := c.properties(s.Name, s.Properties)
	opened := *s
	opened.Properties = properties
	return &opened, err
}

// properties are those of a plan with secrets opened.
func (c Connector) properties(of string, given map[string]string) (map[string]string, error) {
	out := maps.Clone(given)
	for key, value := range given {
		text, err := c.Vault.Open(value)
		if err != nil {
			return nil, executor.Permanent(unopened(of, key, err))
		}
		out[key] = text
	}
	return out, nil
}

func (c Connector) relation(r *catalog.Relation) (*catalog.Relation, error) {
	opened := *r
	opened.Properties = make([]catalog.Property, len(r.Properties))
	for i, p := range r.Properties {
		text, err := c.Vault.Open(p.Value)
		if err != nil {
			return nil, unopened(r.FullName(), p.Key, err)
		}
		opened.Properties[i] = catalog.Property{Key: p.Key, Value: text}
	}
	return &opened, nil
}

// unopened says whose secret cannot be had.
func unopened(of, key string, err error) error {
	e := *sqlerr.From(err)
	if e.Code == sqlerr.Internal {
		e.Code = sqlerr.ObjectNotReady
	}
	e.Message = fmt.Sprintf("property %q of %s: %s", key, of, e.Message)
	return &e
}
