package session

import (
	"context"
	"slices"
	"strconv"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var _ = register(statement[*ast.AlterJob]{right: define,
	needs: onJob(catalog.Own, func(st *ast.AlterJob) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).alterJob})

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
	after, err := settingsOf(&changed)
	if err != nil {
		return err
	}
	if conf.SplitDistinct.Get(after) == conf.SplitAuto {
		after = sql.ChosenSplit(after)
		changed.Properties = withChosen(changed.Properties, after)
	}
	before, err := settingsOf(&st.Job)
	if err != nil {
		return err
	}
	flow, err := s.alteredFlow(ctx, &st.Job, &changed, after, d.Name)
	if err != nil {
		return err
	}
	if from, to := s.backendName(before), s.backendName(after); from != to {
		return s.moveJob(ctx, st, changed.Properties, from, to)
	}
	err = s.Jobs.Alter(ctx, st.Job.FullName(), func(j *ha.Job) { j.Properties = withChosen(mergedProperties(j.Properties, d.Properties), after) })
	if err != nil {
		return translateJob(d.Name, err)
	}
	if st.State.Active() {
		s.notice("the change takes effect when the job starts again")
	}
	if flow != nil {
		s.noticeNoState(st.Job.FullName(), flow, after)
		s.noticeOtherState(&st.Job, flow)
	}
	s.noticeInterval(st.Job.FullName(), after)
	return nil
}

// alteredFlow compiles a job as it would be, and asks its sinks. It is nil where neither that
// compiles nor the job as it is: a change may be on the way to mend it.
func (s *session) alteredFlow(ctx context.Context, now, next *ha.Job, v *conf.Values, n ast.Name) (*plan.Dataflow, error) {
	flow, _, err := s.Runner.Compile(next)
	if err == nil {
		return flow, s.checkSinks(ctx, flow, v)
	}
	if !s.compiles(now) {
		return nil, nil
	}
	e := *sqlerr.From(err) // its place is in the stored text
	e.Position = n.Pos + 1
	return nil, &e
}

func (s *session) compiles(j *ha.Job) bool {
	_, _, err := s.Runner.Compile(j)
	return err == nil
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

// withChosen are the properties of a job with what was chosen for it: what its plan hangs on stands in them.
func withChosen(has []ha.Property, v *conf.Values) []ha.Property {
	if conf.SharedStreams.IsSet(v) {
		has = with(has, ha.Property{Key: conf.SharedStreams.Name(), Value: strconv.FormatBool(conf.SharedStreams.Get(v))})
	}
	if conf.SplitWindows.IsSet(v) {
		has = with(has, ha.Property{Key: conf.SplitWindows.Name(), Value: strconv.FormatBool(conf.SplitWindows.Get(v))})
	}
	if conf.PatternByKey.IsSet(v) {
		has = with(has, ha.Property{Key: conf.PatternByKey.Name(), Value: strconv.FormatBool(conf.PatternByKey.Get(v))})
	}
	if conf.SplitDistinct.IsSet(v) {
		has = with(has, ha.Property{Key: conf.SplitDistinct.Name(), Value: conf.SplitDistinct.Get(v)})
	}
	return has
}

func with(has []ha.Property, p ha.Property) []ha.Property {
	if slices.Contains(has, p) {
		return has
	}
	return mergedProperties(has, []ast.Property{{Key: p.Key, Value: p.Value}})
}

// moveJob changes a job's checkpoint backend: behind its final checkpoint in the old one
// it begins from that, and its next checkpoint is in the new one.
func (s *session) moveJob(ctx context.Context, st ha.Status, properties []ha.Property, from, to string) error {
	name := st.Job.FullName()
	if st.Job.MovedFrom != "" {
		return sqlerr.New(sqlerr.ObjectNotReady, "stream job %s is still moving from checkpoint backend %s", name, st.Job.MovedFrom).
			WithHint("Its next checkpoint ends the move.")
	}
	active := st.State.Active()
	if active {
		if err := s.stop(ctx, name, ""); err != nil {
			return err
		}
	}
	err := s.Jobs.Alter(ctx, name, func(j *ha.Job) { j.Properties, j.MovedFrom = properties, from })
	if err != nil {
		return err
	}
	s.notice("stream job %s moves from checkpoint backend %s to %s with its next checkpoint", name, from, to)
	if active {
		return s.start(ctx, name, ha.StartFrom{})
	}
	return nil
}

var _ = describe(described{chapter: "Stream jobs", place: 6, form: `ALTER STREAMJOB name SET ( "key"="value", … )`,
	text:    "Changes properties of a stopped job, or for the next start of one that runs. An empty value takes a property away.",
	example: `ALTER STREAMJOB count_pages SET ("morphling.job.parallelism"="2");`}, of[*ast.AlterJob]())
