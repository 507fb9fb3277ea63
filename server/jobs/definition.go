package jobs

import (
	"context"
	"errors"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/task"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// What a stored job says: its settings, its policy, its dataflow.

// Settings reads a job's properties.
func Settings(j *ha.Job) (*conf.Values, error) {
	v, err := j.Settings()
	return v, sql.SettingError(err)
}

// Policy reads a job's restart policy: morphling.restart.strategy, or the seed's two
// keys. Where nobody gave a number a job is restarted for as long as it takes: failures
// that would come again are permanent (definite) and never get here.
func Policy(j *ha.Job) (ha.Policy, bool) {
	v, err := Settings(j)
	if err != nil {
		return ha.Policy{Strategy: ha.NoRestart}, false
	}
	p := ha.Policy{Strategy: ha.NoRestart, Attempts: int(conf.RestartAttempts.Get(v)), Delay: conf.RestartDelay.Get(v),
		MaxDelay: conf.RestartMaxDelay.Get(v), Interval: conf.RestartInterval.Get(v)}
	if conf.RestartStrategy.IsSet(v) {
		p.Strategy = conf.RestartStrategy.Get(v)
		return p, p.Strategy != ha.NoRestart
	}
	switch failover := conf.AutoFailover.Get(v); {
	case !failover:
		return p, false
	case !conf.TaskMaxFailures.IsSet(v):
		p.Strategy, p.Attempts = ha.ExponentialDelay, -1
	case conf.TaskMaxFailures.Get(v) > 0:
		p.Strategy, p.Attempts = ha.FixedDelay, int(conf.TaskMaxFailures.Get(v))
	}
	return p, true
}

// Explain words a job's failure: the message, and the way out if it is known.
func Explain(err error) ha.Failure {
	f := ha.Failure{Message: err.Error(), Class: classOf(err)}
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		f.Hint, f.Code = e.Hint, string(e.Code)
	}
	if e, ok := errors.AsType[*task.Error](err); ok {
		f.Task = &ha.Task{Stage: e.ID.Stage, Subtask: e.ID.Subtask}
	}
	if e, ok := errors.AsType[*executor.RecordError](err); ok {
		f.Record = &ha.Record{Topic: e.Topic, Partition: e.Partition, Offset: e.Offset}
	}
	return f
}

// Compile compiles a stored job against the catalog as it is now.
func (r *Runner) Compile(j *ha.Job) (*plan.Dataflow, *conf.Values, error) {
	v, err := Settings(j)
	if err != nil {
		return nil, nil, permanent(err)
	}
	flow, err := r.Compiler.JobText(r.Catalog.Snapshot(), j.Path, j.SQL, v)
	if err != nil {
		return nil, nil, permanent(err)
	}
	keepGroup(flow, j.Group)
	return flow, v, nil
}

// keepGroup lets a job that was renamed go on under the consumer group of its first name.
func keepGroup(flow *plan.Dataflow, group string) {
	for i := range flow.Stages {
		if s := flow.Stages[i].Source; s != nil && group != "" && s.Properties[conf.GroupID.Name()] == "" {
			s.Properties[conf.GroupID.Name()] = group
		}
	}
}

// CheckSinks asks the sinks' connectors whether they can keep what the job promises.
func (r *Runner) CheckSinks(ctx context.Context, flow *plan.Dataflow, v *conf.Values) error {
	for i := range flow.Stages {
		s := flow.Stages[i].Sink
		if s == nil {
			continue
		}
		if err := r.Connectors.Of(s.Connector).CheckSink(ctx, s, v); err != nil {
			return err
		}
	}
	return nil
}
