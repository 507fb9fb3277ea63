package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// take takes the rows of a partition that the watermark has passed.
func (m *MatchTable) take(p *matchPartition, key int32, watermark int64) (err error) {
	id := m.first(p, key)
	p.waits = state.Absent
	for {
		timely := id != state.Absent && m.order.at(id) < watermark
		now := watermark
		if timely {
			now = m.order.at(id)
		}
		if len(p.attempts) > 0 && m.elapsed(&p.attempts[0], now, timely) {
			th, matched := m.threads.elapsed(&p.attempts[0])
			if id, err = m.settle(p, 0, th, matched, id); err != nil {
				return err
			}
			continue
		}
		if !timely {
			return nil
		}
		if !m.ready(id, watermark) {
			p.waits = id
			return nil
		}
		if id, err = m.row(p, id); err != nil {
			return err
		}
	}
}

// first is the row of a partition that is to be taken next.
func (m *MatchTable) first(p *matchPartition, key int32) int32 {
	if p.waits != state.Absent {
		return p.waits
	}
	return m.order.from(key, p.upTo)
}

// ready tells that the rows behind one are there which conditions or measures read. None comes in front of those that the watermark has passed.
func (m *MatchTable) ready(id int32, watermark int64) bool {
	if !m.looks || watermark == executor.EndWatermark {
		return true
	}
	for range max(m.ahead, m.threads.conds.ahead(id)) {
		if id = m.kept.Next(id); id == state.Absent || m.order.at(id) >= watermark {
			return false
		}
	}
	return true
}

// elapsed tells that no row from a time on may belong to a match; behind the end of the input none comes.
func (m *MatchTable) elapsed(a *matchAttempt, now int64, more bool) bool {
	return m.within > 0 && a.at+m.within <= now || !more && now == executor.EndWatermark
}

// row takes a row to the attempts, and gives the one that is next.
func (m *MatchTable) row(p *matchPartition, id int32) (next int32, err error) {
	if (m.overlap || len(p.attempts) == 0) && m.kept.Acc(id)[0]&passedBit == 0 {
		p.attempts = m.begin(p.attempts, id)
	}
	if err := m.threads.step(p.attempts, id); err != nil {
		return id, err
	}
	next = m.kept.Next(id)
	for i := 0; i < len(p.attempts); {
		a := &p.attempts[i]
		th, matched := m.threads.match(a)
		if !matched && len(a.threads) > 0 {
			i++
			continue
		}
		if next, err = m.settle(p, i, th, matched, next); err != nil {
			return next, err
		}
	}
	return next, nil
}

// begin adds an attempt, in memory that a former one had.
func (m *MatchTable) begin(list []matchAttempt, id int32) []matchAttempt {
	if len(list) < cap(list) {
		list = list[:len(list)+1]
	} else {
		list = append(list, matchAttempt{})
	}
	m.live++
	m.threads.total++
	a := &list[len(list)-1]
	a.start, a.at, a.threads = id, m.order.at(id), append(a.threads[:0], matchThread{0, noNode})
	return list
}

// settle gives the match of an attempt, if it has one, and ends it. It gives the row that is to be taken
// next, which was another one if the search goes on elsewhere.
func (m *MatchTable) settle(p *matchPartition, i int, th matchThread, matched bool, next int32) (int32, error) {
	a := &p.attempts[i]
	from := m.kept.Next(a.start)
	if matched {
		m.results.rows = m.threads.buffer.rows(m.results.rows[:0], th.node)
		p.number++
		m.results.give(&m.out, a.start, p.number)
		if m.out.err != nil {
			return next, m.out.err
		}
		m.note()
		to, err := m.skip(a.start, from)
		if err == nil {
			from = to
		} else if err = m.faults.leave(err); err != nil {
			return next, err
		}
	} else if m.plan.Unmatched && m.kept.Acc(a.start)[0]&matchedBit == 0 {
		if m.results.unmatched(&m.out, a.start); m.out.err != nil {
			return next, m.out.err
		}
	}
	m.pass(a.start, from)
	m.threads.drop(a)
	spare := a.threads
	m.live--
	p.attempts = slices.Delete(p.attempts, i, i+1)
	p.attempts[:len(p.attempts)+1][len(p.attempts)].threads = spare
	if m.overlap {
		return next, nil
	}
	return from, nil
}

// note notes which rows belong to the match.
func (m *MatchTable) note() {
	if !m.plan.Unmatched {
		return
	}
	for _, r := range m.results.rows {
		m.kept.Write(r.id)[0] |= matchedBit
	}
}

// pass notes that no match begins with some rows any more.
func (m *MatchTable) pass(id, to int32) {
	for ; id != to; id = m.kept.Next(id) {
		if w := m.kept.Acc(id)[0]; w&passedBit == 0 {
			m.kept.Write(id)[0] = w | passedBit
		}
	}
}

// skip gives the row from which the next match is looked for behind the one that was found.
func (m *MatchTable) skip(start, second int32) (int32, error) {
	rows, p := m.results.rows, m.plan
	if len(rows) == 0 || p.Skip == plan.SkipToNext {
		return second, nil
	}
	if p.Skip == plan.SkipPastLast {
		return m.kept.Next(rows[len(rows)-1].id), nil
	}
	to, set := state.Absent, variableSet(p.SkipTo)
	for _, r := range rows {
		if set>>p.States[r.state].Variable&1 != 0 {
			if to = r.id; p.Skip == plan.SkipToFirst {
				break
			}
		}
	}
	switch to {
	case state.Absent:
		return to, sqlerr.New(sqlerr.SkipToNoRow, "AFTER MATCH SKIP: the match has no row of the variable to skip to")
	case start:
		return to, sqlerr.New(sqlerr.SkipToFirstRow, "AFTER MATCH SKIP to the first row of the match would find the same match again")
	}
	return to, nil
}
