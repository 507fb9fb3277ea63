package security

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestSignIn: with a user there is no way in but the password, and the session knows who came in.
func TestSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, users(t, "alice", "bob"))
	c := s.mustConnect(t, "user=alice sslmode=disable password='"+password+"'")
	if got := ask(t, c, "SHOW is_superuser"); got != "on" || c.ParameterStatus("is_superuser") != "on" || c.ParameterStatus("session_authorization") != "alice" {
		t.Errorf("is_superuser is %q and %q, of %q", got, c.ParameterStatus("is_superuser"), c.ParameterStatus("session_authorization"))
	}
	for words, want := range map[string]string{
		"user=alice password=wrong": "28P01", "user=alice password=''": "28P01", "user=nobody password='" + password + "'": "28P01",
		"user=ALICE password='" + password + "'": "28P01",
	} {
		if _, err := s.connect(words + " sslmode=disable"); !strings.Contains(code(err), want) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if got := psql(t, s, password, "user=bob"); !strings.Contains(got, `as user "bob"`) || !strings.Contains(got, "42") {
		t.Errorf("psql: %s", got)
	}
	said := s.said(t)
	if !strings.Contains(said, `msg="sign-in failed" user=nobody address=127.0.0.1 tls=false`) {
		t.Errorf("the log has no line of the failure: %s", said)
	}
	if strings.Contains(said, "correct horse") || strings.Contains(said, "wrong") {
		t.Errorf("the log has a password: %s", said)
	}
}

// challenge gives salt and iterations that a user is asked to prove its password with.
func challenge(t *testing.T, s *server, user string) string {
	t.Helper()
	c := raw(t, s.SQL)
	c.Write(startup(user))
	first := []byte("n,,n=,r=abcdefgh")
	got := rest(t, c, message('p', []byte("SCRAM-SHA-256\x00\x00\x00\x00"), []byte{byte(len(first))}, first))
	_, after, ok := strings.Cut(got, ",s=")
	if !ok {
		t.Fatalf("%s: %q", user, got)
	}
	return after
}

// TestUnknownUsersLookLikeOthers: what a user is asked does not tell whether it is there, neither at once nor when asked again.
func TestUnknownUsersLookLikeOthers(t *testing.T) {
	t.Parallel()
	data := "server.data.directory=" + t.TempDir()
	file := users(t, "alice")
	s := start(t, data, file)
	known, unknown := challenge(t, s, "alice"), challenge(t, s, "mallory")
	if again := challenge(t, s, "mallory"); unknown != again || unknown == challenge(t, s, "trudy") {
		t.Errorf("an unknown user is asked %q, then %q", unknown, again)
	}
	for _, asked := range []string{known, unknown} {
		salt, iterations, _ := strings.Cut(asked, ",i=")
		if b, err := base64.StdEncoding.DecodeString(salt); err != nil || len(b) != 16 || iterations != "4096" {
			t.Errorf("asked %q: %v", asked, err)
		}
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if s = start(t, data, file); challenge(t, s, "alice") != known || challenge(t, s, "mallory") != unknown {
		t.Error("a restart tells the unknown user from the known one")
	}
}

// TestBeforeSignIn: who has not signed in may send what belongs to it, and no more.
func TestBeforeSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, users(t, "alice"))
	response := func(mechanism string, length uint32, text string) []byte {
		return message('p', []byte(mechanism+"\x00"), []byte{byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length)}, []byte(text))
	}
	const first = "n,,n=,r=abcdefgh"
	good := response("SCRAM-SHA-256", uint32(len(first)), first)
	for name, m := range map[string]struct {
		bytes []byte
		says  string
	}{
		"query":                     {message('Q', []byte("SELECT 1\x00")), "expected SASL response"},
		"query without a body":      {message('Q'), "expected SASL response"},
		"parse":                     {message('P', []byte("\x00SELECT 1\x00\x00\x00")), "expected SASL response"},
		"64 KiB and more":           {message('p', make([]byte, 64<<10+1)), "C08P01\x00"},
		"a length of two gigabytes": {[]byte{'p', 0x7F, 0xFF, 0xFF, 0xFF, 'x'}, "C08P01\x00"},
		"a length below four":       {[]byte{'p', 0, 0, 0, 1}, "C08P01\x00"},
		"a password in the clear":   {message('p', []byte("secret\x00")), "C08P01\x00"},
		"an unknown mechanism":      {response("PLAIN", 3, "abc"), "C08P01\x00"},
		"-PLUS without TLS":         {response("SCRAM-SHA-256-PLUS", uint32(len(first)), first), "C08P01\x00"},
		"a length beyond its end":   {response("SCRAM-SHA-256", 1000, first), "C08P01\x00"},
		"a length of -1":            {response("SCRAM-SHA-256", 0xFFFFFFFF, ""), "C08P01\x00"},
		"no nonce":                  {response("SCRAM-SHA-256", 6, "n,,n=,"), "C08P01\x00"},
		"no proof":                  {append(good, message('p', []byte("c=biws,r=abcdefgh"))...), "C08P01\x00"},
		"another nonce":             {append(good, message('p', []byte("c=biws,r=other,p="+base64.StdEncoding.EncodeToString(make([]byte, 32))))...), "C08P01\x00"},
		"a query in its place":      {append(good, message('Q', []byte("SELECT 1\x00"))...), "expected SASL response"},
		"the client leaves":         {message('X'), "expected SASL response"},
	} {
		if got := rest(t, raw(t, s.SQL), startup("alice"), m.bytes); !strings.Contains(got, m.says) || strings.Contains(got, "Z\x00\x00\x00\x05") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := ask(t, s.mustConnect(t, "user=alice sslmode=disable password='"+password+"'"), "SELECT 41 + 1"); got != "42" {
		t.Error(got)
	}
	if said := s.said(t); strings.Contains(said, "panic") {
		t.Error(said)
	}
}

// from dials from an address of this machine.
func from(address string) func(context.Context, string, string) (net.Conn, error) {
	return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext
}

// TestWrongPasswords: who tries passwords is slowed down, the user whose password it is a little, and nobody else.
func TestWrongPasswords(t *testing.T) {
	t.Parallel()
	s := start(t, users(t, "alice", "bob"))
	ctx, stop := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	var tries atomic.Int64
	for range 8 {
		loops.Go(func() { // ends with ctx
			for ctx.Err() == nil {
				o, err := pgconn.ParseConfig("host=127.0.0.1 user=alice password=wrong sslmode=disable dbname=default port=" + s.port())
				if err != nil {
					panic(err)
				}
				o.DialFunc = from("127.0.0.2")
				_, err = pgconn.ConnectConfig(ctx, o)
				if tries.Add(1); err == nil {
					t.Error("a wrong password lets in")
				}
			}
		})
	}
	const known = 16 // failures: enough for a long delay of the user, wherever it is
	for begin := time.Now(); tries.Load() < known && time.Since(begin) < patience; {
		time.Sleep(10 * time.Millisecond)
	}
	fastest := time.Hour
	for range 10 {
		begin := time.Now()
		ask(t, s.mustConnect(t, "user=bob sslmode=disable password='"+password+"'"), "SELECT 1")
		fastest = min(fastest, time.Since(begin))
	}
	if fastest > 2*time.Second {
		t.Errorf("bob needs %v to sign in while alice's password is guessed", fastest)
	}
	begin, before := time.Now(), tries.Load()
	ask(t, s.mustConnect(t, "user=alice sslmode=disable password='"+password+"'"), "SELECT 1")
	if took := time.Since(begin); took < 100*time.Millisecond {
		t.Errorf("alice signs in within %v, while her password is guessed", took)
	}
	time.Sleep(4 * time.Second)
	rate := float64(tries.Load()-before) / time.Since(begin).Seconds()
	if rate > 8 { // each of the eight waits up to 4 s
		t.Errorf("%.1f passwords are tried a second", rate)
	}
	t.Logf("bob: %v, passwords tried a second: %.1f", fastest, rate)
	stop()
	loops.Wait()
}

// TestUsersFile: a file that others may read, or that holds what is no verifier, stops the start; one that changes is read again.
func TestUsersFile(t *testing.T) {
	t.Parallel()
	set := users(t, "alice")
	_, path, _ := strings.Cut(set, "=")
	s := start(t, set)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	carol := users(t, "carol")
	more, err := os.ReadFile(strings.TrimPrefix(carol, "server.users.file="))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, append(text, more...))
	ask(t, s.mustConnect(t, "user=carol sslmode=disable password='"+password+"'"), "SELECT 1")
	write(t, path, []byte("alice:secret\n"))
	ask(t, s.mustConnect(t, "user=carol sslmode=disable password='"+password+"'"), "SELECT 1")
	if said := s.said(t); strings.Count(said, "the changed file of users cannot be used") != 1 || strings.Contains(said, "alice:secret") {
		t.Errorf("the log says %s", said)
	}
	os.Chmod(path, 0o644)
	for _, want := range []string{"others may read", "line 1 of"} {
		if said := refused(t, set); !strings.Contains(said, want) || !strings.Contains(said, "server.users.file") {
			t.Errorf("want %q: %s", want, said)
		}
		os.Chmod(path, 0o600)
	}
}

// TestConnectionsOfAnAddress: one address has so many, and others still come in.
func TestConnectionsOfAnAddress(t *testing.T) {
	t.Parallel()
	s := start(t, users(t, "alice"), "server.max.connections.per.address=3")
	words := "user=alice sslmode=disable password='" + password + "'"
	var last *pgconn.PgConn
	for range 3 {
		last = s.mustConnect(t, words)
	}
	if _, err := s.connect(words); !strings.Contains(code(err), "53300") {
		t.Fatalf("the fourth: %v", err)
	}
	o, err := pgconn.ParseConfig("host=127.0.0.1 dbname=default port=" + s.port() + " " + words)
	if err != nil {
		t.Fatal(err)
	}
	o.DialFunc = from("127.0.0.2")
	other, err := pgconn.ConnectConfig(t.Context(), o)
	if err != nil {
		t.Fatalf("from another address: %v", err)
	}
	other.Close(t.Context())
	last.Close(t.Context())
	begin := time.Now()
	for {
		c, err := s.connect(words)
		if err == nil {
			c.Close(t.Context())
			break
		}
		if time.Since(begin) > patience {
			t.Fatalf("behind one that has left: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestManySessions: a thousand clients sign in over TLS, many at a time, and all of them are served.
func TestManySessions(t *testing.T) {
	const many = 1000
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"), fmt.Sprint("server.max.connections=", many))...)
	words := "user=alice sslmode=verify-full sslrootcert=" + a.File + " password='" + password + "'"
	all := make(chan *pgconn.PgConn, many)
	var dialing sync.WaitGroup
	next := make(chan int)
	for range 32 {
		dialing.Go(func() { // ends when all are dialed
			for i := range next {
				c, err := s.connect(words)
				if err != nil {
					t.Errorf("session %d: %v", i, err)
					continue
				}
				all <- c
			}
		})
	}
	for i := range many {
		next <- i
	}
	close(next)
	dialing.Wait()
	close(all)
	served := 0
	for c := range all {
		t.Cleanup(func() { c.Close(context.Background()) })
		if got := ask(t, c, "SELECT 41 + 1"); got == "42" {
			served++
		}
	}
	if served != many {
		t.Errorf("%d of %d are served", served, many)
	}
	if _, err := s.connect(words); !strings.Contains(code(err), "53300") {
		t.Errorf("one more: %v", err)
	}
}

// TestHalfOpenConnections: what connects and does not sign in is ended, and keeps nobody out meanwhile.
func TestHalfOpenConnections(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := start(t, append(a.withTLS(t), users(t, "alice"), "server.tls.mode=prefer")...)
	var silent []*net.TCPConn
	for i := range 600 {
		c := raw(t, s.SQL)
		switch i % 4 {
		case 1: // within a packet
			c.Write(startup("alice")[:7])
		case 2: // within TLS
			c.Write(packet(sslRequest))
		case 3: // within the sign-in
			c.Write(startup("alice"))
		}
		silent = append(silent, c)
	}
	slow := raw(t, s.SQL)
	go func() { // ends when the server hangs up, or with the test
		for _, b := range startup("alice" + strings.Repeat("x", 1000)) {
			if _, err := slow.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	words := "user=alice sslmode=verify-full sslrootcert=" + a.File + " password='" + password + "'"
	for range 5 {
		ask(t, s.mustConnect(t, words), "SELECT 1")
	}
	for i, c := range append(silent, slow) {
		for {
			if _, err := c.Read(make([]byte, 1024)); os.IsTimeout(err) {
				t.Fatalf("connection %d is kept", i)
			} else if err != nil {
				break
			}
		}
	}
}
