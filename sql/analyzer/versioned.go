package analyzer

import (
	"slices"

	"slipway/sql/catalog"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// versioned is a relation read as versions of its rows.
type versioned struct {
	// node gives the versions; nil if the relation has none that are known.
	node logical.Node
	// time is the column from which a version holds, -1 if it is not among the columns.
	time int
	// cond is a last column, true of the versions that are rows of the relation: another one ends the
	// row without being one. -1: all are.
	cond int
}

// versionsByTime gives the versions of a relation in event time: the records of a stream with PRIMARY
// KEY, what a de-duplication by event time chooses the last one of, what has one row per key for good,
// and what selects and computes columns of one of these.
func (a *analysis) versionsByTime(n logical.Node) versioned {
	if v := a.replaced(n); v.node != nil {
		return v
	}
	if t := logical.TraitsOf(logical.Endless(n)); !t.Updating() && len(t.EventTimes) == 1 && keyOf(t) != nil {
		return versioned{node: n, time: t.EventTimes[0], cond: -1}
	}
	return versioned{}
}

// replaced are versions of which a later one takes the place of the one before.
func (a *analysis) replaced(n logical.Node) versioned {
	switch n := n.(type) {
	case *logical.Scan:
		return a.records(n)
	case *logical.Project:
		return a.replaced(n.Input).project(n)
	case *logical.Rank:
		return deduplicated(n)
	case *logical.Filter:
		if p, ok := n.Input.(*logical.Project); ok && !slices.ContainsFunc(p.Exprs, logical.Volatile) {
			return a.replaced(logical.FilterBelow(n, p))
		}
		if v := deduplicated(n); v.node != nil {
			return v
		}
		return a.replaced(n.Input).filter(n.Pred)
	}
	return versioned{}
}

// keyOf is a set of columns that tells rows apart, nil if none is known.
func keyOf(t logical.Traits) []int {
	if i := slices.IndexFunc(t.Unique, func(s []int) bool { return len(s) > 0 }); i >= 0 {
		return t.Unique[i]
	}
	return nil
}

// records are those of a stream with PRIMARY KEY and event time.
func (a *analysis) records(scan *logical.Scan) versioned {
	rel := a.relationOf(scan)
	if rel == nil || len(rel.PrimaryKey) == 0 || scan.Table {
		return versioned{}
	}
	v := versioned{time: -1, cond: -1}
	out := *scan
	if out.Watermark = a.watermarkOf(rel, scan); out.Watermark != nil && out.Watermark.Column < 0 {
		out.Watermark = nil // it is computed behind the records
	}
	if out.Watermark != nil {
		v.time = out.Watermark.Column
	}
	v.node = asVersions(&out, keyColumns(rel), v.time)
	return v
}

// asVersions are the records of a stream as they come.
func asVersions(scan *logical.Scan, keys []int, time int) logical.Node {
	if scan.Keys == nil {
		scan.Versions = scan.Changes
		return &logical.Versions{Input: scan, Keys: keys, Time: time}
	}
	scan.Versions = true
	return scan
}

// relationOf is what a scan reads.
func (a *analysis) relationOf(s *logical.Scan) *catalog.Relation {
	for _, r := range a.Snapshot.Relations {
		if r.FullName() == s.Name {
			return r
		}
	}
	return nil
}

func deduplicated(n logical.Node) versioned {
	in, rest, ok := logical.OfVersions(n)
	if !ok {
		return versioned{}
	}
	return versioned{node: in, time: logical.TraitsOf(in).EventTimes[0], cond: -1}.filter(rest)
}

// project computes columns of each version.
func (v versioned) project(p *logical.Project) versioned {
	if v.node == nil {
		return v
	}
	out := &logical.Project{Input: v.node, Exprs: p.Exprs, Out: p.Out}
	if time := v.time; time >= 0 {
		v.time = slices.IndexFunc(p.Exprs, func(e plan.Expr) bool { c, ok := e.(*plan.Column); return ok && c.Index == time })
	}
	if v.cond >= 0 {
		out = out.With(&plan.Column{Index: v.cond, Name: condName, Typ: types.Of(types.Boolean)}, condName)
		v.cond = len(p.Exprs)
	}
	v.node = out
	return v
}

const condName = "holds"

// filter notes of each version whether it is a row.
func (v versioned) filter(pred plan.Expr) versioned {
	if v.node == nil || pred == nil {
		return v
	}
	boolean := types.Of(types.Boolean)
	in := v.node.Schema()
	if v.cond >= 0 {
		pred = logical.Conjunction([]plan.Expr{&plan.Column{Index: v.cond, Name: condName, Typ: boolean}, pred})
		in = in[:v.cond]
	}
	out := &logical.Project{Input: v.node}
	for i, c := range in {
		out = out.With(&plan.Column{Index: i, Name: c.Name, Typ: c.Type}, c.Name)
	}
	v.cond = len(in)
	v.node = out.With(pred, condName)
	return v
}
