package session

import (
	"context"
	"strings"

	"slipway/server/auth"
	"slipway/server/events"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

// waitingEvents wait to be sent at most; more are left out, which the gap in their numbers tells.
const waitingEvents = 1024

// listen is LISTEN: what happens from now on goes to the client, as far as it may read it.
func (s *session) listen(_ context.Context, st *ast.Listen) error {
	if !strings.EqualFold(st.Channel.Name, events.Channel) || s.deaf != nil || s.startup.Notify == nil {
		return nil // nobody notifies on other channels
	}
	came := make(chan events.Event, waitingEvents)
	end := s.Events.Listen(func(e events.Event) {
		select {
		case came <- e:
		default:
		}
	})
	stop := make(chan struct{})
	go forward(came, stop, s.startup.Notify, s.identity(), s.partsNow) // ends when stop is closed
	s.deaf = func() {
		end()
		close(stop)
	}
	return nil
}

// forward sends events to a client. Whether it may read one is looked at here: who adds an event must not wait.
func forward(came <-chan events.Event, stop <-chan struct{}, notify func(channel, payload string), id auth.Identity, parts func() Parts) {
	for {
		select {
		case e := <-came:
			if mayRead(e, id, parts()) {
				notify(events.Channel, e.Payload())
			}
		case <-stop:
			return
		}
	}
}

// mayRead tells whether an event is for somebody: who sees a job reads of it, everybody who leads, and of what was declared
// who declared it. Whoever administers the server reads everything.
func mayRead(e events.Event, id auth.Identity, p Parts) bool {
	now := p.Catalog.Snapshot()
	who := auth.SubjectOf(id, now.Users)
	switch {
	case who.Super || e.Kind == events.Leadership:
		return true
	case e.Job == "":
		return e.User == id.User
	}
	j, err := p.Jobs.Status(e.Job)
	return err == nil && who.Sees(auth.Object{Kind: catalog.OnJob, ID: j.Job.ID, Name: j.Job.FullName(), Owner: j.Job.Owner, Database: now.Databases[j.Job.Database]})
}

// unlisten is UNLISTEN.
func (s *session) unlisten(_ context.Context, st *ast.Unlisten) error {
	if st.All || strings.EqualFold(st.Channel.Name, events.Channel) {
		s.endListening()
	}
	return nil
}

func (s *session) endListening() {
	if s.deaf != nil {
		s.deaf()
		s.deaf = nil
	}
}
