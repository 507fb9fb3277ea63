package node

import (
	"context"
	"errors"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/server/events"
	"slipway/server/jobs"
	"slipway/server/session"
	"slipway/sql/plan"
)

// startAlone: the only server leads before anybody can connect.
func (n *Node) startAlone(ctx context.Context) error {
	if err := n.lead(ctx); err != nil {
		return err
	}
	if err := n.listen(); err != nil {
		return err
	}
	if conf.Demo.Get(n.cfg) {
		return n.demo()
	}
	return nil
}

// startAmongOthers: the server stands by, and leads when it is elected.
func (n *Node) startAmongOthers() error {
	n.standBy()
	if err := n.listen(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	n.terms.Go(func() { n.campaign(ctx) }) // ends with Stop
	return nil
}

// observeEvery is how often a server that stands by looks at the jobs.
const observeEvery = 2 * time.Second

// campaign stands for election, term after term.
func (n *Node) campaign(ctx context.Context) {
	n.terms.Go(func() { n.observe(ctx) }) // ends with ctx
	for ctx.Err() == nil {
		term, err := n.stores.campaign(ctx, n.SQLAddress())
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = n.lead(term)
		}
		if err != nil {
			n.log.Error("taking up the jobs failed; another server may, and this one tries again", "error", err)
			pause(ctx, time.Second)
			continue
		}
		<-term.Done()
		if ctx.Err() != nil {
			return // Stop ends the jobs behind their final checkpoints
		}
		n.log.Warn("this server no longer leads: its jobs end at once", "reason", context.Cause(term))
		n.abandon()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// supervisor makes one for a term, or for looking on.
func (n *Node) supervisor() *ha.Supervisor {
	return ha.NewSupervisor(ha.Options{
		Jobs:     n.stores.jobs,
		Metadata: n.stores.backends.Metadata,
		Runner:   n.runner,
		Policy:   jobs.Policy,
		Explain:  jobs.Explain,
		Told:     n.runner.Tell,
		Log:      n.log,
	})
}

func (n *Node) publish(s *ha.Supervisor, standby *session.Standby) {
	n.parts.Store(&parts{Supervisor: s, Parts: session.Parts{
		Secrets:  n.secrets,
		Targets:  n.targets.With(n.brokers),
		Compiler: n.compiler, Catalog: n.stores.catalog, Jobs: s, Runner: n.runner, Queries: queries{n.queries},
		Server: n.cfg, TimeZone: n.runner.TimeZone, Standby: standby, Audit: n.security.audit, Events: n.events,
	}})
}

// parts are what sessions work with in the server's present role.
type parts struct {
	session.Parts
	Supervisor *ha.Supervisor
}

// queries are jobs.Queries as sessions know them.
type queries struct{ *jobs.Queries }

// Query implements session.Queries.
func (q queries) Query(ctx context.Context, flow *plan.Dataflow, zone *time.Location, memory int64) (session.Rows, error) {
	rows, err := q.Queries.Query(ctx, flow, zone, memory)
	if err != nil {
		return nil, err // not a Rows of nil
	}
	return rows, nil
}

// lead takes up the jobs.
func (n *Node) lead(term context.Context) error {
	s := n.supervisor()
	if err := s.Recover(term); err != nil {
		s.Abandon()
		return err
	}
	n.publish(s, nil)
	n.events.Add(events.Event{Kind: events.Leadership, Message: "this server leads: it runs the jobs"})
	return nil
}

// abandon ends all jobs without a word to the outside: another server has them.
func (n *Node) abandon() {
	n.events.Add(events.Event{Kind: events.Leadership, Severity: events.Warning, Message: "this server no longer leads: its jobs end at once, and another server takes them up"})
	n.parts.Load().Supervisor.Abandon()
	n.standBy()
}

func (n *Node) standBy() {
	n.publish(n.supervisor(), &session.Standby{Leader: n.stores.leader, Heard: n.stores.heard, Patience: conf.ZooKeeperSession.Get(n.cfg)})
}

// observe keeps what a server that stands by shows of the jobs.
func (n *Node) observe(ctx context.Context) {
	for ctx.Err() == nil {
		if p := n.parts.Load(); p.Standby != nil {
			if err := errors.Join(p.Supervisor.Observe(ctx), n.stores.look()); err != nil {
				n.log.Debug("looking at the jobs failed", "error", err)
			}
		}
		pause(ctx, observeEvery)
	}
}
