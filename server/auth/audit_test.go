package auth

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAudit: an event is one line of JSON, whatever its texts hold, in a file that is the server's alone.
func TestAudit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	a, err := OpenAudit(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	evil := "a\nb\x1b[31m\u202e\u0085\u2028\x7f\U000e0001"
	a.Write(Event{Time: at, Event: "statement", Outcome: Done, User: "ann", Address: "10.0.0.1", Method: "scram", TLS: true, PID: 7, Statement: "DROP STREAM", Text: evil})
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	a.Write(Event{Time: at, Event: "sign-in", Outcome: Refused, User: "bob", SQLState: "28P01"})
	first, err := os.ReadFile(path + ".1")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"time":"2026-01-02T03:04:05Z","event":"statement","outcome":"done","user":"ann","address":"10.0.0.1","method":"scram","tls":true,"pid":7,` +
		`"statement":"DROP STREAM","text":"a\nb\u001b[31m\u202e\u0085\u2028\u007f\ufffd"}` + "\n"
	if string(first) != want {
		t.Errorf("the line is\n%s\nwant\n%s", first, want)
	}
	var back Event
	if err := json.Unmarshal(first, &back); err != nil || !strings.HasPrefix(back.Text, "a\nb\x1b[31m\u202e\u0085") {
		t.Errorf("read back: %v, %q", err, back.Text)
	}
	second, err := os.ReadFile(path)
	if err != nil || strings.Count(string(second), "\n") != 1 || !strings.Contains(string(second), `"user":"bob"`) {
		t.Errorf("behind the move: %v, %s", err, second)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	var off *Audit
	off.Write(Event{}) // writes nothing
	if _, err := OpenAudit(t.TempDir(), nil); err == nil {
		t.Error("a folder is taken for a file")
	}
}
