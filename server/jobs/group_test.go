package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/localfs"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// The faults that a prototype of this design had, each with a test that fails without
// its cure. Outside the job everything is a fake that can be made slow or wrong.

// world is what is outside: topics of numbers, and a sink with transactions.
type world struct {
	mu      sync.Mutex
	topics  map[string][]int64
	bounded map[string]bool
	open    map[string][]int64 // transactions: prepared or being written
	visible []int64            // committed
	written int                // rows that reached the sink, visible or not
	sources int                // open ones
	hold    chan struct{}      // Prepare waits for it, if set
	next    int
	broken  error         // what Write answers
	slow    chan struct{} // Write waits for it, if set
}

func (w *world) add(topic string, values ...int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.topics[topic] = append(w.topics[topic], values...)
}

func (w *world) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *world) seen() (out []int64) {
	w.do(func() { out = slices.Sorted(slices.Values(w.visible)) })
	return out
}

// fake is the connector to the world.
type fake struct{ w *world }

func (fake) Check(*catalog.Relation) ([]string, error)         { return nil, nil }
func (fake) Readable() bool                                    { return true }
func (fake) Writable() bool                                    { return true }
func (fake) Splits(context.Context, *plan.Source) (int, error) { return 1, nil }
func (f fake) NewSource(s *plan.Source) (executor.Source, error) {
	return &fakeSource{w: f.w, topic: s.Properties["topic"], batch: column.NewBatch(s.Out)}, nil
}
func (f fake) NewSink(*plan.Sink) (executor.Sink, error) { return &fakeSink{w: f.w}, nil }
func (f fake) NewCommitter(*plan.Sink, *executor.Env) (executor.Committer, error) {
	return fakeCommitter(f), nil
}

type fakeSource struct {
	w     *world
	topic string
	at    int
	batch *column.Batch
	once  sync.Once
}

func (s *fakeSource) Open(_ context.Context, _ *executor.Env, restored [][]byte) error {
	s.w.do(func() { s.w.sources++ })
	for _, b := range restored {
		if err := json.Unmarshal(b, &s.at); err != nil {
			return err
		}
	}
	return nil
}

func (s *fakeSource) Next(context.Context) (*column.Batch, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	rest := s.w.topics[s.topic][s.at:]
	if len(rest) == 0 {
		if s.w.bounded[s.topic] {
			return nil, io.EOF
		}
		s.w.mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		s.w.mu.Lock()
		return nil, nil
	}
	rest = rest[:min(len(rest), column.BatchRows)]
	s.batch.Reset()
	for _, v := range rest {
		for _, c := range s.batch.Cols {
			c.AppendInt(v)
		}
	}
	s.batch.Rows = len(rest)
	s.at += len(rest)
	return s.batch, nil
}

func (s *fakeSource) Snapshot() ([]byte, error)          { return json.Marshal(s.at) }
func (s *fakeSource) Committed([]byte)                   {}
func (s *fakeSource) Progress() []executor.SplitProgress { return nil }
func (s *fakeSource) Close() error {
	s.once.Do(func() { s.w.do(func() { s.w.sources-- }) })
	return nil
}

// fakeSink has one transaction per checkpoint.
type fakeSink struct {
	w        *world
	current  string
	prepared []prepared
}

type prepared struct {
	ID   checkpoint.ID
	Name string
}

func (s *fakeSink) Open(context.Context, *executor.Env) error { return nil }

func (s *fakeSink) Write(b *column.Batch) error {
	if s.w.slow != nil {
		<-s.w.slow
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.broken != nil {
		return s.w.broken
	}
	if s.current == "" {
		s.w.next++
		s.current = fmt.Sprint("tx", s.w.next)
	}
	b.Each(func(i int) {
		s.w.open[s.current] = append(s.w.open[s.current], b.Cols[0].Ints[i])
		s.w.written++
	})
	return nil
}

func (s *fakeSink) Prepare(ctx context.Context, id checkpoint.ID) ([]byte, error) {
	var hold chan struct{}
	s.w.do(func() { hold = s.w.hold })
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if s.current != "" {
		s.prepared, s.current = append(s.prepared, prepared{id, s.current}), ""
	}
	return json.Marshal(s.prepared)
}

func (s *fakeSink) Commit(_ context.Context, id checkpoint.ID) error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.prepared = slices.DeleteFunc(s.prepared, func(p prepared) bool { return p.ID <= id })
	return nil
}

func (s *fakeSink) Tick(time.Time) error { return nil }
func (s *fakeSink) Close() error         { return nil }

type fakeCommitter struct{ w *world }

func (c fakeCommitter) Commit(_ context.Context, list [][]byte) error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	return c.commit(list)
}

func (c fakeCommitter) commit(list [][]byte) error {
	for _, b := range list {
		var named []prepared
		if err := json.Unmarshal(b, &named); err != nil {
			return err
		}
		for _, p := range named {
			c.w.visible = append(c.w.visible, c.w.open[p.Name]...)
			delete(c.w.open, p.Name)
		}
	}
	return nil
}

func (c fakeCommitter) Recover(_ context.Context, list [][]byte) error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if err := c.commit(list); err != nil {
		return err
	}
	clear(c.w.open) // the rest is aborted
	return nil
}
func (fakeCommitter) Close() error { return nil }

// declared is a catalog in memory.
type declared struct {
	s    *catalog.Snapshot
	oids uint32
}

func (d *declared) Snapshot() *catalog.Snapshot { return d.s }
func (d *declared) Apply(_ context.Context, c catalog.Change) (*catalog.Snapshot, error) {
	s, err := d.s.With(c, func() uint32 { d.oids++; return d.oids })
	if err == nil {
		d.s = s
	}
	return d.s, err
}

// slowStorage holds every file back from becoming visible while it is told to.
type slowStorage struct {
	checkpoint.Storage
	mu   sync.Mutex
	hold chan struct{}
	held int
}

func (s *slowStorage) Create(ctx context.Context, name string) (checkpoint.File, error) {
	f, err := s.Storage.Create(ctx, name)
	return &slowFile{f, s}, err
}

type slowFile struct {
	checkpoint.File
	s *slowStorage
}

func (f *slowFile) Write(b []byte) (int, error) {
	f.s.mu.Lock()
	hold := f.s.hold
	if hold != nil {
		f.s.held++
	}
	f.s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return f.File.Write(b)
}

// bench is a runner over the fakes.
type bench struct {
	t        *testing.T
	w        *world
	meta     *checkpointtest.Memory
	storage  *slowStorage
	runner   *Runner
	job      *ha.Job
	attempts int
}

func newBench(t *testing.T, query string, properties ...ha.Property) *bench {
	t.Helper()
	base := runtime.NumGoroutine()
	t.Cleanup(func() { goroutinesEnd(t, base) })
	files, err := localfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, w: &world{topics: map[string][]int64{}, bounded: map[string]bool{}, open: map[string][]int64{}}, meta: checkpointtest.NewMemory(), storage: &slowStorage{Storage: files}}
	k := fake{b.w}
	compiler := &sql.Compiler{Connectors: map[string]catalog.Connector{"fake": k}}
	empty := catalog.NewSnapshot()
	store := &declared{s: &empty}
	if _, err := store.Apply(t.Context(), catalog.Change{PutDatabase: &catalog.Database{Name: "default"}, NeedOID: true}); err != nil {
		t.Fatal(err)
	}
	for _, ddl := range []string{`CREATE TABLE a (v BIGINT) TBLPROPERTIES ("connector"="fake", "topic"="a")`, `CREATE TABLE b (v BIGINT) TBLPROPERTIES ("connector"="fake", "topic"="b")`,
		`CREATE TABLE o (v BIGINT) TBLPROPERTIES ("connector"="fake")`, `CREATE TABLE k (v BIGINT, n BIGINT, PRIMARY KEY (v)) TBLPROPERTIES ("connector"="fake")`} {
		list, err := compiler.Parse(ddl)
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := compiler.Relation(store.s, "default", list[0].(*ast.CreateRelation))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Apply(t.Context(), catalog.Change{PutRelation: r, NeedOID: true}); err != nil {
			t.Fatal(err)
		}
	}
	b.runner = NewRunner(Options{Compiler: compiler, Catalog: store, Connectors: executor.Connectors{"fake": k}, Backends: Backends{Default: "local", ByName: map[string]Backend{"local": {b.storage, b.meta}}}, Budget: &state.Budget{Limit: 1 << 30}, Cores: 2,
		TimeZone: time.UTC, Log: slog.New(slog.DiscardHandler)})
	b.job = &ha.Job{ID: "j1", Database: "default", Name: "j", SQL: query, Path: "default",
		Properties: append([]ha.Property{{Key: "morphling.job.enable.checkpoint", Value: "true"}, {Key: "morphling.job.checkpoint.interval", Value: "20"}}, properties...)}
	return b
}

// goroutinesEnd waits until there are no more goroutines than before (R0).
func goroutinesEnd(t *testing.T, base int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > base; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), base, buf[:runtime.Stack(buf, true)])
		}
	}
}

// attempt is one run of the job.
type attempt struct {
	b      *bench
	stop   chan struct{}
	cancel context.CancelFunc
	end    chan error
}

func (b *bench) start() *attempt {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store, err := b.meta.Claim(ctx, b.job.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	b.attempts++
	a := &attempt{b: b, stop: make(chan struct{}), cancel: cancel, end: make(chan error, 1)}
	run := ha.Run{Job: b.job, Store: store, Stop: a.stop, Savepoint: func() string { return "" }, Attempt: b.attempts, Progress: func(ha.Event) {}}
	go func() { a.end <- b.runner.Run(ctx, run) }() // ends with cancel or by itself; wait reads it
	b.t.Cleanup(cancel)
	return a
}

func (a *attempt) wait() error {
	a.b.t.Helper()
	select {
	case err := <-a.end:
		return err
	case <-time.After(20 * time.Second):
		a.b.t.Fatal("the job did not end")
		return nil
	}
}

// crash ends the job as a failure of the process would: nothing more is written.
func (a *attempt) crash() {
	a.cancel()
	a.wait()
}

func (b *bench) eventually(what string, is func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: not in time", what)
		}
	}
}

func (b *bench) completed() int {
	list, err := b.meta.Peek(context.Background(), b.job.ID)
	if err != nil || len(list) == 0 {
		return 0
	}
	return int(list[0].Checkpoint)
}

func numbers(from, to int64) (out []int64) {
	for ; from <= to; from++ {
		out = append(out, from)
	}
	return out
}

const pass = "insert into o select v from a"

// TestFault1_CommitMeansUpTo: rows that were prepared for a checkpoint that expired
// become visible with the next one that completes, without new rows.
func TestFault1_CommitMeansUpTo(t *testing.T) {
	b := newBench(t, pass, ha.Property{Key: "morphling.job.checkpoint.timeout", Value: "1000"})
	hold := make(chan struct{})
	b.w.hold = hold
	b.w.add("a", numbers(1, 100)...)
	a := b.start()
	b.eventually("an expired checkpoint", func() bool {
		expired, _ := b.runner.History(b.job.ID).Counts()
		return expired > 0
	})
	if got := b.w.seen(); len(got) != 0 {
		t.Fatalf("%d rows are visible without a completed checkpoint", len(got))
	}
	b.w.do(func() { b.w.hold = nil })
	close(hold)
	b.eventually("all rows", func() bool { return slices.Equal(b.w.seen(), numbers(1, 100)) })
	a.crash()
}

// TestFault2_CrashBetweenAddAndCommit: what the newest checkpoint names is committed
// at the next start, once; what it does not name is made again.
func TestFault2_CrashBetweenAddAndCommit(t *testing.T) {
	b := newBench(t, pass)
	crash := make(chan func(), 1)
	b.meta.AfterAdd = func(*checkpoint.Manifest) error {
		select {
		case end := <-crash:
			end()
			return context.Canceled
		default:
			return nil
		}
	}
	b.w.add("a", numbers(1, 50)...)
	first := b.start()
	crash <- first.cancel
	if err := first.wait(); !errors.Is(err, context.Canceled) {
		t.Fatalf("the job ended with %v", err)
	}
	if got := b.w.seen(); len(got) != 0 || b.completed() == 0 {
		t.Fatalf("%d rows visible, newest checkpoint %d: the crash did not hit between Add and Commit", len(got), b.completed())
	}
	b.w.add("a", numbers(51, 100)...)
	a := b.start()
	b.eventually("all rows once", func() bool { return slices.Equal(b.w.seen(), numbers(1, 100)) })
	a.crash()
}

// TestFault3_OneGroup: a coordinator that is fenced or fails ends the job, and a job
// that fails ends its coordinator.
func TestFault3_OneGroup(t *testing.T) {
	b := newBench(t, pass)
	b.meta.BeforeAdd = func(*checkpoint.Manifest) error { return checkpoint.ErrFenced }
	b.w.add("a", 1)
	if err := b.start().wait(); !errors.Is(err, checkpoint.ErrFenced) {
		t.Fatalf("the job ended with %v", err)
	}
	if b.w.sources != 0 || len(b.w.seen()) != 0 {
		t.Fatalf("%d sources still open, rows %v", b.w.sources, b.w.seen())
	}
	b.meta.BeforeAdd = nil
	a := b.start()
	b.eventually("a checkpoint", func() bool { return b.completed() > 0 })
	a.crash()
	last := b.completed()
	time.Sleep(60 * time.Millisecond)
	if b.completed() != last {
		t.Fatal("the coordinator outlived its job")
	}
}

// TestFault4_QuietStream: barriers pass and rows become visible although no further
// record arrives.
func TestFault4_QuietStream(t *testing.T) {
	b := newBench(t, pass)
	a := b.start()
	b.eventually("checkpoints without any row", func() bool { return b.completed() >= 3 })
	b.w.add("a", 7)
	b.eventually("the row", func() bool { return slices.Equal(b.w.seen(), []int64{7}) })
	close(a.stop)
	if err := a.wait(); !errors.Is(err, ha.ErrStopped) {
		t.Fatalf("the job ended with %v", err)
	}
}

// TestFault5_FinishedTask: a source that has ended counts as aligned and acknowledged:
// checkpoints of the others go on, and a restore does not begin it again.
func TestFault5_FinishedTask(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from (select v from a union all select v from b) x group by v")
	b.w.bounded["a"] = true
	b.w.add("a", 1, 2, 3)
	a := b.start()
	b.eventually("checkpoints behind the end of one source", func() bool { return b.completed() >= 3 })
	b.w.add("b", 4)
	b.eventually("the other's row", func() bool { return slices.Equal(b.w.seen(), numbers(1, 4)) })
	a.crash()
	b.w.add("b", 5)
	a = b.start()
	b.eventually("a row behind the restore", func() bool { return slices.Equal(b.w.seen(), numbers(1, 5)) })
	b.w.do(func() { b.w.bounded["b"] = true })
	if err := a.wait(); err != nil {
		t.Fatalf("the job finished with %v", err)
	}
	if got := b.w.seen(); !slices.Equal(got, numbers(1, 5)) {
		t.Fatalf("at the end %v", got)
	}
}

// TestFault6_SlowStateFile: while a state file is being written, rows flow.
func TestFault6_SlowStateFile(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from a group by v")
	b.w.add("a", numbers(1, 20_000)...)
	a := b.start()
	b.eventually("a checkpoint", func() bool { return b.completed() >= 1 })
	hold := make(chan struct{})
	b.storage.mu.Lock()
	b.storage.hold = hold
	b.storage.mu.Unlock()
	b.w.add("a", numbers(20_001, 40_000)...)
	b.eventually("the writer is held", func() bool {
		b.storage.mu.Lock()
		defer b.storage.mu.Unlock()
		return b.storage.held > 0
	})
	before := 0
	b.w.do(func() { before = b.w.written })
	b.w.add("a", numbers(40_001, 41_000)...)
	b.eventually("rows behind the slow file", func() bool {
		n := 0
		b.w.do(func() { n = b.w.written })
		return n >= before+1000
	})
	b.storage.mu.Lock()
	b.storage.hold = nil
	b.storage.mu.Unlock()
	close(hold)
	b.eventually("everything is visible", func() bool { return len(b.w.seen()) >= 41_000 })
	a.crash()
}

// TestFailureBehindAFullEdge: a task that fails ends the job although the tasks before it
// wait for room on their edges.
func TestFailureBehindAFullEdge(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from a group by v")
	broken := errors.New("the outside is broken")
	b.w.broken, b.w.slow = broken, make(chan struct{})
	for n := range int64(3000) { // far more than the edges hold
		b.w.add("a", numbers(n*1000, n*1000+999)...)
	}
	a := b.start()
	time.Sleep(500 * time.Millisecond) // until the source waits for room
	close(b.w.slow)
	if err := a.wait(); !errors.Is(err, broken) {
		t.Fatalf("the job ended with %v", err)
	}
}
