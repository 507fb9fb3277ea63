package events

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestLog: numbers go up, the last ones are kept, and who listens is told until it ends.
func TestLog(t *testing.T) {
	var l Log
	var told []int64
	end := l.Listen(func(e Event) { told = append(told, e.ID) })
	for range 2 {
		l.Add(Event{Kind: JobState, Message: "m"})
	}
	end()
	for range 3 * Kept {
		l.Add(Event{Kind: JobState})
	}
	list := l.List()
	if len(told) != 2 || told[1] != 2 {
		t.Errorf("told of %v", told)
	}
	if len(list) != Kept || list[0].ID != 2*Kept+3 || list[Kept-1].ID != 3*Kept+2 {
		t.Errorf("%d are kept, from %d to %d", len(list), list[0].ID, list[len(list)-1].ID)
	}
	if list[0].At.IsZero() || list[0].Severity != Info {
		t.Errorf("%+v", list[0])
	}
}

// TestNoLog: who is given none adds, lists and listens all the same.
func TestNoLog(t *testing.T) {
	var l *Log
	l.Add(Event{})
	l.Listen(func(Event) {})()
	if l.List() != nil {
		t.Error("a log that is not there lists events")
	}
}

// TestPayload: a notification is JSON and never longer than PostgreSQL allows.
func TestPayload(t *testing.T) {
	for _, e := range []Event{
		{ID: 7, Message: "m", Detail: map[string]any{"class": "data"}},
		{ID: 7, Message: "m", Detail: map[string]any{"long": strings.Repeat("x", 9000)}},
		{ID: 7, Message: strings.Repeat("中", 9000)},
	} {
		var back Event
		if p := e.Payload(); len(p) > 7999 || json.Unmarshal([]byte(p), &back) != nil || back.ID != 7 {
			t.Errorf("%d bytes: %.80s", len(p), p)
		}
	}
}
