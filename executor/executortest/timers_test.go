package executortest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/exchange"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/executor/task"
	"slipway/sql/plan"
)

// These tests are what executor.Operator says of OnTimer, held against executor/task.

// stage is some tasks with a Reminder each, between a partitioner and a gate, and what came out.
type stage struct {
	t      *testing.T
	cancel context.CancelFunc
	tasks  []*task.Task
	in     *exchange.Partitioner
	behind *exchange.Gate
	failed chan error

	mu    sync.Mutex
	seen  []string // rows, watermarks, barriers, the end, in order
	chain [][]checkpoint.Section
	bytes map[int64][]byte
}

// start runs a stage that is restored from the sections of another.
func start(t *testing.T, tasks int, from *stage, again func(key, at int64) (int64, bool)) *stage {
	ctx, cancel := context.WithCancel(t.Context())
	s := &stage{t: t, cancel: cancel, failed: make(chan error, tasks+1), chain: make([][]checkpoint.Section, tasks), bytes: map[int64][]byte{}}
	var inputs, outputs []*exchange.Edge
	for range tasks {
		inputs = append(inputs, exchange.NewEdge(0, executortest.ReminderIn))
		outputs = append(outputs, exchange.NewEdge(0, executortest.ReminderOut))
	}
	s.in = exchange.NewPartitioner(ctx, plan.Hash, []int{0}, 0, inputs)
	s.behind = exchange.NewGate(outputs, true)
	for i := range tasks {
		s.tasks = append(s.tasks, task.New(task.Config{
			ID:      checkpoint.TaskID{Subtask: i},
			Env:     &executor.Env{Counters: &executor.Counters{}},
			Gate:    exchange.NewGate(inputs[i:i+1], true),
			Chain:   []task.Node{{Op: &executortest.Reminder{Again: again}, ID: "reminder", State: s.restored(i, tasks, from)}},
			Outputs: []*exchange.Partitioner{exchange.NewPartitioner(ctx, plan.Single, nil, 0, outputs[i:i+1])},
			Reports: s, Writing: ctx,
		}))
	}
	for _, one := range s.tasks {
		go func() { s.failed <- one.Run(ctx) }() // ends with ctx or with its input
	}
	go s.read(ctx) // ends with ctx
	return s
}

func (s *stage) restored(i, n int, from *stage) *state.Store {
	store := state.NewStore(state.GroupsOf(i, n), &state.Budget{})
	if from == nil {
		return store
	}
	for _, chain := range from.chain {
		read := func(c checkpoint.Section) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(from.bytes[c.Offset])), nil
		}
		if err := store.Load(read, chain); err != nil {
			s.t.Fatal(err)
		}
	}
	return store
}

// read notes what comes out, as a line each.
func (s *stage) read(ctx context.Context) {
	for {
		m, _, _, _, err := exchange.Next[task.Command](ctx, s.behind, nil, nil)
		if err != nil {
			return
		}
		s.mu.Lock()
		switch m.Kind {
		case executor.BatchMessage:
			s.rows(m.Batch)
		case executor.WatermarkMessage:
			s.seen = append(s.seen, "watermark "+mark(m.Watermark))
		case executor.BarrierMessage:
			s.seen = append(s.seen, "barrier")
		case executor.EndMessage:
			s.seen = append(s.seen, "end")
		}
		s.mu.Unlock()
	}
}

func (s *stage) rows(b *column.Batch) {
	b.Each(func(r int) {
		key, at, domain, upTo := b.Cols[0].Ints[r], b.Cols[1].Ints[r], state.Domain(b.Cols[2].Ints[r]), b.Cols[3].Ints[r]
		if key < 0 {
			s.seen = append(s.seen, "OnWatermark "+mark(at))
			return
		}
		if domain == state.ProcessingTime {
			if now := time.Now().UnixMicro(); now < upTo || now > upTo+1000 { // within a millisecond it leaves
				s.seen = append(s.seen, fmt.Sprintf("at %d a timer of %d", now, upTo))
			}
			at -= began
		}
		s.seen = append(s.seen, fmt.Sprintf("%d %s %s", key, domain, mark(at)))
	})
}

func mark(w int64) string {
	if w == executor.EndWatermark {
		return "end"
	}
	return fmt.Sprint(w)
}

// began is when virtual time begins.
var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// give sends rows of (key, time, what).
func (s *stage) give(rows ...[3]int64) {
	s.t.Helper()
	b := column.NewBatch(executortest.ReminderIn)
	for _, row := range rows {
		if row[2] == executortest.RegisterProcessing || row[2] == executortest.CancelProcessing {
			row[1] += began
		}
		for c, x := range row {
			b.Cols[c].AppendInt(x)
		}
		b.Rows++
	}
	if err := errors.Join(s.in.Emit(b), s.in.Flush()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) tell(m executor.Message) {
	s.t.Helper()
	if err := s.in.Broadcast(m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) watermark(w int64) {
	s.tell(executor.Message{Kind: executor.WatermarkMessage, Watermark: w})
}

func (s *stage) barrier(id checkpoint.ID) {
	s.tell(executor.Message{Kind: executor.BarrierMessage, Barrier: checkpoint.Barrier{ID: id}})
}

// after waits in virtual time and gives what came out since the last call.
func (s *stage) after(d time.Duration) []string {
	s.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

func (s *stage) stop() {
	s.t.Helper()
	s.cancel()
	for _, one := range s.tasks {
		<-one.Gone()
		if err := <-s.failed; err != nil && !errors.Is(err, context.Canceled) {
			s.t.Error(err)
		}
	}
}

// Sections, Ack, Declined and Finished implement task.Reports.
func (s *stage) Sections(checkpoint.ID) state.SectionWriter { return s }

func (s *stage) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return checkpoint.Section{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := int64(len(s.bytes))
	s.bytes[at] = b.Bytes()
	return checkpoint.Section{Offset: at, Length: int64(b.Len()), CRC: checkpoint.Checksum(b.Bytes())}, nil
}

func (s *stage) Ack(a checkpoint.Ack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range a.State {
		if part.Kind == checkpoint.KeyedState {
			s.chain[a.Task.Subtask] = part.Sections
		}
	}
}

func (s *stage) Declined(_ checkpoint.ID, _ checkpoint.TaskID, reason error) { s.failed <- reason }

func (s *stage) Finished(checkpoint.TaskID, []checkpoint.OperatorState) {}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%q\nwant\n%q", what, got, want)
	}
}

const (
	event        = executortest.RegisterEvent
	processing   = executortest.RegisterProcessing
	cancelEvent  = executortest.CancelEvent
	cancelOnTime = executortest.CancelProcessing
)

// TestEventTimers: those up to the watermark fire in order before it goes on, and behind them
// such that are registered meanwhile; one that is late fires with the next watermark.
func TestEventTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, 1, nil, func(key, at int64) (int64, bool) { return at + 8, key == 2 })
		s.give([3]int64{1, 20, event}, [3]int64{2, 10, event}, [3]int64{3, 30, event}, [3]int64{3, 12, event}, [3]int64{4, 15, event})
		s.give([3]int64{1, 20, event}, [3]int64{4, 15, cancelEvent}, [3]int64{4, 16, cancelEvent})
		expect(t, "before a watermark", s.after(time.Hour))
		s.watermark(25)
		expect(t, "at 25", s.after(time.Second), "2 event 10", "3 event 12", "1 event 20", "2 event 18", "OnWatermark 25", "watermark 25")
		s.give([3]int64{5, 1, event})
		expect(t, "a late one", s.after(time.Hour))
		s.watermark(26)
		expect(t, "at 26", s.after(time.Second), "5 event 1", "2 event 26", "OnWatermark 26", "watermark 26")
		s.stop()
	})
}

// TestTimersAtTheEnd: event-time timers fire, those of the clock do not.
func TestTimersAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, 1, nil, nil)
		s.give([3]int64{1, 20, event}, [3]int64{2, 1 << 60, event}, [3]int64{3, int64(time.Hour / time.Microsecond), processing})
		s.tell(executor.Message{Kind: executor.EndMessage})
		expect(t, "at the end", s.after(2*time.Hour), "1 event 20", fmt.Sprintf("2 event %d", 1<<60), "OnWatermark end", "end")
		s.stop()
	})
}

// TestProcessingTimers: they fire at their time though nothing else happens, at once if it has
// passed, and not when they were cancelled.
func TestProcessingTimers(t *testing.T) {
	const minute = int64(time.Minute / time.Microsecond)
	synctest.Test(t, func(t *testing.T) {
		s := start(t, 1, nil, func(key, at int64) (int64, bool) { return at + minute, key == 2 && at < began+3*minute })
		s.give([3]int64{1, 90 * minute, processing}, [3]int64{2, 2 * minute, processing}, [3]int64{3, 60 * minute, processing})
		s.give([3]int64{3, 60 * minute, cancelOnTime}, [3]int64{4, -minute, processing})
		expect(t, "at once", s.after(time.Minute), fmt.Sprint("4 processing ", -minute))
		expect(t, "in the second minute", s.after(time.Minute+time.Second), fmt.Sprint("2 processing ", 2*minute))
		expect(t, "in the third minute", s.after(time.Minute), fmt.Sprint("2 processing ", 3*minute))
		expect(t, "in the first hour", s.after(time.Hour))
		expect(t, "in the second hour", s.after(time.Hour), fmt.Sprint("1 processing ", 90*minute))
		s.stop()
	})
}

// TestTimersOverARestore: what has not fired before the barrier fires once after a restore on
// other tasks, and what was due meanwhile at once.
func TestTimersOverARestore(t *testing.T) {
	const hour = int64(time.Hour / time.Microsecond)
	synctest.Test(t, func(t *testing.T) {
		s := start(t, 2, nil, nil)
		for key := range int64(20) {
			s.give([3]int64{key, 10 + key, event}, [3]int64{key, 100, event}, [3]int64{key, (1 + key%2*5) * hour, processing})
		}
		s.watermark(19)
		s.barrier(1)
		if got := s.after(time.Minute); len(got) != 10+2+2 || got[13] != "barrier" {
			t.Fatalf("before the barrier: %q", got)
		}
		s.stop()
		time.Sleep(3 * time.Hour)
		again := start(t, 3, s, nil)
		if got := again.after(0); len(got) != 10 {
			t.Errorf("when it starts anew: %q", got)
		}
		again.watermark(99)
		if got := again.after(time.Minute); len(got) != 10+3+1 {
			t.Errorf("at 99: %q", got)
		}
		if got := again.after(6 * time.Hour); len(got) != 10 {
			t.Errorf("in the sixth hour: %q", got)
		}
		again.tell(executor.Message{Kind: executor.EndMessage})
		if got := again.after(time.Minute); len(got) != 20+3+1 {
			t.Errorf("at the end: %q", got)
		}
		again.stop()
	})
}

// TestTimersAroundBarriers: random rows, watermarks and pauses, with a barrier at a random
// moment and a restore from it on other tasks: every timer fires once, before the barrier or
// after the restore, and those of a key in order.
func TestTimersAroundBarriers(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if one, err := strconv.ParseUint(os.Getenv("SLIPWAY_STATE_SEED"), 10, 64); err == nil {
		seed = one
	}
	t.Logf("repeat with: SLIPWAY_STATE_SEED=%d go test ./executor/executortest -run '^%s$'", seed, t.Name())
	r := rand.New(rand.NewPCG(seed, 1))
	for range 20 {
		synctest.Test(t, func(t *testing.T) { aroundBarrier(t, r) })
	}
}

func aroundBarrier(t *testing.T, r *rand.Rand) {
	want := map[string]bool{}
	s := start(t, 1+r.IntN(3), nil, nil)
	var fired []string
	low := int64(0)
	for range 5 + r.IntN(20) {
		for range r.IntN(30) {
			key, domain := int64(r.IntN(10)), state.Domain(r.IntN(2))
			at := int64(r.IntN(1000)) * 1000
			if domain == state.EventTime {
				at += low // never late, so that none can be registered again after it fired
			} else {
				at += time.Now().UnixMicro() - began + 1
			}
			want[fmt.Sprintf("%d %s %d", key, domain, at)] = true
			s.give([3]int64{key, at, int64(domain)})
		}
		if r.IntN(3) == 0 {
			low += int64(r.IntN(500_000))
			s.watermark(low)
			low++
		}
		fired = append(fired, s.after(time.Duration(r.IntN(300))*time.Millisecond)...)
	}
	s.barrier(1)
	fired = append(fired, s.after(time.Duration(r.IntN(300))*time.Millisecond)...)
	fired = fired[:slices.Index(fired, "barrier")]
	s.stop()
	again := start(t, 1+r.IntN(3), s, nil)
	fired = append(fired, again.after(time.Duration(r.IntN(1000))*time.Millisecond)...)
	again.watermark(low + int64(r.IntN(1000_000)))
	fired = append(fired, again.after(10*time.Second)...)
	again.tell(executor.Message{Kind: executor.EndMessage})
	fired = append(fired, again.after(time.Second)...)
	again.stop()
	last := map[string]int64{}
	for _, line := range fired {
		var key, at int64
		var domain string
		if n, _ := fmt.Sscanf(line, "%d %s %d", &key, &domain, &at); n < 3 {
			continue
		}
		if !want[line] {
			t.Fatalf("fires though it was not registered, or twice: %s", line)
		}
		delete(want, line)
		if of := fmt.Sprint(key, domain); at < last[of] {
			t.Fatalf("fires behind one of %d: %s", last[of], line)
		} else {
			last[of] = at
		}
	}
	for line := range want {
		t.Fatalf("did not fire: %s", line)
	}
}
