package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slipway/tests/process"
	"syscall"
	"testing"
	"time"
)

// Process is one Java server that a test may kill, pause and start again on the
// same folder and ports.
type Process struct {
	t    testing.TB
	name string
	args []string
	env  []string
	log  string
	up   func() error // nil when it answers
	cmd  *exec.Cmd
	done chan struct{}
}

// startPatience bounds a start on two busy cores, log recovery included.
const startPatience = 90 * time.Second

// Start runs the process and waits until it answers.
func (p *Process) Start() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command("java", p.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Env = append(os.Environ(), p.env...)
	wait, err := process.StartChild(p.cmd)
	if err != nil {
		p.t.Fatal(err)
	}
	done := make(chan struct{})
	p.done = done
	go func() { wait(); close(done) }() // ends with the process
	p.await()
}

// await waits until the process answers.
func (p *Process) await() {
	p.t.Helper()
	for deadline := time.Now().Add(startPatience); ; time.Sleep(100 * time.Millisecond) {
		err := p.up()
		if err == nil {
			return
		}
		select {
		case <-p.done:
			p.t.Fatalf("%s ended while starting: %s", p.name, p.logTail())
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not answer within %s: %v: %s", p.name, startPatience, err, p.logTail())
		}
	}
}

// Kill ends the process with -9 and waits until it is gone.
func (p *Process) Kill() {
	if p.cmd != nil {
		p.cmd.Process.Kill()
		<-p.done
	}
}

// Pause stops the process as a long pause of its collector would; Resume lets it go on.
func (p *Process) Pause() { p.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (p *Process) Resume() { p.cmd.Process.Signal(syscall.SIGCONT) }

// Restart kills and starts again.
func (p *Process) Restart() {
	p.t.Helper()
	p.Kill()
	p.Start()
}

func (p *Process) logTail() string {
	b, _ := os.ReadFile(p.log)
	return lastLines(string(b), 15)
}

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func java(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command("java", args...).CombinedOutput(); err != nil {
		t.Fatalf("java %v: %v: %s", args[len(args)-3:], err, lastLines(string(out), 15))
	}
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
