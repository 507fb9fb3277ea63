package jobs

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Insert writes the rows of INSERT … VALUES and waits until the outside has them. All of
// them are computed first: what is wrong with one leaves none behind.
func (q *Queries) Insert(ctx context.Context, target *catalog.Relation, rows sql.Rows, zone *time.Location) (int, error) {
	var batches []*column.Batch
	n, err := eachBatch(rows, target, zone, func(b *column.Batch) error {
		batches = append(batches, b)
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, q.write(ctx, target, zone, func(take func(*column.Batch) error) error {
		for _, b := range batches {
			if err := take(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Load writes rows that can be given twice, a batch at a time: the first time only to see that all are right, so that what is
// wrong with one leaves none behind.
func (q *Queries) Load(ctx context.Context, target *catalog.Relation, rows sql.Rows, zone *time.Location) (int, error) {
	n, err := eachBatch(rows, target, zone, func(*column.Batch) error { return nil })
	if err != nil || n == 0 {
		return 0, err
	}
	return n, q.write(ctx, target, zone, func(take func(*column.Batch) error) error {
		_, err := eachBatch(rows, target, zone, take)
		return err
	})
}

// batches hands batches out one after the other.
type batches func(take func(*column.Batch) error) error

// write takes a sink of its own for some batches.
func (q *Queries) write(ctx context.Context, target *catalog.Relation, zone *time.Location, rows batches) error {
	connector := q.Connectors.Of(catalog.ConnectorOf(target))
	p := sql.Sink(connector.Declaration(), target)
	env := &executor.Env{
		JobID: "values", JobName: "values", Parallelism: 1, Settings: conf.Defaults(conf.Job),
		Logger: q.Log, Counters: &executor.Counters{}, TimeZone: zone,
	}
	committer, err := connector.NewCommitter(p, env)
	if err != nil {
		return err
	}
	sink, err := connector.NewSink(p)
	if err == nil {
		err = errors.Join(writeOnce(ctx, sink, committer, env, rows), sink.Close())
	}
	if committer != nil {
		err = errors.Join(err, committer.Close())
	}
	return err
}

// needed are the columns that take no NULL: a key has a value, and so has what says NOT NULL.
func needed(target *catalog.Relation) (out []int) {
	for c, col := range target.Sunk() {
		if col.NotNull || slices.Contains(target.PrimaryKey, col.Name) {
			out = append(out, c)
		}
	}
	return out
}

// onlyCheckpoint is the number under which a sink that is used once prepares and commits.
const onlyCheckpoint = 1

// writeOnce takes a sink through what a job with one checkpoint does with it.
func writeOnce(ctx context.Context, sink executor.Sink, committer executor.Committer, env *executor.Env, rows batches) error {
	if err := sink.Open(ctx, env); err != nil {
		return err
	}
	if err := rows(sink.Write); err != nil {
		return err
	}
	prepared, err := sink.Prepare(ctx, onlyCheckpoint)
	if err != nil {
		return err
	}
	if committer != nil && len(prepared) > 0 {
		if err := committer.Commit(ctx, [][]byte{prepared}); err != nil {
			return err
		}
	}
	return sink.Commit(ctx, onlyCheckpoint)
}

// eachBatch computes rows of expressions without columns, in batches. Literals, of which
// there may be a million, are not compiled one by one: those of a type share a cast.
func eachBatch(rows sql.Rows, target *catalog.Relation, zone *time.Location, take func(*column.Batch) error) (n int, err error) {
	schema, keys := target.Sunk(), needed(target)
	casts := literalCasts{zone: zone, compiled: map[conversion]*literalCast{}}
	var b *column.Batch
	err = rows(func(row []plan.Expr) error {
		if b == nil {
			b = column.NewBatch(schema)
		}
		for i, e := range row {
			if err := casts.appendTo(b.Cols[i], e, schema[i].Type); err != nil {
				return err
			}
		}
		for _, c := range keys {
			if b.Cols[c].Null(b.Rows) {
				return sqlerr.New(sqlerr.NotNullViolation, "column %q of %s takes no NULL", schema[c].Name, target.FullName()).WithDetail("Row %d has one.", n+1)
			}
		}
		b.Rows, b.Split = b.Rows+1, n%math.MaxInt16
		if n++; b.Rows < column.BatchRows {
			return nil
		}
		full := b
		b = nil
		return take(full)
	})
	if err == nil && b != nil {
		err = take(b)
	}
	return n, err
}

// literalCasts holds a compiled cast for every conversion that literals need.
type literalCasts struct {
	zone     *time.Location
	compiled map[conversion]*literalCast
}

// conversion is what tells one cast of a literal from another.
type conversion struct {
	from, to types.Type
	whole    bool
}

// literalCast brings a vector of one literal to another type.
type literalCast struct {
	in *column.Batch
	ev expr.Evaluator
}

// appendTo computes e and appends it to a column.
func (l *literalCasts) appendTo(v *column.Vector, e plan.Expr, t types.Type) error {
	literal := e
	cast, converted := e.(*plan.Cast)
	if converted = converted && !cast.Try && cast.Typ == t; converted {
		literal = cast.Arg
	}
	c, ok := literal.(*plan.Const)
	switch {
	case ok && (c.Null || c.Typ.Kind == types.Null):
		v.AppendNull()
		return nil
	case ok && c.Typ == t:
		expr.AppendConst(v, c)
		return nil
	case ok && converted:
		return l.convert(v, c, cast)
	}
	one, err := expr.Constants([]plan.Expr{e}, types.Schema{{Type: t}}, l.zone)
	if err == nil {
		v.AppendRows(one.Cols[0], nil, 1)
	}
	return err
}

func (l *literalCasts) convert(v *column.Vector, c *plan.Const, as *plan.Cast) error {
	key := conversion{c.Typ, as.Typ, as.Whole}
	cast := l.compiled[key]
	if cast == nil {
		ev, err := expr.Compile(&plan.Cast{Arg: &plan.Column{Typ: c.Typ}, Typ: as.Typ, Whole: as.Whole}, expr.Options{Location: l.zone})
		if err != nil {
			return err
		}
		cast = &literalCast{in: column.NewBatch(types.Schema{{Type: c.Typ}}), ev: ev}
		l.compiled[key] = cast
	}
	cast.in.Reset()
	expr.AppendConst(cast.in.Cols[0], c)
	cast.in.Rows = 1
	got, err := cast.ev.Eval(cast.in, nil)
	if err == nil {
		v.AppendRows(got, nil, 1)
	}
	return err
}
