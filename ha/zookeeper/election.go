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
	GUID    string `json:"guid"`    // of this election
}

// ErrLeadershipLost ends the context of a leader.
var ErrLeadershipLost = errors.New("zookeeper: leadership lost")

// noVersion is a version that the leader node never has: checks with it always fail.
const noVersion = 1<<31 - 1

// LeaderVersion is the version of the leader node since this server's election, with
// which its writes are checked; while it does not lead, one that always fails.
func (c *Conn) LeaderVersion() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mu.leading == 0 {
		return noVersion
	}
	return c.mu.leading
}

func (c *Conn) setLeading(version int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.leading = version
}

// lease is how long a leader leads behind the start of the last question that the quorum
// answered: a session lives on for the whole of its time from then, so nobody else can be
// elected before. The rest of it is for jobs to end.
func (o Options) lease() time.Duration { return o.SessionTimeout * 4 / 5 }

// askEvery is how often a leader asks.
func (o Options) askEvery() time.Duration { return min(o.SessionTimeout/6, beatEvery) }

// Leader reads who leads; a zero Leader if nobody ever has.
func (c *Conn) Leader() (l Leader, err error) {
	data, _, found, err := c.get(context.Background(), c.path("leader"))
	if err == nil && found && len(data) > 0 {
		err = json.Unmarshal(data, &l)
	}
	return l, err
}

// Campaign implements ha.Elector: it waits until this server leads. The context that it
// returns ends when the leadership does, or when it may have: by this server's own
// clock, before another can be elected. A term that has not ended is given up first.
func (c *Conn) Campaign(ctx context.Context, address string) (context.Context, error) {
	if c.resign != nil {
		c.resign(ctx)
	}
	for {
		own, err := c.enter(ctx)
		if err == nil {
			err = c.wait(ctx, own)
		}
		if err == nil {
			return c.acquire(ctx, own, address)
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
		own, err = await(ctx, func() (string, error) {
			return c.zk.Create(c.path("election/"+guid+"-"), nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
		})
		if !retryable(err) {
			return own, err
		}
		names, err := c.children(ctx, c.path("election"))
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

// sweep removes what this session has left of earlier candidacies: nodes whose removal was
// lost, or whose creation came late. Somebody may wait for them, even this server itself.
func (c *Conn) sweep(ctx context.Context, own string) error {
	names, err := c.children(ctx, c.path("election"))
	if err != nil {
		return err
	}
	for _, n := range names {
		p := path.Join(c.path("election"), n)
		_, stat, found, err := c.get(ctx, p)
		if err != nil {
			return err
		}
		if !found || p == own || stat.EphemeralOwner != c.zk.SessionID() {
			continue
		}
		if err := again(ctx, func() error { return awaitDone(ctx, func() error { return c.zk.Delete(p, -1) }) }); err != nil && !errors.Is(err, zk.ErrNoNode) {
			return err
		}
	}
	return nil
}

// wait returns when no candidate stands before own. It watches the one before it alone.
func (c *Conn) wait(ctx context.Context, own string) error {
	for {
		if err := c.sweep(ctx, own); err != nil {
			return err
		}
		names, err := c.children(ctx, c.path("election"))
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
		gone, err := c.watch(ctx, path.Join(c.path("election"), names[i-1]))
		if err != nil && !retryable(err) {
			return err
		}
		if gone == nil {
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		select {
		case <-gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// watch gives what is closed at a node's next change; nil if it is not there.
func (c *Conn) watch(ctx context.Context, p string) (<-chan zk.Event, error) {
	return await(ctx, func() (<-chan zk.Event, error) {
		there, _, changes, err := c.zk.ExistsW(p)
		if err != nil || !there {
			return nil, err
		}
		return changes, nil
	})
}

// acquire writes the next epoch, which shuts out every earlier leader's writes.
func (c *Conn) acquire(ctx context.Context, own, address string) (context.Context, error) {
	o := leadership{node: own, session: c.zk.SessionID(), since: time.Now()}
	l, version, err := c.nextEpoch(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("writing the leader node: %w", err)
	}
	o.version = version
	c.setLeading(version)
	term, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() { // ends with the term
		defer close(ended)
		cancel(c.keepLease(term, o))
		c.setLeading(0)
		c.zk.Delete(own, -1) // whoever is next need not wait for the session's end
	}()
	c.resign = func(ctx context.Context) {
		cancel(context.Canceled)
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	c.options.Log.Info("this server leads", "epoch", l.Epoch)
	return term, nil
}

// leadership is what one term stands on.
type leadership struct {
	node    string // the candidate's
	session int64
	version int32     // of the leader node
	since   time.Time // the quorum was asked, and answered, last
}

func (c *Conn) nextEpoch(ctx context.Context, address string) (Leader, int32, error) {
	mine := newGUID()
	deadline := time.Now().Add(patience)
	for {
		data, stat, found, err := c.get(ctx, c.path("leader"))
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
		after, err := await(ctx, func() (*zk.Stat, error) { return c.zk.Set(c.path("leader"), text, stat.Version) })
		if err == nil {
			return next, after.Version, nil
		}
		if !retryable(err) && !errors.Is(err, zk.ErrBadVersion) || time.Now().After(deadline) {
			return l, 0, err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return l, 0, err
		}
	}
}

// keepLease returns when the leadership is lost, or may be: when the lease is over.
func (c *Conn) keepLease(ctx context.Context, o leadership) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	answers := make(chan answer)
	go c.ask(asking, o, answers)
	for lease := time.NewTimer(time.Until(o.since.Add(c.options.lease()))); ; {
		select {
		case a := <-answers:
			if errors.Is(a.err, ErrLeadershipLost) {
				return a.err
			}
			if a.err == nil {
				lease.Reset(time.Until(a.asked.Add(c.options.lease())))
			}
		case <-lease.C:
			return fmt.Errorf("%w: the quorum has not answered for %s", ErrLeadershipLost, c.options.lease())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answer tells what the quorum said to a question asked at a time.
type answer struct {
	asked time.Time
	err   error
}

// ask asks again and again whether the leadership is still this server's, at once when the
// connection changes. It ends with ctx, at the latest when the library gives up a question.
func (c *Conn) ask(ctx context.Context, o leadership, answers chan<- answer) {
	for {
		changed, asked := c.changes(), time.Now()
		err := c.checkLease(o)
		select {
		case answers <- answer{asked, err}:
		case <-ctx.Done():
			return
		}
		wait := c.options.askEvery()
		if err == nil {
			c.beat()
		} else {
			wait = min(wait, 50*time.Millisecond)
		}
		select {
		case <-changed:
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// checkLease asks once. An error that is not ErrLeadershipLost says nothing.
func (c *Conn) checkLease(o leadership) error {
	there, stat, err := c.zk.Exists(o.node)
	if err != nil {
		return err
	}
	if !there || stat.EphemeralOwner != o.session {
		return fmt.Errorf("%w: the candidate's node is gone", ErrLeadershipLost)
	}
	_, l, err := c.zk.Get(c.path("leader"))
	if err == nil && l.Version != o.version {
		return fmt.Errorf("%w: another server leads", ErrLeadershipLost)
	}
	return err
}

// changes is closed at the connection's next change.
func (c *Conn) changes() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.changed
}
