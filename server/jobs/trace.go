package jobs

import (
	"context"

	"slipway/checkpoint"
	"slipway/server/traces"
)

// traceCheckpoint sends a checkpoint that is over as a span; flushes of jobs without checkpoints are none.
func (r *Runner) traceCheckpoint(job string, c checkpoint.Record) {
	if !c.Kind.Keeps() {
		return
	}
	failed := ""
	if c.Status != checkpoint.Completed {
		failed = string(c.Status)
	}
	r.Traces.Past("checkpoint", c.Triggered, c.Triggered.Add(c.Duration), failed,
		traces.Attributes{"slipway.job": job, "slipway.checkpoint.id": int64(c.ID), "slipway.checkpoint.kind": string(c.Kind), "slipway.checkpoint.bytes": c.Bytes})
}

// recovering begins the span of a job that is made ready to run, from its newest checkpoint if it has one.
func (a *attempt) recovering(ctx context.Context) (end func(error)) {
	_, end = a.r.Traces.Begin(ctx, "recovery", traces.Attributes{"slipway.job": a.run.Job.FullName(), "slipway.attempt": a.run.Attempt, "slipway.checkpoints": len(a.entries)})
	return end
}
