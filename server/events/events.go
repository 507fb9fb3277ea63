// Package events keeps what has happened on this server of late: a bounded log in memory, which is read as a table and
// listened to. It survives no restart; what failed of a job is kept with the job besides.
package events

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Kind is what has happened.
type Kind string

const (
	JobState   Kind = "job state"  // a job has another state
	JobFailed  Kind = "failure"    // a job failed, whatever was done then
	Checkpoint Kind = "checkpoint" // a checkpoint expired or failed, or a savepoint was taken
	Leadership Kind = "leadership" // this server leads, or no longer does
	Definition Kind = "definition" // something was declared, altered or dropped
)

// Severity is how loud an event is.
type Severity string

const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Event is one thing that has happened. No part of it holds a secret: who adds it sees to that.
type Event struct {
	ID       int64          `json:"id"` // ascending, from 1 at the start of the server
	At       time.Time      `json:"at"`
	Kind     Kind           `json:"kind"`
	Severity Severity       `json:"severity"`
	Job      string         `json:"job,omitempty"` // db.name; empty: of none
	User     string         `json:"user,omitempty"`
	Message  string         `json:"message"`
	Detail   map[string]any `json:"detail,omitempty"`
}

// Channel is the channel that events are listened to by.
const Channel = "streamjob_events"

// maxPayload is the length in bytes of the longest notification that PostgreSQL sends.
const maxPayload = 7999

// Payload is the event as a notification says it: JSON; what makes it too long is left out.
func (e Event) Payload() string {
	for _, less := range []func(){func() {}, func() { e.Detail = nil }, func() { e.Message = "" }} {
		less()
		if b, err := json.Marshal(e); err == nil && len(b) <= maxPayload {
			return string(b)
		}
	}
	return ""
}

// Kept is how many events are remembered.
const Kept = 5000

// Log remembers the last events; safe for concurrent use. A nil one takes none.
type Log struct {
	mu        sync.Mutex
	events    []Event // the oldest first
	next      int64
	listeners map[int]func(Event)
	number    int
}

// Add puts an event into the log and tells who listens. Its number, and its time where it has none, are set here.
func (l *Log) Add(e Event) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	e.ID = l.next
	if e.At.IsZero() {
		e.At = time.Now().UTC()
	}
	if e.Severity == "" {
		e.Severity = Info
	}
	if len(l.events) >= 2*Kept { // seldom, and then half of them
		l.events = slices.Clone(l.events[len(l.events)-Kept+1:])
	}
	l.events = append(l.events, e)
	for _, told := range l.listeners {
		told(e)
	}
}

// List gives the remembered events, the oldest first.
func (l *Log) List() []Event {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events[max(0, len(l.events)-Kept):])
}

// Listen calls told with each event from now on, until end is called. told neither waits nor calls back.
func (l *Log) Listen(told func(Event)) (end func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listeners == nil {
		l.listeners = map[int]func(Event){}
	}
	l.number++
	n := l.number
	l.listeners[n] = told
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listeners, n)
	}
}
