package sql

import (
	"strings"

	"slipway/conf"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// clauses reads where the values of columns come from that do not stand in a record's value alone. The types of
// computed columns follow from those of the others.
func (c *Compiler) clauses(s *catalog.Snapshot, d *ast.CreateRelation, r *catalog.Relation) error {
	in := c.input(s, r.Database, conf.Defaults(conf.Job))
	var others types.Schema
	for i, col := range d.Columns {
		if col.As == nil {
			others = append(others, r.Columns[i])
		}
	}
	for i, col := range d.Columns {
		var err error
		clause := catalog.Clause{Column: col.Name, Metadata: strings.ToLower(col.Metadata), Virtual: col.Virtual}
		switch {
		case col.As != nil:
			clause.Computed = col.As.Text
			var steady bool
			r.Columns[i].Type, steady, err = analyzer.CheckComputed(in, col.As.X, others)
			if err == nil && !steady && d.Watermark != nil && strings.EqualFold(d.Watermark.Column.Name, col.Name) {
				err = sqlerr.At(d.Watermark.Column.Pos, sqlerr.FeatureNotSupported, "event time %q is not the same each time it is computed", col.Name).
					WithHint("Windows over PROCTIME() take the time at which a record comes, without a WATERMARK.")
			}
		case col.Default != nil:
			clause.Default = col.Default.Text
			err = analyzer.CheckDefault(in, col.Default.X, r.Columns[i])
		case col.Metadata == "":
			continue
		}
		if err != nil {
			return err
		}
		r.Clauses = append(r.Clauses, clause)
	}
	return plainClauses(d, r)
}

// plainClauses refuses what columns with clauses cannot be.
func plainClauses(d *ast.CreateRelation, r *catalog.Relation) error {
	for _, k := range r.PrimaryKey {
		if clause := r.Clause(k); clause.Metadata != "" || clause.Computed != "" {
			return sqlerr.At(d.Columns[r.Columns.Index(k)].Pos, sqlerr.FeatureNotSupported, "PRIMARY KEY of column %q, which records do not hold, is not supported", k).
				WithHint("The columns of the key stand in the record's value.")
		}
	}
	if len(r.Recorded()) == 0 && len(r.ReadMetadata()) == 0 {
		return sqlerr.At(d.Columns[0].Pos, sqlerr.InvalidDefinition, "all columns of %s are computed", r.FullName())
	}
	for i, col := range d.Columns {
		if col.As != nil && col.NotNull {
			return sqlerr.At(d.Columns[i].Pos, sqlerr.FeatureNotSupported, "NOT NULL of computed column %q is not supported", col.Name)
		}
	}
	return nil
}

// metadata checks the METADATA of a declaration against what its connector knows. What a sink does not take is only read.
func metadata(k *catalog.Declaration, d *ast.CreateRelation, r *catalog.Relation) error {
	for i, clause := range r.Clauses {
		if clause.Metadata == "" {
			continue
		}
		at := r.Columns.Index(clause.Column)
		def := d.Columns[at]
		m := k.FindMetadata(clause.Metadata)
		if m == nil {
			e := sqlerr.At(def.MetadataPos, sqlerr.UndefinedColumn, "records of connector %q have no metadata %q", k.Name, clause.Metadata)
			if len(k.Metadata) > 0 {
				e.WithHint("They have %s.", logicalNames(k.Metadata))
			}
			return e
		}
		if !m.Takes(r.Columns[at].Type) {
			return sqlerr.At(
				def.Type.Pos, sqlerr.DatatypeMismatch, "metadata %q is %s, and column %q is %s", m.Name, typeNames(m.Types), clause.Column, r.Columns[at].Type,
			).
				WithHint("A computed column can convert it: name AS CAST(%s AS …).", ast.QuoteName(clause.Column))
		}
		r.Clauses[i].Virtual = clause.Virtual || !m.Writable
		if m.Name == catalog.KeyMetadata && !r.Clauses[i].Virtual && len(r.PrimaryKey) > 0 {
			return sqlerr.At(def.MetadataPos, sqlerr.InvalidDefinition, "the key of a record is the PRIMARY KEY: column %q can only be read", clause.Column).
				WithHint("Say METADATA FROM 'key' VIRTUAL.")
		}
	}
	return nil
}

func logicalNames(list []catalog.Metadata) string {
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

func typeNames(list []types.Type) string {
	var names []string
	for _, t := range list {
		names = append(names, t.String())
	}
	return strings.Join(names, " or ")
}
