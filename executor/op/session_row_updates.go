package op

import (
	"slipway/executor"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// boundSessions gives the rows of sessions with the bounds of these. Rows that were given with others are taken back.
type boundSessions struct {
	sessionRows
	bounds boundRows
}

// NewSessionRowUpdates makes the operator of a plan node over an input schema.
func NewSessionRowUpdates(p *plan.SessionRowUpdates, in types.Schema) (*SessionUpdates, error) {
	u, err := newSessionUpdates(&updatedSessions{keys: p.Keys, window: p.Window, in: in, out: p.Out, lateness: p.Lateness, every: p.Every, late: p.Late})
	if err != nil {
		return nil, err
	}
	all := plan.SamePlaces(len(p.Out) - windowBounds)
	form := &boundSessions{sessionRows: newSessionRows(all, p.Keys, p.Window.Time, in), bounds: newBoundRows(p.Out)}
	form.layout.Init = make([]uint64, givenEnd+1)
	u.form = form
	return u, nil
}

func (s *boundSessions) open(env *executor.Env) error {
	err := s.sessionRows.open(env.State)
	s.bounds.kept = s.kept
	return err
}

// give implements sessionForm: all that is taken back comes before what is given.
func (s *boundSessions) give(u *SessionUpdates, out executor.Output) error {
	s.bounds.out.out, s.bounds.out.err = out, nil
	s.find(u.named, u.keyCols(), u.hashesOf)
	for i, id := range u.changed {
		session := u.sessions.Table().Acc(id)
		start, end := session[sessionFirst], session[sessionLast]+uint64(u.gap)
		for _, row := range s.of(i, session) {
			s.bounds.bound(row, start, end, 0)
		}
	}
	s.bounds.giveAll()
	return s.bounds.out.finish()
}
