package jobs

import (
	"fmt"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/ha"
	"slipway/server/events"
)

// What happens to jobs, as events.

// Tell puts what a supervisor tells into the log of events.
func Tell(log *events.Log) func(ha.Told) {
	return func(t ha.Told) {
		if t.Incident == nil {
			log.Add(stateEvent(t))
			return
		}
		log.Add(failureEvent(t.Job, t.Incident))
	}
}

func stateEvent(t ha.Told) events.Event {
	e := events.Event{Kind: events.JobState, Job: t.Job, Message: fmt.Sprintf("stream job %s is %s, it was %s", t.Job, t.To, t.From),
		Detail: map[string]any{"from": string(t.From), "to": string(t.To)}}
	switch t.To {
	case ha.Failed:
		e.Severity = events.Error
	case ha.Restarting:
		e.Severity = events.Warning
	}
	return e
}

func failureEvent(job string, i *ha.Incident) events.Event {
	e := events.Event{Kind: events.JobFailed, Severity: events.Error, Job: job, At: i.At, Message: conf.Redact(i.Message),
		Detail: map[string]any{"class": i.Class, "action": i.Action, "attempt": i.Attempt}}
	if i.Code != "" {
		e.Detail["sqlstate"] = i.Code
	}
	if i.Task != nil {
		e.Detail["stage"], e.Detail["task"] = i.Task.Stage, i.Task.Subtask
	}
	if r := i.Record; r != nil {
		e.Detail["topic"], e.Detail["partition"], e.Detail["offset"] = r.Topic, r.Partition, r.Offset
	}
	return e
}

// tellCheckpoint tells of checkpoints that did not complete, and of those that somebody asked for.
func (r *Runner) tellCheckpoint(id string, c checkpoint.Record) {
	if c.Status == checkpoint.Completed && c.Kind != checkpoint.Savepoint {
		return
	}
	r.mu.Lock()
	name := r.mu.names[id]
	r.mu.Unlock()
	e := events.Event{Kind: events.Checkpoint, Job: name, Detail: map[string]any{"checkpoint": c.ID, "status": string(c.Status), "duration_ms": c.Duration.Milliseconds(), "bytes": c.Bytes}}
	switch c.Status {
	case checkpoint.Completed:
		e.Message = fmt.Sprintf("savepoint %q of stream job %s was taken", c.Name, name)
	case checkpoint.Expired:
		e.Severity, e.Message = events.Warning, fmt.Sprintf("checkpoint %d of stream job %s expired: %s", c.ID, name, conf.Redact(c.Reason))
	default:
		e.Severity, e.Message = events.Warning, fmt.Sprintf("checkpoint %d of stream job %s failed: %s", c.ID, name, conf.Redact(c.Reason))
	}
	r.Events.Add(e)
}
