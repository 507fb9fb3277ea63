package pgwire

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

// broken is a session that panics.
type broken struct{ Session }

func (broken) NewSession(context.Context, Startup) (Session, error) { return broken{}, nil }
func (broken) Parse(string) ([]Statement, error)                    { panic("a fault of ours") }
func (broken) TxStatus() byte                                       { return 'I' }
func (broken) Close()                                               {}

// TestPanicIsAnError: a client whose statement makes the server panic is told so.
func TestPanicIsAnError(t *testing.T) {
	var log strings.Builder
	s, err := Listen(Options{Address: "127.0.0.1:0", MaxConnections: 1, Log: slog.New(slog.NewTextHandler(&log, nil))}, broken{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	c.Write([]byte("\x00\x00\x00\x10\x00\x03\x00\x00user\x00x\x00\x00"))
	c.Write(message('Q', []byte("SELECT 1\x00")))
	said, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(said), "CXX000\x00Minternal error") {
		t.Errorf("%q %v", said, err)
	}
	s.Close(t.Context())
	if !strings.Contains(log.String(), "a fault of ours") || !strings.Contains(log.String(), "broken_test.go") {
		t.Errorf("the log does not say where: %s", log.String())
	}
}
