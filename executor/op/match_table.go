package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// MatchTable keeps rows by partition and time as long as a match may read them. A row is taken when the
// watermark has passed it, and as many behind it as are read of it (NEXT), or the input has ended. State is the rows alone, each with a word that says what it may stand for, and whether
// a match may still begin with it; what partial matches there are follows from that, and behind a
// restore they are found again by taking the rows once more.
//
// Where a match says from where on the next one is looked for, there is one attempt at a time: the rows
// behind it that it has taken are taken again by the next one. Where matches overlap each row begins an attempt of its
// own, and each row is taken once.
type MatchTable struct {
	keptRows
	order   matchOrder
	plan    *plan.MatchTable
	within  int64 // 0: for ever
	overlap bool
	threads matchThreads
	results matchResults
	parts   []*matchPartition // by key of the state; nil: nothing has been taken of it
	numbers *matchNumbers
	faults  matchFaults
	looks   bool // ahead
	ahead   int  // rows that measures read behind those of a match
	live    int  // attempts
	charged int64
}

type matchPlan = plan.MatchTable

// matchPartition is what is known of the rows of a key.
type matchPartition struct {
	attempts []matchAttempt // in the order of their first rows
	upTo     int64          // rows before it have been taken, up to waits
	waits    int32          // the row that waits for those behind it; Absent: none
	number   int64          // of the last match
	armed    int64          // a timer for the time of the first attempt
}

// passedBit of a row's word: no match begins with it any more. Behind it come those of variables, and matchedBit: it belongs
// to a match (of rows that are given if they belong to none).
const (
	passedBit  = 1
	matchedBit = 1 << 63
)

// NewMatchTable makes the operator of a plan node over an input schema.
func NewMatchTable(p *plan.MatchTable, in types.Schema, o expr.Options) (*MatchTable, error) {
	m := &MatchTable{plan: p, within: micros(p.Within), overlap: p.Overlapping(), keptRows: newKeptRows(p.Partition, p.Time, in[:p.Kept], p.Out)}
	m.late, m.layout.Apart, m.layout.Init = p.Late, true, []uint64{0}
	columns := m.layout.Columns
	m.order.layout(&m.keptRows, p.Order)
	conds, err := newMatchConditions(p, columns, o)
	if err != nil {
		return nil, err
	}
	m.threads = matchThreads{states: p.States, earliest: p.Earliest, conds: conds}
	for _, s := range p.States {
		m.threads.ends = append(m.threads.ends, slices.Contains(s.Next, plan.MatchEnd))
	}
	m.results = newMatchResults(p, columns)
	m.ahead = plan.Ahead(p.Measures)
	m.looks = m.ahead > 0 || plan.Ahead(p.Values) > 0
	return m, nil
}

// Open implements executor.Operator.
func (m *MatchTable) Open(env *executor.Env) error {
	if err := m.keptRows.Open(env); err != nil {
		return err
	}
	m.order.kept = m.kept
	c := m.threads.conds
	m.threads.buffer = &matchBuffer{store: env.State, width: c.registers.words, zeros: make([]uint64, c.registers.words)}
	m.faults.env = env
	c.faults, m.results.faults = &m.faults, &m.faults
	c.registers.path = matchPath{buffer: m.threads.buffer, states: m.plan.States, other: map[*matchRegister]*column.Vector{}}
	c.kept, c.registers.kept, c.buffer, m.results.registers.kept = m.kept, m.kept, m.threads.buffer, m.kept
	if m.plan.Numbered() {
		m.numbers = newMatchNumbers(env.State, m.keyTypes())
	}
	return nil
}

// Process keeps the rows that are in time.
func (m *MatchTable) Process(_ int, b *column.Batch, _ executor.Output) error {
	left, err := m.divide(b)
	if err != nil {
		return err
	}
	left.tell(m.env, m.time.at)
	if len(m.timely) == 0 {
		return nil
	}
	m.hashes = column.HashColumns(m.hashes, b, m.keys)
	if m.ids, err = m.kept.Apply(m.order.take(b, m.keptRows.at, m.timely), m.all, m.hashes, m.timely, m.ids); err != nil {
		return err
	}
	m.due = m.due[:0]
	m.room(b.Rows)
	for i, id := range m.ids {
		r := m.timely[i]
		m.kept.Write(id)[0] = m.word(b, int(r))
		if before := m.kept.Prev(id); before == state.Absent || m.time.passed(m.order.at(before)) {
			m.due, m.times[r] = append(m.due, r), m.order.at(id)+1
		}
	}
	return m.register(m.env, b, m.keys, m.hashes)
}

// word says which variables a row may stand for as far as that hangs on the row alone.
func (m *MatchTable) word(b *column.Batch, r int) (w uint64) {
	for i, v := range m.plan.Variables {
		if v.Own >= 0 && !b.Cols[v.Own].Null(r) && b.Cols[v.Own].Bools[r] {
			w |= 2 << i
		}
	}
	return w
}

// OnTimer takes the rows of partitions that the watermark has passed.
func (m *MatchTable) OnTimer(due *state.Due, out executor.Output) error {
	m.out.out, m.out.err = out, nil
	m.found = m.kept.Lookup(due.Keys, m.keyCols, due.Hashes, nil, m.found)
	m.room(due.Keys.Rows)
	m.cancel(due)
	m.due = m.due[:0]
	for i, key := range m.found {
		if key == state.Absent {
			continue
		}
		next, err := m.turn(due, i, key)
		if err != nil {
			return err
		}
		if next < state.NoTimer {
			m.due, m.times[i] = append(m.due, int32(i)), next
		}
	}
	if err := m.out.finish(); err != nil {
		return err
	}
	m.kept.Prune()
	if err := m.charge(); err != nil {
		return err
	}
	return m.register(m.env, due.Keys, m.keyCols, due.Hashes)
}

// cancel takes away the timers for the times of attempts, which are about to be others.
func (m *MatchTable) cancel(due *state.Due) {
	m.due = m.due[:0]
	for i, key := range m.found {
		if key == state.Absent || int(key) >= len(m.parts) || m.parts[key] == nil || m.parts[key].armed <= due.UpTo {
			continue
		}
		m.due, m.times[i] = append(m.due, int32(i)), m.parts[key].armed
	}
	if len(m.due) > 0 {
		m.env.Timers.Cancel(state.EventTime, due.Keys, m.keyCols, due.Hashes, m.due, m.times)
	}
}

// turn takes what is due of a partition, the i-th of those that are, and says when there is more to do.
func (m *MatchTable) turn(due *state.Due, i int, key int32) (again int64, err error) {
	for int(key) >= len(m.parts) {
		m.parts = append(m.parts, nil)
	}
	p := m.parts[key]
	if p == nil {
		p = &matchPartition{upTo: executor.NoWatermark, waits: state.Absent}
		if m.parts[key] = p; m.numbers != nil {
			p.number = m.numbers.last(due, m.keyCols, i)
		}
	}
	number := p.number
	if err := m.take(p, key, due.UpTo); err != nil {
		return 0, err
	}
	if m.numbers != nil && p.number != number {
		if err := m.numbers.keep(due, m.keyCols, i, p.number); err != nil {
			return 0, err
		}
	}
	p.upTo, p.armed = due.UpTo, 0
	again = state.NoTimer
	if len(p.attempts) > 0 || p.waits != state.Absent {
		if p.armed = endOfInput; m.within > 0 && p.waits == state.Absent {
			p.armed = p.attempts[0].at + m.within
		}
		again = p.armed
	}
	if next := m.forget(p, key); next != state.Absent {
		again = min(again, m.order.at(next)+1)
	}
	return again, nil
}

// endOfInput is the time of a timer that fires at the end of the input alone.
const endOfInput = state.NoTimer - 1

// forget removes the rows that nothing reads any more, and gives the first that is still to be taken.
func (m *MatchTable) forget(p *matchPartition, key int32) (next int32) {
	next = m.order.from(key, p.upTo)
	until := m.first(p, key)
	if len(p.attempts) > 0 {
		until = p.attempts[0].start
	}
	before := until
	for range m.plan.Before {
		var prev int32
		if before == state.Absent {
			prev = m.kept.Last(key)
		} else {
			prev = m.kept.Prev(before)
		}
		if prev == state.Absent {
			break
		}
		before = prev
	}
	for id := m.kept.First(key); id != before; {
		after := m.kept.Next(id)
		m.kept.Remove(id)
		id = after
	}
	if before == state.Absent {
		m.parts[key] = nil
	}
	return next
}

// charge reserves memory for the attempts, besides that of their rows.
func (m *MatchTable) charge() error {
	if err := m.threads.buffer.shrink(); err != nil {
		return err
	}
	size := (int64(m.live)*attemptBytes + int64(m.threads.total)*threadBytes) &^ (1<<14 - 1)
	more := size - m.charged
	m.charged = size
	return m.env.State.Reserve(more)
}

// What attempts and threads take, with what slices grow by.
const (
	attemptBytes = 64
	threadBytes  = 16
)
