// Package jdbc is the connector of tables in databases: PostgreSQL, MySQL, MariaDB. A table stays
// where it is; its rows are asked for by key, in a lookup join, or it is read whole. Values come and go
// as text, and are what the database's text says in the column's declared type.
package jdbc

import (
	"context"
	"fmt"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Connector makes sources and lookups of tables.
type Connector struct{ executor.NoSink }

// Declaration implements catalog.Connector.
func (Connector) Declaration() *catalog.Declaration { return declaration }

// Places implements catalog.Connector: nothing is written.
func (Connector) Places(*catalog.Relation) []string { return nil }

// Check implements catalog.Connector.
func (Connector) Check(r *catalog.Relation) ([]string, error) {
	v := declaration.Values(r)
	p, err := placeOf(location.Get(v))
	if err != nil {
		return nil, err
	}
	for _, c := range r.Recorded() {
		if !held(c.Type) {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "column %s: type %s of a table outside is not supported", c.Name, c.Type).
				WithHint("Declare it as STRING: it is then the database's text of the value.")
		}
	}
	d, err := p.open(v)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "%v", err)
	}
	return nil, d.Close()
}

// held tells a type that a column may have.
func held(t types.Type) bool {
	return !t.IsNested() && t.Kind != types.Interval && t.Kind != types.Duration && t.Kind != types.Null
}

// prepareWait is how long CREATE waits for the database.
const prepareWait = 3 * time.Second

// Prepare implements catalog.Connector: it asks whether the table is there with its columns.
func (Connector) Prepare(ctx context.Context, r *catalog.Relation) ([]*sqlerr.Error, error) {
	ctx, cancel := context.WithTimeout(ctx, prepareWait)
	defer cancel()
	t, err := openTable(r.FullName(), r.Recorded(), declaration.Values(r))
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if err := t.probe(ctx); err != nil {
		return []*sqlerr.Error{sqlerr.Notice("table %s cannot be read as it is declared: %v", r.FullName(), err)}, nil
	}
	return nil, nil
}

// Splits implements executor.Connector.
func (Connector) Splits(context.Context, *plan.Source) (int, error) { return 1, nil }

// Ends implements executor.Connector: a table ends by itself.
func (Connector) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, nil }

// NewSource implements executor.Connector.
func (Connector) NewSource(s *plan.Source) (executor.Source, error) {
	t, err := openTable(s.Name, s.Declared, declaration.Read(s.Properties))
	if err != nil {
		return nil, executor.Permanent(err)
	}
	return newSource(t, s), nil
}

// NewLookup implements executor.Connector.
func (Connector) NewLookup(p *plan.LookupTable) (executor.Lookup, error) {
	t, err := openTable(p.Name, p.Declared, declaration.Read(p.Properties))
	if err != nil {
		return nil, executor.Permanent(err)
	}
	return newLookup(t, p), nil
}

// database is a server that speaks one of the dialects.
type database interface {
	// Query runs a statement with arguments and calls each with every row: a text per column, nil for
	// NULL, valid until it returns.
	Query(ctx context.Context, statement string, args []any, each func(row [][]byte) error) error
	// Final tells a failure that asking again does not cure.
	Final(err error) bool
	Close() error
}

// table is one in a database.
type table struct {
	database
	dialect
	name    string // as it is declared here
	there   string // as the database knows it, quoted
	columns types.Schema
}

// openTable makes the way to a table; nothing is asked yet.
func openTable(name string, columns types.Schema, v *conf.Values) (*table, error) {
	p, err := placeOf(location.Get(v))
	if err != nil {
		return nil, err
	}
	d, err := p.open(v)
	if err != nil {
		return nil, err
	}
	t := &table{database: d, dialect: dialects[p.kind], name: name, columns: columns}
	t.there = t.quoteName(tableName.Get(v), name)
	return t, nil
}

// ask runs a query; what asking again does not cure is permanent.
func (t *table) ask(ctx context.Context, statement string, args []any, each func(row [][]byte) error) error {
	err := t.Query(ctx, statement, args, each)
	if err != nil && t.Final(err) {
		return executor.Permanent(fmt.Errorf("the database refuses to read %s: %w", t.there, err))
	}
	return err
}

// probe asks for no row of all columns.
func (t *table) probe(ctx context.Context) error {
	var all []int
	for i := range t.columns {
		all = append(all, i)
	}
	return t.ask(ctx, "SELECT "+t.list(t.columns, all)+" FROM "+t.there+" WHERE 1 = 0", nil, func([][]byte) error { return nil })
}
