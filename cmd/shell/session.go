// Package shell is what a person or a script types at a server: statements cut at their semicolons, variables, commands that begin
// with a backslash, results in several forms, errors with their place. It is the door to the line editor.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"slipway/cmd/client"
)

// Session runs statements one after the other and prints what comes of them.
type Session struct {
	Conn      *client.Conn
	Out, Err  io.Writer
	Format    string // of Formats; empty: aligned
	Timing    bool
	Quiet     bool // no tags of statements without rows
	Variables Variables
	// Interrupts are those of the user: one ends the statement that runs.
	Interrupts <-chan os.Signal

	current *Statement // that runs: notices belong to it
	last    *Statement
}

// ErrFailed tells that a statement failed; what is to be said has been.
var ErrFailed = errors.New("")

// Notice prints what the server says besides results.
func (s *Session) Notice(p *client.Problem) { fmt.Fprint(s.Err, explain(p, s.current)) }

// Run runs one statement. input is what COPY … FROM STDIN reads.
func (s *Session) Run(st *Statement, input io.Reader) error {
	s.current, s.last = st, st
	defer func() { s.current = nil }()
	began := time.Now()
	err := s.interruptible(func(ctx context.Context) error { return s.send(ctx, st, input) })
	if s.Timing {
		fmt.Fprintf(s.Out, "Time: %.3f ms\n", float64(time.Since(began).Microseconds())/1000)
	}
	return s.report(err, st)
}

// report prints an error with its place.
func (s *Session) report(err error, st *Statement) error {
	if err == nil {
		return nil
	}
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		p = &client.Problem{Severity: "ERROR", Code: "08006", Message: err.Error()}
	}
	fmt.Fprint(s.Err, explain(p, st))
	return ErrFailed
}

func (s *Session) send(ctx context.Context, st *Statement, input io.Reader) error {
	if len(st.words) > 0 && st.words[0] == "COPY" {
		switch {
		case slices.Contains(st.words, "STDOUT"):
			return s.done(s.Conn.CopyOut(ctx, s.Out, st.Text))
		case slices.Contains(st.words, "STDIN"):
			return s.done(s.Conn.CopyIn(ctx, input, st.Text))
		}
	}
	p := newPrinter(s.Format, s.Out, !s.Quiet)
	err := s.Conn.Run(ctx, st.Text, p)
	return errors.Join(err, p.Flush())
}

func (s *Session) done(tag string, err error) error {
	if err == nil && !s.Quiet {
		fmt.Fprintln(s.Out, tag)
	}
	return err
}

// lastPatience is how many interrupts a server may leave unanswered until its connection is given up.
const lastPatience = 3

// interruptible runs something that ends when the user wants it to: an interrupt asks the server to cancel, the third one does not
// wait for it any longer.
func (s *Session) interruptible(run func(context.Context) error) error {
	ctx, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() { // ends with run
		defer close(watched)
		for n := 1; ; n++ {
			select {
			case <-ended:
				return
			case <-s.Interrupts:
			}
			if n == lastPatience {
				giveUp()
			} else if err := s.Conn.Cancel(); err != nil {
				fmt.Fprintln(s.Err, "the statement could not be cancelled:", err)
			}
		}
	}()
	err := run(ctx)
	close(ended)
	<-watched
	return err
}

// lines is what stands behind COPY … FROM STDIN; up to the line \. or the end of the text.
func lines(text string) (data string, length int) {
	from := 0
	for from < len(text) {
		end := strings.IndexByte(text[from:], '\n') + 1
		if end == 0 {
			end = len(text) - from
		}
		if strings.TrimRight(text[from:from+end], "\r\n") == `\.` {
			return text[:from], from + end
		}
		from += end
	}
	return text, len(text)
}
