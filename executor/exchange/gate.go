package exchange

import (
	"context"
	"reflect"
	"slices"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
)

// Gate makes one aligned stream of many inputs. A barrier comes out once, when every
// input that has not ended has delivered it; until then inputs that have are not
// read (exactly once) or read on (at least once). The watermark is the least of the
// inputs that are not idle.
type Gate struct {
	inputs []*Edge
	align  align
	marks  marks
	loads  []bool // inputs that are read to their end before the others
	toLoad int    // of those, how many have not ended
	cases  []reflect.SelectCase
	first  int   // whose turn it was in Poll
	last   *Edge // whose batch is lent out
	lent   *column.Batch
}

// NewGate reads from edges. exactlyOnce blocks inputs while a barrier is awaited. Inputs of the
// ports in first are read to their end before the others; of them only batches come out.
func NewGate(inputs []*Edge, exactlyOnce bool, first ...int) *Gate {
	n := len(inputs)
	g := &Gate{inputs: inputs, align: align{n: n, block: exactlyOnce, arrived: make([]bool, n), ended: make([]bool, n)}, marks: newMarks(n)}
	for _, e := range inputs {
		g.cases = append(g.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(e.ch)})
	}
	g.load(first)
	receive := reflect.SelectCase{Dir: reflect.SelectRecv}
	g.cases = append(g.cases, receive, receive, receive)
	return g
}

// load puts inputs in front of the others. For barriers and watermarks they are none.
func (g *Gate) load(ports []int) {
	g.loads = make([]bool, len(g.inputs))
	for i, e := range g.inputs {
		if slices.Contains(ports, e.port) {
			g.loads[i], g.align.ended[i], g.marks.idle[i] = true, true, true
			g.toLoad++
		}
	}
}

// blocked tells that an input is not read now.
func (g *Gate) blocked(i int) bool {
	if g.loads[i] {
		return g.toLoad == 0
	}
	return g.toLoad > 0 || g.align.blocked(i)
}

// loaded takes a message from an input that is read before the others.
func (g *Gate) loaded(m executor.Message) (executor.Message, bool) {
	switch m.Kind {
	case executor.BatchMessage:
		return m, true
	case executor.EndMessage:
		g.toLoad--
	}
	return executor.Message{}, false
}

// Waiting says which inputs a barrier is still awaited from; nil if none is under way.
func (g *Gate) Waiting() []int { return g.align.waiting() }

// Poll gives a message that waits at an input, and its port; false if there is none. The
// batch is lent until the following Poll or Next.
func (g *Gate) Poll() (m executor.Message, port int, ok bool) {
	g.giveBack()
	for empty := 0; empty < len(g.inputs); empty++ {
		g.first = (g.first + 1) % len(g.inputs) // inputs take turns
		if g.blocked(g.first) {
			continue
		}
		select {
		case in := <-g.inputs[g.first].ch:
			if out, ok := g.pass(g.first, in); ok {
				return out, g.inputs[g.first].port, true
			}
			empty = -1
		default:
		}
	}
	return executor.Message{}, 0, false
}

// giveBack ends the loan of a batch.
func (g *Gate) giveBack() {
	if g.lent != nil {
		g.last.release(g.lent)
		g.lent = nil
	}
}

// pass takes a message from input i; a batch that comes out is lent.
func (g *Gate) pass(i int, in executor.Message) (executor.Message, bool) {
	out, ok := g.take(i, in)
	if ok && out.Kind == executor.BatchMessage {
		g.last, g.lent = g.inputs[i], out.Batch
	}
	return out, ok
}

// Next waits for the next message and gives it with its port. mail means that the mailbox
// has something, tick that the timer has: neither is ever blocked by alignment.
func Next[T any](ctx context.Context, g *Gate, mailbox <-chan T, timer <-chan time.Time) (m executor.Message, port int, mail *T, tick bool, err error) {
	g.giveBack()
	for {
		i, in, mail, tick, err := receive(ctx, g, mailbox, timer)
		if err != nil || mail != nil || tick {
			return executor.Message{}, 0, mail, tick, err
		}
		if out, ok := g.pass(i, in); ok {
			return out, g.inputs[i].port, nil, false, nil
		}
	}
}

func receive[T any](ctx context.Context, g *Gate, mailbox <-chan T, timer <-chan time.Time) (i int, m executor.Message, mail *T, tick bool, err error) {
	if len(g.inputs) == 1 { // the common case needs no reflection
		select {
		case m = <-g.inputs[0].ch:
			return 0, m, nil, false, nil
		case v := <-mailbox:
			return 0, m, &v, false, nil
		case <-timer:
			return 0, m, nil, true, nil
		case <-ctx.Done():
			return 0, m, nil, false, ctx.Err()
		}
	}
	n := len(g.inputs)
	for k, e := range g.inputs {
		if g.blocked(k) {
			g.cases[k].Chan = reflect.Value{}
		} else {
			g.cases[k].Chan = reflect.ValueOf(e.ch)
		}
	}
	g.cases[n].Chan, g.cases[n+1].Chan, g.cases[n+2].Chan = reflect.ValueOf(mailbox), reflect.ValueOf(timer), reflect.ValueOf(ctx.Done())
	chosen, v, _ := reflect.Select(g.cases)
	switch chosen {
	case n:
		x := v.Interface().(T)
		return 0, m, &x, false, nil
	case n + 1:
		return 0, m, nil, true, nil
	case n + 2:
		return 0, m, nil, false, ctx.Err()
	}
	return chosen, v.Interface().(executor.Message), nil, false, nil
}

// take decides what comes out of the gate when input i delivers m; nothing, often.
func (g *Gate) take(i int, m executor.Message) (executor.Message, bool) {
	if g.loads[i] {
		return g.loaded(m)
	}
	switch m.Kind {
	case executor.BatchMessage:
		g.marks.active(i)
		return m, true
	case executor.WatermarkMessage:
		if m.Watermark == executor.EndWatermark { // the end of time is the end of all inputs
			return executor.Message{}, false
		}
		w, ok := g.marks.advance(i, m.Watermark)
		return executor.Message{Kind: executor.WatermarkMessage, Watermark: w}, ok
	case executor.IdleMessage:
		return g.marks.rest(i)
	case executor.BarrierMessage:
		return m, g.align.barrier(i, m.Barrier)
	}
	if g.align.end(i) {
		return executor.Message{Kind: executor.EndMessage}, true
	}
	if b, ok := g.align.completed(); ok {
		return executor.Message{Kind: executor.BarrierMessage, Barrier: b}, true
	}
	return g.marks.rest(i)
}

// align follows one barrier at a time; a newer one replaces an older that never
// completed.
type align struct {
	n       int
	block   bool
	current checkpoint.Barrier // ID 0: none
	done    checkpoint.ID      // the last that completed
	arrived []bool
	ended   []bool
}

func (a *align) blocked(i int) bool {
	return a.block && a.current.ID != 0 && a.arrived[i] || a.ended[i]
}

func (a *align) waiting() (inputs []int) {
	if a.current.ID == 0 {
		return nil
	}
	for i := range a.n {
		if !a.arrived[i] && !a.ended[i] {
			inputs = append(inputs, i)
		}
	}
	return inputs
}

// barrier notes an arrival; true if the barrier is complete.
func (a *align) barrier(i int, b checkpoint.Barrier) bool {
	if b.ID <= a.done || b.ID < a.current.ID {
		return false
	}
	if b.ID > a.current.ID {
		a.current = b
		clear(a.arrived)
	}
	a.arrived[i] = true
	_, ok := a.completed()
	return ok
}

func (a *align) completed() (checkpoint.Barrier, bool) {
	b := a.current
	if b.ID == 0 || len(a.waiting()) > 0 {
		return b, false
	}
	a.done, a.current = b.ID, checkpoint.Barrier{}
	clear(a.arrived)
	return b, true
}

// end notes the end of an input; true if it was the last.
func (a *align) end(i int) bool {
	a.ended[i] = true
	for _, e := range a.ended {
		if !e {
			return false
		}
	}
	return true
}

// marks keeps the inputs' watermarks.
type marks struct {
	at      []int64
	idle    []bool
	current int64
	resting bool // idle was passed on
}

func newMarks(n int) marks {
	m := marks{at: make([]int64, n), idle: make([]bool, n), current: executor.NoWatermark}
	for i := range m.at {
		m.at[i] = executor.NoWatermark
	}
	return m
}

func (m *marks) active(i int) { m.idle[i], m.resting = false, false }

func (m *marks) advance(i int, w int64) (int64, bool) {
	m.active(i)
	m.at[i] = max(m.at[i], w)
	return m.raise()
}

// raise gives the new minimum if it has risen.
func (m *marks) raise() (int64, bool) {
	low, any := int64(executor.EndWatermark), false
	for i, w := range m.at {
		if !m.idle[i] {
			low, any = min(low, w), true
		}
	}
	if !any || low <= m.current {
		return 0, false
	}
	m.current = low
	return low, true
}

// rest lets an idle or ended input no longer hold the minimum back.
func (m *marks) rest(i int) (executor.Message, bool) {
	m.idle[i] = true
	if w, ok := m.raise(); ok {
		return executor.Message{Kind: executor.WatermarkMessage, Watermark: w}, true
	}
	for _, idle := range m.idle {
		if !idle {
			return executor.Message{}, false
		}
	}
	first := !m.resting
	m.resting = true
	return executor.Message{Kind: executor.IdleMessage}, first
}
