package security

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// TestVerifyFull: psql that checks the server's certificate and binds its sign-in to it.
func TestVerifyFull(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"))...)
	full := "user=alice sslmode=verify-full channel_binding=require sslrootcert="
	for _, try := range []struct{ words, password, says string }{
		{full + a.File, password, "42"},
		{full + a.File, password, "SSL connection (protocol: TLSv1.3"},
		{full + a.File + " ssl_max_protocol_version=TLSv1.2", password, "SSL connection (protocol: TLSv1.2"},
		{full + a.File, "wrong", `FATAL:  password authentication failed for user "alice"`},
		{full + other.File, password, "SSL error"},
		{full + a.File + " ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.1", password, "SSL error"},
		// no password is asked for
		{"user=alice sslmode=disable", "", "the server takes encrypted connections only\nHINT:  Connect with sslmode=require"},
		{"user=alice sslmode=allow", password, "42"},
		{"user=alice", password, "42"},
	} {
		if got := psql(t, s, try.password, try.words); !strings.Contains(got, try.says) {
			t.Errorf("%s: %s", try.words, got)
		}
	}
}

// TestPgx: the same by pgx, also with TLS from the first byte.
func TestPgx(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"))...)
	words := "user=alice sslmode=verify-full sslrootcert=" + a.File + " password='" + password + "'"
	for _, more := range []string{"", " channel_binding=require", " sslnegotiation=direct"} {
		if got := ask(t, s.mustConnect(t, words+more), "SELECT 41 + 1"); got != "42" {
			t.Errorf("%s: %s", more, got)
		}
	}
	if _, err := s.connect("user=alice sslmode=disable password=x"); !strings.Contains(code(err), "28000") {
		t.Errorf("without TLS: %v", err)
	}
}

// TestPgJDBC: the same by PostgreSQL's JDBC driver.
func TestPgJDBC(t *testing.T) {
	t.Parallel()
	jars := servers.JDBC(t)
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"))...)
	ask := func(password, options string) string {
		cmd := exec.CommandContext(t.Context(), "java", "-cp", jars, "sqlline.SqlLine", "-u", "jdbc:postgresql://localhost:"+s.port()+"/default?"+options,
			"-n", "alice", "-p", password, "--silent=true", "--outputformat=csv", "-e", "SELECT 41 + 1 AS n")
		out, _ := cmd.CombinedOutput() // what went wrong stands in it
		return string(out)
	}
	full := "sslmode=verify-full&channelBinding=require&sslrootcert="
	for _, try := range []struct{ password, options, says string }{
		{password, full + a.File, "'42'"}, {"wrong", full + a.File, "password authentication failed"},
		{password, full + newAuthority(t).File, "PKIX"},
		{password, "sslmode=disable", "encrypted connections only"},
	} {
		if got := ask(try.password, try.options); !strings.Contains(got, try.says) {
			t.Errorf("%s: %s", try.options, got)
		}
	}
}

// TestInjection: what somebody puts unencrypted behind a request for encryption is never taken for the client's (CVE-2021-23214).
func TestInjection(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"))...)
	got := rest(t, raw(t, s.SQL), packet(sslRequest), startup("alice"), message('Q', []byte("SELECT 1\x00")))
	if !strings.Contains(got, "received unencrypted data after SSL request") {
		t.Errorf("at once: %q", got)
	}
	c := raw(t, s.SQL)
	c.Write(packet(sslRequest))
	if b := make([]byte, 1); func() error { _, err := io.ReadFull(c, b); return err }() != nil || b[0] != 'S' {
		t.Fatalf("SSLRequest is answered by %q", b)
	}
	if got := rest(t, c, startup("alice")); strings.Contains(got, "SCRAM") {
		t.Errorf("in front of the handshake: %q", got)
	}
	// A second request within TLS, and one to speak Kerberos, do not begin anew.
	for _, again := range [][]byte{packet(sslRequest), packet(gssRequest)} {
		over := handshake(t, s, a)
		over.Write(again)
		if got, _ := io.ReadAll(over); !bytes.Contains(got, []byte("unsupported frontend protocol")) {
			t.Errorf("%x within TLS: %q", again, got)
		}
	}
}

// handshake is TLS behind SSLRequest, by hand.
func handshake(t *testing.T, s *server, a *authority) *tls.Conn {
	t.Helper()
	c := raw(t, s.SQL)
	c.Write(packet(sslRequest))
	if b := make([]byte, 1); func() error { _, err := io.ReadFull(c, b); return err }() != nil || b[0] != 'S' {
		t.Fatalf("SSLRequest is answered by %q", b)
	}
	over := tls.Client(c, &tls.Config{RootCAs: pool(t, a), ServerName: "localhost"})
	if err := over.Handshake(); err != nil {
		t.Fatal(err)
	}
	return over
}

// TestDirect: TLS from the first byte is for those who name the protocol.
func TestDirect(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"))...)
	for _, try := range []struct {
		protocols []string
		says      string
	}{{[]string{"postgresql"}, "SCRAM-SHA-256-PLUS\x00SCRAM-SHA-256"}, {nil, "without ALPN"}} {
		over := tls.Client(raw(t, s.SQL), &tls.Config{RootCAs: pool(t, a), ServerName: "localhost", NextProtos: try.protocols})
		over.Write(startup("alice"))
		over.CloseWrite()
		if got, _ := io.ReadAll(over); !bytes.Contains(got, []byte(try.says)) {
			t.Errorf("%v: %q", try.protocols, got)
		}
	}
	if err := tls.Client(raw(t, s.SQL), &tls.Config{RootCAs: pool(t, a), ServerName: "localhost", NextProtos: []string{"h2"}}).Handshake(); err == nil {
		t.Error("another protocol is spoken")
	}
}

// TestGSS: encryption by Kerberos is declined, and the client goes on.
func TestGSS(t *testing.T) {
	t.Parallel()
	s := start(t)
	if got := rest(t, raw(t, s.SQL), packet(gssRequest), startup("ann")); got[0] != 'N' || !strings.Contains(got, "Z\x00\x00\x00\x05I") {
		t.Errorf("%q", got)
	}
}

// TestCertificatesReplaced: new connections get the new certificate, open ones go on, and files that do not fit change nothing.
func TestCertificatesReplaced(t *testing.T) {
	t.Parallel()
	a, next := newAuthority(t), newAuthority(t)
	sets := a.withTLS(t)
	s := start(t, append(sets, users(t, "alice"))...)
	_, cert, _ := strings.Cut(sets[0], "=")
	_, key, _ := strings.Cut(sets[1], "=")
	words := "user=alice sslmode=verify-full password='" + password + "' sslrootcert="
	open := s.mustConnect(t, words+a.File)

	newCert, newKey := next.issue(t, "server", local)
	copyFile(t, newCert, cert) // and for a moment the key does not fit
	ask(t, s.mustConnect(t, words+a.File), "SELECT 1")
	copyFile(t, newKey, key)
	ask(t, s.mustConnect(t, words+next.File+" channel_binding=require"), "SELECT 1")
	if _, err := s.connect(words + a.File); err == nil {
		t.Error("the former certificate is still served")
	}
	write(t, cert, []byte("broken"))
	for range 3 {
		ask(t, s.mustConnect(t, words+next.File), "SELECT 1")
	}
	os.Remove(cert)
	ask(t, s.mustConnect(t, words+next.File), "SELECT 1")
	if got := ask(t, open, "SELECT 41 + 1"); got != "42" {
		t.Errorf("an open connection answers %q", got)
	}
	if n := strings.Count(s.said(t), "the changed TLS files cannot be used"); n != 3 {
		t.Errorf("three changes to files that are no use are logged %d times", n)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, b)
}

// TestClientCertificates: a rule asks for a certificate whose name is the user's.
func TestClientCertificates(t *testing.T) {
	t.Parallel()
	a, clients := newAuthority(t), newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "robot", "alice"), "server.tls.ca="+clients.File, "server.tls.mode=prefer",
		"server.auth.rules=host all robot all cert; hostssl all all all scram")...)
	identity := func(by *authority, name string) string {
		cert, key := by.issue(t, name, nil)
		return " sslcert=" + cert + " sslkey=" + key
	}
	full := "sslmode=verify-full sslrootcert=" + a.File
	for name, try := range map[string]struct{ words, want string }{
		"its own":              {"user=robot " + full + identity(clients, "robot"), "success"},
		"another's":            {"user=robot " + full + identity(clients, "alice"), "28000"},
		"none":                 {"user=robot " + full, "28000"},
		"without TLS":          {"user=robot sslmode=disable", "28000"},
		"of another authority": {"user=robot " + full + identity(newAuthority(t), "robot"), "certificate"},
		"a user by password":   {"user=alice password='" + password + "' " + full, "success"},
		"one without a rule":   {"user=alice sslmode=disable password='" + password + "'", "28000"},
	} {
		c, err := s.connect(try.words)
		if err == nil { // with TLS 1.3 a client learns at its first reading that its certificate is refused
			_, err = c.Exec(t.Context(), "SELECT 1").ReadAll()
			c.Close(t.Context())
		}
		if !strings.Contains(code(err), try.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRules: the first that fits decides, and the refusal names what the rules looked at.
func TestRules(t *testing.T) {
	t.Parallel()
	s := start(t, users(t, "alice", "bob", "carol"), "server.auth.rules=all carol 127.0.0.1 trust; all bob all reject; all alice 127.0.0.0/8 scram")
	for words, want := range map[string]string{
		"user=carol": "", "user=alice password='" + password + "'": "", "user=alice password=x": `password authentication failed for user "alice"`,
		"user=bob password='" + password + "'": `a rule rejects user "bob" from address 127.0.0.1, database "default", without TLS`,
		"user=dan":                             `no rule lets user "dan" from address 127.0.0.1 in, database "default", without TLS`,
	} {
		_, err := s.connect("sslmode=disable " + words)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// refused starts a server that must not start, and gives what it says.
func refused(t *testing.T, sets ...string) string {
	t.Helper()
	args := []string{"server", "--set", "server.data.directory=" + t.TempDir()}
	for _, set := range append([]string{"server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0"}, sets...) {
		args = append(args, "--set", set)
	}
	log := filepath.Join(t.TempDir(), "log")
	p, err := process.Start(t, log, nil, args...)
	if err == nil {
		p.Kill()
		t.Errorf("%v: the server has started", sets)
		return ""
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRefusedStarts: what would be less safe than it looks is refused in a sentence that says what to do.
func TestRefusedStarts(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	withTLS := a.withTLS(t)
	with := func(list []string, more ...string) []string { return append(append([]string{}, list...), more...) }
	everywhere := "server.sql.listen=0.0.0.0:0"
	for _, try := range []struct {
		sets []string
		says []string
	}{
		{[]string{everywhere}, []string{"server.sql.listen=0.0.0.0:0", "missing: users", "CREATE USER", "server.users.file", " and TLS", "server.tls.cert"}},
		{with(withTLS, everywhere), []string{"missing: users"}},
		{[]string{everywhere, users(t, "alice")}, []string{"missing: TLS"}},
		{with(withTLS, everywhere, users(t, "alice"), "server.tls.mode=off"), []string{"server.tls.mode=off contradicts"}},
		{[]string{"server.tls.mode=require"}, []string{"TLS needs server.tls.cert and server.tls.key, both"}},
		{[]string{withTLS[0], "server.tls.key=/nowhere"}, []string{"/nowhere"}},
		{with(withTLS, "server.tls.ca="+strings.TrimPrefix(withTLS[1], "server.tls.key=")), []string{"holds no certificate"}},
		{[]string{"server.auth.rules=all all all trust"}, []string{"trust is for loopback"}},
		{[]string{"server.auth.rules=all all all md5"}, []string{`unknown method "md5"`}},
		{[]string{"server.auth.rules=all all scram"}, []string{"it must read"}},
		{[]string{"server.auth.rules=all all 10.0.0.0/99 scram"}, []string{`address "10.0.0.0/99"`}},
		{with(withTLS, "server.auth.rules=all all all cert"), []string{"needs TLS and server.tls.ca"}},
	} {
		said := refused(t, try.sets...)
		for _, want := range try.says {
			if !strings.Contains(said, want) {
				t.Errorf("%v: %q is missing in %s", try.sets, want, said)
			}
		}
	}
	s := start(t, with(withTLS, everywhere, users(t, "alice"))...)
	ask(t, s.mustConnect(t, "user=alice sslmode=verify-full sslrootcert="+a.File+" password='"+password+"'"), "SELECT 1")
}

// pool holds an authority alone.
func pool(t *testing.T, a *authority) *x509.CertPool {
	t.Helper()
	b, err := os.ReadFile(a.File)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	p.AppendCertsFromPEM(b)
	return p
}
