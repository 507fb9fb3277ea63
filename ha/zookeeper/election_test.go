package zookeeper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/ha/zookeeper"
	"slipway/tests/servers"
)

// campaign stands for election until it is won.
func campaign(t *testing.T, c *zookeeper.Conn, address string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	won := make(chan context.Context, 1)
	failed := make(chan error, 1)
	go func() { // ends with ctx at the latest
		term, err := c.Campaign(t.Context(), address)
		if err != nil {
			failed <- err
			return
		}
		won <- term
	}()
	select {
	case term := <-won:
		return term
	case err := <-failed:
		t.Fatal(err)
	case <-ctx.Done():
		t.Fatalf("%s has not been elected within 30 s", address)
	}
	return nil
}

// TestLease: a leader that is cut off knows by its own clock that it no longer leads,
// before another does; when it is back within its session, it can be elected again.
func TestLease(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	p := servers.StartProxy(t, z.Address)
	a, b := connect(t, p.Address, "/lease"), connect(t, z.Address, "/lease")
	first := campaign(t, a, "a")
	p.Cut()
	second := campaign(t, b, "b")
	if first.Err() == nil {
		t.Error("two servers lead")
	}
	if !errors.Is(context.Cause(first), zookeeper.ErrLeadershipLost) {
		t.Errorf("the first term ended for %v", context.Cause(first))
	}
	p.Mend()
	b.Close()
	campaign(t, a, "a")
	if l, err := a.Leader(); err != nil || l.Address != "a" || l.Epoch != 3 {
		t.Errorf("the leader is %+v, %v", l, err)
	}
	<-second.Done()
}

// TestBackWithinTheSession: a leader whose lease is over and whose session is not finds
// its own candidate's node, and does not wait for it.
func TestBackWithinTheSession(t *testing.T) {
	t.Parallel()
	p := servers.StartProxy(t, servers.StartZooKeeper(t).Address)
	a := connect(t, p.Address, "/back")
	term := campaign(t, a, "a")
	p.Cut()
	<-term.Done()
	p.Mend() // the session has a fifth of its time left
	campaign(t, a, "a")
}

// TestElectionFaults: whatever message of a second candidacy is lost or late, it is won;
// and when that server is gone, another's is.
func TestElectionFaults(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				namespace := fmt.Sprintf("/%s-%d", strings.ReplaceAll(name, " ", "-"), n)
				p := servers.StartProxy(t, z.Address)
				a, b := connect(t, p.Address, namespace), connect(t, z.Address, namespace)
				first := campaign(t, a, "a")
				met := fault(p)(n)
				second := campaign(t, a, "a")
				if first.Err() == nil {
					t.Error("the first term goes on beside the second")
				}
				if !met() {
					t.Logf("a fault at %d messages in turn", n-1)
					return
				}
				a.Close()
				<-second.Done()
				campaign(t, b, "b")
			}
		})
	}
}
