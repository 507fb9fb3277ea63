package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/tests/process"
)

// slipway runs the binary to its end.
func slipway(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // a server that should have refused to start
	defer cancel()
	cmd := exec.CommandContext(ctx, process.Binary(t), args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// TestCommandLine: commands, exit codes, and what is said when something is wrong.
func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "slipway.yaml")
	if err := os.WriteFile(file, []byte("server.log.level: debug\nserver.sql.listen: 127.0.0.1:1111\nserver:\n  parallelism: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("server.log.levle: debug\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string // must hold
	}{
		{"", 0, "slipway server", ""}, {"help", 0, "--set key=value", ""}, {"server --help", 0, "--config", ""}, {"broker -h", 0, "slipway broker", ""},
		{"version", 0, "slipway 0.", ""}, {"--version", 0, "go1.", ""}, {"settings", 0, "| `server.sql.listen`", ""}, {"crash-points", 0, "\n", ""},
		{"sevrer", 2, "", `unknown command "sevrer"; perhaps you meant server`}, {"server --sett a=b", 2, "", `unknown flag --sett; perhaps you meant --set`}, {"server --set", 2, "", "--set needs a value"},
		{"server --set server.log.levle=debug", 2, "", `server.log.level`}, {"server --set server.log.level", 2, "", "server.log.level"}, {"server --set server.parallelism=many", 2, "", `"many"`},
		{"config --config " + bad, 2, "", "server.log.level"}, {"config --config /nonexistent.yaml", 2, "", "/nonexistent.yaml"},
		{"server --set spark.morphling.recovery.mode=standalone", 2, "", "local"},
		{"server --set server.users.file=/x --set server.data.directory=" + dir, 1, "", "slipway: server.users.file: stat /x"},
		{"server --set server.tls.cert=/x --set server.data.directory=" + dir, 1, "", "slipway: TLS needs server.tls.cert and server.tls.key, both"},
		{"server --set server.tls.mode=require --set server.data.directory=" + dir, 1, "", "slipway: TLS needs server.tls.cert and server.tls.key, both"},
		{"server --set server.memory.limit=10 --set server.data.directory=" + dir, 2, "", "write 10MB or 10GB"},
		{"config", 0, "", "level=WARN msg=\"the environment variable SLIPWAY_SERVER_PARALELISM names no setting and is ignored; perhaps you meant SLIPWAY_SERVER_PARALLELISM\""},
		{"server --set server.sql.listen=0.0.0.0:0 --set server.data.directory=" + dir, 1, "", "missing: users"},
		{"broker --set server.embedded.broker.listen=:0 --set server.data.directory=" + dir, 1, "", "only loopback"},
		{"config --config " + file, 0, "server.log.level=debug  # file", ""},
		{"config --config=" + file + " --set=server.log.level=warn", 0, "server.log.level=warn  # flag", ""},
		{"config --config " + file, 0, "server.parallelism=7  # environment", ""},
		{"config", 0, "kafka.broker.list=ann:******@127.0.0.1:9092", ""},
	} {
		code, out, errs := slipway(t, []string{"SLIPWAY_SERVER_PARALLELISM=7", "SLIPWAY_SERVER_PARALELISM=planted", "SLIPWAY_KAFKA_BROKER_LIST=ann:planted@127.0.0.1:9092"}, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.stdout) || !strings.Contains(errs, c.stderr) {
			t.Errorf("slipway %s: exit code %d\n%s%s\nwant %d, %q, %q", c.args, code, out, errs, c.code, c.stdout, c.stderr)
		}
		if strings.Contains(out+errs, "planted") {
			t.Errorf("slipway %s printed a secret", c.args)
		}
	}
}

var readyLine = regexp.MustCompile(`^slipway ready sql=127\.0\.0\.1:\d+ console=(127\.0\.0\.1:\d+|off) kafka=127\.0\.0\.1:\d+ pid=\d+\n$`)

// TestSignals: the ready line, a second server over the same directory, and a clean end
// by each signal.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := t.TempDir()
		args := []string{"server", "--set", "server.data.directory=" + dir, "--set", "server.sql.listen=127.0.0.1:0", "--set", "server.console.listen=127.0.0.1:0", "--set", "server.embedded.broker.listen=127.0.0.1:0"}
		p, err := process.Start(t, filepath.Join(dir, "log"), nil, args...)
		if err != nil {
			t.Fatal(err)
		}
		if !readyLine.MatchString(p.Ready) {
			t.Errorf("the ready line is %q", p.Ready)
		}
		if code, _, errs := slipway(t, nil, args...); code != 1 || !strings.Contains(errs, dir) || !strings.Contains(errs, fmt.Sprintf("in use by another server, process %d\n", p.PID())) {
			t.Errorf("a second server over the directory: exit code %d, %s", code, errs)
		}
		p.Signal(signal)
		if !p.WaitGone(t.Context()) || p.Err() != nil {
			t.Errorf("the end by %s: %v", signal, p.Err())
		}
	}
}
