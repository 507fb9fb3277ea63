package jobs

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/localfs"
	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

// The faults that a prototype of this design had, each with a test that fails without
// its cure. Outside the job everything is a fake that can be made slow or wrong, and time is virtual.

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
	w        *executortest.World
	meta     *checkpointtest.Memory
	storage  *slowStorage
	runner   *Runner
	job      *ha.Job
	attempts int
	progress func(ha.Event) // what the supervisor is told
}

func newBench(t *testing.T, query string, properties ...ha.Property) *bench {
	t.Helper()
	base := runtime.NumGoroutine()
	t.Cleanup(func() { goroutinesEnd(t, base) })
	files, err := localfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, w: executortest.NewWorld(), progress: func(ha.Event) {}, meta: checkpointtest.NewMemory(), storage: &slowStorage{Storage: files}}
	k := executortest.Connector{World: b.w}
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

// testRun is one run of the job.
type testRun struct {
	b      *bench
	stop   chan struct{}
	cancel context.CancelFunc
	end    chan error
}

func (b *bench) start() *testRun {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store, err := b.meta.Claim(ctx, b.job.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	b.attempts++
	a := &testRun{b: b, stop: make(chan struct{}), cancel: cancel, end: make(chan error, 1)}
	run := ha.Run{Job: b.job, Store: store, Stop: a.stop, Savepoint: func() string { return "" }, Attempt: b.attempts, Progress: b.progress}
	go func() { a.end <- b.runner.Run(ctx, run) }() // ends with cancel or by itself; wait reads it
	b.t.Cleanup(cancel)
	return a
}

func (a *testRun) wait() error {
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
func (a *testRun) crash() {
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

// seen is what readers see, in order of the first column.
func (b *bench) seen() (out []int64) {
	for _, r := range b.w.Seen() {
		out = append(out, r.K)
	}
	slices.Sort(out)
	return out
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
func TestFault1_CommitMeansUpTo(t *testing.T) { synctest.Test(t, fault1CommitMeansUpTo) }

func fault1CommitMeansUpTo(t *testing.T) {
	b := newBench(t, pass, ha.Property{Key: "morphling.job.checkpoint.timeout", Value: "1000"})
	hold := make(chan struct{})
	b.w.Fault = func(call string) error {
		if call == "prepare" {
			<-hold
		}
		return nil
	}
	b.w.Add("a", numbers(1, 100)...)
	a := b.start()
	b.eventually("an expired checkpoint", func() bool {
		expired, _ := b.runner.History(b.job.ID).Counts()
		return expired > 0
	})
	if got := b.seen(); len(got) != 0 {
		t.Fatalf("%d rows are visible without a completed checkpoint", len(got))
	}
	b.w.Do(func() { b.w.Fault = nil })
	close(hold)
	b.eventually("all rows", func() bool { return slices.Equal(b.seen(), numbers(1, 100)) })
	a.crash()
}

// TestFault2_CrashBetweenAddAndCommit: what the newest checkpoint names is committed
// at the next start, once; what it does not name is made again.
func TestFault2_CrashBetweenAddAndCommit(t *testing.T) {
	synctest.Test(t, fault2CrashBetweenAddAndCommit)
}

func fault2CrashBetweenAddAndCommit(t *testing.T) {
	b := newBench(t, pass)
	crash := make(chan func(), 1)
	var crashed atomic.Bool
	b.meta.AfterAdd = func(*checkpoint.Manifest) error {
		if crashed.Swap(true) {
			return nil
		}
		(<-crash)() // of the first checkpoint, however early it comes
		return context.Canceled
	}
	b.w.Add("a", numbers(1, 50)...)
	first := b.start()
	crash <- first.cancel
	if err := first.wait(); !errors.Is(err, context.Canceled) {
		t.Fatalf("the job ended with %v", err)
	}
	if got := b.seen(); len(got) != 0 || b.completed() == 0 {
		t.Fatalf("%d rows visible, newest checkpoint %d: the crash did not hit between Add and Commit", len(got), b.completed())
	}
	b.w.Add("a", numbers(51, 100)...)
	a := b.start()
	b.eventually("all rows once", func() bool { return slices.Equal(b.seen(), numbers(1, 100)) })
	a.crash()
}

// TestFault3_OneGroup: a coordinator that is fenced or fails ends the job, and a job
// that fails ends its coordinator.
func TestFault3_OneGroup(t *testing.T) { synctest.Test(t, fault3OneGroup) }

func fault3OneGroup(t *testing.T) {
	b := newBench(t, pass)
	b.meta.BeforeAdd = func(*checkpoint.Manifest) error { return checkpoint.ErrFenced }
	b.w.Add("a", 1)
	if err := b.start().wait(); !errors.Is(err, checkpoint.ErrFenced) {
		t.Fatalf("the job ended with %v", err)
	}
	if b.w.Sources != 0 || len(b.seen()) != 0 {
		t.Fatalf("%d sources still open, rows %v", b.w.Sources, b.seen())
	}
	b.meta.BeforeAdd = nil
	a := b.start()
	b.eventually("a checkpoint", func() bool { return b.completed() > 0 })
	a.crash()
	last := b.completed()
	time.Sleep(time.Minute) // of a coordinator that ticks
	if b.completed() != last {
		t.Fatal("the coordinator outlived its job")
	}
}

// TestFault4_QuietStream: barriers pass and rows become visible although no further
// record arrives.
func TestFault4_QuietStream(t *testing.T) { synctest.Test(t, fault4QuietStream) }

func fault4QuietStream(t *testing.T) {
	b := newBench(t, pass)
	a := b.start()
	b.eventually("checkpoints without any row", func() bool { return b.completed() >= 3 })
	b.w.Add("a", 7)
	b.eventually("the row", func() bool { return slices.Equal(b.seen(), []int64{7}) })
	close(a.stop)
	if err := a.wait(); !errors.Is(err, ha.ErrStopped) {
		t.Fatalf("the job ended with %v", err)
	}
}

// syncedText is what several write.
type syncedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *syncedText) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *syncedText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestFault5_FinishedTask: a source that has ended counts as aligned and acknowledged:
// checkpoints of the others go on, and a restore does not begin it again.
func TestFault5_FinishedTask(t *testing.T) { synctest.Test(t, fault5FinishedTask) }

func fault5FinishedTask(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from (select v from a union all select v from b) x group by v")
	var said syncedText
	b.runner.Log = slog.New(slog.NewTextHandler(&said, nil))
	b.w.Bounded["a"] = true
	b.w.Add("a", 1, 2, 3)
	a := b.start()
	b.eventually("more checkpoints behind the end of one source than its mailbox has room for", func() bool { return b.completed() >= 30 })
	if strings.Contains(said.String(), "mailbox") {
		t.Errorf("an ended source is said not to look at its mailbox:\n%s", said.String())
	}
	b.w.Add("b", 4)
	b.eventually("the other's row", func() bool { return slices.Equal(b.seen(), numbers(1, 4)) })
	a.crash()
	b.w.Add("b", 5)
	a = b.start()
	b.eventually("a row behind the restore", func() bool { return slices.Equal(b.seen(), numbers(1, 5)) })
	b.w.Do(func() { b.w.Bounded["b"] = true })
	if err := a.wait(); err != nil {
		t.Fatalf("the job finished with %v", err)
	}
	if got := b.seen(); !slices.Equal(got, numbers(1, 5)) {
		t.Fatalf("at the end %v", got)
	}
}

// TestFault6_SlowStateFile: while a state file is being written, rows flow.
func TestFault6_SlowStateFile(t *testing.T) { synctest.Test(t, fault6SlowStateFile) }

func fault6SlowStateFile(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from a group by v")
	b.w.Add("a", numbers(1, 20_000)...)
	a := b.start()
	b.eventually("a checkpoint", func() bool { return b.completed() >= 1 })
	hold := make(chan struct{})
	b.storage.mu.Lock()
	b.storage.hold = hold
	b.storage.mu.Unlock()
	b.w.Add("a", numbers(20_001, 40_000)...)
	b.eventually("the writer is held", func() bool {
		b.storage.mu.Lock()
		defer b.storage.mu.Unlock()
		return b.storage.held > 0
	})
	before := 0
	b.w.Do(func() { before = b.w.Written })
	b.w.Add("a", numbers(40_001, 41_000)...)
	b.eventually("rows behind the slow file", func() bool {
		n := 0
		b.w.Do(func() { n = b.w.Written })
		return n >= before+1000
	})
	b.storage.mu.Lock()
	b.storage.hold = nil
	b.storage.mu.Unlock()
	close(hold)
	b.eventually("everything is visible", func() bool { return len(b.seen()) >= 41_000 })
	a.crash()
}

// TestFailureBehindAFullEdge: a task that fails ends the job although the tasks before it
// wait for room on their edges.
func TestFailureBehindAFullEdge(t *testing.T) { synctest.Test(t, failureBehindAFullEdge) }

func failureBehindAFullEdge(t *testing.T) {
	b := newBench(t, "insert into k select v, count(*) from a group by v")
	broken := errors.New("the outside is broken")
	slow := make(chan struct{})
	b.w.Fault = func(call string) error {
		if call != "write" {
			return nil
		}
		<-slow
		return broken
	}
	for n := range int64(3000) { // far more than the edges hold
		b.w.Add("a", numbers(n*1000, n*1000+999)...)
	}
	a := b.start()
	synctest.Wait() // until the source waits for room
	close(slow)
	if err := a.wait(); !errors.Is(err, broken) {
		t.Fatalf("the job ended with %v", err)
	}
}
