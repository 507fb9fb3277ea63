package auth

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Event is one line of the audit log: what somebody did, or was refused.
type Event struct {
	Time time.Time `json:"time"`
	// Event is "sign-in" or "statement".
	Event string `json:"event"`
	// Outcome is "done"; "refused": there was no right, or the sign-in failed; "failed": something else was in the way;
	// "unreadable": it is no statement.
	Outcome string `json:"outcome"`
	User    string `json:"user"`
	Address string `json:"address,omitempty"`
	Method  string `json:"method,omitempty"`
	TLS     bool   `json:"tls"`
	PID     uint32 `json:"pid,omitempty"`
	// Application is what the client calls itself.
	Application string `json:"application,omitempty"`
	Database    string `json:"database,omitempty"`
	// Statement is the command's tag, Text the statement in normal form, without secrets.
	Statement string `json:"statement,omitempty"`
	Text      string `json:"text,omitempty"`
	// SQLState and Message are of what was not done.
	SQLState string `json:"sqlstate,omitempty"`
	Message  string `json:"message,omitempty"`
	// Length, Hash and Position are all that is told of a text that is no statement: its bytes, the beginning of their SHA-256,
	// and where reading it ended.
	Length   int    `json:"length,omitempty"`
	Hash     string `json:"hash,omitempty"`
	Position int    `json:"position,omitempty"`
}

// Outcomes of an event.
const (
	Done       = "done"
	Refused    = "refused"
	Failed     = "failed"
	Unreadable = "unreadable"
)

// Audit writes events into a file, one JSON object a line, and never changes what is there. A nil Audit writes nothing. Safe for
// concurrent use.
type Audit struct {
	path string
	log  *slog.Logger
	mu   sync.Mutex
	file *os.File
}

// OpenAudit opens the file, or makes it for the server's user alone.
func OpenAudit(path string, log *slog.Logger) (*Audit, error) {
	a := &Audit{path: path, log: log}
	return a, a.open()
}

func (a *Audit) open() (err error) {
	a.file, err = os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the audit log cannot be opened: %w", err)
	}
	return nil
}

// Write appends an event. What cannot be written is an error in the server's log, and stops nobody.
func (a *Audit) Write(e Event) {
	if a == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now().UTC()
	}
	b, err := json.Marshal(e)
	if err == nil {
		err = a.append(append(visible(b), '\n'))
	}
	if err != nil && a.log != nil {
		a.log.Error("an event is missing from the audit log", "event", e.Event, "statement", e.Statement, "error", err)
	}
}

// append writes a line, into a new file where the former was moved away.
func (a *Audit) append(line []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.moved() {
		a.file.Close()
		if err := a.open(); err != nil {
			return err
		}
	}
	_, err := a.file.Write(line)
	return err
}

func (a *Audit) moved() bool {
	now, err := os.Stat(a.path)
	if err != nil {
		return true
	}
	open, err := a.file.Stat()
	return err != nil || !os.SameFile(now, open)
}

// Close closes the file.
func (a *Audit) Close() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.file.Close()
}

// visible escapes what changes how a text is shown and is no character of it: JSON itself escapes controls of ASCII alone.
func visible(b []byte) []byte {
	var out strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r >= 0x7f && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == 0x7f) {
			if r > 0xffff {
				r = unicode.ReplacementChar
			}
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.Write(b[:size])
		}
		b = b[size:]
	}
	return []byte(out.String())
}
