package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// defaultApplication is there in every database.
const defaultApplication = "default"

func (s *session) full(n ast.Name) string {
	if n.DB != "" {
		return n.DB + "." + n.Name
	}
	return s.database + "." + n.Name
}

func (s *session) createRelation(ctx context.Context, d *ast.CreateRelation) error {
	r, notices, err := s.Compiler.Relation(s.Catalog.Snapshot(), s.database, d)
	if err != nil {
		return err
	}
	if s.Catalog.Snapshot().Relations[r.FullName()] == nil {
		if err := s.makeReady(ctx, r, max(d.PropertiesPos, d.Name.Pos)); err != nil {
			return err
		}
	}
	_, err = s.Catalog.Apply(ctx, catalog.Change{PutRelation: r, NeedOID: true, ReplaceIfExisting: d.OrReplace})
	if errors.Is(err, catalog.ErrExists) {
		if d.IfNotExists {
			s.notice("%s %q already exists, skipping", strings.ToLower(string(d.Kind)), r.FullName())
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateTable, "%s %q already exists", strings.ToLower(string(d.Kind)), r.FullName())
	}
	if err != nil {
		return err
	}
	for _, n := range notices {
		s.notice("%s", n)
	}
	return nil
}

// makeReady prepares what is behind a relation before it is declared.
func (s *session) makeReady(ctx context.Context, r *catalog.Relation, at int) error {
	k := s.Compiler.Connectors[sql.ConnectorOf(r)]
	if r.Kind == catalog.View || k == nil {
		return nil
	}
	notices, err := k.Prepare(ctx, r)
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		placed := *e
		placed.Position = at + 1
		return &placed
	}
	for _, n := range notices {
		s.tell(n, "notice")
	}
	return err
}

func (s *session) dropRelations(ctx context.Context, d *ast.DropRelation) error {
	for _, n := range d.Names {
		if err := s.dropRelation(ctx, d, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) dropRelation(ctx context.Context, d *ast.DropRelation, n ast.Name) error {
	name := s.full(n)
	snapshot := s.Catalog.Snapshot()
	r := snapshot.Relations[name]
	if r == nil {
		if d.IfExists {
			s.notice("%s %q does not exist, skipping", strings.ToLower(string(d.Kind)), name)
			return nil
		}
		return sqlerr.At(n.Pos, sqlerr.UndefinedTable, "%s %q does not exist", strings.ToLower(string(d.Kind)), name)
	}
	jobs, views := s.users(snapshot, r)
	if len(jobs) > 0 {
		return sqlerr.At(n.Pos, sqlerr.DependentObjects, "cannot drop %s: stream job %s uses it", name, jobs[0].Job.FullName()).WithHint("DROP STREAMJOB %s first.", jobs[0].Job.FullName())
	}
	if len(views) > 0 {
		return sqlerr.At(n.Pos, sqlerr.DependentObjects, "cannot drop %s: %s %s it", name, strings.Join(views, ", "), plural(len(views), "reads", "read"))
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropRelation: name})
	return err
}

// users are the jobs and the views that name a relation, themselves or by views.
func (s *session) users(snapshot *catalog.Snapshot, r *catalog.Relation) (jobs []ha.Status, views []string) {
	name := r.FullName()
	for _, j := range s.Supervisor.List() {
		if slices.Contains(j.Job.Reads, name) || slices.Contains(j.Job.Writes, name) || r.Kind == catalog.View && s.reads(&j.Job, name) {
			jobs = append(jobs, j)
		}
	}
	for _, v := range snapshot.Relations {
		if slices.Contains(v.Reads, name) || r.Kind == catalog.View && v.Kind == catalog.View && slices.Contains(s.Compiler.Reads(snapshot, v), name) {
			views = append(views, v.FullName())
		}
	}
	slices.Sort(views)
	return jobs, views
}

// reads asks the query itself: records of old do not list views.
func (s *session) reads(j *ha.Job, name string) bool {
	flow, _, err := s.Runner.Compile(j)
	return err == nil && slices.Contains(flow.Reads, name)
}

func (s *session) createDatabase(ctx context.Context, d *ast.CreateDatabase) error {
	_, err := s.Catalog.Apply(ctx, catalog.Change{PutDatabase: &catalog.Database{Name: d.Name.Name, Created: time.Now().UTC()}, NeedOID: true})
	if errors.Is(err, catalog.ErrExists) {
		if d.IfNotExists {
			s.notice("database %q already exists, skipping", d.Name.Name)
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateDatabase, "database %q already exists", d.Name.Name)
	}
	return err
}

func (s *session) dropDatabase(ctx context.Context, d *ast.DropDatabase) error {
	snapshot := s.Catalog.Snapshot()
	if snapshot.Databases[d.Name.Name] == nil {
		if d.IfExists {
			s.notice("database %q does not exist, skipping", d.Name.Name)
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", d.Name.Name)
	}
	if d.Name.Name == catalog.DefaultDatabase {
		return sqlerr.At(d.Name.Pos, sqlerr.FeatureNotSupported, "database %q cannot be dropped", d.Name.Name)
	}
	if d.Cascade {
		if err := s.cascade(ctx, d, snapshot); err != nil {
			return err
		}
		_, err := s.Catalog.Apply(ctx, catalog.Change{DropDatabase: d.Name.Name})
		return err
	}
	if list := relationsOf(snapshot, d.Name.Name); len(list) > 0 {
		return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "database %q is not empty: it holds %s", d.Name.Name, list[0]).
			WithHint("DROP DATABASE %s CASCADE drops what it holds.", ast.QuoteName(d.Name.Name))
	}
	for _, j := range s.Supervisor.List() {
		if j.Job.Database == d.Name.Name {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "database %q is not empty: it holds stream job %s", d.Name.Name, j.Job.FullName())
		}
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropDatabase: d.Name.Name})
	return err
}

func (s *session) createApplication(ctx context.Context, d *ast.CreateApplication) error {
	a := &catalog.Application{Database: s.database, Name: d.Name.Name, Created: time.Now().UTC()}
	_, err := s.Catalog.Apply(ctx, catalog.Change{PutApplication: a})
	if errors.Is(err, catalog.ErrExists) {
		if d.IfNotExists {
			s.notice("application %q already exists, skipping", d.Name.Name)
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "application %q already exists", d.Name.Name)
	}
	return err
}

func (s *session) dropApplication(ctx context.Context, d *ast.DropApplication) error {
	for _, j := range s.Supervisor.List() {
		if j.Job.Application == d.Name.Name {
			return sqlerr.At(d.Name.Pos, sqlerr.DependentObjects, "application %q is not empty: it holds stream job %s", d.Name.Name, j.Job.FullName())
		}
	}
	_, err := s.Catalog.Apply(ctx, catalog.Change{DropApplication: s.database + "." + d.Name.Name})
	if errors.Is(err, catalog.ErrMissing) {
		if d.IfExists {
			s.notice("application %q does not exist, skipping", d.Name.Name)
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.UndefinedObject, "application %q does not exist", d.Name.Name)
	}
	return err
}

func (s *session) useApplication(d *ast.UseApplication) error {
	if d.Name.Name != defaultApplication && s.Catalog.Snapshot().Applications[s.database+"."+d.Name.Name] == nil {
		return sqlerr.At(d.Name.Pos, sqlerr.UndefinedObject, "application %q does not exist", d.Name.Name)
	}
	s.application = d.Name.Name
	return nil
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (s *session) createJob(ctx context.Context, d *ast.CreateJob) error {
	db := d.Name.DB
	if db == "" {
		db = s.database
	}
	if s.Catalog.Snapshot().Databases[db] == nil {
		return sqlerr.At(d.Name.Pos, sqlerr.UndefinedDatabase, "database %q does not exist", db)
	}
	if _, err := s.Supervisor.Status(db + "." + d.Name.Name); err == nil {
		if d.IfNotExists {
			s.notice("stream job %q already exists, skipping", d.Name.Name)
			return nil
		}
		return sqlerr.At(d.Name.Pos, sqlerr.DuplicateObject, "stream job %q already exists", d.Name.Name).WithHint("DROP STREAMJOB %s first, or ALTER STREAMJOB.", d.Name.Name)
	}
	j := &ha.Job{ID: newID(), Database: db, Name: d.Name.Name, Application: s.application, SQL: jobText(d), Path: s.database, Created: time.Now().UTC(), Desired: ha.WantRunning}
	v, err := s.jobSettings(d.Properties)
	if err != nil {
		return err
	}
	for _, p := range d.Properties {
		j.Properties = append(j.Properties, ha.Property{Key: p.Key, Value: p.Value})
	}
	flow, err := s.Compiler.Job(s.Catalog.Snapshot(), s.database, d.Insert, v)
	if err != nil {
		return err
	}
	if err := s.Compiler.Cycle(s.Catalog.Snapshot(), flow.Reads, flow.Writes, v, d.Insert.Table.Pos); err != nil {
		return err
	}
	if err := s.checkSinks(ctx, flow, v); err != nil {
		return err
	}
	j.Reads, j.Writes = flow.Reads, flow.Writes
	if !conf.Autostart.Get(v) {
		j.Desired = ha.WantStopped
	}
	warning, err := s.Supervisor.Create(ctx, j)
	if err != nil {
		return translateJob(d.Name, err)
	}
	s.saysOfState(j.FullName(), flow, v)
	s.saysOfInterval(j.FullName(), v)
	if !conf.AllowCycle.Get(v) {
		s.saysOfCycle(j)
	}
	s.saysOfStart(j.FullName(), warning)
	return nil
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

// saysOfCycle: rows that come back by other jobs may be meant, or run away.
func (s *session) saysOfCycle(j *ha.Job) {
	var others []sql.Link
	for _, o := range s.Supervisor.List() {
		others = append(others, sql.Link{Name: o.Job.FullName(), Reads: o.Job.Reads, Writes: o.Job.Writes})
	}
	if way := s.Compiler.WayBack(s.Catalog.Snapshot(), sql.Link{Name: j.FullName(), Reads: j.Reads, Writes: j.Writes}, others); way != nil {
		s.notice("what stream job %s writes comes back to it by %s", j.FullName(), strings.Join(way, ", "))
	}
}

// saysOfState: state that is lost without a word would be a trap.
func (s *session) saysOfState(name string, flow *plan.Dataflow, v *conf.Values) {
	if !conf.EnableCheckpoint.Get(v) && flow.KeepsState() {
		s.notice("stream job %s keeps no checkpoints (%q=\"false\"): STOP, a failure or a crash begins its state anew", name, conf.EnableCheckpoint.Name())
	}
}

// advisedInterval is the least time between two checkpoints that the vendor advises where
// ZooKeeper keeps their records.
const advisedInterval = 10 * time.Minute

// saysOfInterval: a shorter interval is possible, and a burden for a quorum that others use.
func (s *session) saysOfInterval(name string, v *conf.Values) {
	if oftenForZooKeeper(v, s.Runner.Backends.Name(v)) {
		s.notice("stream job %s writes to ZooKeeper every %s; with checkpoint backend zookeeper an interval of at least %s is advised",
			name, conf.CheckpointInterval.Get(v), advisedInterval)
	}
}

// oftenForZooKeeper judges an interval that the job asks for; the default is nobody's choice.
func oftenForZooKeeper(v *conf.Values, backend string) bool {
	return backend == "zookeeper" && conf.EnableCheckpoint.Get(v) && conf.CheckpointInterval.IsSet(v) && conf.CheckpointInterval.Get(v) < advisedInterval
}

// jobText is the normal form of the body: it means the same whether it was quoted or not.
func jobText(d *ast.CreateJob) string { return d.Insert.String() }

func (s *session) saysOfStart(name, warning string) {
	if warning == "" {
		return
	}
	says := " is not running yet: "
	if st, err := s.Supervisor.Status(name); err == nil && st.State == ha.Failed { // nobody tries again
		says = " has failed: "
	}
	s.warnOfJob(name, "stream job "+name+says, warning)
}

// warnOfJob tells of a job's failure, with the way out if that is known.
func (s *session) warnOfJob(name, says, failure string) {
	e := sqlerr.New("01000", "%s%s", says, failure)
	e.Severity = sqlerr.SeverityWarning
	if st, err := s.Supervisor.Status(name); err == nil && st.Job.LastFailure == failure {
		e.Hint = st.Job.LastHint
	}
	s.tell(e, "warning")
}

func (s *session) jobSettings(list []ast.Property) (*conf.Values, error) {
	v, notices, err := conf.Parse(conf.Job, sql.Properties(list))
	if err != nil {
		return nil, sql.SettingError(err)
	}
	for _, n := range notices {
		s.notice("%s", n.Message)
	}
	for _, p := range list {
		if conf.SameKey(conf.Job, p.Key, conf.JobOnError.Name()) && conf.JobOnError.Get(v) == "divert" {
			return nil, sqlerr.At(p.ValuePos, sqlerr.FeatureNotSupported, "\"on.error\"=\"divert\" is not supported yet").WithHint("Use skip, which counts, or fail.")
		}
	}
	if _, err := s.Runner.Backends.For(v); err != nil {
		return nil, err
	}
	return v, nil
}

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
	st, err := s.Supervisor.Status(name)
	if err != nil || from.Savepoint == "" && from.Checkpoint == 0 {
		return err
	}
	return s.Runner.CheckFrom(ctx, &st.Job, from)
}

// resolveJob takes a name or a stream id.
func (s *session) resolveJob(n ast.Name) string {
	for _, j := range s.Supervisor.List() {
		if j.Job.ID == n.Name {
			return j.Job.FullName()
		}
	}
	return s.full(n)
}

func (s *session) start(ctx context.Context, name string, from ha.StartFrom) error {
	already, warning, err := s.Supervisor.Start(ctx, name, from)
	if err != nil {
		return err
	}
	if already {
		s.notice("stream job %s is running already", name)
		return nil
	}
	if st, err := s.Supervisor.Status(name); err == nil {
		if flow, v, err := s.Runner.Compile(&st.Job); err == nil { // what does not compile any more, the start says
			s.saysOfState(name, flow, v)
		}
	}
	s.saysOfStart(name, warning)
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

// savepointName gives a savepoint its name, which no other of the job's may have. A job
// that keeps no checkpoints has no state to save.
func (s *session) savepointName(ctx context.Context, n ast.Name, job, wanted string) (string, error) {
	st, err := s.Supervisor.Status(job)
	if err != nil {
		return "", translateJob(n, err)
	}
	v, err := jobs.Settings(&st.Job)
	if err != nil {
		return "", err
	}
	if !conf.EnableCheckpoint.Get(v) {
		return "", sqlerr.At(n.Pos, sqlerr.ObjectNotReady, "stream job %s takes no checkpoints, so there is nothing to save", job).WithHint("ALTER STREAMJOB %s SET (%q=\"true\").", n.Name, conf.EnableCheckpoint.Name())
	}
	if wanted == "" {
		return "savepoint-" + time.Now().UTC().Format("20060102-150405.000"), nil
	}
	backend, err := s.Runner.Backends.For(v)
	if err != nil {
		return "", err
	}
	held, err := backend.Metadata.Peek(ctx, st.Job.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(held, func(m *checkpoint.Manifest) bool { return m.Kind == checkpoint.Savepoint && m.Name == wanted }) {
		return "", sqlerr.New(sqlerr.DuplicateObject, "stream job %s has a savepoint %q already", job, wanted).WithHint("DROP SAVEPOINT '%s' FOR STREAMJOB %s removes it.", wanted, n.Name)
	}
	return wanted, nil
}

// resolveTransactions is RESOLVE TRANSACTIONS: what a job that does not run has left open
// on the brokers, and readers wait for.
func (s *session) resolveTransactions(ctx context.Context, st *ast.ResolveTransactions) error {
	status, err := s.status(st.Job)
	if err != nil {
		return err
	}
	if status.State.Active() {
		return sqlerr.At(st.Job.Pos, sqlerr.ObjectNotReady, "stream job %s is %s: it ends its transactions itself", status.Job.FullName(), status.State).WithHint("STOP STREAMJOB %s first.", st.Job)
	}
	n, err := s.Runner.Resolve(ctx, &status.Job, st.Commit)
	if err != nil {
		return err
	}
	s.notice("%d transactions of stream job %s are ended", n, status.Job.FullName())
	return nil
}

// takeSavepoint is SAVEPOINT STREAMJOB.
func (s *session) takeSavepoint(ctx context.Context, st *ast.SavepointJob) error {
	name := s.resolveJob(st.Name)
	savepoint, err := s.savepointName(ctx, st.Name, name, st.Savepoint)
	if err != nil {
		return err
	}
	id, err := s.Supervisor.Savepoint(ctx, name, savepoint)
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
	err := s.Supervisor.DropSavepoint(ctx, s.resolveJob(st.Name), st.Savepoint)
	if errors.Is(err, ha.ErrNoSavepoint) {
		if st.IfExists {
			s.notice("savepoint %q does not exist, skipping", st.Savepoint)
			return nil
		}
		return sqlerr.New(sqlerr.UndefinedObject, "stream job %s has no savepoint %q", st.Name.Name, st.Savepoint)
	}
	return translateJob(st.Name, err)
}

func (s *session) stop(ctx context.Context, name, savepoint string) error {
	already, warning, err := s.Supervisor.Stop(ctx, name, savepoint)
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

func (s *session) eachJob(f func(name string) error) error {
	for _, j := range s.Supervisor.List() {
		if j.Job.Database == s.database && j.Job.Application == s.application {
			if err := f(j.Job.FullName()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) dropJob(ctx context.Context, d *ast.DropJob) error {
	err := s.Supervisor.Drop(ctx, s.resolveJob(d.Name))
	if errors.Is(err, ha.ErrNoJob) {
		s.notice("stream job %q does not exist, skipping", d.Name.Name)
		return nil
	}
	return err
}

// insert produces records, or begins a temporary job.
func (s *session) insert(ctx context.Context, i *ast.Insert, args []plan.Expr) (pgwire.Result, error) {
	if _, ok := i.Query.(*ast.Values); ok {
		target, rows, err := s.Compiler.Values(s.Catalog.Snapshot(), s.database, i, args, s.values())
		if err != nil {
			return nil, err
		}
		n, err := s.Runner.Insert(ctx, target, rows, s.location())
		if err != nil {
			return nil, err
		}
		return command("INSERT 0 " + itoa(int64(n))), nil
	}
	flow, err := s.Compiler.Job(s.Catalog.Snapshot(), s.database, i, conf.Defaults(conf.Job))
	if err != nil {
		return nil, err
	}
	if err := s.Compiler.Cycle(s.Catalog.Snapshot(), flow.Reads, flow.Writes, conf.Defaults(conf.Job), i.Table.Pos); err != nil {
		return nil, err
	}
	id := newID()
	j := &ha.Job{ID: id, Database: s.database, Name: id, Application: s.application, SQL: i.String(), Path: s.database, Temporary: true, Created: time.Now().UTC(),
		Desired: ha.WantRunning, Reads: flow.Reads, Writes: flow.Writes}
	warning, err := s.Supervisor.Create(ctx, j)
	if err != nil {
		return nil, err
	}
	s.notice("temporary stream job %s is running; STOP STREAMJOB `%s` ends it", id, id)
	s.saysOfStart(id, warning)
	return command("INSERT 0 0"), nil
}

// translateJob brings the supervisor's errors to the client's form.
func translateJob(n ast.Name, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ha.ErrNoJob):
		return sqlerr.At(n.Pos, sqlerr.UndefinedObject, "stream job %q does not exist", n.Name)
	case errors.Is(err, ha.ErrExists):
		return sqlerr.At(n.Pos, sqlerr.DuplicateObject, "stream job %q already exists", n.Name)
	case errors.Is(err, ha.ErrNotRunning):
		return sqlerr.At(n.Pos, sqlerr.ObjectNotReady, "stream job %s does not run", n.Name).WithHint("START STREAMJOB %s first; a stopped job's last checkpoint is its final one.", n.Name)
	}
	return err
}

// plural gives the form of a word for a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
