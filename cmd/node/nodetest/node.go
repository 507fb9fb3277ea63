// Package nodetest starts a whole node within a test.
package nodetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"slipway/cmd/node"
	"slipway/conf"
)

// Start starts an embedded node on free loopback ports, in a folder of its own and without a log; it is
// stopped cleanly when the test ends. Settings (key=value) come over these.
func Start(t *testing.T, settings ...string) *node.Node {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, append([]string{"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0"}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(context.Background(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			t.Errorf("the clean end: %v", err)
		}
	})
	return n
}
