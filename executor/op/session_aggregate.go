package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionAggregate gives a session when the watermark has passed its end, and forgets it.
type SessionAggregate struct{ keptSessions }

// NewSessionAggregate makes the operator of a plan node over an input schema.
func NewSessionAggregate(p *plan.SessionAggregate, in types.Schema) (*SessionAggregate, error) {
	a, err := newKeptSessions(p.Keys, p.Window, p.Aggs, in, p.Out, sessionWords)
	if err != nil {
		return nil, err
	}
	a.late = p.Late
	return &SessionAggregate{*a}, nil
}

// OnTimer gives the sessions that have ended.
func (a *SessionAggregate) OnTimer(due *state.Due, out executor.Output) error {
	a.out.begin(out, a.sessions.Table())
	all := a.cols[:len(a.keys)]
	a.found = a.sessions.Lookup(due.Keys, all, due.Hashes, nil, a.found)
	a.due = a.due[:0]
	a.room(due.Keys.Rows)
	for i, key := range a.found {
		if key == state.Absent {
			continue
		}
		if id := a.end(key, due.UpTo); id != state.Absent {
			a.due, a.times[i] = append(a.due, int32(i)), a.last(id)+a.gap+1
		}
	}
	if err := a.out.finish(); err != nil {
		return err
	}
	a.sessions.Prune()
	return a.register(a.env, due.Keys, all, due.Hashes)
}

// end gives the sessions of a key that the watermark has passed, and what is the first then.
func (a *SessionAggregate) end(key int32, watermark int64) int32 {
	id := a.sessions.First(key)
	for id != state.Absent && a.last(id)+a.gap < watermark {
		next := a.sessions.Next(id)
		a.out.row(id, a.sessions.Table().Acc(id), column.Insert)
		a.sessions.Remove(id)
		id = next
	}
	return id
}
