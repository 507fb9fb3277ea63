package ha_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/ha"
)

// memoryJobs is a JobStore in memory that copies, as a real one does.
type memoryJobs struct {
	mu   sync.Mutex
	jobs map[string]ha.Job
}

func (m *memoryJobs) List(context.Context) ([]*ha.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*ha.Job
	for _, j := range m.jobs {
		out = append(out, &j)
	}
	return out, nil
}

func (m *memoryJobs) get(id string) ha.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.jobs[id]
}

func (m *memoryJobs) Create(_ context.Context, j *ha.Job) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.jobs {
		if other.FullName() == j.FullName() {
			return ha.ErrExists
		}
	}
	m.jobs[j.ID] = *j
	return nil
}

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

// scriptedRunner fails the attempts it is told to and records what happened.
type scriptedRunner struct {
	mu       sync.Mutex
	failures []error // one per attempt; behind them a run lasts until it is stopped
	runs     int
	froms    []ha.StartFrom
	purged   []string
	purgeErr error
	hang     bool // ignores Stop, as a job whose final checkpoint never completes
}

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }

func (r *scriptedRunner) Run(ctx context.Context, run ha.Run) error {
	r.mu.Lock()
	r.runs++
	r.froms = append(r.froms, run.From)
	var failure error
	if len(r.failures) > 0 {
		failure, r.failures = r.failures[0], r.failures[1:]
	}
	hang := r.hang
	r.mu.Unlock()
	time.Sleep(time.Second)
	if failure != nil {
		return failure
	}
	run.Progress(ha.Event{Running: true})
	run.Progress(ha.Event{Checkpoint: 7})
	stop := run.Stop
	if hang {
		stop = nil
	}
	select {
	case <-stop:
		return ha.ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *scriptedRunner) Savepoint(context.Context, *ha.Job, string) (checkpoint.ID, error) {
	return 7, nil
}

func (r *scriptedRunner) Forget(context.Context, *ha.Job, string) error { return nil }

func (r *scriptedRunner) Purge(_ context.Context, j *ha.Job) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purged = append(r.purged, j.ID)
	return r.purgeErr
}

type world struct {
	jobs   *memoryJobs
	meta   *checkpointtest.Memory
	runner *scriptedRunner
	policy ha.Policy
	comes  bool // auto failover
}

func newWorld() *world {
	return &world{jobs: &memoryJobs{jobs: map[string]ha.Job{}}, meta: checkpointtest.NewMemory(), runner: &scriptedRunner{}, policy: ha.Policy{Strategy: ha.NoRestart}}
}

func (w *world) server() *ha.Supervisor {
	return ha.NewSupervisor(ha.Options{Jobs: w.jobs, Metadata: func(*ha.Job) (checkpoint.MetadataStore, error) { return w.meta, nil }, Runner: w.runner, Log: slog.New(slog.DiscardHandler),
		Policy: func(*ha.Job) (ha.Policy, bool) { return w.policy, w.comes }})
}

func job() *ha.Job {
	return &ha.Job{ID: "id1", Database: "default", Name: "etl", Desired: ha.WantRunning}
}

var ctx = context.Background()

func state(t *testing.T, s *ha.Supervisor) ha.Status {
	t.Helper()
	synctest.Wait()
	st, err := s.Status("default.etl")
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func want(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestCreateRunsStopResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.server()
		warning, err := s.Create(ctx, job())
		want(t, fmt.Sprint(warning, err), "<nil>")
		want(t, state(t, s).State, ha.Running)
		want(t, state(t, s).LastCheckpoint, 7)
		already, _, err := s.Start(ctx, "default.etl", ha.StartFrom{})
		want(t, fmt.Sprint(already, err), "true <nil>")
		already, warning, err = s.Stop(ctx, "default.etl", "")
		want(t, fmt.Sprint(already, warning, err), "false<nil>")
		want(t, state(t, s).State, ha.Stopped)
		already, _, err = s.Stop(ctx, "default.etl", "")
		want(t, fmt.Sprint(already, err), "true <nil>")
		_, _, err = s.Start(ctx, "default.etl", ha.StartFrom{Fresh: true})
		want(t, err, nil)
		want(t, fmt.Sprint(w.runner.froms), "[{0  false} {0  true}]")
		want(t, w.jobs.get("id1").From, ha.StartFrom{}) // the choice was for one start, and has its checkpoint
		s.Shutdown(ctx)
	})
}

func TestRestartStrategies(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name     string
		policy   ha.Policy
		failures int
		runs     int
		state    ha.State
	}{
		{"none fails at once", ha.Policy{Strategy: ha.NoRestart}, 1, 1, ha.Failed},
		{"two restarts cure two failures", ha.Policy{Strategy: ha.FixedDelay, Attempts: 2, Delay: time.Second}, 2, 3, ha.Running},
		{"the third failure is final", ha.Policy{Strategy: ha.FixedDelay, Attempts: 2, Delay: time.Second}, 3, 3, ha.Failed},
		{"no limit", ha.Policy{Strategy: ha.ExponentialDelay, Attempts: -1, Delay: time.Second, MaxDelay: 8 * time.Second}, 20, 21, ha.Running},
		{"rate not exceeded", ha.Policy{Strategy: ha.FailureRate, Attempts: 2, Interval: 3 * time.Second, Delay: time.Second}, 9, 10, ha.Running},
		{"rate exceeded", ha.Policy{Strategy: ha.FailureRate, Attempts: 2, Interval: 30 * time.Second, Delay: time.Second}, 9, 3, ha.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.policy = c.policy
				for range c.failures {
					w.runner.failures = append(w.runner.failures, boom)
				}
				s := w.server()
				if _, err := s.Create(ctx, job()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				want(t, state(t, s).State, c.state)
				want(t, w.runner.runs, c.runs)
				want(t, state(t, s).Job.LastFailure, "boom")
				s.Shutdown(ctx)
			})
		})
	}
}

func TestPermanentFailureIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.policy = ha.Policy{Strategy: ha.FixedDelay, Attempts: -1}
		w.runner.failures = []error{fmt.Errorf("starting: %w", permanentError{errors.New("state has changed")})}
		s := w.server()
		warning, err := s.Create(ctx, job())
		want(t, fmt.Sprint(warning, err), "starting: state has changed<nil>")
		want(t, state(t, s).State, ha.Failed)
		want(t, w.runner.runs, 1)
	})
}

func TestServerRestart(t *testing.T) {
	for _, c := range []struct {
		name  string
		comes bool
		clean bool
		state ha.State
		runs  int
	}{
		{"auto failover comes back after a crash", true, false, ha.Running, 2},
		{"auto failover comes back after a clean end", true, true, ha.Running, 2},
		{"without it the job waits and says why", false, false, ha.Stopped, 1},
		{"without it a clean end is no failure", false, true, ha.Stopped, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.comes = c.comes
				first := w.server()
				if _, err := first.Create(ctx, job()); err != nil {
					t.Fatal(err)
				}
				state(t, first)
				stored := map[string]ha.Job{"id1": w.jobs.get("id1")} // what a crash leaves
				first.Shutdown(ctx)
				if !c.clean {
					w.jobs.jobs = stored
				}
				second := w.server()
				if err := second.Recover(ctx); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				st := state(t, second)
				want(t, st.State, c.state)
				want(t, w.runner.runs, c.runs)
				want(t, strings.Contains(st.Job.LastFailure, "waits for START"), !c.comes && !c.clean)
				second.Shutdown(ctx)
			})
		})
	}
}

// TestStandbyShowsWhatWasWrittenDown: who looks on shows the last that the leader wrote, does
// not take what is wanted for what is, and has nothing to complain of.
func TestStandbyShowsWhatWasWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		leader, standby, log := w.server(), w.server(), &strings.Builder{}
		standby.Log = slog.New(slog.NewTextHandler(log, nil))
		if _, err := leader.Create(ctx, job()); err != nil {
			t.Fatal(err)
		}
		sees := func(state ha.State) {
			t.Helper()
			synctest.Wait()
			if err := standby.Observe(ctx); err != nil {
				t.Fatal(err)
			}
			want(t, standby.List()[0].State, state)
		}
		sees(ha.Running)
		leader.Shutdown(ctx) // what is wanted stays: running
		sees(ha.Stopped)
		again := w.server()
		if err := again.Recover(ctx); err != nil {
			t.Fatal(err)
		}
		sees(ha.Stopped)
		want(t, again.List()[0].Waits() != "", true)
		again.Shutdown(ctx)
		want(t, log.String(), "")
	})
}

func TestDropIsFinishedAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.server()
		if _, err := s.Create(ctx, job()); err != nil {
			t.Fatal(err)
		}
		w.runner.purgeErr = errors.New("name node away")
		if err := s.Drop(ctx, "default.etl"); err == nil || !strings.Contains(err.Error(), "stays DROPPING") {
			t.Fatalf("got %v", err)
		}
		want(t, state(t, s).State, ha.Dropping)
		if _, _, err := s.Start(ctx, "default.etl", ha.StartFrom{}); !errors.Is(err, ha.ErrNoJob) {
			t.Fatalf("a job being dropped was started: %v", err)
		}
		w.runner.purgeErr = nil
		s.Shutdown(ctx)
		s = w.server()
		if err := s.Recover(ctx); err != nil {
			t.Fatal(err)
		}
		want(t, len(s.List()), 0)
		want(t, len(w.jobs.jobs), 0)
		want(t, slices.Equal(w.runner.purged, []string{"id1", "id1"}), true)
	})
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.runner.hang = true
		s := w.server()
		if _, err := s.Create(ctx, job()); err != nil {
			t.Fatal(err)
		}
		limited, cancel := context.WithTimeout(ctx, 8*time.Second)
		defer cancel()
		began := time.Now()
		s.Shutdown(limited)
		want(t, time.Since(began), 8*time.Second)
		if _, err := s.Create(ctx, &ha.Job{ID: "2", Database: "default", Name: "late"}); err == nil {
			t.Fatal("a job was created during shutdown")
		}
	})
}

// TestTransitionsAreClosed keeps the table whole: every state named, every active one able to end.
func TestTransitionsAreClosed(t *testing.T) {
	all := []ha.State{ha.Created, ha.Starting, ha.Running, ha.Restarting, ha.Stopping, ha.Stopped, ha.Finished, ha.Failed, ha.Dropping}
	for _, s := range all {
		want(t, s.CanBecome(ha.Dropping), s != ha.Dropping)
		want(t, s.CanBecome(ha.Created), false)
		if s.Active() {
			want(t, s.CanBecome(ha.Failed) && s.CanBecome(ha.Stopped), true)
		}
	}
}
