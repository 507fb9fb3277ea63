//go:build bench

package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// startBroker runs the embedded broker in a process of its own until the test ends.
func startBroker(t *testing.T) *process.Process {
	t.Helper()
	dir := t.TempDir()
	p, err := process.Start(t, filepath.Join(dir, "broker.log"), nil, "broker", "--set", "server.data.directory="+dir+"/broker", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// brokerAddress is that of a broker which runs until the test ends: a real Kafka, as Flink's figures have it, where
// SLIPWAY_BENCH_KAFKA is set (it needs Java), else the embedded one.
func brokerAddress(t *testing.T) string {
	t.Helper()
	if os.Getenv("SLIPWAY_BENCH_KAFKA") != "" {
		return servers.StartKafka(t, servers.Kafka4).Address
	}
	return startBroker(t).Kafka
}

// startServer runs a server over the streams of a broker until the test ends, with more settings than those
// that all have.
func startServer(t *testing.T, binary, broker string, more ...string) *process.Process {
	t.Helper()
	dir := t.TempDir()
	args := []string{"server"}
	for _, setting := range append([]string{"server.data.directory=" + dir + "/data", "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list=" + broker}, more...) {
		args = append(args, "--set", setting)
	}
	p, err := process.StartBinary(t, binary, filepath.Join(dir, "server.log"), nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// connect gives a client of a server, and what runs a statement by it.
func connect(t *testing.T, server *process.Process) (c *pgx.Conn, exec func(sql string)) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, "postgres://bench@"+server.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(ctx) })
	return c, func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
