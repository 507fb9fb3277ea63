// Package probe looks at a ZooKeeper quorum before a server uses it. It shares no session and no path with what ha/zookeeper keeps there, whose
// Connect makes the paths that it finds missing and waits for as long as a server would.
package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"time"

	"github.com/go-zookeeper/zk"
)

// Options say where the quorum is, and below which path the server would write.
type Options struct {
	Quorum  []string
	Path    string
	Session time.Duration
}

// silent is the library's log.
type silent struct{}

func (silent) Printf(string, ...any) {}

// Probed is what a quorum said.
type Probed struct {
	Server string        // that answered
	Ahead  time.Duration // of its clock before ours
}

// Look opens a session, makes a node below the path that a server would use, and takes it away again. What was not there before, is
// not there behind it either; ctx bounds it, since a session alone would be waited for without end.
func Look(ctx context.Context, o Options) (p Probed, err error) {
	conn, events, err := zk.Connect(o.Quorum, o.Session, zk.WithLogger(silent{}), zk.WithDialer(net.DialTimeout))
	if err != nil {
		return p, err
	}
	defer func() { go conn.Close() }() // it waits for a server that does not answer
	if err := session(ctx, events); err != nil {
		return p, err
	}
	p.Server = conn.Server()
	node, made, err := probeNode(conn, path.Join("/", o.Path))
	if err != nil {
		return p, err
	}
	defer func() {
		for _, n := range made { // the deepest first
			if e := conn.Delete(n, -1); err == nil && e != nil && e != zk.ErrNotEmpty {
				err = fmt.Errorf("removing %s: %w", n, e)
			}
		}
	}()
	_, stat, err := conn.Get(node)
	if err != nil {
		return p, fmt.Errorf("reading %s: %w", node, err)
	}
	p.Ahead = time.Until(time.UnixMilli(stat.Ctime)).Round(time.Millisecond)
	return p, nil
}

func session(ctx context.Context, events <-chan zk.Event) error {
	for {
		select {
		case e := <-events:
			switch e.State {
			case zk.StateHasSession:
				return nil
			case zk.StateAuthFailed:
				return errors.New("the server refuses to sign this client in")
			}
		case <-ctx.Done():
			return errors.New("no session: none of the servers answers as ZooKeeper does")
		}
	}
}

// probeNode makes an ephemeral node below a path, and the path if it is missing. made are the nodes to be taken away, deepest first.
func probeNode(conn *zk.Conn, base string) (node string, made []string, err error) {
	if made, err = makeMissing(conn, base); err != nil {
		return "", made, err
	}
	node, err = conn.Create(path.Join(base, "check-"), nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		return "", made, fmt.Errorf("writing below %s: %w", base, err)
	}
	return node, append([]string{node}, made...), nil
}

// makeMissing makes a path as far as it is missing, and gives what it made, deepest first.
func makeMissing(conn *zk.Conn, p string) (made []string, err error) {
	if p == "/" {
		return nil, nil
	}
	there, _, err := conn.Exists(p)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", p, err)
	}
	if there {
		return nil, nil
	}
	if made, err = makeMissing(conn, path.Dir(p)); err != nil {
		return made, err
	}
	if _, err := conn.Create(p, nil, 0, zk.WorldACL(zk.PermAll)); err != nil && err != zk.ErrNodeExists {
		return made, fmt.Errorf("making %s: %w", p, err)
	}
	return append([]string{p}, made...), nil
}
