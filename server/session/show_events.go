package session

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"slipway/conf"
	"slipway/server/events"
	"slipway/sql/ast"
)

var _ = register(statement[*ast.ShowEvents]{right: inspect, needs: nothing[*ast.ShowEvents], tag: "SHOW EVENTS", list: (*session).showEvents,
	names: []string{"id:bigint", "at:timestamp", "kind", "severity", "job", "user", "message", "detail"}})

var _ = showsTable("events", &ast.ShowEvents{})

// showEvents lists what has happened, the oldest first.
func (s *session) showEvents(_ context.Context, st *ast.ShowEvents, t *table) error {
	only := ""
	if st.Job != nil {
		j, err := s.status(*st.Job)
		if err != nil {
			return err
		}
		only = j.Job.FullName()
	}
	for _, e := range s.Events.List() {
		if (only == "" || e.Job == only) && mayRead(e, s.identity(), s.partsNow()) {
			t.add(itoa(e.ID), at(e.At), string(e.Kind), string(e.Severity), orNull(e.Job), orNull(e.User), e.Message, detailText(e))
		}
	}
	return nil
}

func detailText(e events.Event) string {
	if len(e.Detail) == 0 {
		return null
	}
	b, err := json.Marshal(e.Detail)
	if err != nil {
		return null
	}
	return string(b)
}

// shownChange bounds what an event says of a statement, in bytes.
const shownChange = 120

// headOf is what a statement is about: its text up to whatever may be a value, a property or a password.
func headOf(st ast.Statement) string {
	text := st.Origin().Text
	if i := strings.IndexAny(text, "('\"$;"); i >= 0 {
		text = text[:i]
	}
	if text = strings.Join(strings.Fields(text), " "); len(text) > shownChange || text == "" {
		return st.Tag()
	}
	return conf.Redact(text)
}

// tellChange puts a statement that has changed something among the events.
func (s *session) tellChange(l line, st ast.Statement) {
	if l.changes && l.right != writeRows {
		s.Events.Add(events.Event{Kind: events.Definition, User: s.startup.User, Message: headOf(st), Detail: map[string]any{"tag": st.Tag()}})
	}
}

var _ = describe(described{chapter: "Stream jobs", place: 15, form: `SHOW EVENTS [FOR STREAMJOB name]`,
	text: "Lists what has happened on this server since it started, the last " + strconv.Itoa(events.Kept) + " events, the oldest first: states of jobs (`job state`), failures (`failure`), checkpoints that expired or failed and savepoints (`checkpoint`), " +
		"who leads (`leadership`), what was declared, altered, started, stopped or dropped (`definition`). `LISTEN " + events.Channel + "` has them sent.",
	example: `SHOW EVENTS;`}, of[*ast.ShowEvents]())
