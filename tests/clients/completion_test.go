package clients

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// TestCompletion: TAB in psql at a terminal completes what is declared, columns, functions, settings, and databases.
func TestCompletion(t *testing.T) {
	if _, err := exec.LookPath("psql"); err != nil {
		missing(t, "psql")
	}
	n := start(t)
	c := connect(t, n, "")
	mustExec(t, c, `CREATE STREAM clicked_pages (id BIGINT, visitor_name STRING) TBLPROPERTIES ("topic"="clicks", "format"="json", "topic.create"="true")`)
	mustExec(t, c, `CREATE VIEW clicked_often AS SELECT id FROM clicked_pages WHERE id > 10`)
	mustExec(t, c, `CREATE DATABASE warehouse`)
	host, port := addressOf(t, n)
	p := terminal(t, exec.Command("psql", "-X", "-h", host, "-p", port, "-U", "ann", "-d", "default", "-v", "PROMPT1=ready> "))
	p.await("ready> ")
	for _, c := range []struct{ typed, completed string }{
		{"SELECT * FROM clicked_p\t", "clicked_pages "}, {"SELECT * FROM clicked_\t\t", "clicked_often"}, {"INSERT INTO clicked_p\t", "clicked_pages "},
		{"SELECT id FROM clicked_pages WHERE vis\t", "visitor_name "}, {`\d clicked_o` + "\t", "clicked_often "}, {`\c ware` + "\t", "warehouse "}, {"SELECT * FROM slipway.jo\t", "slipway.jobs "},
		{"SET search_pa\t", "search_path "}, {"DROP VIEW clicked_\t", "clicked_often "},
	} {
		p.write(c.typed)
		p.await(c.completed)
		p.write("\x15\x0b\r") // the line away
		p.await("ready> ")
	}
}

// tty is a program at a terminal of its own.
type tty struct {
	t      *testing.T
	master *os.File
	mu     sync.Mutex
	said   string
	more   chan struct{}
}

// terminal starts a program at a pseudo terminal (pty(7)).
func terminal(t *testing.T, cmd *exec.Cmd) *tty {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, locked uint32
	ioctl(t, master, syscall.TIOCSPTLCK, &locked)
	ioctl(t, master, syscall.TIOCGPTN, &number)
	slave, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(os.Environ(), "TERM=dumb", "LC_ALL=C.UTF-8", "PAGER=cat", "INPUTRC=/dev/null", "HISTFILE=/dev/null", "COLUMNS=200")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	p := &tty{t: t, master: master, more: make(chan struct{}, 1)}
	go p.read() // ends when the program does
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		master.Close()
	})
	return p
}

func ioctl(t *testing.T, f *os.File, request uintptr, arg *uint32) {
	t.Helper()
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(arg))); e != 0 {
		t.Fatal(e)
	}
}

func (p *tty) read() {
	buf := make([]byte, 4096)
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		p.said += string(buf[:n])
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (p *tty) write(text string) {
	p.t.Helper()
	if _, err := p.master.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// controls are what readline sends to move the cursor.
var controls = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]|\a|\r")

// await reads until a text has come, and forgets what came before it.
func (p *tty) await(text string) {
	p.t.Helper()
	late := time.After(time.Minute)
	for {
		p.mu.Lock()
		said := controls.ReplaceAllString(p.said, "")
		_, rest, found := strings.Cut(said, text)
		if found {
			p.said = rest
		}
		p.mu.Unlock()
		if found {
			return
		}
		select {
		case <-p.more:
		case <-late:
			p.t.Fatalf("%q did not come, but %q", text, said)
		}
	}
}
