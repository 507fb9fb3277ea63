package jobs

import (
	"context"
	"testing"
	"testing/synctest"

	"slipway/ha"
)

// TestRunningMeansOpened: a job runs when its sources know where they begin; a row that is
// written behind START is read, whatever the strategy.
func TestRunningMeansOpened(t *testing.T) { synctest.Test(t, runningMeansOpened) }

func runningMeansOpened(t *testing.T) {
	b := newBench(t, "insert into o select v from a")
	open := make(chan struct{})
	b.w.Fault = func(call string) error {
		if call == "open" {
			<-open
		}
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, err := b.meta.Claim(ctx, b.job.ID)
	if err != nil {
		t.Fatal(err)
	}
	events, end, stop := make(chan ha.Event, 100), make(chan error, 1), make(chan struct{})
	run := ha.Run{Job: b.job, Store: store, Stop: stop, Savepoint: func() string { return "" }, Attempt: 1, Progress: func(e ha.Event) { events <- e }}
	go func() { end <- b.runner.Run(ctx, run) }() // ends with stop
	b.eventually("a source that opens", func() (is bool) {
		b.w.Do(func() { is = b.w.Sources == 1 })
		return is
	})
	if len(events) > 0 {
		t.Errorf("before the source is open the job says %+v", <-events)
	}
	close(open)
	if e := <-events; !e.Running {
		t.Errorf("the first word of the job is %+v", e)
	}
	close(stop)
	<-end
}
