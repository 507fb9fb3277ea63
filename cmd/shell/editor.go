package shell

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/peterh/liner"

	"slipway/conf"
)

// errAborted: Ctrl-C was pressed at the prompt.
var errAborted = errors.New("aborted")

// editor gives lines of input.
type editor interface {
	// Line gives the next one, io.EOF at the end, errAborted if the user throws it away.
	Line(prompt string) (string, error)
	// Remember puts what was typed into the history.
	Remember(text string)
	Password(prompt string) (string, error)
	Close() error
}

// OnTerminal tells that a person types.
func OnTerminal() bool {
	_, err := liner.TerminalMode()
	return err == nil
}

// Terminal edits lines on a terminal, with the history of former days.
type Terminal struct {
	state   *liner.State
	history string // file; empty: none is kept
}

// NewTerminal takes the terminal until Close.
func NewTerminal() *Terminal {
	t := &Terminal{state: liner.NewLiner(), history: historyFile()}
	t.state.SetCtrlCAborts(true)
	t.state.SetMultiLineMode(true)
	t.state.SetBeep(false)
	t.state.SetTabCompletionStyle(liner.TabPrints)
	if f, err := os.Open(t.history); err == nil {
		_, _ = t.state.ReadHistory(f) // what cannot be read is not there
		f.Close()
	}
	return t
}

// historyFile lies in the user's state directory.
func historyFile() string {
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "slipway", "history")
}

// Line implements editor.
func (t *Terminal) Line(prompt string) (string, error) {
	line, err := t.state.Prompt(prompt)
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", errAborted
	}
	return line, err
}

// Password implements editor: nothing of it is shown.
func (t *Terminal) Password(prompt string) (string, error) {
	text, err := t.state.PasswordPrompt(prompt)
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", errAborted
	}
	return text, err
}

// secret is what no history keeps: a line that has to do with a password.
var secret = regexp.MustCompile(`(?i)passw|secret|credential|identified\s+by|token|api.?key|access.?key|jaas|://[^/\s]*:[^/\s]*@`)

// remembered tells whether a text may stand in the history.
func remembered(text string) bool {
	return strings.TrimSpace(text) != "" && !secret.MatchString(text) && conf.Redact(text) == text
}

// Remember implements editor. The history is a line a statement; one with a comment of a line is kept line by line.
func (t *Terminal) Remember(text string) {
	if !remembered(text) {
		return
	}
	lines := []string{strings.Join(strings.Fields(strings.ReplaceAll(text, "\n", " ")), " ")}
	if strings.Contains(text, "--") || strings.Contains(text, "#") || strings.ContainsAny(text, `'"$`) {
		lines = strings.Split(strings.TrimSpace(text), "\n") // spaces mean something
	}
	for _, line := range lines {
		t.state.AppendHistory(line)
	}
}

// Close gives the terminal back and writes the history.
func (t *Terminal) Close() error {
	err := t.state.Close()
	if t.history == "" {
		return err
	}
	return errors.Join(err, t.save())
}

// save writes the history for the user alone.
func (t *Terminal) save() error {
	if err := os.MkdirAll(filepath.Dir(t.history), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(t.history, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil { // one that was there already
		return errors.Join(err, f.Close())
	}
	_, err = t.state.WriteHistory(f)
	return errors.Join(err, f.Close())
}

// plain reads lines from something that is no terminal.
type plain struct{ r *bufio.Reader }

func (p plain) Line(string) (string, error) {
	line, err := p.r.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

func (plain) Remember(string) {}

func (plain) Password(string) (string, error) {
	return "", errors.New("the server asks for a password, and there is no terminal to type it: PGPASSWORD or ~/.pgpass give it")
}

func (plain) Close() error { return nil }
