package session

import (
	"context"
	"errors"
	"strings"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.AlterRelation]{right: define,
		needs: onRelations(catalog.Own, func(st *ast.AlterRelation) []ast.Name { return []ast.Name{st.Name} }), changes: true, do: (*session).alterRelation})
	_ = register(statement[*ast.Rename]{right: define, needs: (*session).renameNeeds, changes: true, do: (*session).rename})
)

// alterRelation is ALTER STREAM | TABLE … SET: what the jobs that use it take at their next
// start. It is refused if one of them would then be refused.
func (s *session) alterRelation(ctx context.Context, d *ast.AlterRelation) error {
	snapshot := s.Catalog.Snapshot()
	r, err := s.relation(snapshot, d.Kind, d.Name)
	if err != nil {
		return err
	}
	if err := s.checkSecrets(d.Properties); err != nil {
		return err
	}
	if err := s.checkTargets(r, d.Properties); err != nil {
		return err
	}
	altered, change, notices, err := s.Compiler.Altered(r, d)
	if err != nil {
		return err
	}
	users, _ := s.users(r)
	if err := s.stillCompile(change, users, d.Name); err != nil {
		return err
	}
	if s.Compiler.Moves(r, altered) || s.Compiler.WantsPrepare(r, d.Properties) {
		if err := s.makeReady(ctx, altered, d.PropertiesPos); err != nil {
			return err
		}
	}
	change.SetProperties = s.sealed(altered, change.SetProperties)
	if _, err := s.Catalog.Apply(ctx, change); err != nil {
		return s.goneMeanwhile(err, d.Kind, d.Name)
	}
	for _, n := range notices {
		s.notice("%s", n)
	}
	s.noticeUsers(r, altered, users)
	return nil
}

// relation finds what ALTER is to change.
func (s *session) relation(snapshot *catalog.Snapshot, kind ast.Kind, n ast.Name) (*catalog.Relation, error) {
	r := snapshot.Relations[s.fullName(n)]
	if r == nil {
		return nil, sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(kind)), s.fullName(n))
	}
	return r, nil
}

func (s *session) goneMeanwhile(err error, kind ast.Kind, n ast.Name) error {
	if errors.Is(err, catalog.ErrMissing) {
		return sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(kind)), s.fullName(n))
	}
	return err
}

// stillCompile compiles jobs against the catalog as it would be. What does not compile
// today either is no reason to refuse a change that may mend it.
func (s *session) stillCompile(change catalog.Change, users []ha.Status, n ast.Name) error {
	snapshot := s.everything()
	next, err := snapshot.With(change, nil)
	if err != nil {
		return err
	}
	for _, u := range users {
		v, err := settingsOf(&u.Job)
		if err != nil {
			continue
		}
		if _, err := s.Compiler.JobText(snapshot, u.Job.Path, u.Job.SQL, v); err != nil {
			continue
		}
		flow, err := s.Compiler.JobText(next, u.Job.Path, u.Job.SQL, v)
		if err == nil && s.Compiler.Cycle(snapshot, flow, v, nil) == nil {
			err = s.Compiler.Cycle(next, flow, v, nil)
		}
		if err != nil {
			e := sqlerr.From(err)
			return sqlerr.At(n.Pos, sqlerr.DependentObjects, "stream job %s would be refused: %s", u.Job.FullName(), e.Message).WithHint("%s", e.Hint)
		}
	}
	return nil
}

// noticeUsers tells who takes a change when, and what a checkpoint will not take.
func (s *session) noticeUsers(before, after *catalog.Relation, users []ha.Status) {
	var running, kept []string
	for _, u := range users {
		if u.State.Active() {
			running = append(running, u.Job.FullName())
		}
		if v, err := settingsOf(&u.Job); err == nil && conf.EnableCheckpoint.Get(v) {
			kept = append(kept, u.Job.FullName())
		}
	}
	if len(running) > 0 {
		s.notice("the change takes effect when stream job %s %s again", strings.Join(running, ", "), plural(len(running), "starts", "start"))
	}
	if s.Compiler.Moves(before, after) && len(kept) > 0 {
		s.notice("checkpoints of stream job %s are of the former topic: START STREAMJOB … FRESH begins with the new one", strings.Join(kept, ", "))
	}
}

func (s *session) renameNeeds(d *ast.Rename) ([]need, error) {
	if d.Kind == ast.StreamJob {
		return onJob(catalog.Own, func(*ast.Rename) (ast.Name, bool) { return d.Name, true })(s, d)
	}
	return onRelations(catalog.Own, func(*ast.Rename) []ast.Name { return []ast.Name{d.Name} })(s, d)
}

// rename is ALTER … RENAME TO. A stored query names streams and views by their names, so
// what is in use keeps its own; no query names a job.
func (s *session) rename(ctx context.Context, d *ast.Rename) error {
	if d.Kind == ast.StreamJob {
		return s.renameJob(ctx, d)
	}
	snapshot := s.Catalog.Snapshot()
	r, err := s.relation(snapshot, d.Kind, d.Name)
	if err != nil {
		return err
	}
	if err := sql.CheckName(d.To); err != nil {
		return err
	}
	users, views := s.users(r)
	for _, u := range users {
		views = append(views, "stream job "+u.Job.FullName())
	}
	if len(views) > 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "cannot rename %s: it is in use", r.FullName()).
			WithDetail("By %s.", strings.Join(views, ", ")).
			WithHint("CREATE VIEW %s AS SELECT * FROM %s gives it a second name to read it by.", d.To, ast.Name{Name: r.Name})
	}
	_, err = s.Catalog.Apply(ctx, catalog.Change{RenameRelation: r.FullName(), NewName: d.To.Name})
	if errors.Is(err, catalog.ErrExists) {
		return sqlerr.At(d.To.Pos, sqlerr.DuplicateTable, "%q already exists", r.Database+"."+d.To.Name)
	}
	return s.goneMeanwhile(err, d.Kind, d.Name)
}

func (s *session) renameJob(ctx context.Context, d *ast.Rename) error {
	st, err := s.status(d.Name)
	if err != nil {
		return err
	}
	if st.Job.Temporary {
		return sqlerr.At(d.Name.Pos, sqlerr.FeatureNotSupported, "a temporary stream job has no other name than its id")
	}
	err = s.Jobs.Rename(ctx, st.Job.FullName(), d.To.Name)
	if errors.Is(err, ha.ErrExists) {
		return sqlerr.At(d.To.Pos, sqlerr.DuplicateObject, "stream job %q already exists", d.To.Name)
	}
	if err == nil && st.State.Active() {
		s.notice("the log calls the stream job by its old name until it starts again")
	}
	return translateJob(d.Name, err)
}

var _ = describe(described{chapter: "Streams, tables and views", place: 2, form: `ALTER STREAM | TABLE name SET ( "key"="value", … )`,
	text:    "Changes properties; jobs that run take them at their next start, and a NOTICE names these jobs. An empty value takes a property away.",
	example: `ALTER STREAM clicks SET ("on.error"="skip");`}, of[*ast.AlterRelation]())

var _ = describe(described{chapter: "Streams, tables and views", place: 3, form: `ALTER STREAM | TABLE | VIEW | STREAMJOB name RENAME TO name`,
	text:    "What a job or view names cannot be renamed. A job keeps its checkpoints.",
	example: `ALTER TABLE numbers RENAME TO digits;`}, of[*ast.Rename]())
