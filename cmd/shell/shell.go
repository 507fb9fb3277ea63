package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"slipway/sql/parser"
)

// Shell reads statements line by line and runs them.
type Shell struct {
	*Session
	editor editor
	person bool // at a terminal: mistakes do not end it
	script *Script
}

// Interactive is a shell for a person at a terminal.
func Interactive(s *Session, t *Terminal) *Shell {
	t.state.SetWordCompleter((&completer{session: s}).complete)
	return &Shell{Session: s, editor: t, person: true, script: &Script{Session: s}}
}

// Piped is a shell for what comes through a pipe: no prompts, and the first mistake ends it.
func Piped(s *Session, from io.Reader) *Shell {
	return &Shell{Session: s, editor: plain{bufio.NewReader(from)}, script: &Script{Session: s}}
}

// Loop runs what is typed until its end.
func (s *Shell) Loop() error {
	typed := ""
	for {
		line, err := s.editor.Line(s.prompt(typed))
		switch {
		case errors.Is(err, errAborted):
			typed = ""
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case err != nil:
			return s.end(typed)
		}
		if typed == "" && isCommand(line) {
			s.editor.Remember(line)
			if err := s.answer(s.script.Text("", line)); err != nil {
				return leave(err)
			}
			continue
		}
		typed += line + "\n"
		if strings.TrimSpace(typed) == "" {
			typed = ""
		}
		if !strings.Contains(line, ";") && !isCommand(line) { // nothing can end here
			continue
		}
		if typed, err = s.run(typed); err != nil {
			return leave(err)
		}
	}
}

func isCommand(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), `\`) }

// leave tells an end that was wanted from one that was not.
func leave(err error) error {
	if errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// end runs what is left when the input ends.
func (s *Shell) end(typed string) error {
	if s.person {
		fmt.Fprintln(s.Out)
		return nil
	}
	return leave(s.script.Text("", typed))
}

// prompt is the database with what is open.
func (s *Shell) prompt(typed string) string {
	sign := "="
	if typed != "" {
		sign = "-"
	}
	switch s.Conn.Transaction() {
	case 'T':
		sign += "*"
	case 'E':
		sign += "!"
	}
	return s.Conn.Database() + sign + "> "
}

// run runs the statements of a text that are ended, and gives what is left of it.
func (s *Shell) run(text string) (rest string, err error) {
	parts := parser.Split(text)
	ended := 0
	for _, p := range parts {
		if p.Ended {
			ended = p.Next
		}
	}
	if ended == 0 {
		return text, nil
	}
	whole := strings.TrimRight(text[:ended], "\n")
	if last := s.Variables.statement(&source{text: text}, parts[len(parts)-1]); copies(last) {
		whole += "\n" + s.data()
	}
	s.editor.Remember(strings.TrimRight(text[:ended], "\n"))
	err = s.answer(s.script.Text("", whole))
	if rest = text[ended:]; strings.TrimSpace(rest) == "" {
		rest = ""
	}
	if i := strings.Index(rest, `\`); i >= 0 && strings.TrimSpace(rest[:i]) == "" && err == nil { // select 1; \watch
		return "", s.answer(s.script.Text("", rest))
	}
	return rest, err
}

// data reads the lines of a COPY … FROM STDIN.
func (s *Shell) data() string {
	var b strings.Builder
	for {
		line, err := s.editor.Line("")
		if err != nil || line == `\.` {
			return b.String()
		}
		b.WriteString(line + "\n")
	}
}

// answer lets a person go on behind a mistake, with a new connection if the old one is lost.
func (s *Shell) answer(err error) error {
	if !s.person || errors.Is(err, errQuit) {
		return err
	}
	for drained := false; !drained; { // a Ctrl-C that came too late
		select {
		case <-s.Interrupts:
		default:
			drained = true
		}
	}
	if s.Conn.Lost() {
		fmt.Fprint(s.Err, "The connection is lost; connecting again: ")
		if err := s.Conn.Again(context.Background()); err != nil {
			fmt.Fprintln(s.Err, err)
		} else {
			fmt.Fprintln(s.Err, "done. What belonged to the session (SET, cursors) is gone.")
		}
	}
	return nil
}

// ReadAll is a file, or standard input for "-".
func ReadAll(path string, stdin io.Reader) (string, error) {
	if path == "-" {
		b, err := io.ReadAll(stdin)
		return string(b), err
	}
	b, err := os.ReadFile(path)
	return string(b), err
}
