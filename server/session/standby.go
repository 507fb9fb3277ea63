package session

import (
	"fmt"
	"net"
	"time"

	"slipway/sql/sqlerr"
)

// Standby is the role of a server that does not lead: it answers what changes nothing.
type Standby struct {
	// Leader is where the leader's clients connect; empty if nobody knows.
	Leader func() string
	// Heard is the leader and when it gave its last sign of life; zero: none was seen yet.
	Heard func() (address string, at time.Time)
	// Patience is how long a leader may be silent before another is elected.
	Patience time.Duration
}

// LeaderSeen says by whom the states of jobs are told here, and how long ago; leads tells whether
// a leader is known to be there.
func (s *Standby) LeaderSeen(now time.Time) (text string, leads bool) {
	address, at := s.Heard()
	silence := now.Sub(at)
	age := fmt.Sprintf("%.1f s ago", silence.Seconds())
	switch {
	case address == "":
		return "no server leads", false
	case at.IsZero():
		return "the leader " + address + " has not been heard of yet", false
	case silence > s.Patience:
		return "no server leads; " + address + " did and was heard of " + age, false
	}
	return "the leader " + address + " was heard of " + age, true
}

// standingBy sends the client to the leader.
func (s *session) standingBy(tag string) error {
	e := sqlerr.New(sqlerr.ReadOnly, "cannot execute %s: this server stands by", tag)
	leader := s.Standby.Leader()
	host, port, err := net.SplitHostPort(leader)
	if leader == "" || err != nil {
		return e.WithHint("No server leads at the moment; one is elected within seconds.")
	}
	return e.WithHint("The leader is at %s: psql -h %s -p %s. Clients that are given all servers with target_session_attrs=read-write find it by themselves.",
		leader, host, port)
}
