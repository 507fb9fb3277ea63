package analyzer

import (
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// upsertKeys gives the columns of the primary key of a stream that is read as its newest
// row per key; nil where every record is a row of its own.
func upsertKeys(rel *catalog.Relation, props map[string]string) (keys []int) {
	if strings.EqualFold(props[conf.SourceChangelog.Name()], "append") {
		return nil
	}
	for _, k := range rel.PrimaryKey {
		keys = append(keys, rel.Columns.Index(k))
	}
	return keys
}

// normalize puts the newest row of each key behind a source. Its rows have no event time:
// what a window has counted could not be corrected.
func (a *analysis) normalize(r *relation, src *plan.Source) {
	src.Watermark = nil
	if src.Properties[conf.OffsetStrategy.Name()] == "" { // rows that are not read are not there
		src.Properties[conf.OffsetStrategy.Name()] = conf.Earliest
	}
	a.exchange(r, "rows of "+src.Name, plan.Hash, src.Keys)
	var keys []string
	for _, k := range src.Keys {
		keys = append(keys, r.columns[k].origin)
	}
	op := &plan.ChangelogNormalize{Op: a.id("newest", src.Name+" by "+strings.Join(keys, ", ")), Name: src.Name, Keys: src.Keys, Out: src.Out}
	a.add(r, op)
	r.updates, r.updater, r.keyed, r.time, r.untimed = true, op, src.Name, -1, nil
	r.hashed, r.fixed = src.Keys, src.Keys
}

// dropNormalize leaves the rows of a stream as they come where a sink wants just them:
// projected, and by the same key. Nobody then asks what was there before.
func (a *analysis) dropNormalize(r *relation, keys []int) {
	n, ok := r.updater.(*plan.ChangelogNormalize)
	if !ok || n.EmitBefore || !subset(keys, r.hashed) || !subset(r.hashed, keys) {
		return
	}
	s := &a.flow.Stages[r.tails[0]]
	if s.Ops[0] != plan.Op(n) || slices.ContainsFunc(s.Ops[1:], func(o plan.Op) bool { _, ok := o.(*plan.Project); return !ok }) {
		return
	}
	s.Ops = s.Ops[1:]
}

// stillFixed lists the expressions that are the same in all versions of a row: they read
// only columns that are, and no clock.
func (r *relation) stillFixed(exprs []plan.Expr) (out []int) {
	for i, e := range exprs {
		fixed := !readsClock(e)
		plan.EachColumn(e, func(c *plan.Column) { fixed = fixed && slices.Contains(r.fixed, c.Index) })
		if fixed {
			out = append(out, i)
		}
	}
	return out
}

// readsClock tells that an expression may give another value each time: a call without
// arguments stands in it.
func readsClock(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return len(e.Args) == 0 || slices.ContainsFunc(e.Args, readsClock)
	case *plan.Case:
		return e.Else != nil && readsClock(e.Else) || slices.ContainsFunc(e.Whens, func(w plan.When) bool { return readsClock(w.Cond) || readsClock(w.Then) })
	case *plan.Cast:
		return readsClock(e.Arg)
	}
	return false
}

// refuseWindow: what a window has given cannot be corrected.
func (r *relation) refuseWindow(pos int) error {
	if !r.updates {
		return nil
	}
	return r.insteadAppend(sqlerr.At(pos, sqlerr.FeatureNotSupported, "a window over a result that changes is not supported"))
}

// insteadAppend says of a refusal that is due to a stream's PRIMARY KEY what else can be done.
func (r *relation) insteadAppend(e *sqlerr.Error) error {
	if r.keyed == "" {
		return e
	}
	e.Detail = r.keyed + " has a PRIMARY KEY: it is read as its newest row per key, and a later record corrects an earlier one."
	hint := `With "` + conf.SourceChangelog.Name() + `"="append" in the properties of ` + r.keyed + ` every record is a row of its own.`
	if e.Hint != "" {
		hint = e.Hint + " " + hint
	}
	e.Hint = hint
	return e
}
