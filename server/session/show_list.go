package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"slipway/conf"
	"slipway/server/pgwire"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

var _ = register(statement[*ast.ShowList]{right: inspect, needs: nothing[*ast.ShowList], list: (*session).showList,
	tagOf: func(l *ast.ShowList) string { tag, _ := listHead(l); return tag },
	columns: func(_ *session, l *ast.ShowList, _ []plan.Expr) ([]pgwire.Column, error) {
		_, names := listHead(l)
		return textColumns(names...), nil
	}})

// listHead is the tag and the columns of a list.
func listHead(l *ast.ShowList) (tag string, names []string) {
	switch {
	case l.Kind == ast.Database:
		return "SHOW DATABASES", []string{"database"}
	case l.Kind == ast.Application:
		return l.Tag() + " APPLICATIONS", []string{"application"}
	case l.Kind == ast.StreamJob && l.List:
		return "LIST STREAMJOBS", []string{"streamid", "name", "status", "sql"}
	case l.Kind == ast.StreamJob:
		return "SHOW STREAMJOBS", []string{"name", "database", "status", "sql", "properties", "created:timestamp", "last_checkpoint:timestamp", "last_failure"}
	}
	return l.Tag(), []string{"name", "database", "kind", "connector", "comment"}
}

func (s *session) showList(_ context.Context, l *ast.ShowList, t *table) error {
	match, db, snapshot := like(l.Like), s.database, s.Catalog.Snapshot()
	if l.DB != nil {
		db = l.DB.Name
	}
	switch l.Kind {
	case ast.Database:
		for _, name := range slices.Sorted(maps.Keys(snapshot.Databases)) {
			if match(name) {
				t.add(name)
			}
		}
	case ast.Application:
		listApplications(t, snapshot, db, match)
	case ast.StreamJob:
		s.listJobs(l, match, t)
	default:
		for _, name := range slices.Sorted(maps.Keys(snapshot.Relations)) {
			if r := snapshot.Relations[name]; r.Database == db && listed(l.Kind, r) && match(r.Name) {
				t.add(r.Name, r.Database, kindName(r), connectorName(r), orNull(r.Comment))
			}
		}
	}
	return nil
}

func listApplications(t *table, snapshot *catalog.Snapshot, db string, match func(string) bool) {
	if match(defaultApplication) {
		t.add(defaultApplication)
	}
	for _, name := range slices.Sorted(maps.Keys(snapshot.Applications)) {
		if a := snapshot.Applications[name]; a.Database == db && match(a.Name) {
			t.add(a.Name)
		}
	}
}

func listed(k ast.Kind, r *catalog.Relation) bool {
	switch k {
	case ast.Stream:
		return r.Kind == catalog.Stream || r.Derived
	case ast.Table:
		return r.Kind == catalog.Table || r.Kind == catalog.Stream
	}
	return r.Kind == catalog.View
}

func kindName(r *catalog.Relation) string {
	if r.Derived {
		return "derived stream"
	}
	return string(r.Kind)
}

func connectorName(r *catalog.Relation) string {
	if r.Kind == catalog.View {
		return null
	}
	return catalog.ConnectorOf(r)
}

// listJobs is SHOW STREAMJOBS, and LIST STREAMJOBS: what is running.
func (s *session) listJobs(l *ast.ShowList, match func(string) bool, t *table) {
	for _, j := range s.Jobs.List() {
		switch {
		case !match(j.Job.Name):
		case l.List && j.State.Active():
			t.add(j.Job.ID, j.Job.Name, string(j.State), j.Job.SQL)
		case !l.List && j.Job.Database == s.database:
			t.add(j.Job.Name, j.Job.Database, string(j.State), j.Job.SQL, properties(&j.Job),
				at(j.Job.Created), at(j.CheckpointedAt), orNull(conf.Redact(j.Job.LastFailure)))
		}
	}
	if !s.noticeStandby() && !l.List {
		s.noticeWaiting(match)
	}
}

// noticeStandby tells, on a server that stands by, by whom the states of jobs are told; false on the leader.
func (s *session) noticeStandby() bool {
	if s.Standby == nil {
		return false
	}
	seen, _ := s.Standby.LeaderSeen(time.Now())
	s.notice("this server stands by: what it shows of jobs is the last that was written down; %s", seen)
	return true
}

var _ = describe(described{chapter: "Streams, tables and views", place: 6, form: `SHOW STREAMS | TABLES | VIEWS | STREAMJOBS [FROM database] [LIKE 's']
SHOW DATABASES | APPLICATIONS [LIKE 's']
LIST STREAMJOBS | APPLICATIONS`,
	text: "Lists what there is of a kind, by name; `%` and `_` in LIKE stand for any characters and for one. LIST gives what runs.",
	example: `SHOW STREAMS LIKE '%click%';
SHOW STREAMJOBS;`}, of[*ast.ShowList]())
