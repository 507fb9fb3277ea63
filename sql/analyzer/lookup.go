package analyzer

import (
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// lookup is the right side of a join as of processing time, where that is a table outside that is
// asked for rows by key; nil if it is none.
func (a *analysis) lookup(t *ast.TableName, l *relation) (*relation, *asOf, error) {
	if c := a.ctes.find(strings.ToLower(t.Name.Name)); c != nil && t.DB == "" {
		return nil, nil, nil
	}
	rel, err := a.read(t.Name)
	if err != nil || rel.Kind == catalog.View {
		return nil, nil, err
	}
	d := catalog.DeclarationOf(a.Connectors, rel)
	if !d.Lookup {
		return nil, nil, nil
	}
	if err := appendOnly(l, t.AsOf); err != nil {
		return nil, nil, err
	}
	if len(rel.Recorded()) != len(rel.Columns) {
		return nil, nil, sqlerr.At(t.Position(), sqlerr.FeatureNotSupported, "%s is asked for rows by key: computed columns of it are not supported", rel.FullName())
	}
	options, alias := d.Values(rel), t.Alias
	if alias == "" {
		alias = t.Name.Name
	}
	scan := &logical.Scan{Name: rel.FullName(), Relation: rel.Name, Connector: d.Name, Properties: options.Map(), Declared: rel.Columns, Bounded: a.Bounded,
		Lookup: lookupLimits(options)}
	r := &relation{node: scan}
	for i, col := range rel.Columns {
		scan.Columns = append(scan.Columns, i)
		r.columns = append(r.columns, scopeColumn{qualifier: strings.ToLower(alias), db: rel.Database, name: col.Name, typ: col.Type, index: i})
	}
	r.traits = scan.Traits(nil)
	a.reads(rel)
	return r, &asOf{at: t.AsOf, name: t.Name.Name, column: -1, lookup: true, cond: -1}, nil
}

func lookupLimits(o *conf.Values) *plan.LookupLimits {
	return &plan.LookupLimits{
		Requests: int(conf.LookupRequests.Get(o)), Batch: int(conf.LookupBatch.Get(o)),
		Attempts: int(conf.LookupAttempts.Get(o)), Timeout: conf.LookupTimeout.Get(o), Unordered: !conf.LookupOrdered.Get(o),
		CacheRows: int(conf.LookupCacheRows.Get(o)), CacheTTL: conf.LookupCacheTTL.Get(o), AbsentUncached: !conf.LookupCacheAbsent.Get(o),
	}
}

// byColumns makes a join one that asks by all columns that must be equal.
func (v *asOf) byColumns(j *logical.Join) (logical.Node, error) {
	out := *j
	out.KeyPairs = len(j.Equal)
	if out.KeyPairs == 0 {
		return j, sqlerr.At(v.at.Pos, sqlerr.FeatureNotSupported, "%s is asked for rows by key: ON needs an equality with one of its columns", v.name)
	}
	if p, computed := j.Right.(*logical.Project); computed {
		for _, pair := range j.Equal {
			if _, plain := logical.AskedColumn(p.Exprs[pair.Right]); !plain {
				return j, sqlerr.At(v.at.Pos, sqlerr.FeatureNotSupported, "%s is asked for rows by the values of its columns, not by what is computed of them", v.name).
					WithHint("Bring the other side of the equality to the column's type by CAST.")
			}
		}
	}
	return &out, nil
}
