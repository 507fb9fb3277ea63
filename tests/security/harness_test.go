// Package security has the tests of who may come in, and of what comes in: a running server, as its clients
// and those who are none meet it.
package security

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/server/auth"
	"slipway/tests/process"
	"slipway/tests/servers"
)

// patience bounds what must not take long, on a machine that has much else to do.
const patience = 2 * time.Minute

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	File string // its own certificate
	dir  string
}

var serial atomic.Int64

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.File, _ = a.issue(t, "authority", nil)
	return a
}

// issue writes a certificate with its key; that of a server has its addresses.
func (a *authority) issue(t *testing.T, name string, addresses []string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number := serial.Add(1)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true, IsCA: a.cert == nil,
	}
	for _, address := range addresses {
		if ip := net.ParseIP(address); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, address)
		}
	}
	if a.cert == nil {
		a.cert, a.key, c.KeyUsage = c, k, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &k.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(a.dir, name+".crt"), filepath.Join(a.dir, name+".key")
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return cert, key
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

var local = []string{"localhost", "127.0.0.1"}

// server is a running one.
type server struct {
	*process.Process
	log string
}

// start runs a server with settings; the test's end stops it.
func start(t *testing.T, sets ...string) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{log: filepath.Join(dir, "log")}
	args := []string{"server"}
	for _, set := range append([]string{
		"server.data.directory=" + filepath.Join(dir, "data"), "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0",
	}, sets...) {
		args = append(args, "--set", set)
	}
	var err error
	if s.Process, err = process.Start(t, s.log, nil, args...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("the clean end: %v", err)
		}
	})
	return s
}

func (s *server) port() string {
	_, port, _ := net.SplitHostPort(s.SQL)
	return port
}

// said is the server's log so far.
func (s *server) said(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const password = "correct horse 马"

// users writes a file of owners with that password, and gives its setting.
func users(t *testing.T, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, n := range names {
		b.WriteString(n + ":" + auth.MakeVerifier(password).String() + "\n")
	}
	path := filepath.Join(t.TempDir(), "users")
	write(t, path, []byte(b.String()))
	return "server.users.file=" + path
}

// withTLS are the settings of a server with a certificate of the authority.
func (a *authority) withTLS(t *testing.T) []string {
	t.Helper()
	cert, key := a.issue(t, "server", local)
	return []string{"server.tls.cert=" + cert, "server.tls.key=" + key}
}

// connect signs in by pgx with the words of a connection string.
func (s *server) connect(words string) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return pgconn.Connect(ctx, "host=localhost dbname=default port="+s.port()+" "+words)
}

// mustConnect is connect that has to succeed.
func (s *server) mustConnect(t *testing.T, words string) *pgconn.PgConn {
	t.Helper()
	c, err := s.connect(words)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// ask gives the first value of a query's answer.
func ask(t *testing.T, c *pgconn.PgConn, query string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r := c.ExecParams(ctx, query, nil, nil, nil, nil).Read()
	if r.Err != nil || len(r.Rows) == 0 {
		t.Fatalf("%s: %v, %d rows", query, r.Err, len(r.Rows))
	}
	return string(r.Rows[0][0])
}

// code is the SQLSTATE of an error, or the error.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if err == nil {
		return "success"
	}
	return err.Error()
}

// psql runs one statement and gives what it says.
func psql(t *testing.T, s *server, secret, words string) string {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		if servers.Required() {
			t.Fatal("psql is not installed")
		}
		t.Skip("psql is not installed")
	}
	at := "host=localhost dbname=default port=" + s.port() + " " + words
	cmd := exec.CommandContext(t.Context(), "psql", at, "-w", "-X", "-A", "-t", "-c", `\conninfo`, "-c", "SELECT 41 + 1")
	cmd.Env = append(os.Environ(), "PGPASSWORD="+secret, "LC_ALL=C.UTF-8")
	out, _ := cmd.CombinedOutput() // what went wrong stands in it
	return string(out)
}

// raw is a connection on which a test writes bytes of its own.
func raw(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// rest sends the last bytes and gives everything that the server answers until it hangs up, which it must.
func rest(t *testing.T, c *net.TCPConn, last ...[]byte) string {
	t.Helper()
	c.Write(bytes.Join(last, nil)) // the server may have hung up already
	c.CloseWrite()
	b, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the server keeps the connection, having said %q", b)
	}
	return string(b)
}
