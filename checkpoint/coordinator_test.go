package checkpoint_test

import (
	"bytes"
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
	"slipway/checkpoint/localfs"
)

// fakeJob acknowledges what it is triggered with unless it is told not to.
type fakeJob struct {
	mu        sync.Mutex
	ack       func(checkpoint.Ack)
	silent    map[checkpoint.TaskID]bool
	committed []checkpoint.ID
	aborted   []checkpoint.ID
	commitErr error
}

var taskA, taskB = checkpoint.TaskID{Stage: 0}, checkpoint.TaskID{Stage: 1, Subtask: 2}

func (j *fakeJob) Tasks() []checkpoint.TaskID { return []checkpoint.TaskID{taskA, taskB} }

func (j *fakeJob) Trigger(b checkpoint.Barrier) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, t := range j.Tasks() {
		if !j.silent[t] {
			go j.ack(checkpoint.Ack{Checkpoint: b.ID, Task: t, Bytes: 1})
		}
	}
}

func (j *fakeJob) Committed(_ context.Context, id checkpoint.ID, _ *checkpoint.Manifest) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.committed = append(j.committed, id)
	return j.commitErr
}

func (j *fakeJob) Phase(checkpoint.ID, checkpoint.TaskID) string { return "writing state" }

func (j *fakeJob) Aborted(id checkpoint.ID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.aborted = append(j.aborted, id)
}

// start runs a coordinator with an interval of 10 s and a timeout of 60 s over the store.
func start(t *testing.T, meta *checkpointtest.Memory, j *fakeJob, history *checkpoint.History, log *bytes.Buffer) (*checkpoint.Coordinator, func() error, context.CancelFunc) {
	t.Helper()
	storage, err := localfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store, err := meta.Claim(context.Background(), "id")
	if err != nil {
		t.Fatal(err)
	}
	held, err := meta.Peek(context.Background(), "id")
	if err != nil {
		t.Fatal(err)
	}
	c := checkpoint.NewCoordinator(checkpoint.Config{JobID: "id", JobName: "default.ha_etl_job", Keeps: true,
		Interval: 10 * time.Second, Timeout: time.Minute, Retained: 5}, store, storage, j, history, slog.New(slog.NewTextHandler(log, nil)))
	j.ack = c.Ack
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, held, func(checkpoint.ID) {}) }()
	return c, func() error { return <-ended }, cancel
}

func held(meta *checkpointtest.Memory) (ids []checkpoint.ID) {
	list, _ := meta.Peek(context.Background(), "id")
	for _, m := range list {
		ids = append(ids, m.Checkpoint)
	}
	return ids
}

func TestFiveAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, j, history := checkpointtest.NewMemory(), &fakeJob{}, &checkpoint.History{}
		_, wait, cancel := start(t, meta, j, history, &bytes.Buffer{})
		time.Sleep(71 * time.Second)
		synctest.Wait()
		if got := fmt.Sprint(held(meta)); got != "[7 6 5 4 3]" {
			t.Fatalf("held %s", got)
		}
		if got := fmt.Sprint(j.committed); got != "[1 2 3 4 5 6 7]" {
			t.Fatalf("committed %s", got)
		}
		cancel()
		if err := wait(); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	})
}

// TestCompletedOnesAreSummarised: the log has a line a minute on checkpoints that complete,
// which together tell of all, and those that somebody waits for by themselves.
func TestCompletedOnesAreSummarised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &bytes.Buffer{}
		c, wait, cancel := start(t, checkpointtest.NewMemory(), &fakeJob{}, &checkpoint.History{}, log)
		defer cancel()
		time.Sleep(5*time.Minute + 5*time.Second)
		if _, err := c.Request(context.Background(), checkpoint.Savepoint, "s"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Request(context.Background(), checkpoint.Final, ""); err != nil {
			t.Fatal(err)
		}
		wait()
		completed, lines := 0, strings.Split(strings.TrimSpace(log.String()), "\n")
		for _, line := range lines {
			if _, rest, ok := strings.Cut(line, "checkpoints completed\" job=default.ha_etl_job count="); ok {
				var n, last int
				if _, err := fmt.Sscanf(rest, "%d last=%d mean=0s max=0s bytes=", &n, &last); err != nil {
					t.Error(line, err)
				}
				if completed += n; last != completed {
					t.Errorf("%d are counted, the last is %d", completed, last)
				}
			}
		}
		if completed != 30 || len(lines) > 6+1+2 || !strings.Contains(log.String(), "kind=savepoint") || !strings.Contains(log.String(), "kind=final") {
			t.Errorf("%d of 30 are counted in\n%s", completed, log)
		}
	})
}

// TestExpiredLine: the vendor's line to the letter, the late task and phase beside
// it, and neither the job nor the next checkpoint suffers.
func TestExpiredLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, history, log := checkpointtest.NewMemory(), &checkpoint.History{}, &bytes.Buffer{}
		j := &fakeJob{silent: map[checkpoint.TaskID]bool{taskB: true}}
		_, wait, cancel := start(t, meta, j, history, log)
		time.Sleep(65 * time.Second)
		synctest.Wait()
		j.mu.Lock()
		j.silent = nil
		j.mu.Unlock()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		cancel()
		wait()
		if n := strings.Count(log.String(), "Checkpoint[1] of job {default.ha_etl_job} expired before completing"); n != 1 {
			t.Fatalf("the line stands %d times in %s", n, log)
		}
		if n := strings.Count(log.String(), "checkpoints pause"); n != 1 {
			t.Fatalf("the pause is said %d times", n)
		}
		records := history.Records()
		first, last := records[0], records[len(records)-1]
		if first.Status != checkpoint.Expired || first.Reason != "after 1m0s stage 1 task 2 was writing state" {
			t.Fatalf("%+v", first)
		}
		if last.Status != checkpoint.Completed || last.ID != 2 || !slices.Equal(j.aborted, []checkpoint.ID{1}) {
			t.Fatalf("%+v, aborted %v", last, j.aborted)
		}
	})
}

// TestDoubtfulAddIsRepeated: an Add that failed may have taken effect; its files
// must not be thrown away, the record is offered again, and commits happen once.
func TestDoubtfulAddIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, j := checkpointtest.NewMemory(), &fakeJob{}
		failures := 3
		meta.AfterAdd = func(*checkpoint.Manifest) error {
			if failures--; failures >= 0 {
				return checkpointtest.ErrInjected
			}
			return nil
		}
		_, wait, cancel := start(t, meta, j, &checkpoint.History{}, &bytes.Buffer{})
		time.Sleep(15 * time.Second)
		synctest.Wait()
		cancel()
		wait()
		if fmt.Sprint(j.committed, j.aborted, held(meta)) != "[1] [] [1]" {
			t.Fatalf("committed %v, aborted %v, held %v", j.committed, j.aborted, held(meta))
		}
	})
}

func TestFencedOwnerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, j := checkpointtest.NewMemory(), &fakeJob{}
		_, wait, cancel := start(t, meta, j, &checkpoint.History{}, &bytes.Buffer{})
		defer cancel()
		if _, err := meta.Claim(context.Background(), "id"); err != nil {
			t.Fatal(err)
		}
		if err := wait(); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("the old owner ended with %v", err)
		}
		if len(j.committed) != 0 || len(held(meta)) != 0 {
			t.Fatalf("the old owner committed %v, stored %v", j.committed, held(meta))
		}
	})
}

func TestFinalCheckpointEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, j := checkpointtest.NewMemory(), &fakeJob{}
		c, wait, cancel := start(t, meta, j, &checkpoint.History{}, &bytes.Buffer{})
		defer cancel()
		o, err := c.Request(context.Background(), checkpoint.Savepoint, "before")
		if err != nil || o.ID != 1 || o.Reason != "" {
			t.Fatalf("%+v %v", o, err)
		}
		o, err = c.Request(context.Background(), checkpoint.Final, "")
		if err != nil || o.ID != 2 || o.Reason != "" {
			t.Fatalf("%+v %v", o, err)
		}
		if err := wait(); !errors.Is(err, checkpoint.ErrEnded) {
			t.Fatal(err)
		}
		c.Ack(checkpoint.Ack{}) // late acknowledgements never block
		if _, err := c.Request(context.Background(), checkpoint.Savepoint, "late"); err == nil {
			t.Fatal("a savepoint of an ended job")
		}
		list, _ := meta.Peek(context.Background(), "id")
		if list[1].Name != "before" || list[1].Kind != checkpoint.Savepoint || list[0].Kind != checkpoint.Final {
			t.Fatalf("%+v", list)
		}
	})
}

func TestFailedCommitEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta, j := checkpointtest.NewMemory(), &fakeJob{commitErr: errors.New("broker away")}
		_, wait, cancel := start(t, meta, j, &checkpoint.History{}, &bytes.Buffer{})
		defer cancel()
		if err := wait(); err == nil || !strings.Contains(err.Error(), "broker away") {
			t.Fatalf("ended with %v", err)
		}
		if fmt.Sprint(held(meta)) != "[1]" {
			t.Fatalf("held %v", held(meta))
		}
	})
}
