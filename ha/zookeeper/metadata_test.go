package zookeeper_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"slipway/checkpoint"
	"slipway/checkpoint/localfs"
	"slipway/ha/zookeeper"
	"slipway/tests/servers"
)

// TestDamagedEpoch: a claim's node that holds no number is said, never taken for a fresh one:
// two owners with the same epoch would write under the same names.
func TestDamagedEpoch(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	files, err := localfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	metadata := zookeeper.NewMetadata(connect(t, z.Address, "/damaged"), files, noLeader)
	c, err := metadata.Claim(t.Context(), "j")
	if err != nil || c.Epoch() != 1 {
		t.Fatalf("%+v %v", c, err)
	}
	raw, _, err := zk.Connect([]string{z.Address}, 10*time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	const node = "/morphling/damaged/checkpoints/j"
	for _, damaged := range []string{"x", "1x", "-4", "0", "\x00\x00", "99999999999999999999", " 7"} {
		var stat *zk.Stat
		for stat == nil { // the session is being made
			if stat, err = raw.Set(node, []byte(damaged), -1); err != nil {
				time.Sleep(10 * time.Millisecond)
			}
		}
		if c, err := metadata.Claim(t.Context(), "j"); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), node) {
			t.Errorf("a claim over %q: %+v, %v", damaged, c, err)
		}
		if data, now, err := raw.Get(node); err != nil || string(data) != damaged || now.Version != stat.Version {
			t.Errorf("over %q the claim wrote %q (%v)", damaged, data, err)
		}
	}
}

// TestSilentQuorum: who waits for a quorum that does not answer goes when his context ends.
func TestSilentQuorum(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	for name, cut := range map[string]func(*servers.Proxy){"refuses": (*servers.Proxy).Cut, "is silent": func(p *servers.Proxy) { p.Slow(time.Hour) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := servers.StartProxy(t, z.Address)
			conn, err := zookeeper.Connect(zookeeper.Options{Quorum: []string{p.Address}, Root: "/morphling", Namespace: "/silent-" + name[:2],
				CheckpointPath: "/checkpoints", JobPath: "/runningjobs", SessionTimeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			files, err := localfs.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			metadata := zookeeper.NewMetadata(conn, files, noLeader)
			c, err := metadata.Claim(t.Context(), "j")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Campaign(t.Context(), "a"); err != nil { // the next one gives this term up first
				t.Fatal(err)
			}
			cut(p)
			for what, call := range map[string]func(ctx context.Context) error{
				"Claim": func(ctx context.Context) error { _, err := metadata.Claim(ctx, "j"); return err },
				"Peek":  func(ctx context.Context) error { _, err := metadata.Peek(ctx, "j"); return err },
				"Drop":  func(ctx context.Context) error { return metadata.Drop(ctx, "j") },
				"List":  func(ctx context.Context) error { _, err := c.List(ctx); return err },
				"Add": func(ctx context.Context) error {
					return c.Add(ctx, &checkpoint.Manifest{Version: 1, Job: "j", Checkpoint: 1})
				},
				"Remove":   func(ctx context.Context) error { return c.Remove(ctx, 1) },
				"jobs":     func(ctx context.Context) error { _, err := zookeeper.NewJobs(conn).List(ctx); return err },
				"Campaign": func(ctx context.Context) error { _, err := conn.Campaign(ctx, "a"); return err },
			} {
				ctx, cancel := context.WithCancel(t.Context())
				end := make(chan error, 1)
				go func() { end <- call(ctx) }() // ends with ctx; read below
				time.AfterFunc(100*time.Millisecond, cancel)
				select {
				case err := <-end:
					if err == nil {
						t.Errorf("%s succeeded without a quorum", what)
					}
				case <-time.After(5 * time.Second):
					t.Errorf("%s held on for five seconds behind the end of its context", what)
				}
			}
		})
	}
}
