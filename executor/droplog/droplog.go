// Package droplog says in the log which rows a job leaves out, without a line for each:
// the first of a kind at once, the rest as a number a minute. A job that leaves nothing
// out has no timer and wakes nobody.
package droplog

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// Every is the time between two lines on the same.
	Every = time.Minute
	// maxKinds of one message are said at once; what comes as a further kind is only counted.
	maxKinds = 16
)

// Log is that of one run of a job, shared by its tasks; a nil one says nothing.
type Log struct {
	log *slog.Logger
	mu  struct {
		sync.Mutex
		messages map[string]*message
		order    []string    // of messages, as they came first
		timer    *time.Timer // nil: a minute has passed in which no row was left out
		closed   bool
	}
}

// message is what is known of the rows that one sentence is about.
type message struct {
	kinds map[string]bool // that were said
	rows  int64           // since the last line
	attrs []any           // of the newest of them
}

// New makes a log; Close ends it.
func New(log *slog.Logger) *Log {
	l := &Log{log: log}
	l.mu.messages = map[string]*message{}
	return l
}

// Rows notes rows that were left out. text is a constant sentence, kind what tells one
// reason from another, attrs where and why the newest of them was.
func (l *Log) Rows(text, kind string, rows int64, attrs ...any) {
	if l == nil || rows <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.closed {
		return
	}
	m := l.mu.messages[text]
	if m == nil {
		m = &message{kinds: map[string]bool{}}
		l.mu.messages[text] = m
		l.mu.order = append(l.mu.order, text)
	}
	silent := l.mu.timer == nil
	if silent {
		l.mu.timer = time.AfterFunc(Every, l.minute)
	}
	if m.first(kind) || silent {
		l.say(text, rows, attrs)
		return
	}
	m.rows, m.attrs = m.rows+rows, attrs
}

// first tells whether a kind is one to say at once.
func (m *message) first(kind string) bool {
	if m.kinds[kind] || len(m.kinds) == maxKinds {
		return false
	}
	m.kinds[kind] = true
	return true
}

func (l *Log) say(text string, rows int64, attrs []any) {
	l.log.Warn(text, append([]any{"rows", rows}, attrs...)...)
}

// minute says what came since the last line, and goes on while something does.
func (l *Log) minute() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.closed {
		return
	}
	l.mu.timer = nil
	if l.sayAll() {
		l.mu.timer = time.AfterFunc(Every, l.minute)
	}
}

func (l *Log) sayAll() (any bool) {
	for _, text := range l.mu.order {
		if m := l.mu.messages[text]; m.rows > 0 {
			any = true
			l.say(text, m.rows, m.attrs)
			m.rows, m.attrs = 0, nil
		}
	}
	return any
}

// Close says what was only counted, and ends the log.
func (l *Log) Close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mu.closed {
		return
	}
	l.sayAll()
	l.mu.closed = true
	if l.mu.timer != nil {
		l.mu.timer.Stop()
	}
}
