package ha_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"slipway/ha"
)

// TestRename: a running job takes another name and runs on; its id stays, and so does what
// it keeps outside under its first name; the old name is free for another job.
func TestRename(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.comes = true
		s := w.server()
		for _, j := range []*ha.Job{job(), {ID: "id2", Database: "default", Name: "other", Desired: ha.WantStopped}} {
			if _, err := s.Create(ctx, j); err != nil {
				t.Fatal(err)
			}
		}
		want(t, errors.Is(s.Rename(ctx, "default.etl", "other"), ha.ErrExists), true)
		want(t, errors.Is(s.Rename(ctx, "default.nosuch", "x"), ha.ErrNoJob), true)
		want(t, s.Rename(ctx, "default.etl", "load"), nil)
		want(t, w.runner.runs, 1)
		if _, err := s.Status("default.etl"); !errors.Is(err, ha.ErrNoJob) {
			t.Errorf("under the old name: %v", err)
		}
		stored := w.jobs.get("id1")
		want(t, stored.Name+" "+stored.Group, "load default.etl")
		st, err := s.Status("default.load")
		want(t, err, nil)
		want(t, st.State, ha.Running)
		_, err = s.Create(ctx, &ha.Job{ID: "id3456789", Database: "default", Name: "etl", Desired: ha.WantStopped})
		want(t, err, nil)
		want(t, w.jobs.get("id3456789").Group, "default.etl-id345678")
		want(t, s.Rename(ctx, "default.load", "again"), nil)
		want(t, w.jobs.get("id1").Group, "default.etl")
		s.Shutdown(ctx)
		second := w.server() // as after a crash: the record says it all
		want(t, second.Recover(ctx), nil)
		synctest.Wait()
		st, err = second.Status("default.again")
		want(t, err, nil)
		want(t, st.Job.ID, "id1")
		want(t, second.Drop(ctx, "default.again"), nil)
		want(t, len(w.jobs.jobs), 2)
		second.Shutdown(ctx)
	})
}

// slowJobs holds Put back until it is let go.
type slowJobs struct {
	*memoryJobs
	hold chan struct{}
}

func (s *slowJobs) Put(ctx context.Context, j *ha.Job) error {
	<-s.hold
	return s.memoryJobs.Put(ctx, j)
}

// TestChangesOfOneRecord: an ALTER and what a running job notes at the same time are both
// in the record afterwards, in whichever order the store takes them.
func TestChangesOfOneRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		store := &slowJobs{w.jobs, make(chan struct{})}
		s := ha.NewSupervisor(ha.Options{Jobs: store, Metadata: w.server().Metadata, Runner: w.runner, Log: w.server().Log,
			Policy: func(*ha.Job) (ha.Policy, bool) { return w.policy, w.comes }})
		go s.Create(ctx, job()) // ends when the job runs
		time.Sleep(500 * time.Millisecond)
		altered := make(chan error, 1)
		go func() { // before the job runs, held back by the store
			altered <- s.Alter(ctx, "default.etl", func(j *ha.Job) { j.Properties = []ha.Property{{Key: "k", Value: "v"}} })
		}()
		time.Sleep(time.Second) // now it runs, which is stored too
		store.hold <- struct{}{}
		synctest.Wait()
		close(store.hold)
		want(t, <-altered, nil)
		synctest.Wait()
		want(t, len(w.jobs.get("id1").Properties), 1)
		s.Shutdown(ctx)
	})
}
