package session

import (
	"context"

	"slipway/checkpoint"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

var (
	_ = register(statement[*ast.StartJob]{right: operate,
		needs: onJob(catalog.Operate, func(st *ast.StartJob) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).startJob})
	_ = register(statement[*ast.StopJob]{right: operate,
		needs: onJob(catalog.Operate, func(st *ast.StopJob) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).stopJob})
	_ = register(statement[*ast.StartJobs]{right: operate, needs: allJobsNeeds[*ast.StartJobs], changes: true,
		do: func(s *session, ctx context.Context, _ *ast.StartJobs) error {
			return s.eachJob(func(name string) error { return s.start(ctx, name, ha.StartFrom{}) })
		}})
	_ = register(statement[*ast.StopJobs]{right: operate, needs: allJobsNeeds[*ast.StopJobs], changes: true,
		do: func(s *session, ctx context.Context, _ *ast.StopJobs) error {
			return s.eachJob(func(name string) error { return s.stop(ctx, name, "") })
		}})
)

func (s *session) startJob(ctx context.Context, st *ast.StartJob) error {
	from := ha.StartFrom{Fresh: st.Mode == ast.StartFresh, Savepoint: st.Savepoint, Checkpoint: checkpoint.ID(st.Checkpoint)}
	name := s.resolveJob(st.Name)
	if err := s.checkFrom(ctx, name, from); err != nil {
		return translateJob(st.Name, err)
	}
	return translateJob(st.Name, s.start(ctx, name, from))
}

// checkFrom refuses to start a job from a checkpoint that is not there.
func (s *session) checkFrom(ctx context.Context, name string, from ha.StartFrom) error {
	st, err := s.Jobs.Status(name)
	if err != nil || from.Savepoint == "" && from.Checkpoint == 0 {
		return err
	}
	return s.Runner.CheckFrom(ctx, &st.Job, from)
}

func (s *session) start(ctx context.Context, name string, from ha.StartFrom) error {
	already, warning, err := s.Jobs.Start(ctx, name, from)
	if err != nil {
		return err
	}
	if already {
		s.notice("stream job %s is running already", name)
		return nil
	}
	if st, err := s.Jobs.Status(name); err == nil {
		if flow, v, err := s.Runner.Compile(&st.Job); err == nil { // what does not compile any more, the start says
			s.noticeNoState(name, flow, v)
		}
	}
	s.warnNotRunning(name, warning)
	return nil
}

func (s *session) stopJob(ctx context.Context, st *ast.StopJob) error {
	name, savepoint := s.resolveJob(st.Name), ""
	if st.WithSavepoint {
		var err error
		if savepoint, err = s.savepointName(ctx, st.Name, name, st.Savepoint); err != nil {
			return err
		}
	}
	return translateJob(st.Name, s.stop(ctx, name, savepoint))
}

func (s *session) stop(ctx context.Context, name, savepoint string) error {
	already, warning, err := s.Jobs.Stop(ctx, name, savepoint)
	if err != nil {
		return err
	}
	if already {
		s.notice("stream job %s is not running", name)
	}
	if warning != "" {
		s.warnOfJob(name, "stream job "+name+": ", warning)
	}
	return nil
}

// allJobsNeeds: who starts or stops the jobs of an application may do so with each that it sees.
func allJobsNeeds[S ast.Statement](s *session, _ S) (out []need, _ error) {
	for _, j := range s.Jobs.List() {
		if j.Job.Database == s.database && j.Job.Application == s.application {
			out = append(out, need{catalog.Operate, s.jobObject(&j.Job), ast.NoPos})
		}
	}
	return out, nil
}

func (s *session) eachJob(f func(name string) error) error {
	for _, j := range s.Jobs.List() {
		if j.Job.Database == s.database && j.Job.Application == s.application {
			if err := f(j.Job.FullName()); err != nil {
				return err
			}
		}
	}
	return nil
}

var _ = describe(described{chapter: "Stream jobs", place: 5, form: `STOP STREAMJOB name [WITH SAVEPOINT ['name']]`,
	text:    "Takes a final checkpoint and stops; stopping what is stopped is a NOTICE.",
	example: `STOP STREAMJOB count_pages WITH SAVEPOINT 'before';`}, of[*ast.StopJob]())

var _ = describe(described{chapter: "Stream jobs", place: 7, form: `START STREAMJOB name [FROM CHECKPOINT n | SAVEPOINT 's' | FRESH]`,
	text:    "Goes on from the newest checkpoint, or from the named one, for this start alone; FRESH begins anew.",
	example: `START STREAMJOB count_pages FROM SAVEPOINT 'before';`}, of[*ast.StartJob]())

var _ = describe(described{chapter: "Stream jobs", place: 8, form: `STOP STREAMJOBS
START STREAMJOBS`,
	text: "All jobs of the application that is in use.",
	example: `STOP STREAMJOBS;
START STREAMJOBS;`}, of[*ast.StopJobs](), of[*ast.StartJobs]())
