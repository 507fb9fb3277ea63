package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.SavepointJob]{right: operate,
		needs: onJob(catalog.Operate, func(st *ast.SavepointJob) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).takeSavepoint})
	_ = register(statement[*ast.DropSavepoint]{right: operate,
		needs: onJob(catalog.Operate, func(st *ast.DropSavepoint) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).dropSavepoint})
)

// takeSavepoint is SAVEPOINT STREAMJOB.
func (s *session) takeSavepoint(ctx context.Context, st *ast.SavepointJob) error {
	name := s.resolveJob(st.Name)
	savepoint, err := s.savepointName(ctx, st.Name, name, st.Savepoint)
	if err != nil {
		return err
	}
	id, err := s.Jobs.Savepoint(ctx, name, savepoint)
	if err != nil {
		return translateJob(st.Name, err)
	}
	if st.Savepoint == "" {
		s.notice("savepoint '%s' of stream job %s is checkpoint %d", savepoint, name, id)
	}
	return nil
}

// dropSavepoint is DROP SAVEPOINT.
func (s *session) dropSavepoint(ctx context.Context, st *ast.DropSavepoint) error {
	err := s.Jobs.DropSavepoint(ctx, s.resolveJob(st.Name), st.Savepoint)
	if errors.Is(err, ha.ErrNoSavepoint) {
		if st.IfExists {
			s.notice("savepoint %q does not exist, skipping", st.Savepoint)
			return nil
		}
		return sqlerr.New(sqlerr.UndefinedObject, "stream job %s has no savepoint %q", st.Name.Name, st.Savepoint)
	}
	return translateJob(st.Name, err)
}

// savepointName gives a savepoint its name, which no other of the job's may have. A job
// that keeps no checkpoints has no state to save.
func (s *session) savepointName(ctx context.Context, n ast.Name, job, wanted string) (string, error) {
	st, err := s.Jobs.Status(job)
	if err != nil {
		return "", translateJob(n, err)
	}
	v, err := settingsOf(&st.Job)
	if err != nil {
		return "", err
	}
	if !conf.EnableCheckpoint.Get(v) {
		return "", sqlerr.At(n.Pos, sqlerr.ObjectNotReady, "stream job %s takes no checkpoints, so there is nothing to save", job).
			WithHint("ALTER STREAMJOB %s SET (%q=\"true\").", n.Name, conf.EnableCheckpoint.Name())
	}
	if wanted == "" {
		return "savepoint-" + time.Now().UTC().Format("20060102-150405.000"), nil
	}
	held, err := s.Runner.Checkpoints(ctx, &st.Job)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(held, func(m *checkpoint.Manifest) bool { return m.Kind == checkpoint.Savepoint && m.Name == wanted }) {
		return "", sqlerr.New(sqlerr.DuplicateObject, "stream job %s has a savepoint %q already", job, wanted).
			WithHint("DROP SAVEPOINT '%s' FOR STREAMJOB %s removes it.", wanted, n.Name)
	}
	return wanted, nil
}

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 2, form: `SAVEPOINT STREAMJOB name ['name']`,
	text:    "Takes a checkpoint that is kept until it is dropped, without stopping.",
	example: `SAVEPOINT STREAMJOB count_pages 'noon';`}, of[*ast.SavepointJob]())

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 3, form: `DROP SAVEPOINT [IF EXISTS] 'name' FOR STREAMJOB name`,
	text:    "Takes a savepoint and its files away.",
	example: `DROP SAVEPOINT 'noon' FOR STREAMJOB count_pages;`}, of[*ast.DropSavepoint]())
