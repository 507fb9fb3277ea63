package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/server/auth"
	"slipway/server/pgwire"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// What a session works with, in memory: nothing here runs.

// fakeCatalog is a catalog.Store.
type fakeCatalog struct {
	s    *catalog.Snapshot
	oids uint32
}

func (c *fakeCatalog) Snapshot() *catalog.Snapshot { return c.s }

func (c *fakeCatalog) Apply(_ context.Context, change catalog.Change) (*catalog.Snapshot, error) {
	s, err := c.s.With(change, func() uint32 { c.oids++; return c.oids })
	if err == nil {
		c.s = s
	}
	return c.s, err
}

// fakeSecrets are Secrets whose files and variables are there if they have a name in small letters.
type fakeSecrets struct{}

func (fakeSecrets) Seal(s conf.Secret) (string, error) {
	if s.Reveal() == "without a key" {
		return "", errors.New("server.secret.key.file is not set")
	}
	return fmt.Sprintf("%s0:%x", catalog.SealedPrefix, s.Reveal()), nil
}

func (fakeSecrets) Value(k *catalog.Secret) (conf.Secret, error) {
	if place := k.Environment + k.File; place != strings.ToLower(place) {
		return conf.Secret{}, fmt.Errorf("%s is not there", place)
	}
	return conf.NewSecret("found"), nil
}

// fakeJobs are Jobs that are what was last wanted of them, at once.
type fakeJobs map[string]*ha.Status

func (f fakeJobs) List() (out []ha.Status) {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		out = append(out, *f[name])
	}
	return out
}

func (f fakeJobs) find(name string) (*ha.Status, error) {
	if j := f[name]; j != nil {
		return j, nil
	}
	return nil, fmt.Errorf("%s: %w", name, ha.ErrNoJob)
}

func (f fakeJobs) Status(name string) (ha.Status, error) {
	j, err := f.find(name)
	if err != nil {
		return ha.Status{}, err
	}
	return *j, nil
}

func (f fakeJobs) Create(_ context.Context, j *ha.Job) (string, error) {
	if f[j.FullName()] != nil {
		return "", ha.ErrExists
	}
	state := ha.Running
	if j.Desired == ha.WantStopped {
		state = ha.Created
	}
	f[j.FullName()] = &ha.Status{Job: *j, State: state, Since: time.Unix(1000, 0)}
	return "", nil
}

// warning is what START and STOP of a job say whose definition holds the word.
func warning(j *ha.Status) string {
	if strings.Contains(j.Job.Name, "broken") {
		j.Job.LastFailure, j.Job.LastHint = "the outside is broken", "Mend it."
		return j.Job.LastFailure
	}
	return ""
}

func (f fakeJobs) Start(_ context.Context, name string, _ ha.StartFrom) (bool, string, error) {
	j, err := f.find(name)
	if err != nil || j.State.Active() {
		return err == nil, "", err
	}
	j.State = ha.Running
	return false, warning(j), nil
}

func (f fakeJobs) Stop(_ context.Context, name, _ string) (bool, string, error) {
	j, err := f.find(name)
	if err != nil || !j.State.Active() {
		return err == nil, "", err
	}
	j.State = ha.Stopped
	return false, warning(j), nil
}

func (f fakeJobs) Savepoint(_ context.Context, name, _ string) (checkpoint.ID, error) {
	j, err := f.find(name)
	if err == nil && !j.State.Active() {
		err = ha.ErrNotRunning
	}
	return 7, err
}

func (f fakeJobs) DropSavepoint(_ context.Context, name, savepoint string) error {
	_, err := f.find(name)
	if err == nil && savepoint != "kept" {
		err = ha.ErrNoSavepoint
	}
	return err
}

func (f fakeJobs) Drop(_ context.Context, name string) error {
	_, err := f.find(name)
	delete(f, name)
	return err
}

func (f fakeJobs) Alter(_ context.Context, name string, change func(*ha.Job)) error {
	j, err := f.find(name)
	if err == nil {
		change(&j.Job)
	}
	return err
}

func (f fakeJobs) Rename(_ context.Context, name, to string) error {
	j, err := f.find(name)
	if err != nil {
		return err
	}
	next := j.Job.Database + "." + to
	if f[next] != nil {
		return ha.ErrExists
	}
	delete(f, name)
	j.Job.Name, f[next] = to, j
	return nil
}

// fakeRunner is a Runner and Queries, of which each gives three rows.
type fakeRunner struct {
	compiler *sql.Compiler
	catalog  *fakeCatalog
	history  checkpoint.History
	inserted int
	queries  []*fakeRows
	// Calls counts what asks the outside.
	outside int
}

func (r *fakeRunner) Query(ctx context.Context, flow *plan.Dataflow, _ *time.Location, _ int64) (Rows, error) {
	q := &fakeRows{ctx: ctx, schema: flow.Result(), bounded: flow.Bounded || flow.Limited, left: 3}
	r.queries = append(r.queries, q)
	return q, nil
}

func (r *fakeRunner) Insert(_ context.Context, _ *catalog.Relation, rows sql.Rows, _ *time.Location) (n int, err error) {
	err = rows(func([]plan.Expr) error { n++; return nil })
	r.inserted += n
	return n, err
}

func (r *fakeRunner) Load(ctx context.Context, target *catalog.Relation, rows sql.Rows, zone *time.Location) (n int, err error) {
	if _, err = r.Insert(ctx, target, rows, zone); err != nil {
		return 0, err
	}
	err = rows(func([]plan.Expr) error { n++; return nil })
	return n, err
}

func (r *fakeRunner) Compile(j *ha.Job) (*plan.Dataflow, *conf.Values, error) {
	v, err := j.Settings()
	if err != nil {
		return nil, nil, err
	}
	flow, err := r.compiler.JobText(r.catalog.s, j.Path, j.SQL, v)
	return flow, v, err
}

func (r *fakeRunner) CheckSinks(context.Context, *plan.Dataflow, *conf.Values) error {
	r.outside++
	return sqlerr.New(sqlerr.CannotConnect, "nobody is there")
}

func (r *fakeRunner) CheckFrom(_ context.Context, _ *ha.Job, from ha.StartFrom) error {
	if r.outside++; from.Checkpoint != 3 && from.Savepoint != "kept" {
		return sqlerr.New(sqlerr.UndefinedObject, "checkpoint %d does not exist", from.Checkpoint)
	}
	return nil
}

func (r *fakeRunner) Backend(v *conf.Values) (string, error) {
	name := "local"
	if conf.CheckpointBackend.IsSet(v) {
		name = conf.CheckpointBackend.Get(v)
	}
	if name == "zookeeper" {
		return name, sqlerr.New(sqlerr.InvalidParameter, "this server has no such backend")
	}
	return name, nil
}

func (r *fakeRunner) Checkpoints(_ context.Context, j *ha.Job) ([]*checkpoint.Manifest, error) {
	r.outside++
	when := time.Unix(2000, 0)
	return []*checkpoint.Manifest{
		{Job: j.ID, Checkpoint: 4, Kind: checkpoint.Periodic, Triggered: when, Completed: when.Add(time.Second), Bytes: 100},
		{Job: j.ID, Checkpoint: 3, Kind: checkpoint.Savepoint, Name: "kept", Triggered: when, Completed: when.Add(time.Second)},
	}, nil
}

func (r *fakeRunner) History(string) *checkpoint.History { return &r.history }

func (r *fakeRunner) Status(string) (job.Status, bool) {
	split := job.Split{SplitProgress: executor.SplitProgress{Split: "a 0", Next: 5, End: 8}, Watermark: 0, Idle: true}
	unknown := job.Split{SplitProgress: executor.SplitProgress{Split: "a 1", Next: 5, End: -1}, Watermark: executor.NoWatermark}
	return job.Status{RowsIn: 5, RowsOut: 4, Late: 1, Tasks: 2, Watermark: 1_000_000, Splits: []job.Split{split, unknown}}, true
}

func (r *fakeRunner) Transactions(_ context.Context, j *ha.Job) ([]executor.Transaction, error) {
	if r.outside++; strings.Contains(j.Name, "broken") {
		return nil, errors.New("the brokers do not answer")
	}
	return []executor.Transaction{
		{ID: "t1", State: "Ongoing", Open: true, Topics: []string{"x", "y"}, Age: time.Second, Timeout: time.Minute},
		{ID: "t2", State: "Prepared", Checkpoint: 4},
	}, nil
}

func (r *fakeRunner) Resolve(context.Context, *ha.Job, bool) (int, error) {
	r.outside++
	return 2, nil
}

// fakeRows gives its rows one by one; a query that is not bounded then waits.
type fakeRows struct {
	ctx     context.Context
	schema  types.Schema
	bounded bool
	left    int
	marked  bool
	leftOut int64
	closed  bool
}

func (q *fakeRows) Opened(context.Context) error { return nil }
func (q *fakeRows) Mark(time.Duration)           { q.marked = true }
func (q *fakeRows) LeftOut() int64               { return q.leftOut }
func (q *fakeRows) Close()                       { q.closed = true }

func (q *fakeRows) Next(ctx context.Context) (*column.Batch, error) {
	switch {
	case q.left > 0:
		q.left--
		return q.row(int64(q.left)), nil
	case q.bounded:
		return nil, io.EOF
	case q.marked:
		q.marked = false
		return nil, nil
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// row has the number in all columns of numbers and is NULL in the others.
func (q *fakeRows) row(n int64) *column.Batch {
	b := column.NewBatch(q.schema)
	for _, v := range b.Cols {
		if v.Type.Kind == types.BigInt {
			v.AppendInt(n)
		} else {
			v.AppendNull()
		}
	}
	b.Rows = 1
	return b
}

// client is a session and what its client has been told.
type client struct {
	t      *testing.T
	s      *session
	jobs   fakeJobs
	runner *fakeRunner
	said   []string
	status map[string]string
	ran    int // how often a line of the table was run
}

// declared is there before a client's first statement.
var declared = []string{
	`CREATE TABLE a (v BIGINT, s STRING) TBLPROPERTIES ("connector"="fake", "topic"="a")`,
	`CREATE TABLE o (v BIGINT NOT NULL COMMENT 'a number', s STRING) COMMENT 'where it goes' TBLPROPERTIES ("connector"="fake", "topic"="o")`,
}

// newClient connects; a standby's client if there is one.
func newClient(t *testing.T, standby *Standby, params map[string]string) *client {
	t.Helper()
	compiler := &sql.Compiler{Connectors: map[string]catalog.Connector{"fake": executortest.Connector{World: executortest.NewWorld()}}}
	empty := catalog.NewSnapshot()
	store := &fakeCatalog{s: &empty}
	c := &client{t: t, jobs: fakeJobs{}, runner: &fakeRunner{compiler: compiler, catalog: store}, status: map[string]string{}}
	server, _, err := conf.Parse(conf.Server, nil)
	if err != nil {
		t.Fatal(err)
	}
	parts := Parts{Compiler: compiler, Catalog: store, Jobs: c.jobs, Runner: c.runner, Queries: c.runner, Server: server, TimeZone: time.UTC, Secrets: fakeSecrets{}}
	if _, err := store.Apply(t.Context(), catalog.Change{PutDatabase: &catalog.Database{Name: "default"}, NeedOID: true}); err != nil {
		t.Fatal(err)
	}
	h := &Handler{Parts: func() Parts { return parts }}
	s, err := h.NewSession(t.Context(), pgwire.Startup{User: "u", Identity: auth.Identity{User: "u", Owner: true}, Database: "nowhere", Application: "tests", PID: 42, Params: params,
		Notice: func(e *sqlerr.Error) { c.said = append(c.said, shownError(e)) },
		Status: func(name, value string) { c.status[name] = value },
	})
	if err != nil {
		t.Fatal(err)
	}
	c.s = s.(*session)
	c.count()
	for _, text := range declared {
		c.send(text)
	}
	parts.Standby = standby
	return c
}

// count has the runs of all lines counted.
func (c *client) count() {
	c.s.statements = maps.Clone(statements)
	for kind, l := range c.s.statements {
		run := l.run
		l.run = func(s *session, ctx context.Context, st ast.Statement, args []plan.Expr) (pgwire.Result, error) {
			c.ran++
			return run(s, ctx, st, args)
		}
		c.s.statements[kind] = l
	}
}

// shownError is an error or a notice as scripts have it.
func shownError(e *sqlerr.Error) string {
	text := cmp.Or(string(e.Severity), "ERROR") + " " + string(e.Code) + ": " + e.Message
	if e.Position > 0 {
		text += fmt.Sprintf(" [%d]", e.Position)
	}
	if e.Detail != "" {
		text += "\n  detail: " + e.Detail
	}
	if e.Hint != "" {
		text += "\n  hint: " + e.Hint
	}
	return text
}

// send runs one statement and gives its tag; the statement must succeed.
func (c *client) send(text string, args ...pgwire.Arg) (rows []string, tag string) {
	c.t.Helper()
	r, err := c.execute(text, args...)
	if err == nil {
		rows, err = readAll(c.t.Context(), r)
	}
	if err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return rows, r.Tag()
}

func (c *client) execute(text string, args ...pgwire.Arg) (pgwire.Result, error) {
	list, err := c.s.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		c.t.Fatalf("%s: %d statements", text, len(list))
	}
	return c.s.Execute(c.t.Context(), list[0], args)
}

// fails runs a statement that must fail with a SQLSTATE.
func (c *client) fails(text string, code sqlerr.Code, args ...pgwire.Arg) *sqlerr.Error {
	c.t.Helper()
	r, err := c.execute(text, args...)
	if err == nil {
		_, err = readAll(c.t.Context(), r)
	}
	if err == nil {
		c.t.Fatalf("%s does not fail", text)
	}
	e := sqlerr.From(err)
	if e.Code != code {
		c.t.Fatalf("%s: %s (%s), want %s", text, e.Code, e.Message, code)
	}
	c.s.Failed()
	return e
}

// readAll gives a result's rows, their values between bars.
func readAll(ctx context.Context, r pgwire.Result) (rows []string, err error) {
	defer r.Close()
	for {
		row, err := r.Next(ctx)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		var cells []string
		for i := range r.Columns() {
			text, null := row.AppendText(nil, i)
			if null {
				text = []byte("NULL")
			}
			cells = append(cells, string(text))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
}
