package zookeeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// Leader is the content of the leader node: who leads, and since which epoch.
type Leader struct {
	Epoch   int64  `json:"epoch"`
	Address string `json:"address"` // where its clients connect
	GUID    string `json:"guid"`    // of this taking of office
}

// ErrLeadershipLost ends the context of a leader.
var ErrLeadershipLost = errors.New("zookeeper: leadership lost")

// nobody is a version that the leader node never has: checks with it always fail.
const nobody = 1<<31 - 1

// LeaderVersion is the version of the leader node since this server's election, with
// which its writes are checked; while it does not lead, one that always fails.
func (c *Conn) LeaderVersion() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mu.leading == 0 {
		return nobody
	}
	return c.mu.leading
}

func (c *Conn) setLeading(version int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.leading = version
}

// Leader reads who leads; a zero Leader if nobody ever has.
func (c *Conn) Leader() (l Leader, err error) {
	data, _, found, err := c.get(c.path("leader"))
	if err == nil && found && len(data) > 0 {
		err = json.Unmarshal(data, &l)
	}
	return l, err
}

// Campaign implements ha.Elector: it waits until this server leads. The context that it
// returns ends when the leadership does, or when it may have: by this server's own
// clock, before another can be elected.
func (c *Conn) Campaign(ctx context.Context, address string) (context.Context, error) {
	for {
		own, err := c.enter(ctx)
		if err == nil {
			err = c.wait(ctx, own)
		}
		if err == nil {
			return c.takeOffice(ctx, own, address)
		}
		if own != "" {
			c.zk.Delete(own, -1) // it goes with the session at the latest
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.options.Log.Warn("standing for election failed, trying again", "error", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// enter makes this server's candidate node. A try whose answer was lost may have made
// it: it is known by its GUID.
func (c *Conn) enter(ctx context.Context) (own string, err error) {
	guid := newGUID()
	for ctx.Err() == nil {
		own, err = c.zk.Create(c.path("election/"+guid+"-"), nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
		if !retryable(err) {
			return own, err
		}
		names, err := c.children(c.path("election"))
		if err != nil {
			continue
		}
		if i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, guid) }); i >= 0 {
			return path.Join(c.path("election"), names[i]), nil
		}
	}
	return "", ctx.Err()
}

// sequence is what orders candidates.
func sequence(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }

// wait returns when no candidate stands before own. It watches the one before it alone.
func (c *Conn) wait(ctx context.Context, own string) error {
	for {
		names, err := c.children(c.path("election"))
		if err != nil {
			return err
		}
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(sequence(a), sequence(b)) })
		i := slices.Index(names, path.Base(own))
		if i < 0 {
			return errors.New("the candidate's node is gone: the session has expired")
		}
		if i == 0 {
			return nil
		}
		there, _, gone, err := c.zk.ExistsW(path.Join(c.path("election"), names[i-1]))
		if err != nil && !retryable(err) {
			return err
		}
		if err != nil || !there {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		select {
		case <-gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// takeOffice writes the next epoch, which shuts out every earlier leader's writes.
func (c *Conn) takeOffice(ctx context.Context, own, address string) (context.Context, error) {
	session := c.zk.SessionID()
	l, version, err := c.nextEpoch(address)
	if err != nil {
		return nil, fmt.Errorf("taking office: %w", err)
	}
	c.setLeading(version)
	term, cancel := context.WithCancelCause(ctx)
	go func() { // ends with the term
		cancel(c.hold(term, own, session, version))
		c.setLeading(0)
		c.zk.Delete(own, -1) // whoever is next need not wait for the session's end
	}()
	c.options.Log.Info("this server leads", "epoch", l.Epoch)
	return term, nil
}

func (c *Conn) nextEpoch(address string) (Leader, int32, error) {
	mine := newGUID()
	deadline := time.Now().Add(patience)
	for {
		data, stat, found, err := c.get(c.path("leader"))
		if err != nil || !found {
			return Leader{}, 0, errors.Join(err, missing(found, "the leader node"))
		}
		var l Leader
		if len(data) > 0 {
			if err := json.Unmarshal(data, &l); err != nil {
				return l, 0, err
			}
		}
		if l.GUID == mine { // an earlier try was applied, its answer lost
			return l, stat.Version, nil
		}
		next := Leader{Epoch: l.Epoch + 1, Address: address, GUID: mine}
		text, err := encode("the leader node", next)
		if err != nil {
			return l, 0, err
		}
		after, err := c.zk.Set(c.path("leader"), text, stat.Version)
		if err == nil {
			return next, after.Version, nil
		}
		if !retryable(err) && !errors.Is(err, zk.ErrBadVersion) || time.Now().After(deadline) {
			return l, 0, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// hold returns when the office is lost. While the connection is away the server leads
// on for two thirds of the session's time: the others cannot elect before its end.
func (c *Conn) hold(ctx context.Context, own string, session int64, version int32) error {
	for {
		connected, lostAt, changed := c.state()
		if !connected {
			select {
			case <-changed:
				continue
			case <-time.After(time.Until(lostAt.Add(c.options.SessionTimeout * 2 / 3))):
				return fmt.Errorf("%w: the quorum has not answered for %s", ErrLeadershipLost, c.options.SessionTimeout*2/3)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if c.zk.SessionID() != session {
			return fmt.Errorf("%w: the session has expired", ErrLeadershipLost)
		}
		there, stat, gone, err := c.zk.ExistsW(own)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if !there || stat.EphemeralOwner != session {
			return fmt.Errorf("%w: the candidate's node is gone", ErrLeadershipLost)
		}
		if _, l, found, err := c.get(c.path("leader")); err == nil && (!found || l.Version != version) {
			return fmt.Errorf("%w: another server leads", ErrLeadershipLost)
		}
		select {
		case <-gone:
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state is that of the connection; changed is closed when it changes.
func (c *Conn) state() (connected bool, lostAt time.Time, changed chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.connected, c.mu.lostAt, c.mu.changed
}
