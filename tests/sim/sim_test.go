// Package sim runs the coordinator, the supervisor and transactional sinks in virtual time
// over a world of fakes in which everything fails at random, and asserts that nothing is
// lost, nothing is there twice, and nobody is left behind. A seed decides everything.
package sim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/server/jobs"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

// TestSimulation plays 1,000 seeds; SLIPWAY_SIM_SEED plays one, SLIPWAY_SIM_SEEDS another number.
func TestSimulation(t *testing.T) {
	first, n := uint64(1), 1000
	if text := os.Getenv("SLIPWAY_SIM_SEEDS"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	if one, err := strconv.ParseUint(os.Getenv("SLIPWAY_SIM_SEED"), 10, 64); err == nil {
		first, n = one, 1
	}
	all := map[string]int{}
	for seed := first; seed < first+uint64(n); seed++ {
		synctest.Test(t, func(t *testing.T) {
			s := newSim(t, seed)
			s.run()
			for k, v := range s.did {
				all[k] += v
			}
		})
		if t.Failed() {
			return
		}
	}
	var text []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		text = append(text, fmt.Sprintf("%s %d", k, all[k]))
	}
	t.Logf("%d seeds; %s", n, strings.Join(text, ", "))
	for _, k := range []string{"crash", "zombie", "abort", "write fails", "prepare fails", "commit fails", "add fails", "add is lost", "file fails"} {
		if n >= 100 && all[k] == 0 {
			t.Errorf("no seed met: %s", k)
		}
	}
}

// sim is one seed's run.
type sim struct {
	t       *testing.T
	seed    uint64
	random  map[string]*rand.Rand // one for each place, so that what others ask for does not change it
	mu      sync.Mutex            // guards random and did: faults are asked for from everywhere
	did     map[string]int
	calm    bool // no more faults
	world   *executortest.World
	files   *checkpointtest.Files
	meta    *checkpointtest.Memory
	jobs    *memoryJobs
	catalog *declared
	log     *slog.Logger
	lines   strings.Builder
	leader  *ha.Supervisor
	old     []*ha.Supervisor // who does not know yet that another leads
	grouped bool
	term    atomic.Int32 // of the newest leader
}

// errNotLeading is what ZooKeeper answers a server that no longer leads: definitions and
// claims are written by the leader alone. A claim that stands is not asked.
var errNotLeading = errors.New("this server does not lead")

type ledMetadata struct {
	*checkpointtest.Memory
	leads func() bool
}

func (m ledMetadata) Claim(ctx context.Context, job string) (checkpoint.CompletedStore, error) {
	if !m.leads() {
		return nil, errNotLeading
	}
	return m.Memory.Claim(ctx, job)
}

type ledJobs struct {
	*memoryJobs
	leads func() bool
}

func (m ledJobs) Put(ctx context.Context, j *ha.Job) error {
	if !m.leads() {
		return errNotLeading
	}
	return m.memoryJobs.Put(ctx, j)
}

var errInjected = errors.New("injected")

func newSim(t *testing.T, seed uint64) *sim {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with SLIPWAY_SIM_SEED=%d go test ./tests/sim -v", seed)
		}
	})
	s := &sim{t: t, seed: seed, random: map[string]*rand.Rand{}, did: map[string]int{}, world: executortest.NewWorld(), files: checkpointtest.NewFiles(),
		meta: checkpointtest.NewMemory(),
		jobs: &memoryJobs{jobs: map[string]ha.Job{}}}
	s.log = slog.New(slog.DiscardHandler)
	if os.Getenv("SLIPWAY_SIM_SEED") != "" {
		s.log = slog.New(slog.NewTextHandler(&s.lines, nil))
		t.Cleanup(func() { t.Log(s.lines.String()) })
	}
	s.world.Fault = s.worldFault
	s.files.Fault = func(call string) error { return s.maybe(0.01, "file fails", 300*time.Millisecond) }
	s.meta.BeforeAdd = func(*checkpoint.Manifest) error { return s.maybe(0.02, "add fails", 300*time.Millisecond) }
	s.meta.AfterAdd = func(*checkpoint.Manifest) error { return s.maybe(0.02, "add is lost", 0) }
	empty := catalog.NewSnapshot()
	s.catalog = &declared{s: &empty}
	s.grouped = s.chance("query", 0.5)
	return s
}

// at gives the random numbers of a place; mu is held.
func (s *sim) at(place string) *rand.Rand {
	if s.random[place] == nil {
		h := fnv.New64a()
		io.WriteString(h, place)
		s.random[place] = rand.New(rand.NewPCG(s.seed, h.Sum64()))
	}
	return s.random[place]
}

func (s *sim) chance(place string, p float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm && s.at(place).Float64() < p
}

func (s *sim) upTo(place string, d time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.at(place).Int64N(int64(d)))
}

func (s *sim) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did[what]++
}

// maybe fails, or takes its time, or does neither.
func (s *sim) maybe(p float64, what string, slow time.Duration) error {
	if slow > 0 && s.chance(what, p) {
		s.note("slow")
		time.Sleep(s.upTo(what, slow))
	}
	if !s.chance(what, p) {
		return nil
	}
	s.note(what)
	return fmt.Errorf("%s: %w", what, errInjected)
}

func (s *sim) worldFault(call string) error {
	switch call {
	case "next":
		return s.maybe(0.0005, "read fails", 0)
	case "write":
		return s.maybe(0.005, "write fails", 50*time.Millisecond)
	}
	return s.maybe(0.02, call+" fails", 500*time.Millisecond)
}

// server starts a server over the stores, as a process does.
func (s *sim) server() *ha.Supervisor {
	k := executortest.Connector{World: s.world}
	compiler := &sql.Compiler{Connectors: map[string]catalog.Connector{"fake": k}}
	term := s.term.Add(1)
	leads := func() bool { return s.term.Load() == term }
	backends := jobs.Backends{Default: "local", ByName: map[string]jobs.Backend{"local": {Storage: s.files, Metadata: ledMetadata{s.meta, leads}}}}
	runner := jobs.NewRunner(jobs.Options{Compiler: compiler, Catalog: s.catalog, Connectors: executor.Connectors{"fake": k}, Backends: backends,
		Budget: &state.Budget{Limit: 1 << 30}, Cores: 1, TimeZone: time.UTC, Log: s.log})
	if s.catalog.s.Databases["default"] == nil {
		s.declare(compiler)
	}
	return ha.NewSupervisor(ha.Options{Jobs: ledJobs{s.jobs, leads}, Metadata: backends.Metadata, Runner: runner, Policy: jobs.Policy, Explain: jobs.Explain,
		Log: s.log})
}

func (s *sim) declare(compiler *sql.Compiler) {
	s.catalog.put(s.t, catalog.Change{PutDatabase: &catalog.Database{Name: "default"}, NeedOID: true})
	for _, ddl := range []string{`CREATE TABLE a (v BIGINT) TBLPROPERTIES ("connector"="fake", "topic"="a")`,
		`CREATE TABLE o (v BIGINT) TBLPROPERTIES ("connector"="fake")`,
		`CREATE TABLE k (v BIGINT, n BIGINT, PRIMARY KEY (v)) TBLPROPERTIES ("connector"="fake")`} {
		list, err := compiler.Parse(ddl)
		if err != nil {
			s.t.Fatal(err)
		}
		r, _, err := compiler.Relation(s.catalog.s, "default", list[0].(*ast.CreateRelation))
		if err != nil {
			s.t.Fatal(err)
		}
		s.catalog.put(s.t, catalog.Change{PutRelation: r, NeedOID: true})
	}
}

// keys of the grouped query.
const keys = 7

func (s *sim) create() {
	query := "insert into o select v from a"
	if s.grouped {
		query = fmt.Sprintf("insert into k select v %% %d, count(*) from a group by v %% %d", keys, keys)
	}
	j := &ha.Job{ID: "j1", Database: "default", Name: "j", SQL: query, Path: "default", Desired: ha.WantRunning, Properties: []ha.Property{
		{Key: "morphling.job.enable.checkpoint", Value: "true"}, {Key: "morphling.job.checkpoint.interval", Value: "50"},
		{Key: "morphling.job.checkpoint.timeout", Value: "150"},
		{Key: "morphling.job.parallelism", Value: "1"},
		{Key: "morphling.restart.strategy", Value: "fixed-delay"}, {Key: "morphling.restart.strategy.attempts", Value: "-1"},
		{Key: "morphling.restart.strategy.delay", Value: "20"}}}
	if _, err := s.leader.Create(context.Background(), j); err != nil {
		s.t.Fatal(err)
	}
}

// rows is how many the topic gets.
const rows = 600

func (s *sim) run() {
	s.leader = s.server()
	s.create()
	sent := int64(0)
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); {
		time.Sleep(s.upTo("event", 100*time.Millisecond))
		for n := s.upTo("event", 20); n > 0 && sent < rows; n-- {
			s.world.Add("a", sent)
			sent++
		}
		s.event()
	}
	for ; sent < rows; sent++ {
		s.world.Add("a", sent)
	}
	s.mu.Lock()
	s.calm = true
	s.mu.Unlock()
	s.forgetOld()
	s.settle()
	s.leader.Shutdown(context.Background())
	s.judge()
	// R0: the bubble does not end while a goroutine of it is left.
}

// event is what happens to servers and brokers.
func (s *sim) event() {
	switch {
	case s.chance("event", 0.05):
		s.note("crash")
		s.leader.Abandon()
		s.restart()
	case s.chance("event", 0.04):
		// Another server leads; the first goes on for a while, as one that was paused does.
		s.note("zombie")
		s.old = append(s.old, s.leader)
		s.restart()
	case s.chance("event", 0.1):
		s.forgetOld()
	case s.chance("event", 0.02):
		if s.world.AbortAll() > 0 {
			s.note("abort")
		}
	case s.chance("event", 0.03):
		s.note("stop and start")
		if _, _, err := s.leader.Stop(context.Background(), "default.j", ""); err != nil {
			s.t.Fatal(err)
		}
		if _, _, err := s.leader.Start(context.Background(), "default.j", ha.StartFrom{}); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *sim) restart() {
	s.leader = s.server()
	if err := s.leader.Recover(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sim) forgetOld() {
	for _, o := range s.old {
		o.Abandon()
	}
	s.old = nil
}

// settle waits until everything is visible (V0): two minutes behind the last fault.
func (s *sim) settle() {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		st, err := s.leader.Status("default.j")
		if err != nil {
			s.t.Fatal(err)
		}
		if st.State == ha.Failed || st.State == ha.Stopped {
			// Who lost the job to another does not take it up again by itself.
			if _, _, err := s.leader.Start(context.Background(), "default.j", ha.StartFrom{}); err != nil {
				s.t.Fatal(err)
			}
		}
		if s.complete() {
			return
		}
	}
	st, _ := s.leader.Status("default.j")
	s.t.Errorf("V0: two minutes behind the last fault the job is %s (%s), %d rows are visible", st.State, st.Job.LastFailure, len(s.world.Seen()))
}

func (s *sim) complete() bool {
	seen := s.world.Seen()
	if !s.grouped {
		return len(seen) >= rows
	}
	total := int64(0)
	for _, n := range newest(seen) {
		total += n
	}
	return total >= rows
}

func newest(seen []executortest.Row) map[int64]int64 {
	out := map[int64]int64{}
	for _, r := range seen {
		out[r.K] = r.N
	}
	return out
}

// judge asserts what readers may rely on.
func (s *sim) judge() {
	seen := s.world.Seen()
	if s.grouped {
		s.judgeGroups(seen)
	} else {
		s.judgePassed(seen)
	}
	if n := s.world.Open(); n > 0 {
		s.t.Errorf("%d transactions are left open", n)
	}
	if s.world.Sources != 0 {
		s.t.Errorf("R0: %d sources are left open", s.world.Sources)
	}
}

// judgePassed: L0 no loss, D0 no duplicate, O0 in order.
func (s *sim) judgePassed(seen []executortest.Row) {
	for i, r := range seen {
		if r.K != int64(i) {
			s.t.Errorf("row %d is %d: lost, twice or out of order (%d rows of %d)", i, r.K, len(seen), rows)
			return
		}
	}
	if len(seen) != rows {
		s.t.Errorf("L0: %d rows of %d", len(seen), rows)
	}
}

// judgeGroups: S0 the counts are those of the input; D0, O0 no count comes twice or falls.
func (s *sim) judgeGroups(seen []executortest.Row) {
	last := map[int64]int64{}
	for i, r := range seen {
		if r.N <= last[r.K] {
			s.t.Errorf("row %d: key %d counts %d behind %d", i, r.K, r.N, last[r.K])
			return
		}
		last[r.K] = r.N
	}
	for k := range int64(keys) {
		want := int64(rows / keys)
		if k < rows%keys {
			want++
		}
		if last[k] != want {
			s.t.Errorf("S0: key %d counts %d, want %d", k, last[k], want)
		}
	}
}

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

func (d *declared) put(t *testing.T, c catalog.Change) {
	t.Helper()
	if _, err := d.Apply(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

// memoryJobs is a JobStore in memory.
type memoryJobs struct {
	mu   sync.Mutex
	jobs map[string]ha.Job
}

func (m *memoryJobs) List(context.Context) (out []*ha.Job, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.jobs {
		out = append(out, &j)
	}
	return out, nil
}

func (m *memoryJobs) Create(ctx context.Context, j *ha.Job) error { return m.Put(ctx, j) }

func (m *memoryJobs) Put(_ context.Context, j *ha.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[j.ID] = *j
	return nil
}

func (m *memoryJobs) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.jobs, id)
	return nil
}
