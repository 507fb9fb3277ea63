// Package task drives one subtask: its source or gate, its chain of operators, its
// sink or edges, in one loop of one goroutine. It is the sole caller of all of them.
package task

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"slipway/checkpoint"
	"slipway/conf/faultinject"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/exchange"
	"slipway/executor/state"
	"slipway/sql/plan"
)

var (
	afterPoll    = faultinject.CrashPoint("source-polled")
	beforeFreeze = faultinject.CrashPoint("barrier-before-freeze")
	afterFreeze  = faultinject.CrashPoint("state-frozen-not-written")
	afterWrite   = faultinject.CrashPoint("state-written-not-acknowledged")
	afterPrepare = faultinject.CrashPoint("sink-prepared-not-acknowledged")
)

// Node is one operator of the chain.
type Node struct {
	Op     executor.Operator
	ID     plan.OperatorID // of a stateful one
	Schema string          // its StateSchema
	State  *state.Store    // nil for a stateless one
	// Delay is how far behind the watermark the rows may be that it gives, in microseconds: the
	// watermark goes on behind it as much later.
	Delay int64
}

// holds tells that the operator makes fewer rows of more, the later it is flushed.
func (n Node) holds() bool {
	h, ok := n.Op.(executor.Holder)
	return ok && h.Holds()
}

// behind is the watermark as it goes on behind the operator.
func (n Node) behind(w int64) int64 {
	if w == executor.EndWatermark || w < executor.NoWatermark+n.Delay {
		return w
	}
	return w - n.Delay
}

// Reports takes what a task tells of its checkpoints; the job implements it, since it knows
// when a checkpoint's file is whole.
type Reports interface {
	// Sections is where the state of a checkpoint is written.
	Sections(id checkpoint.ID) state.SectionWriter
	// Ack: the task's part is written (durable once the checkpoint's file is closed).
	Ack(checkpoint.Ack)
	Declined(id checkpoint.ID, task checkpoint.TaskID, reason error)
	// Finished: a bounded input has ended; state is what the task ended with.
	Finished(task checkpoint.TaskID, state []checkpoint.OperatorState)
}

// Command is what comes through the mailbox.
type Command struct {
	Trigger   *checkpoint.Barrier
	Committed checkpoint.ID
	Done      func(error) // called when a Committed has taken effect
}

// Config is everything a task is made of.
type Config struct {
	ID        checkpoint.TaskID
	Env       *executor.Env
	Source    executor.Source // nil if it reads from a gate
	SourceID  plan.OperatorID
	Watermark *plan.WatermarkSpec
	// Times computes the event times of a batch where they are no column of it; NULL of rows that have none. Nil: they are.
	Times    func(*column.Batch) (*column.Vector, error)
	Restored [][]byte // source positions of all former subtasks; nil at a fresh start
	Gate     *exchange.Gate
	Chain    []Node
	Sink     executor.Sink // nil if it writes to edges
	SinkID   plan.OperatorID
	Outputs  []*exchange.Partitioner
	// Diverted are the edges for what the source refuses, and operators cannot compute.
	Diverted []*exchange.Partitioner
	// Late are the edges for what operators leave out as late, and LateRows what fills the first.
	Late     []*exchange.Partitioner
	LateRows *executor.LateRows
	Reports  Reports
	// Writing ends when nobody wants the state that is still being written.
	Writing context.Context
	// Volatile: nothing is ever restored from it.
	Volatile bool
	// Memory, if it is not nil, is what the batches that operators hand on count for.
	Memory *state.Budget
	// Anew: it reads to its end, also behind a barrier that ends other sources.
	Anew bool
}

// Task is one subtask.
type Task struct {
	Config
	Mailbox       chan Command
	watermarks    *watermarkGenerator
	phase         atomic.Pointer[string]
	writes        chan writing
	written       chan struct{}  // closed when the writer has ended
	unwritten     sync.WaitGroup // barriers whose state the writer has not reported
	opened        chan struct{}  // closed when source, operators and sink are open
	gone          chan struct{}  // closed when Run returns
	ended         bool           // a barrier that ends the sources has passed
	last          checkpoint.ID  // of the barrier that ended the task; 0: none, or it holds
	sent          map[checkpoint.ID][]byte
	schedule      schedule
	outs          []executor.Output // behind each operator
	timers        []*state.Timers   // of each operator; nil of one without state
	figures       figures
	heldWatermark int64 // the watermark that waits for rows that are held; NoWatermark: none does
}

// New makes a task; Run starts it.
func New(c Config) *Task {
	t := &Task{
		Config:        c,
		watermarks:    newWatermarkGenerator(c.Watermark),
		Mailbox:       make(chan Command, 16),
		writes:        make(chan writing, 1),
		written:       make(chan struct{}),
		opened:        make(chan struct{}),
		gone:          make(chan struct{}),
		sent:          map[checkpoint.ID][]byte{},
		heldWatermark: executor.NoWatermark,
	}
	t.figures.of(len(c.Chain))
	t.setPhase("waiting for the barrier")
	return t
}

func (t *Task) setPhase(p string) { t.phase.Store(&p) }

// Opened waits until everything is open: the source has its positions. False if the task
// ends before.
func (t *Task) Opened() bool {
	select {
	case <-t.opened:
		return true
	case <-t.gone:
	}
	select {
	case <-t.opened:
		return true
	default:
		return false
	}
}

// Gone is closed when the task has ended.
func (t *Task) Gone() <-chan struct{} { return t.gone }

// Phase says what the task is doing for a checkpoint.
func (t *Task) Phase() string { return *t.phase.Load() }

// Run opens everything, loops until the end of the input, a failure or ctx, and
// closes everything. A panic of an operator becomes an error, once.
func (t *Task) Run(ctx context.Context) (err error) {
	defer close(t.gone)
	defer func() {
		if p := recover(); p != nil {
			err = &Error{ID: t.ID, Panicked: true, Err: fmt.Errorf("panicked: %v\n%s", p, debug.Stack())}
		}
	}()
	defer func() { err = errors.Join(err, t.close()) }()
	go t.writer() // ends when writes is closed; close waits for it
	if err := t.open(ctx); err != nil {
		return err
	}
	close(t.opened)
	t.schedule.start(time.Now())
	t.figures.began.Start()
	defer t.figures.began.Stop()
	defer t.schedule.timer.Stop()
	if t.Source != nil {
		err = t.sourceLoop(ctx)
	} else {
		err = t.gateLoop(ctx)
	}
	if errors.Is(err, executor.ErrFinished) {
		return t.finishEarly(ctx)
	}
	if err == nil {
		err = t.awaitLastCommit(ctx)
	}
	if err != nil {
		return &Error{ID: t.ID, Err: err}
	}
	return nil
}

// awaitLastCommit waits behind the barrier that ended the task for the word that it holds: the
// source's position is committed with it. If the barrier fails, ctx ends.
func (t *Task) awaitLastCommit(ctx context.Context) error {
	for t.last != 0 {
		select {
		case c := <-t.Mailbox:
			if err := t.commandAfterLast(ctx, c); err != nil {
				return err
			}
		case <-ctx.Done():
			select {
			case c := <-t.Mailbox: // another task was told first, and has ended the job
				return t.commandAfterLast(context.WithoutCancel(ctx), c)
			default:
				return nil
			}
		}
	}
	return nil
}

// commandAfterLast obeys a command behind the last barrier: only the word that one holds still counts.
func (t *Task) commandAfterLast(ctx context.Context, c Command) error {
	if c.Trigger != nil {
		return nil
	}
	err := t.committed(ctx, c.Committed)
	c.Done(err)
	return err
}

// finishEarly ends the stream behind an operator that wants no more rows. What comes in
// is left lying: the job ends when its last stage has ended.
func (t *Task) finishEarly(ctx context.Context) error {
	if err := t.flush(); err != nil {
		return err
	}
	if err := t.broadcast(executor.Message{Kind: executor.EndMessage}); err != nil {
		return err
	}
	if len(t.Outputs) > 0 {
		<-ctx.Done()
	}
	return nil
}

func (t *Task) open(ctx context.Context) error {
	t.outs = make([]executor.Output, len(t.Chain))
	if len(t.figures.bytes) != len(t.Chain) { // it was given its operators behind New
		t.figures.of(len(t.Chain))
	}
	var next executor.Output = chainEnd{t}
	for i := len(t.Chain) - 1; i >= 0; i-- {
		if t.Memory != nil {
			next = t.metered(next)
		}
		t.outs[i] = next
		next = &link{run: ctx, op: t.Chain[i].Op, next: next, came: &t.figures.passed[i]}
	}
	t.timers = newTimers(t.Chain)
	t.schedule.holder = slices.ContainsFunc(t.Chain, Node.holds)
	t.Env.Late = t.LateRows
	if len(t.Diverted) > 0 {
		t.Env.Diverted = executor.NewDiverted(t.Diverted[0])
	}
	for i, n := range t.Chain {
		env := *t.Env
		env.Operator, env.State, env.Timers = n.ID, n.State, t.timers[i]
		if err := n.Op.Open(&env); err != nil {
			return fmt.Errorf("opening operator %s: %w", n.ID, err)
		}
	}
	if t.Sink != nil {
		env := *t.Env
		env.Operator = t.SinkID
		if err := t.Sink.Open(ctx, &env); err != nil {
			return fmt.Errorf("opening the sink: %w", err)
		}
	}
	if t.Source == nil {
		return nil
	}
	t.watermarks.began = time.Now()
	env := *t.Env
	env.Operator = t.SourceID
	if err := t.Source.Open(ctx, &env, t.Restored); err != nil {
		return fmt.Errorf("opening the source: %w", err)
	}
	return nil
}

func (t *Task) close() error {
	close(t.writes)
	t.awaitWriter()
	var all error
	if t.Source != nil {
		all = errors.Join(all, t.Source.Close())
	}
	for _, n := range t.Chain {
		all = errors.Join(all, n.Op.Close())
		if n.State != nil {
			n.State.Close()
		}
	}
	if t.Sink != nil {
		all = errors.Join(all, t.Sink.Close())
	}
	return all
}

// awaitWriter waits until what was frozen has been written, or is not wanted. A writer that is
// left behind touches nothing of the task's but what it was given.
func (t *Task) awaitWriter() {
	checkpoint.AwaitStore(t.written, t.Writing.Done())
}

// link calls the next operator of the chain. It ends with the run: one row may become more rows than anybody waits for.
type link struct {
	run  context.Context
	op   executor.Operator
	next executor.Output
	came *atomic.Int64
}

func (l *link) Emit(b *column.Batch) error {
	if err := l.run.Err(); err != nil {
		return err
	}
	l.came.Add(int64(b.Live()))
	return l.op.Process(0, b, l.next)
}

// chainEnd takes what leaves the chain.
type chainEnd struct{ t *Task }

func (o chainEnd) Emit(b *column.Batch) error {
	t := o.t
	t.figures.passed[len(t.Chain)].Add(int64(b.Live()))
	if t.Sink != nil {
		t.Env.Counters.RowsOut.Add(int64(b.Live()))
		return t.Sink.Write(b)
	}
	for _, p := range t.Outputs {
		if err := p.Emit(b); err != nil {
			return err
		}
	}
	return nil
}

// flush empties what operators hold outside their state, first to last, then the edges, and
// passes on the watermark that waited for it.
func (t *Task) flush() error {
	if err := t.flushRows(); err != nil || t.heldWatermark == executor.NoWatermark {
		return err
	}
	w := t.heldWatermark
	t.heldWatermark = executor.NoWatermark
	return t.passWatermark(w)
}

func (t *Task) flushRows() error {
	t.schedule.held = time.Time{}
	for i, n := range t.Chain {
		if err := n.Op.Flush(t.outs[i]); err != nil {
			return err
		}
	}
	if err := t.Env.Diverted.Flush(); err != nil {
		return err
	}
	if err := t.Env.Late.Flush(); err != nil {
		return err
	}
	return t.eachEdge((*exchange.Partitioner).Flush)
}

// broadcast sends a message that is no batch to all edges.
func (t *Task) broadcast(m executor.Message) error {
	return t.eachEdge(func(p *exchange.Partitioner) error { return p.Broadcast(m) })
}

func (t *Task) eachEdge(f func(*exchange.Partitioner) error) error {
	for _, list := range [][]*exchange.Partitioner{t.Outputs, t.Diverted, t.Late} {
		for _, p := range list {
			if err := f(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// watermark handles one that has come from all inputs: at once, or with the rows that are held.
func (t *Task) watermark(w int64) error {
	now := time.Now()
	if t.Sink != nil || t.stateful() {
		t.schedule.touched(now)
	}
	if t.schedule.holdsBack(now, w) {
		t.heldWatermark = w
		return nil
	}
	if err := t.flushRows(); err != nil {
		return err
	}
	t.heldWatermark = executor.NoWatermark
	return t.passWatermark(w)
}

// passWatermark lets everything up to it become due, and passes it on. What came before it has been flushed.
func (t *Task) passWatermark(w int64) error {
	for i, n := range t.Chain {
		if err := t.fire(i, state.EventTime, w); err != nil {
			return err
		}
		if err := n.Op.OnWatermark(w, t.outs[i]); err != nil {
			return err
		}
		// What became due may have gone into an operator that holds it outside its state.
		for j := i + 1; j < len(t.Chain); j++ {
			if err := t.Chain[j].Op.Flush(t.outs[j]); err != nil {
				return err
			}
		}
		w = n.behind(w)
	}
	if reached := &t.Env.Counters.Watermark; w > reached.Load() { // a restored window may be ahead
		reached.Store(w)
	}
	return t.broadcast(executor.Message{Kind: executor.WatermarkMessage, Watermark: w})
}

// end passes the end of the input on. Behind a barrier that ends the sources no
// window fires and nothing is reported: the checkpoint holds everything.
func (t *Task) end(ctx context.Context) error {
	if !t.ended {
		if err := t.watermark(executor.EndWatermark); err != nil {
			return err
		}
		if err := t.finish(ctx); err != nil {
			return err
		}
	}
	return t.broadcast(executor.Message{Kind: executor.EndMessage})
}

func (t *Task) stateful() bool {
	return slices.ContainsFunc(t.Chain, func(n Node) bool { return n.State != nil })
}

func (t *Task) tick(now time.Time) error {
	size := int64(0)
	for i, n := range t.Chain {
		if n.State != nil {
			size += n.State.Bytes()
			t.figures.kept(i, n.State)
		}
	}
	t.Env.Counters.StateBytes.Store(size)
	t.schedule.tick = time.Time{}
	if t.Sink == nil {
		return nil
	}
	next, err := t.Sink.Tick(now)
	t.schedule.tick = next
	return err
}

// onTime does what is due by the clock; quiet means that no row waits in any input.
func (t *Task) onTime(now time.Time, quiet bool) error {
	if t.schedule.tickDue(now) {
		if err := t.tick(now); err != nil {
			return err
		}
	}
	if err := t.fireClock(now); err != nil {
		return err
	}
	if !t.schedule.flushDue(now, quiet) {
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	t.schedule.gave(now, time.Now())
	return nil
}

// gateLoop is the loop of a task that reads from others. It waits only when nothing waits
// for it, and what is held then leaves.
func (t *Task) gateLoop(ctx context.Context) error {
	for {
		err := t.mail(ctx)
		if err != nil {
			return err
		}
		m, port, ok := t.Gate.Poll()
		now := time.Now()
		if ok {
			err = t.message(ctx, m, port, now)
		} else {
			err = t.await(ctx, now)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// await waits for a message, mail or a time.
func (t *Task) await(ctx context.Context, now time.Time) error {
	if err := t.onTime(now, true); err != nil {
		return err
	}
	alarm := t.schedule.alarm(now, t.clockTimer())
	t.Env.Counters.Idle.Start()
	m, port, mail, tick, err := exchange.Next(ctx, t.Gate, t.Mailbox, alarm)
	t.Env.Counters.Idle.Stop()
	switch {
	case err != nil:
		return err
	case mail != nil:
		return t.command(ctx, *mail)
	case tick:
		return nil
	}
	return t.message(ctx, m, port, time.Now())
}

func (t *Task) message(ctx context.Context, m executor.Message, port int, now time.Time) error {
	switch m.Kind {
	case executor.BatchMessage:
		t.schedule.holds(now)
		if err := t.process(port, m.Batch); err != nil {
			return err
		}
		return t.onTime(now, false)
	case executor.WatermarkMessage:
		return t.watermark(m.Watermark)
	case executor.IdleMessage:
		if err := t.flush(); err != nil {
			return err
		}
		return t.broadcast(m)
	case executor.BarrierMessage:
		return t.barrier(ctx, m.Barrier)
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	return io.EOF
}

func (t *Task) process(port int, b *column.Batch) error {
	if len(t.Chain) == 0 {
		return chainEnd{t}.Emit(b)
	}
	t.figures.passed[0].Add(int64(b.Live()))
	return t.Chain[0].Op.Process(port, b, t.outs[0])
}

// sourceLoop asks the source, and looks at the mailbox between two batches: there
// a barrier falls. It sleeps when there is nothing.
func (t *Task) sourceLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := t.mail(ctx); err != nil || t.ended {
			return err
		}
		b, err := t.Source.Next(ctx)
		if err == io.EOF {
			return t.end(ctx)
		}
		if err != nil {
			return err
		}
		afterPoll.Here()
		if b != nil {
			err = t.take(b, time.Now())
		} else {
			err = t.sleep(ctx, time.Now())
		}
		if err != nil || t.ended {
			return err
		}
	}
	return ctx.Err()
}

// observe shows the times of a batch to the watermark.
func (t *Task) observe(b *column.Batch, now time.Time) (err error) {
	if t.watermarks.times = nil; t.Times != nil {
		t.watermarks.times, err = t.Times(b)
	}
	t.watermarks.observe(b, now)
	return err
}

func (t *Task) take(b *column.Batch, now time.Time) error {
	if b.Live() > 0 {
		t.Env.Counters.RowsIn.Add(int64(b.Live()))
		if err := t.observe(b, now); err != nil {
			return err
		}
		t.schedule.holds(now)
		if err := t.process(0, b); err != nil {
			return err
		}
	}
	if t.Env.Diverted.Waits() {
		t.schedule.holds(now)
	}
	if err := t.onTime(now, false); err != nil {
		return err
	}
	return t.mark(now)
}

// sleep does what is due while the source has nothing, and waits for it, for mail or a time.
func (t *Task) sleep(ctx context.Context, now time.Time) error {
	if err := t.onTime(now, true); err != nil {
		return err
	}
	if err := t.mark(now); err != nil {
		return err
	}
	alarm := t.schedule.alarm(now, earliest(t.watermarks.wake, t.clockTimer()))
	t.Env.Counters.Idle.Start()
	defer t.Env.Counters.Idle.Stop()
	select {
	case <-t.Source.Ready():
	case c := <-t.Mailbox:
		t.Env.Counters.Idle.Stop()
		return t.command(ctx, c)
	case <-alarm:
	case <-ctx.Done():
	}
	return nil
}

// mark passes on what is new about event time.
func (t *Task) mark(now time.Time) error {
	if w, ok := t.watermarks.due(now, t.Source.Progress); ok {
		if err := t.watermark(w); err != nil {
			return err
		}
	}
	if t.watermarks.wentIdle() {
		return t.broadcast(executor.Message{Kind: executor.IdleMessage})
	}
	return nil
}

// mail handles everything in the mailbox.
func (t *Task) mail(ctx context.Context) error {
	for {
		select {
		case c := <-t.Mailbox:
			if err := t.command(ctx, c); err != nil || t.ended {
				return err
			}
		default:
			return nil
		}
	}
}

func (t *Task) command(ctx context.Context, c Command) error {
	if c.Trigger != nil {
		if t.Source == nil {
			return nil
		}
		if err := t.barrier(ctx, *c.Trigger); err != nil {
			return err
		}
		if t.ended {
			return t.broadcast(executor.Message{Kind: executor.EndMessage})
		}
		return nil
	}
	err := t.committed(ctx, c.Committed)
	c.Done(err)
	return err
}
