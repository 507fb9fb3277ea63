// Package build holds the one switch from plan node to operator.
package build

import (
	"fmt"

	"slipway/executor"
	"slipway/executor/expr"
	"slipway/executor/op"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Operator makes the operator of a plan node over the columns of its inputs, by port.
func Operator(p plan.Op, in []types.Schema, o expr.Options) (executor.Operator, error) {
	switch p := p.(type) {
	case *plan.Filter:
		return op.NewFilter(p, o)
	case *plan.Project:
		return op.NewProject(p, in[0], o)
	case *plan.SemiJoin:
		return op.NewSemiJoin(p, in, o)
	case *plan.SingleJoin:
		return op.NewSingleJoin(p, in), nil
	case *plan.Unfold:
		return op.NewUnfold(p), nil
	case *plan.Unnest:
		return op.NewUnnest(p, in[0]), nil
	case *plan.Series:
		return op.NewSeries(p, o)
	case *plan.AssignWindow:
		return op.NewAssignWindow(p), nil
	case *plan.Expand:
		return op.NewExpand(p), nil
	case *plan.WindowUpdates:
		return op.NewWindowUpdates(p, in[0])
	case *plan.SessionAggregate:
		return op.NewSessionAggregate(p, in[0])
	case *plan.SessionUpdates:
		return op.NewSessionUpdates(p, in[0])
	case *plan.SessionRowUpdates:
		return op.NewSessionRowUpdates(p, in[0])
	case *plan.ConditionSession:
		return op.NewConditionSession(p, in[0]), nil
	case *plan.MatchTable:
		return op.NewMatchTable(p, in[0], o)
	case *plan.SessionWindow:
		return op.NewSessionWindow(p, in[0]), nil
	case *plan.SessionChanges:
		return op.NewSessionChanges(p, in[0]), nil
	case *plan.PartialAggregate:
		return op.NewPartialAggregate(p, in[0])
	case *plan.GroupAggregate:
		return op.NewGroupAggregate(p, in[0])
	case *plan.MarkDistinct:
		return op.NewMarkDistinct(p, in[0]), nil
	case *plan.ChangelogNormalize:
		return op.NewChangelogNormalize(p), nil
	case *plan.UpsertChanges:
		return op.NewUpsertChanges(p), nil
	case *plan.WindowAggregate:
		return op.NewWindowAggregate(p, in[0])
	case *plan.IntervalJoin:
		return op.NewIntervalJoin(p, in[0], in[1], o)
	case *plan.SetOp:
		return op.NewSetOp(p), nil
	case *plan.TemporalJoin:
		return op.NewTemporalJoin(p, in[0], in[1], o)
	case *plan.LookupJoin:
		return op.NewLookupJoin(p, o)
	case *plan.BroadcastJoin:
		return op.NewBroadcastJoin(p, in, o)
	case *plan.FinalRows:
		return op.NewFinalRows(p), nil
	case *plan.Sort:
		return op.NewSort(p), nil
	case *plan.UpsertMaterialize:
		return op.NewUpsertMaterialize(p), nil
	case *plan.Join:
		return op.NewJoin(p, o)
	case *plan.Rank:
		return op.NewRank(p), nil
	case *plan.Over:
		return op.NewOver(p)
	case *plan.Limit:
		return op.NewLimit(p), nil
	}
	return nil, fmt.Errorf("build: no operator for %T", p)
}
