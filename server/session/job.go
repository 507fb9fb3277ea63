package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

var (
	_ = register(statement[*ast.CreateJob]{right: define,
		needs: inDatabase(func(st *ast.CreateJob) ast.Name { return st.Name }), changes: true, do: (*session).createJob})
	_ = register(statement[*ast.DropJob]{right: define,
		needs: onJob(catalog.Own, func(st *ast.DropJob) (ast.Name, bool) { return st.Name, true }), changes: true, do: (*session).dropJob})
)

func (s *session) createJob(ctx context.Context, d *ast.CreateJob) error {
	db := cmp.Or(d.Name.DB, s.database)
	if s.Catalog.Snapshot().Databases[db] == nil {
		return sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", db)
	}
	if _, err := s.Jobs.Status(db + "." + d.Name.Name); err == nil {
		return s.unless(d.IfNotExists, sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "stream job %q already exists", d.Name.Name).
			WithHint("DROP STREAMJOB %s first, or ALTER STREAMJOB.", d.Name.Name))
	}
	v, err := s.jobSettings(d.Properties)
	if err != nil {
		return err
	}
	flow, v, err := s.compileJob(d.Inserts, v)
	if err != nil {
		return meantName(d, err)
	}
	if err := s.checkSinks(ctx, flow, v); err != nil {
		return err
	}
	j := s.newJob(d.Inserts, flow)
	j.Database, j.Name, j.Properties = db, d.Name.Name, withChosen(mergedProperties(nil, d.Properties), v)
	if !conf.Autostart.Get(v) {
		j.Desired = ha.WantStopped
	}
	warning, err := s.Jobs.Create(ctx, j)
	if err != nil {
		return translateJob(d.Name, err)
	}
	s.noticeQuotedColumns(d, flow)
	s.noticesOfNewJob(j, flow, v, warning)
	return nil
}

// noticesOfNewJob tells what the user of a new job may not expect.
func (s *session) noticesOfNewJob(j *ha.Job, flow *plan.Dataflow, v *conf.Values, warning string) {
	s.noticeNoState(j.FullName(), flow, v)
	s.noticeInterval(j.FullName(), v)
	s.noticeGrowth(j.FullName(), flow)
	if !conf.AllowCycle.Get(v) {
		s.noticeCycle(j)
	}
	s.warnNotRunning(j.FullName(), warning)
}

// compileJob compiles the queries of a new job, and refuses a job that reads what it writes. The settings
// that it gives say what was chosen.
func (s *session) compileJob(list []*ast.Insert, v *conf.Values) (*plan.Dataflow, *conf.Values, error) {
	if err := s.hasApplication(); err != nil {
		return nil, nil, err
	}
	snapshot := s.everything()
	flow, v, err := s.Compiler.NewJob(snapshot, s.database, list, v)
	if err != nil {
		return nil, nil, err
	}
	at := make([]int, len(list))
	for n, i := range list {
		at[n] = i.Table.Pos
	}
	return flow, v, s.Compiler.Cycle(snapshot, flow, v, at)
}

// newJob is a job of the session's, to be named. Its text is the normal form, which means the
// same whether the body was quoted or not.
func (s *session) newJob(list []*ast.Insert, flow *plan.Dataflow) *ha.Job {
	return &ha.Job{ID: newID(), Owner: s.maker(), Application: s.application, SQL: ast.JobText(list), Path: s.database, Created: time.Now().UTC(), Desired: ha.WantRunning,
		Reads: flow.Reads, Writes: flow.Writes}
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (s *session) jobSettings(list []ast.Property) (*conf.Values, error) {
	v, notices, err := conf.Parse(conf.Job, sql.Properties(list))
	if err != nil {
		return nil, sql.SettingError(err)
	}
	for _, n := range notices {
		s.notice("%s", n.Message)
	}
	if _, err := s.Runner.Backend(v); err != nil {
		return nil, err
	}
	return v, nil
}

// backendName is the checkpoint backend of a job's settings.
func (s *session) backendName(v *conf.Values) string {
	name, _ := s.Runner.Backend(v) // that this server lacks it is told where the job starts
	return name
}

// checkSinks asks whether the sinks can keep what the job promises; that brokers cannot be
// reached is the start's affair.
func (s *session) checkSinks(ctx context.Context, flow *plan.Dataflow, v *conf.Values) error {
	err := s.Runner.CheckSinks(ctx, flow, v)
	if err != nil && sqlerr.From(err).Code == sqlerr.CannotConnect {
		return nil
	}
	return err
}

func (s *session) dropJob(ctx context.Context, d *ast.DropJob) error {
	st, err := s.Jobs.Status(s.resolveJob(d.Name))
	if err == nil {
		err = s.drop(ctx, &st.Job)
	}
	if errors.Is(err, ha.ErrNoJob) {
		s.notice("stream job %q does not exist, skipping", d.Name.Name)
		return nil
	}
	return err
}

// drop drops a job, and what was granted on it.
func (s *session) drop(ctx context.Context, j *ha.Job) error {
	err := s.Jobs.Drop(ctx, j.FullName())
	if err == nil && len(s.everything().Users) > 0 {
		_, err = s.Catalog.Apply(ctx, catalog.Change{DroppedJob: j.ID})
	}
	return err
}

// settingsOf reads a job's properties.
func settingsOf(j *ha.Job) (*conf.Values, error) {
	v, err := j.Settings()
	return v, sql.SettingError(err)
}

// resolveJob takes a name or a stream id.
func (s *session) resolveJob(n ast.Name) string {
	for _, j := range s.Jobs.List() {
		if j.Job.ID == n.Name {
			return j.Job.FullName()
		}
	}
	return s.fullName(n)
}

func (s *session) status(n ast.Name) (ha.Status, error) {
	st, err := s.Jobs.Status(s.resolveJob(n))
	return st, translateJob(n, err)
}

// translateJob brings the supervisor's errors to the client's form.
func translateJob(n ast.Name, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ha.ErrNoJob):
		return sqlerr.At(n.Pos, sqlerr.UndefinedObject, "stream job %q does not exist", n.Name).
			WithHint("SHOW STREAMJOBS lists them, LIST STREAMJOBS those that run, with their ids.")
	case errors.Is(err, ha.ErrExists):
		return sqlerr.At(n.Pos, sqlerr.DuplicateObject, "stream job %q already exists", n.Name)
	case errors.Is(err, ha.ErrNotRunning):
		return sqlerr.At(n.Pos, sqlerr.ObjectNotReady, "stream job %s does not run", n.Name).
			WithHint("START STREAMJOB %s first; a stopped job's last checkpoint is its final one.", n.Name)
	}
	return err
}

var _ = describe(described{chapter: "Stream jobs", place: 1, form: `CREATE STREAMJOB [IF NOT EXISTS] name AS ( 'sql' | "sql" | $$sql$$ | INSERT INTO … SELECT … ) [JOBPROPERTIES ( "key"="value", … )]`,
	text: "Compiles the statement, `INSERT INTO sink SELECT …` or `EXECUTE STATEMENT SET BEGIN … END`, stores it and starts it (`morphling.job.autostart`). Errors have their place in the text as it was sent. " +
		"A NOTICE says which state nothing bounds. [operations.md](../operations.md) has what happens then.",
	example: `CREATE STREAMJOB count_pages AS ("
  INSERT INTO per_page SELECT page, count(*) FROM clicks GROUP BY page
") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="10 s", "morphling.state.ttl"="1 day");`}, of[*ast.CreateJob]())

var _ = describe(described{chapter: "Checkpoints, savepoints, transactions", place: 6, form: `DROP STREAMJOB [IF EXISTS] name`,
	text:    "Stops the job, ends its transactions and removes its checkpoints and state, finishing after a crash half-way. Topics and committed offsets stay.",
	example: `DROP STREAMJOB count_pages;`}, of[*ast.DropJob]())
