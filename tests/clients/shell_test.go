package clients

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"slipway/tests/process"
)

// typist is a person at a terminal: what is typed, and what stands on the screen.
type typist struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd
	mu   sync.Mutex
	seen string
	read int           // of seen, by awaits before
	gone chan struct{} // closed when the screen has all that comes
}

// typeAt starts slipway on a terminal of its own.
func typeAt(t *testing.T, env []string, args ...string) *typist {
	t.Helper()
	cmd := exec.Command(process.Binary(t), args...)
	cmd.Env = append(append(os.Environ(), "TERM=xterm"), env...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	p := &typist{t: t, file: f, cmd: cmd, gone: make(chan struct{})}
	go func() { // ends with the terminal
		defer close(p.gone)
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			p.mu.Lock()
			p.seen += string(b[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		f.Close()
		<-p.gone
	})
	return p
}

// types sends keys, then waits until a text stands on the screen behind all that was waited for before.
func (p *typist) types(keys, want string) {
	p.t.Helper()
	if _, err := p.file.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		i := strings.Index(p.seen[p.read:], want)
		if i >= 0 {
			p.read += i + len(want)
		}
		p.mu.Unlock()
		if i >= 0 {
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t.Fatalf("behind %q there is no %q in\n%q", keys, want, p.seen[max(p.read, len(p.seen)-2000):])
}

// ends waits for the end of the program; seen is then all there is.
func (p *typist) ends() int {
	p.t.Helper()
	ended := make(chan struct{})
	go func() { // ends with the program
		_ = p.cmd.Wait()
		<-p.gone
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it does not end; the screen has\n%q", p.seen)
	}
	return p.cmd.ProcessState.ExitCode()
}

// TestShellOnTerminal: what a person does in slipway sql: lines, completion, history, an endless query and Ctrl-C, a mistake.
func TestShellOnTerminal(t *testing.T) {
	n := start(t)
	state := t.TempDir()
	env := []string{"XDG_STATE_HOME=" + state}
	args := []string{"sql", "postgres://ann@" + n.SQLAddress() + "/default?sslmode=disable"}
	p := typeAt(t, env, args...)
	p.types("", "default=> ")
	p.types("select 20 +\r", "default-> ")
	p.types("22 as sum;\r", "  42\r\n(1 row)")
	p.types("", "default=> ")
	p.types("CREATE TABLE ticks (n BIGINT) TBLPROPERTIES ('connector'='datagen', 'rows-per-second'='50', 'fields.n.kind'='sequence');\r", "CREATE TABLE")
	p.types("select n from tic\t", "ticks")
	p.types(" emit changes;\r", "---")
	p.types("", " 25\r\n")
	p.types("\x03", "canceling statement")
	p.types("", "default=> ")
	p.types("select thrown away\x03", "default=> ")
	p.types("select nothere;\r", "column \"nothere\" does not exist\r\nLINE 1: select nothere;\r\n               ^\r\n")
	p.types("", "default=> ")
	p.types("\x1b[A\x1b[A\x1b[A\x1b[A", "22 as sum;") // up
	p.types("\r", "  42\r\n(1 row)")
	p.types("set application_name = 'token planted';\r", "SET")
	p.types("\\dtt\r", `perhaps you meant \dt`)
	p.types("", "default=> ")
	p.types("\\q\r", "")
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	history := filepath.Join(state, "slipway", "history")
	text, err := os.ReadFile(history)
	if err != nil || !strings.Contains(string(text), "22 as sum;") || strings.Contains(string(text), "planted") {
		t.Errorf("the history holds %q, %v", text, err)
	}
	if info, err := os.Stat(history); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history: %v, %v", info.Mode(), err)
	}
	p = typeAt(t, env, args...) // another day
	p.types("", "default=> ")
	p.types("\x1222 as s", "22 as sum;") // Ctrl-R
	p.types("\r", "  42\r\n(1 row)")
	p.types("", "default=> ")
	p.types("\x04", "") // Ctrl-D
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d behind Ctrl-D", code)
	}
}

// TestRunCommand: exit codes and texts of slipway run and slipway sql as a script sees them.
func TestRunCommand(t *testing.T) {
	n := start(t)
	host, port, err := net.SplitHostPort(n.SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	deploy := filepath.Join(dir, "deploy.sql")
	text := "CREATE STREAM IF NOT EXISTS :\"name\" (a INT) TBLPROPERTIES ('topic'=:'topic', 'format'='json');\nCREATE OR REPLACE VIEW v AS SELECT a FROM :name;\n"
	if err := os.WriteFile(deploy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.sql")
	if err := os.WriteFile(bad, []byte("SELECT 'before' AS x;\nSELECT\n  nothere;\nSELECT 'behind' AS x;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := []string{"PGHOST=" + host, "PGPORT=" + port, "PGSSLMODE=disable", "PGUSER=ann"}
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{"run --dry-run --var name=s --var topic=t " + deploy, 0, deploy + ":1: CREATE STREAM IF NOT …: ok", ""},
		{"sql -c SHOW_STREAMS", 0, "(0 rows)", ""},
		{"run --var name=s --var topic=t " + deploy, 0, "CREATE STREAM\nCREATE VIEW\n", ""},
		{"run -v name=s -v topic=t " + deploy, 0, "CREATE VIEW\n", ""}, // again
		{"sql --format csv -c SELECT_name_FROM_slipway.streams_ORDER_BY_1", 0, "name\ns\nv\n", ""},
		{"run " + bad, 1, "before", bad + ":3:3: ERROR:  column \"nothere\" does not exist\nLINE 3:   nothere;\n          ^\n"},
		{"run --continue " + bad, 1, "behind", "nothere"},
		{"sql -f " + bad, 1, "before", bad + ":3:3: ERROR"},
		{"run /nonexistent.sql", 1, "", "/nonexistent.sql"},
		{"run", 2, "", "a file is missing: the form is slipway run [flags] file.sql…"},
		{"run --dry-rum x.sql", 2, "", "perhaps you meant --dry-run"},
		{"sql --format jsn", 2, "", "perhaps you meant json"},
		{"run -v 1 x.sql", 2, "", "it must read name=value"},
		{"sql -p 1 -c SELECT", 3, "", "cannot connect to " + host + " port 1:"},
		{"sql postgres://ann:planted@127.0.0.1:1/x -c SELECT", 3, "", "cannot connect to 127.0.0.1 port 1:"},
		{"sql postgres://ann:planted@127.0.0.1:x/x -c SELECT", 3, "", "cannot be read"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "_", "\x00"))
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "\x00", " ")
		}
		code, out, errs := slipway(t, server, args...)
		if code != c.code || !strings.Contains(out, c.stdout) || !strings.Contains(errs, c.stderr) || strings.Contains(out+errs, "planted") {
			t.Errorf("slipway %s: exit code %d\n%s%s\nwant %d, %q, %q", c.args, code, out, errs, c.code, c.stdout, c.stderr)
		}
		if c.code == 1 && !strings.Contains(c.args, "--continue") && strings.Contains(out, "behind") {
			t.Errorf("slipway %s went on behind the mistake", c.args)
		}
	}
	code, out, errs := slipway(t, nil, "run", "--embedded", "--var", "name=s", "--var", "topic=t", deploy)
	if code != 0 || out != "CREATE STREAM\nCREATE VIEW\n" {
		t.Errorf("--embedded: exit code %d\n%s%s", code, out, errs)
	}
}

// TestShellAsksForPassword: a server with users is asked for once, the password is typed without being shown, and no sign-in has failed before.
func TestShellAsksForPassword(t *testing.T) {
	n := start(t)
	url := "postgres://ann@" + n.SQLAddress() + "/default?sslmode=disable"
	if code, out, errs := slipway(t, nil, "sql", url, "-c", "CREATE USER root SUPERUSER PASSWORD 'planted'", "-c", "CREATE USER ann PASSWORD 'planted'"); code != 0 {
		t.Fatalf("%s%s", out, errs)
	}
	p := typeAt(t, []string{"XDG_STATE_HOME=" + t.TempDir()}, "sql", url)
	p.types("", "Password: ")
	p.types("planted\r", "default=> ")
	p.types("select 'I am ' || current_user;\r", " I am ann\r\n")
	p.types("", "default=> ")
	p.types("\\q\r", "")
	if code := p.ends(); code != 0 || strings.Contains(p.seen, "planted") {
		t.Errorf("exit code %d; the screen has\n%q", code, p.seen)
	}
	if code, out, errs := slipway(t, nil, "sql", url, "-c", "select 1"); code != 3 || !strings.Contains(errs, "it asks for a password; PGPASSWORD or ~/.pgpass give it") {
		t.Errorf("without a password: exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := slipway(t, []string{"PGPASSWORD=wrong"}, "sql", url, "-c", "select 1"); code != 3 || !strings.Contains(errs, "password authentication failed") {
		t.Errorf("with a wrong one: exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := slipway(t, []string{"PGPASSWORD=planted"}, "sql", url, "-c", "select 1"); code != 0 {
		t.Errorf("with the right one: exit code %d\n%s%s", code, out, errs)
	}
}
