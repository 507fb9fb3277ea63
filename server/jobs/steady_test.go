package jobs

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/ha"
)

// footprint is what a running job holds.
type footprint struct {
	goroutines int
	heap       int64
	files      int
}

func (b *bench) footprint(files *checkpointtest.Files) footprint {
	runtime.GC()
	runtime.GC() // what the first one has finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	names, err := files.List(b.t.Context(), b.job.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return footprint{goroutines: runtime.NumGoroutine(), heap: int64(m.HeapAlloc), files: len(names)}
}

// newest is the number of the last checkpoint or flush that is over.
func (b *bench) newest() int {
	records := b.runner.History(b.job.ID).Records()
	for i := len(records) - 1; i >= 0; i-- {
		if records[i].Status != checkpoint.Pending {
			return int(records[i].ID)
		}
	}
	return 0
}

// heapSlack is what the heap may differ by for other reasons: the memory of 1,000 checkpoints
// that each left a goroutine or a file's name behind is several times as much.
const heapSlack = 512 << 10

// TestSteadyState: a job holds the same after ten checkpoints as after a thousand.
func TestSteadyState(t *testing.T) {
	for _, query := range []string{pass, "insert into k select v, count(*) from a group by v"} {
		for _, c := range []struct {
			name       string
			properties []ha.Property
			timesOut   bool
		}{
			{name: "checkpoints"},
			{name: "flushes", properties: []ha.Property{{Key: "morphling.job.enable.checkpoint", Value: "false"}}},
			{name: "every other one expires", properties: []ha.Property{{Key: "morphling.job.checkpoint.timeout", Value: "10"}, {Key: "morphling.job.checkpoint.interval", Value: "30"}}, timesOut: true},
		} {
			t.Run(fmt.Sprintf("%s/%s", query, c.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { steady(t, query, c.properties, c.timesOut) })
			})
		}
	}
}

// slowPrepare keeps every other checkpoint until it has expired.
func slowPrepare() func(string) error {
	var calls atomic.Int64
	return func(call string) error {
		if call == "prepare" && calls.Add(1)%2 == 0 {
			time.Sleep(15 * time.Millisecond)
		}
		return nil
	}
}

// set gives the job a property, in place of its former value.
func (b *bench) set(p ha.Property) {
	i := slices.IndexFunc(b.job.Properties, func(have ha.Property) bool { return have.Key == p.Key })
	if i < 0 {
		b.job.Properties = append(b.job.Properties, p)
		return
	}
	b.job.Properties[i] = p
}

func steady(t *testing.T, query string, properties []ha.Property, timesOut bool) {
	b := newBench(t, query)
	for _, p := range append([]ha.Property{{Key: "morphling.job.checkpoint.interval", Value: "10"}}, properties...) {
		b.set(p)
	}
	files := checkpointtest.NewFiles()
	b.runner.Backends.ByName["local"] = Backend{files, b.meta}
	if timesOut {
		b.w.Fault = slowPrepare()
	}
	b.w.Add("a", numbers(1, 5000)...)
	a := b.start()
	reach := func(n int) footprint {
		for b.newest() < n {
			synctest.Wait()
			select {
			case err := <-a.end:
				t.Fatal(err)
			default:
			}
			time.Sleep(5 * time.Millisecond)
		}
		return b.footprint(files)
	}
	goroutines := reach(10).goroutines
	first := reach(60) // as many checkpoints as are remembered
	last := reach(1000)
	if last.goroutines > goroutines+2 { // a store and a commit may be under way
		t.Errorf("%d goroutines after 10 checkpoints, %d after 1,000", goroutines, last.goroutines)
	}
	if last.heap > first.heap+heapSlack {
		t.Errorf("a heap of %d bytes after 60 checkpoints, of %d after 1,000", first.heap, last.heap)
	}
	if last.files > first.files+5 {
		t.Errorf("%d files of state after 60 checkpoints, %d after 1,000", first.files, last.files)
	}
	a.crash()
}
