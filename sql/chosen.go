package sql

import (
	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/physical"
	"slipway/sql/plan"
)

// splits are the plans that settings ask for. A job whose properties say nothing has none: it was made before there was
// a choice, or nothing was split when it was made.
var splits = map[string]physical.Split{conf.SplitKeyless: physical.SplitKeyless, conf.SplitAll: physical.SplitAll, conf.SplitAlone: physical.SplitAlone}

// Chosen are the settings of a job that is made now, with what a job that is there has from its properties alone: a
// later server may choose otherwise, or the user another parallelism, and the state of the job must still fit.
func Chosen(v *conf.Values) *conf.Values {
	if !conf.SharedStreams.IsSet(v) {
		v = v.With(conf.SharedStreams.Key, "true")
	}
	if !conf.SplitWindows.IsSet(v) {
		v = v.With(conf.SplitWindows.Key, "true")
	}
	if !conf.PatternByKey.IsSet(v) {
		v = v.With(conf.PatternByKey.Key, "true")
	}
	return ChosenSplit(v)
}

// ChosenSplit are the settings with what is chosen of DISTINCT alone.
func ChosenSplit(v *conf.Values) *conf.Values {
	if conf.SplitDistinct.IsSet(v) && conf.SplitDistinct.Get(v) != conf.SplitAuto {
		return v
	}
	split := conf.SplitKeyless
	if conf.JobParallelism.Get(v) == 1 {
		split = conf.SplitNone
	}
	return v.With(conf.SplitDistinct.Key, split)
}

// NewJob compiles the INSERTs of a job that is made now, and gives its settings. They say what was chosen, if the plan
// hangs on it.
func (c *Compiler) NewJob(s *catalog.Snapshot, database string, list []*ast.Insert, v *conf.Values) (*plan.Dataflow, *conf.Values, error) {
	chosen := Chosen(v)
	flow, err := c.Job(s, database, list, chosen)
	if err != nil {
		return nil, v, err
	}
	if flow.SharedStreams {
		v = v.With(conf.SharedStreams.Key, "true")
	}
	if flow.SplitWindows {
		v = v.With(conf.SplitWindows.Key, "true")
	}
	if flow.PatternByKey {
		v = v.With(conf.PatternByKey.Key, "true")
	}
	if flow.SplitDistinct || conf.SplitDistinct.IsSet(v) {
		v = ChosenSplit(v)
	}
	return flow, v, nil
}
