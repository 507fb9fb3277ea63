package analyzer

import (
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// divert notes where the records of a stream go that its format refuses, if they go anywhere. What
// only a client follows has no such place: there they are left out.
func (a *analysis) divert(ref *ast.TableName, rel *catalog.Relation, options *conf.Values) (*conf.Values, error) {
	if conf.OnError.Get(options) != "divert" {
		return options, nil
	}
	if !a.job {
		return options.With(conf.OnError.Name(), "skip"), nil
	}
	if slices.ContainsFunc(a.diverted, func(d *logical.Diverted) bool { return d.Stream == rel.FullName() }) {
		return options, nil
	}
	target, err := a.divertedTo(ref, rel, options)
	if err != nil {
		return nil, err
	}
	to, exprs, err := a.divertedWrite(ref, target)
	if err != nil {
		return nil, err
	}
	a.diverted = append(a.diverted, &logical.Diverted{Stream: rel.FullName(), To: to, Exprs: exprs})
	return options, nil
}

// divertedTo finds the stream that takes them: the job's, else the one that the stream names.
func (a *analysis) divertedTo(ref *ast.TableName, rel *catalog.Relation, options *conf.Values) (*catalog.Relation, error) {
	name, home := conf.DivertTo.Get(options), rel.Database
	if job := conf.JobDivertTo.Get(a.Settings); job != "" {
		name, home = job, a.Database
	}
	if name == "" {
		return nil, sqlerr.At(ref.Pos, sqlerr.InvalidParameter, "%q=\"divert\" of %s needs %q: the stream that takes what cannot be read",
			conf.OnError.Name(), rel.FullName(), conf.DivertTo.Name())
	}
	return a.sideStream(ref.Pos, name, home)
}

// sideStream finds a stream that a property names, perhaps with its database; else it is in the one given.
func (a *analysis) sideStream(pos int, name, home string) (*catalog.Relation, error) {
	n := ast.Name{Pos: pos, Name: name}
	if db, table, two := strings.Cut(name, "."); two {
		n.DB, n.Name = db, table
	}
	in := a.Input
	in.Database = home
	return in.Find(n, true)
}

// divertedWrite is what writes them: rows that are never corrected.
func (a *analysis) divertedWrite(ref *ast.TableName, target *catalog.Relation) (*logical.Write, []plan.Expr, error) {
	w, err := a.sideWrite(ref.Pos, target, "what cannot be read")
	if err != nil {
		return nil, nil, err
	}
	w.Identity = logical.Identity{Meaning: "diverted to " + w.Name, Nth: 1}
	exprs, err := divertedExprs(ref, target)
	return w, exprs, err
}

// sideWrite writes rows that the query does not give to a stream.
func (a *analysis) sideWrite(pos int, target *catalog.Relation, what string) (*logical.Write, error) {
	d := catalog.DeclarationOf(a.Connectors, target)
	why := "it is a derived stream or view"
	if target.Kind != catalog.View {
		why = d.CheckWrite(target)
	}
	if why == "" && len(target.PrimaryKey) > 0 {
		why = "it has a PRIMARY KEY"
	}
	if why == "" && len(target.Sunk()) != len(target.Columns) || len(target.WrittenMetadata()) > 0 {
		why = "it has columns that are computed or METADATA"
	}
	if why != "" {
		return nil, sqlerr.At(pos, sqlerr.WrongObjectType, "%s cannot take %s: %s", target.FullName(), what, why)
	}
	w := Target(d, target)
	w.Delivery = a.delivery(d.Values(target))
	if w.Delivery == conf.ExactlyOnce && !conf.EnableCheckpoint.Get(a.Settings) {
		return nil, sqlerr.At(pos, sqlerr.InvalidParameter, "%s wants exactly-once delivery, which needs checkpoints", w.Name)
	}
	return w, nil
}

// divertedExprs fills the columns of a stream by their names; the others are NULL.
func divertedExprs(ref *ast.TableName, target *catalog.Relation) ([]plan.Expr, error) {
	known, out := 0, make([]plan.Expr, len(target.Columns))
	for i, col := range target.Columns {
		x := divertedColumn(col)
		switch {
		case x != nil:
			known++
		case col.NotNull:
			return nil, sqlerr.At(ref.Pos, sqlerr.NotNullViolation, "column %q of %s takes no NULL, and a record that cannot be read has no such column", col.Name, target.FullName())
		default:
			x = &plan.Const{Typ: col.Type, Null: true}
		}
		if !function.Assignable(x.Type(), col.Type) {
			return nil, sqlerr.At(ref.Pos, sqlerr.DatatypeMismatch, "column %q of %s is %s, and of a record that cannot be read it is %s", col.Name, target.FullName(), col.Type, x.Type())
		}
		if x.Type() != col.Type {
			x = &plan.Cast{Arg: x, Typ: col.Type}
		}
		out[i] = x
	}
	if known == 0 {
		return nil, sqlerr.At(ref.Pos, sqlerr.DatatypeMismatch, "%s has no column for a record that cannot be read", target.FullName()).
			WithHint("Its columns are any of key and value (STRING or BINARY), topic, partition, offset, reason.")
	}
	return out, nil
}

// divertedColumn is the column of a record by the name of one of the target's, nil if there is none.
func divertedColumn(col types.Column) plan.Expr {
	all := plan.DivertedColumns()
	at := all.Index(col.Name)
	if at < 0 || at == plan.DivertedKeyText || at == plan.DivertedValueText {
		return nil
	}
	if col.Type.IsText() && (at == plan.DivertedKey || at == plan.DivertedValue) {
		at++
	}
	return &plan.Column{Index: at, Name: all[at].Name, Typ: all[at].Type}
}
