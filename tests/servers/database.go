package servers

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // of Database.Exec
	"github.com/jackc/pgx/v5"

	"slipway/tests/process"
)

// Database is a real PostgreSQL or MariaDB on a loopback port, with its data in a temporary folder.
// It can be killed, held still and started again.
type Database struct {
	// Kind is postgresql or mariadb, as in the URL of the connector.
	Kind string
	Port int
	db   *sql.DB // of MariaDB
	run  func() *exec.Cmd
	cmd  *exec.Cmd
	done chan struct{}
	log  bytes.Buffer
}

// Databases are the kinds that there are.
var Databases = []string{"postgresql", "mariadb"}

// User and password that a Database takes, and the database that is there. A PostgreSQL lets user test,
// who may do everything, in without a password.
const (
	DatabaseName     = "shop"
	DatabaseUser     = "asker"
	DatabasePassword = "planted-secret"
)

// URL is where it is, as the connector wants it.
func (d *Database) URL() string { return fmt.Sprintf("jdbc:%s://127.0.0.1:%d/shop", d.Kind, d.Port) }

// StartDatabase starts one, until the test ends.
func StartDatabase(t testing.TB, kind string) *Database {
	t.Helper()
	d := &Database{Kind: kind, Port: process.FreePort(t)}
	if kind == "postgresql" {
		d.initPostgres(t)
	} else {
		d.initMariaDB(t)
	}
	d.Start(t)
	t.Cleanup(d.Kill)
	return d
}

// Exec runs statements, one after the other.
func (d *Database) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := d.exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func (d *Database) exec(statement string) error {
	ctx := context.Background()
	if d.db != nil {
		_, err := d.db.ExecContext(ctx, statement)
		return err
	}
	c, err := pgx.Connect(ctx, fmt.Sprintf("postgres://test@127.0.0.1:%d/shop?sslmode=disable", d.Port))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}

// Kill ends it as kill -9 does.
func (d *Database) Kill() {
	d.signal(syscall.SIGKILL)
	<-d.done
}

// signal goes to the server and the processes that it has.
func (d *Database) signal(s syscall.Signal) {
	server := d.cmd.Process.Pid
	_ = syscall.Kill(server, s)
	list, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range list {
		b, _ := os.ReadFile(path)
		_, rest, _ := strings.Cut(string(b), ") ")
		var state string
		var parent, pid int
		if _, err := fmt.Sscan(rest, &state, &parent); err != nil || parent != server {
			continue
		}
		if _, err := fmt.Sscan(string(b), &pid); err == nil {
			_ = syscall.Kill(pid, s)
		}
	}
}

// Pause stops it where it is: connections stay, and nothing is answered.
func (d *Database) Pause() { d.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (d *Database) Resume() { d.signal(syscall.SIGCONT) }

// Start starts it on its data, and waits until it answers.
func (d *Database) Start(t testing.TB) {
	t.Helper()
	d.cmd, d.done = d.run(), make(chan struct{})
	d.cmd.Stderr = &d.log
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) { // ends with the process
		_ = cmd.Wait()
		close(done)
	}(d.cmd, d.done)
	for deadline := time.Now().Add(time.Minute); d.exec("SELECT 1") != nil; time.Sleep(20 * time.Millisecond) {
		select {
		case <-d.done:
			t.Fatalf("%s ended:\n%s", d.Kind, d.log.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer:\n%s", d.Kind, d.log.String())
		}
	}
}

// programs finds them in PATH, or where Debian puts them; without them the test is skipped, or fails.
func programs(t testing.TB, names ...string) (paths []string) {
	t.Helper()
	for _, name := range names {
		path, err := exec.LookPath(name)
		for _, folder := range []string{"/usr/lib/postgresql/*/bin/", "/usr/sbin/"} {
			if found, _ := filepath.Glob(folder + name); err != nil && len(found) > 0 {
				path, err = found[len(found)-1], nil
			}
		}
		if err != nil {
			if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
				t.Fatalf("%s is not installed", name)
			}
			t.Skipf("%s IS NOT INSTALLED: nothing is compared with such a database, or read from it, in this run", name)
		}
		paths = append(paths, path)
	}
	return paths
}

func (d *Database) initPostgres(t testing.TB) {
	t.Helper()
	paths := programs(t, "initdb", "postgres")
	dir := t.TempDir()
	as := unprivileged(t, dir)
	data, port := filepath.Join(dir, "data"), strconv.Itoa(d.Port)
	command := func(path string, args ...string) *exec.Cmd {
		cmd := exec.Command(path, args...)
		cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "HOME="+dir)
		return cmd
	}
	must(t, command(paths[0], "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"))
	must(t, command("/bin/sh", "-c", "echo 'host all test 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256' > "+filepath.Join(data, "pg_hba.conf")))
	single := command(paths[1], "--single", "-D", data, "postgres")
	single.Stdin = bytes.NewBufferString("CREATE DATABASE shop\nCREATE ROLE " + DatabaseUser + " LOGIN PASSWORD '" + DatabasePassword + "' IN ROLE pg_read_all_data\n")
	must(t, single)
	d.run = func() *exec.Cmd {
		return command(paths[1], "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir, "-c", "fsync=off", "-c", "timezone=UTC", "-c", "log_min_messages=fatal", "-c", "max_connections=500")
	}
}

func (d *Database) initMariaDB(t testing.TB) {
	t.Helper()
	paths := programs(t, "mariadb-install-db", "mariadbd")
	dir := t.TempDir()
	data, port, first := filepath.Join(dir, "data"), strconv.Itoa(d.Port), filepath.Join(dir, "first.sql")
	must(t, exec.Command(paths[0], "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--user="+systemUser()))
	rights := "CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4;\nCREATE USER IF NOT EXISTS " + DatabaseUser + "@'%' IDENTIFIED BY '" + DatabasePassword +
		"';\nGRANT SELECT ON shop.* TO " + DatabaseUser + "@'%';\n"
	if err := os.WriteFile(first, []byte(rights), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run = func() *exec.Cmd {
		cmd := exec.Command(paths[1], "--no-defaults", "--datadir="+data, "--bind-address=127.0.0.1", "--port="+port, "--socket="+filepath.Join(dir, "s"),
			"--pid-file="+filepath.Join(dir, "pid"), "--init-file="+first, "--skip-name-resolve", "--max-connections=500", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=1",
			"--user="+systemUser())
		return cmd
	}
	var err error
	if d.db, err = sql.Open("mysql", "root@tcp(127.0.0.1:"+port+")/shop"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.db.Close() })
}

func must(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, out)
	}
}

// systemUser is who runs the test.
func systemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "root"
}

// unprivileged: PostgreSQL does not run as root, nobody does it then.
func unprivileged(t testing.TB, dir string) *syscall.Credential {
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
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
