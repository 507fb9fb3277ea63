// Package process builds the binary under test once and runs it as processes that a
// test may kill, stop and measure.
package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// buildOnce makes the binary under test once per test process.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "slipway")
	args := []string{"build", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "slipway/cmd/slipway")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return path, nil
})

// Binary is the path of the built slipway; it has the race detector when the test has.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Process is one started slipway process.
type Process struct {
	SQL   string // host:port, of a server
	Kafka string // host:port of its broker
	Ready string // its ready line
	cmd   *exec.Cmd
	done  chan struct{}
	err   error // valid after done
}

var (
	sqlAddress   = regexp.MustCompile(`sql=(\S+)`)
	kafkaAddress = regexp.MustCompile(`kafka=(\S+)`)
)

// Start runs slipway with args and waits for its ready line. Its log goes
// to the file at logPath, appended.
func Start(t testing.TB, logPath string, env []string, args ...string) (*Process, error) {
	t.Helper()
	return StartBinary(t, Binary(t), logPath, env, args...)
}

// StartBinary is Start with a binary that is there already: that of another release.
func StartBinary(t testing.TB, path, logPath string, env []string, args ...string) (*Process, error) {
	t.Helper()
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	wait, err := StartChild(p.cmd)
	if err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() { // ends with the process's output
		r := bufio.NewReader(stdout)
		line, _ := r.ReadString('\n')
		ready <- line
		io.Copy(log, r)
		p.err = wait()
		log.Close()
		close(p.done)
	}()
	select {
	case line := <-ready:
		p.Ready = line
		if m := sqlAddress.FindStringSubmatch(line); m != nil {
			p.SQL = m[1]
		}
		if m := kafkaAddress.FindStringSubmatch(line); m != nil {
			p.Kafka = m[1]
			return p, nil
		}
		<-p.done
		return p, fmt.Errorf("slipway %v ended before it was ready: %v, first line %q, log %s", args, p.err, line, logPath)
	case <-time.After(60 * time.Second):
		p.Kill()
		return p, fmt.Errorf("slipway %v was not ready within 60 s, log %s", args, logPath)
	}
}

// Kill ends the process with -9 and waits until it is gone.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// LibraryRaces is the environment of servers that use ZooKeeper: its client library reads
// the last transaction number, when it reconnects, beside the loop that writes it
// (go-zookeeper/zk 1.0.4, sendSetWatches). A race does not fail the process then; Races
// finds those that are not the library's.
const LibraryRaces = "GORACE=exitcode=0"

// Races gives the race detector's reports in a log that are not the ZooKeeper library's own.
func Races(log string) (out []string) {
	for _, report := range strings.Split(log, "WARNING: DATA RACE")[1:] {
		report, _, _ = strings.Cut(report, "==================")
		access, _, _ := strings.Cut(report, "Goroutine ")
		if !strings.Contains(access, "go-zookeeper/zk.(*Conn).sendSetWatches") && !strings.Contains(access, "go-zookeeper/zk.(*Conn).recvLoop") {
			out = append(out, report)
		}
	}
	return out
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) { p.cmd.Process.Signal(s) }

// PID is its number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Alive tells whether the process is still running.
func (p *Process) Alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Stop ends the process with SIGTERM; an error if it does not end cleanly within 15 s.
func (p *Process) Stop() error {
	if !p.Alive() {
		return nil
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.err
	case <-time.After(15 * time.Second):
		p.Kill()
		return fmt.Errorf("the process did not end within 15 s of SIGTERM")
	}
}

// WaitGone waits for a process that is expected to end by itself.
func (p *Process) WaitGone(ctx context.Context) bool {
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Err is how the process ended; valid once it is not Alive.
func (p *Process) Err() error { return p.err }

// clockTicks is the unit of /proc/<pid>/stat on every Linux that Go runs on.
const clockTicks = 100

// CPU is the processor time the process has used, user and system.
func (p *Process) CPU() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The command stands in brackets and may hold blanks; utime and stime are fields 14 and 15.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / clockTicks, errors.Join(err1, err2)
}

// Resident is the memory the process holds now, in bytes.
func (p *Process) Resident() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
