package clients

import (
	"net"
	"os"
	"testing"

	"slipway/cmd/node"
)

// missing ends a test whose tool is not installed: CI installs all of them.
func missing(t *testing.T, tool string) {
	t.Helper()
	if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is not installed", tool)
	}
	t.Skipf("%s IS NOT INSTALLED, test not run", tool)
}

// addressOf are a server's host and port.
func addressOf(t *testing.T, n *node.Node) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(n.SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}
