package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// alterRelation is ALTER STREAM | TABLE … SET: what the jobs that use it take at their next
// start. It is refused if one of them would then be refused.
func (s *session) alterRelation(ctx context.Context, d *ast.AlterRelation) error {
	snapshot := s.Catalog.Snapshot()
	r, err := s.relation(snapshot, d.Kind, d.Name)
	if err != nil {
		return err
	}
	altered, notices, err := s.Compiler.Altered(r, d)
	if err != nil {
		return err
	}
	change := catalog.Change{AlterRelation: r.FullName()}
	for _, p := range d.Properties {
		change.SetProperties = append(change.SetProperties, catalog.Property{Key: p.Key, Value: p.Value})
	}
	users, _ := s.users(snapshot, r)
	if err := s.stillCompile(snapshot, change, users, d.Name); err != nil {
		return err
	}
	if moves(r, altered) || asksForTopic(d.Properties) {
		if err := s.makeReady(ctx, altered, d.PropertiesPos); err != nil {
			return err
		}
	}
	if _, err := s.Catalog.Apply(ctx, change); err != nil {
		return s.goneMeanwhile(err, d.Kind, d.Name)
	}
	for _, n := range notices {
		s.notice("%s", n)
	}
	s.saysOfUsers(r, altered, users)
	return nil
}

// relation finds what ALTER is to change.
func (s *session) relation(snapshot *catalog.Snapshot, kind ast.Kind, n ast.Name) (*catalog.Relation, error) {
	r := snapshot.Relations[s.full(n)]
	if r == nil {
		return nil, sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(kind)), s.full(n))
	}
	return r, nil
}

func (s *session) goneMeanwhile(err error, kind ast.Kind, n ast.Name) error {
	if errors.Is(err, catalog.ErrMissing) {
		return sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(kind)), s.full(n))
	}
	return err
}

// stillCompile compiles jobs against the catalog as it would be. What does not compile
// today either is no reason to refuse a change that may mend it.
func (s *session) stillCompile(snapshot *catalog.Snapshot, change catalog.Change, users []ha.Status, n ast.Name) error {
	next, err := snapshot.With(change, nil)
	if err != nil {
		return err
	}
	for _, u := range users {
		v, err := jobs.Settings(&u.Job)
		if err != nil {
			continue
		}
		if _, err := s.Compiler.JobText(snapshot, u.Job.Path, u.Job.SQL, v); err != nil {
			continue
		}
		flow, err := s.Compiler.JobText(next, u.Job.Path, u.Job.SQL, v)
		if err == nil && s.Compiler.Cycle(snapshot, flow.Reads, flow.Writes, v, ast.NoPos) == nil {
			err = s.Compiler.Cycle(next, flow.Reads, flow.Writes, v, ast.NoPos)
		}
		if err != nil {
			e := sqlerr.From(err)
			return sqlerr.At(n.Pos, sqlerr.DependentObjects, "stream job %s would be refused: %s", u.Job.FullName(), e.Message).WithHint("%s", e.Hint)
		}
	}
	return nil
}

// saysOfUsers tells who takes a change when, and what a checkpoint will not take.
func (s *session) saysOfUsers(before, after *catalog.Relation, users []ha.Status) {
	var running, kept []string
	for _, u := range users {
		if u.State.Active() {
			running = append(running, u.Job.FullName())
		}
		if v, err := jobs.Settings(&u.Job); err == nil && conf.EnableCheckpoint.Get(v) {
			kept = append(kept, u.Job.FullName())
		}
	}
	if len(running) > 0 {
		s.notice("the change takes effect when stream job %s %s again", strings.Join(running, ", "), plural(len(running), "starts", "start"))
	}
	if moves(before, after) && len(kept) > 0 {
		s.notice("checkpoints of stream job %s are of the former topic: START STREAMJOB … FRESH begins with the new one", strings.Join(kept, ", "))
	}
}

// moves tells that another topic is behind the relation.
func moves(before, after *catalog.Relation) bool {
	return before.Property(conf.Topic.Name()) != after.Property(conf.Topic.Name()) || before.Property(conf.Brokers.Name()) != after.Property(conf.Brokers.Name())
}

func asksForTopic(given []ast.Property) bool {
	return slices.ContainsFunc(given, func(p ast.Property) bool { return conf.SameKey(conf.Stream, p.Key, conf.TopicCreate.Name()) })
}

// rename is ALTER … RENAME TO. A stored query names streams and views by their names, so
// what is in use keeps its own; a job is named by nobody.
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
	users, views := s.users(snapshot, r)
	for _, u := range users {
		views = append(views, "stream job "+u.Job.FullName())
	}
	if len(views) > 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "cannot rename %s: it is in use", r.FullName()).
			WithDetail("By %s.", strings.Join(views, ", ")).WithHint("CREATE VIEW %s AS SELECT * FROM %s gives it a second name to read it by.", d.To, ast.Name{Name: r.Name})
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
	err = s.Supervisor.Rename(ctx, st.Job.FullName(), d.To.Name)
	if errors.Is(err, ha.ErrExists) {
		return sqlerr.At(d.To.Pos, sqlerr.DuplicateObject, "stream job %q already exists", d.To.Name)
	}
	if err == nil && st.State.Active() {
		s.notice("the log calls the stream job by its old name until it starts again")
	}
	return translateJob(d.Name, err)
}

// alterJob is ALTER STREAMJOB … SET.
func (s *session) alterJob(ctx context.Context, d *ast.AlterJob) error {
	st, err := s.status(d.Name)
	if err != nil {
		return err
	}
	if _, err := s.jobSettings(d.Properties); err != nil {
		return err
	}
	changed := st.Job
	changed.Properties = mergedProperties(st.Job.Properties, d.Properties)
	list := make([]conf.Property, 0, len(changed.Properties))
	for _, p := range changed.Properties {
		list = append(list, conf.P(p.Key, p.Value))
	}
	after, _, err := conf.Parse(conf.Job, list)
	if err != nil {
		return sql.SettingError(err)
	}
	before, err := jobs.Settings(&st.Job)
	if err != nil {
		return err
	}
	flow, _, err := s.Runner.Compile(&changed)
	if err != nil {
		if _, _, broken := s.Runner.Compile(&st.Job); broken == nil {
			e := *sqlerr.From(err) // its place is in the stored text
			e.Position = d.Name.Pos + 1
			return &e
		}
	}
	if flow != nil {
		if err := s.checkSinks(ctx, flow, after); err != nil {
			return err
		}
	}
	if from, to := s.Runner.Backends.Name(before), s.Runner.Backends.Name(after); from != to {
		return s.moveJob(ctx, st, changed.Properties, from, to)
	}
	err = s.Supervisor.Alter(ctx, st.Job.FullName(), func(j *ha.Job) { j.Properties = mergedProperties(j.Properties, d.Properties) })
	if err != nil {
		return translateJob(d.Name, err)
	}
	if st.State.Active() {
		s.notice("the change takes effect when the job starts again")
	}
	if flow != nil {
		s.saysOfState(st.Job.FullName(), flow, after)
	}
	s.saysOfInterval(st.Job.FullName(), after)
	return nil
}

// mergedProperties puts what a statement gives over what a job has.
func mergedProperties(has []ha.Property, given []ast.Property) (out []ha.Property) {
	for _, p := range has {
		if !slices.ContainsFunc(given, func(n ast.Property) bool { return conf.SameKey(conf.Job, n.Key, p.Key) }) {
			out = append(out, p)
		}
	}
	for _, p := range given {
		out = append(out, ha.Property{Key: p.Key, Value: p.Value})
	}
	return out
}

// moveJob changes a job's checkpoint backend: behind its final checkpoint in the old one
// it begins from that, and its next checkpoint is in the new one.
func (s *session) moveJob(ctx context.Context, st ha.Status, properties []ha.Property, from, to string) error {
	name := st.Job.FullName()
	if st.Job.MovedFrom != "" {
		return sqlerr.New(sqlerr.ObjectNotReady, "stream job %s is still moving from checkpoint backend %s", name, st.Job.MovedFrom).WithHint("Its next checkpoint ends the move.")
	}
	active := st.State.Active()
	if active {
		if err := s.stop(ctx, name, ""); err != nil {
			return err
		}
	}
	err := s.Supervisor.Alter(ctx, name, func(j *ha.Job) { j.Properties, j.MovedFrom = properties, from })
	if err != nil {
		return err
	}
	s.notice("stream job %s moves from checkpoint backend %s to %s with its next checkpoint", name, from, to)
	if active {
		return s.start(ctx, name, ha.StartFrom{})
	}
	return nil
}
