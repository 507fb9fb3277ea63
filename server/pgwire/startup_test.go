package pgwire

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"slipway/server/auth"
	"slipway/sql/sqlerr"
)

// nobody is a directory with one user, whose password nobody knows.
type nobody struct{}

func (nobody) Account(name string) (auth.Account, bool) {
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	return auth.Account{Name: name, Login: true, Verifier: "SCRAM-SHA-256$4096:c2FsdA==$" + key + ":" + key}, true
}

func (nobody) Empty() bool { return false }

// said is a connection on which a client has said all that it has to say.
type said struct {
	net.Conn
	in *bytes.Reader
}

func (s said) Read(p []byte) (int, error)     { return s.in.Read(p) }
func (said) Write(p []byte) (int, error)      { return len(p), nil }
func (said) RemoteAddr() net.Addr             { return address("10.0.0.1:1") }
func (said) SetDeadline(time.Time) error      { return nil }
func (said) SetWriteDeadline(time.Time) error { return nil }

func starting(b []byte) []byte { return append([]byte{0, 0, 0, byte(len(b) + 8), 0, 3, 0, 0}, b...) }

// FuzzStartup: whatever comes in front of a sign-in ends in an error or in nothing, and never signs in.
func FuzzStartup(f *testing.F) {
	user := starting([]byte("user\x00x\x00\x00"))
	f.Add(user)
	f.Add(append(user, message('p', []byte("SCRAM-SHA-256\x00\x00\x00\x00\x10n,,n=,r=abcdefgh"))...))
	f.Add(append([]byte{0, 0, 0, 8, 4, 210, 22, 47}, user...))
	f.Add(append([]byte{0, 0, 0, 8, 4, 210, 22, 48}, user...))
	f.Add([]byte{0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2})
	f.Add([]byte{0x16, 3, 1, 0, 1, 0})
	log := slog.New(slog.DiscardHandler)
	s := &Server{options: Options{Log: log, Auth: auth.New(auth.Options{Directory: nobody{}, Secret: []byte("x"), Log: log})}}
	s.mu.conns = map[uint32]*conn{}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &conn{server: s, net: said{in: bytes.NewReader(b)}, ctx: t.Context()}
		st, err := c.begun()
		if st != nil && err == nil {
			t.Fatalf("%+v has signed in", st)
		}
		if e, ok := errors.AsType[*sqlerr.Error](err); ok && (e.Code == sqlerr.Internal || e.Message == "") {
			t.Errorf("%v", e)
		}
	})
}
