// Package oracle compares answers with a PostgreSQL's, where the two dialects agree: expressions
// over random values, and random queries over random tables. It runs where postgres and initdb are
// in PATH (or where Debian puts them) and says so where they are not.
//
// Queries (queries_test.go) are generated from random choices, in both dialects at once, and run as a
// SELECT that ends, as a result that changes and as a job that writes by key; in one task and in several;
// killed half-way and restored in others; with the tables read together or one after the other, and
// aggregates in one phase or two. What differs is shown with its seed, which repeats it, and as short as
// it can be made: choices and rows are left out while it still differs.
// The features that queries are made of are listed in generate_from_test.go: those that are off are
// made only if they are asked for, and one that is on and refused is a fault.
//
// What differs on purpose is not generated: `/`, division by zero, GREATEST and LEAST of NULL,
// overflow, ORDER BY without NULLS FIRST or LAST. Written in two ways are the names of types, and
// windows: TUMBLE is date_bin there, HOP and CUMULATE a series beside it, SESSION sums of LAG.
package oracle

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/tests/process"
)

// program finds a program of PostgreSQL's; "" if it is not installed.
func program(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

// startPostgres runs a server on a free loopback port, with its data in a temporary
// folder, until the test ends. PostgreSQL does not run as root: nobody does it then.
func startPostgres(t *testing.T) *pgconn.PgConn {
	t.Helper()
	server, initdb := program("postgres"), program("initdb")
	if server == "" || initdb == "" {
		if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
			t.Fatal("postgres is not installed")
		}
		t.Skip("POSTGRES IS NOT INSTALLED: values are not compared with PostgreSQL's")
	}
	dir := t.TempDir()
	as := unprivileged(t, dir)
	data := filepath.Join(dir, "data")
	run := func(path string, args ...string) *exec.Cmd {
		cmd := exec.Command(path, args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "HOME="+dir)
		return cmd
	}
	if out, err := run(initdb, "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := fmt.Sprint(process.FreePort(t))
	cmd := run(server, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir, "-c", "fsync=off", "-c", "timezone=UTC", "-c", "log_min_messages=fatal")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := connect("postgres://test@127.0.0.1:" + port + "/postgres?sslmode=disable")
		if err == nil {
			t.Cleanup(func() { conn.Close(context.Background()) })
			return conn
		}
		select {
		case err := <-ended:
			t.Fatalf("postgres ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("postgres does not answer: %v", err)
		}
	}
}

func unprivileged(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(nobody.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func connect(url string) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return pgconn.Connect(ctx, url)
}
