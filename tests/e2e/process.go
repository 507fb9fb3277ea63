// Package e2e runs whole processes: the broker, the server that is killed, and an
// independent verifier that reads only topics.
package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// buildOnce makes the binary under test once per test process.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "slipway-e2e-")
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

func binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// process is one started slipway process.
type process struct {
	cmd  *exec.Cmd
	SQL  string // host:port, of a server
	Brok string // host:port of its broker
	done chan struct{}
	err  error // valid after done
	log  *os.File
}

var (
	sqlAddress   = regexp.MustCompile(`sql=(\S+)`)
	kafkaAddress = regexp.MustCompile(`kafka=(\S+)`)
)

// startProcess runs slipway with args and waits for its ready line. Its log goes
// to the file at logPath, appended.
func startProcess(t testing.TB, logPath string, env []string, args ...string) (*process, error) {
	t.Helper()
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(binary(t), args...), done: make(chan struct{}), log: log}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // nothing outlives the test
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() { // ends with the process's output
		r := bufio.NewReader(stdout)
		line, _ := r.ReadString('\n')
		ready <- line
		io.Copy(log, r)
		p.err = p.cmd.Wait()
		log.Close()
		close(p.done)
	}()
	select {
	case line := <-ready:
		if m := sqlAddress.FindStringSubmatch(line); m != nil {
			p.SQL = m[1]
		}
		if m := kafkaAddress.FindStringSubmatch(line); m != nil {
			p.Brok = m[1]
			return p, nil
		}
		<-p.done
		return p, fmt.Errorf("slipway %v ended before it was ready: %v, first line %q, log %s", args, p.err, line, logPath)
	case <-time.After(60 * time.Second):
		p.kill()
		return p, fmt.Errorf("slipway %v was not ready within 60 s, log %s", args, logPath)
	}
}

// kill ends the process with -9 and waits until it is gone.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// alive tells whether the process is still running.
func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop ends the process with SIGTERM; an error if it does not end cleanly within 15 s.
func (p *process) stop() error {
	if !p.alive() {
		return nil
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.err
	case <-time.After(15 * time.Second):
		p.kill()
		return fmt.Errorf("the process did not end within 15 s of SIGTERM")
	}
}

// waitGone waits for a process that is expected to end by itself.
func (p *process) waitGone(ctx context.Context) bool {
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
		return false
	}
}
