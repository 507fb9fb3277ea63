package op

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// matchThread is one way in which rows may match so far.
type matchThread struct {
	state int32 // or complete
	node  int32 // its last row
}

// complete is the state of a thread that is a match already, while one that is preferred may still become one.
const complete = int32(plan.MatchEnd)

// matchAttempt looks for the match that begins with one row: threads in the order of preference.
type matchAttempt struct {
	start   int32 // row
	at      int64 // its time
	threads []matchThread
}

// maxThreads bounds the ways in which the rows from one on may match: a pattern that lets each row
// belong to several variables, whose values are then asked for, has twice as many with every row.
const maxThreads = 10_000

// matchThreads steps attempts over rows.
type matchThreads struct {
	states   []plan.MatchState
	ends     []bool // by state: MatchEnd may follow
	earliest bool
	buffer   *matchBuffer
	conds    *matchConditions
	total    int // of all attempts

	candidates []matchCandidate
	next       []matchThread
	words      []uint64
	seen       []int32 // places of next and 1, by hash
	used       []int   // places of seen
}

// matchCandidate is where a thread may go with a row.
type matchCandidate struct {
	attempt, node, state int32
	fails                bool
}

// step takes a row to all attempts.
func (t *matchThreads) step(attempts []matchAttempt, row int32) error {
	t.candidates = t.candidates[:0]
	for i := range attempts {
		t.gather(int32(i), &attempts[i], row)
	}
	if err := t.conds.flushAll(t.candidates, row); err != nil {
		return err
	}
	rest := t.candidates
	for i := range attempts {
		n := 0
		for n < len(rest) && rest[n].attempt == int32(i) {
			n++
		}
		if err := t.advance(&attempts[i], rest[:n], row); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// gather lists where the threads of an attempt may go.
func (t *matchThreads) gather(number int32, a *matchAttempt, row int32) {
	for _, th := range a.threads {
		if th.state == complete {
			t.candidates = append(t.candidates, matchCandidate{attempt: number, node: th.node, state: complete})
			return
		}
		for _, s := range t.states[th.state].Next {
			if s == plan.MatchElapsed {
				continue
			}
			c := matchCandidate{attempt: number, node: th.node, state: int32(s)}
			if s == plan.MatchEnd {
				t.candidates = append(t.candidates, c)
				return
			}
			if t.conds.own(&t.states[s], row) {
				t.candidates = append(t.candidates, c)
				t.conds.ask(&t.states[s], len(t.candidates)-1, row)
			}
		}
	}
}

// advance makes threads of the candidates that have passed. Two that are in one state and that conditions
// cannot tell apart have the same ways before them: the preferred one stays.
func (t *matchThreads) advance(a *matchAttempt, list []matchCandidate, row int32) error {
	t.next = t.next[:0]
	t.room(len(list))
	for i := range list {
		c := &list[i]
		if c.fails {
			continue
		}
		certain, err := t.enter(c, row)
		if err != nil {
			return err
		}
		if certain {
			break
		}
	}
	for _, th := range a.threads {
		t.buffer.release(th.node)
	}
	t.total += len(t.next) - len(a.threads)
	a.threads = append(a.threads[:0], t.next...)
	if len(a.threads) > maxThreads {
		t.drop(a)
		err := sqlerr.New(sqlerr.ProgramLimit, "the pattern has more than %d ways to match the rows from one on", maxThreads).
			WithHint("Conditions that tell the variables apart, or WITHIN, leave fewer.")
		return t.conds.faults.leave(err)
	}
	return nil
}

// enter adds the thread of a candidate, and tells whether a match is certain by it.
func (t *matchThreads) enter(c *matchCandidate, row int32) (certain bool, err error) {
	if c.state == complete {
		t.buffer.share(c.node)
		t.next = append(t.next, matchThread{complete, c.node})
		return true, nil
	}
	s := &t.states[c.state]
	words := t.buffer.of(c.node)
	if s.Variable >= 0 {
		t.words = append(t.words[:0], words...)
		words = t.words
		t.conds.registers.path.node = c.node
		if err := t.conds.registers.take(words, row, s.Variable); err != nil {
			return false, t.conds.faults.leave(err)
		}
	}
	if t.known(c.state, words) {
		return false, nil
	}
	node := c.node
	if s.Variable >= 0 {
		if node, err = t.buffer.add(c.node, matchRow{row, c.state}, words); err != nil {
			return false, err
		}
	} else {
		t.buffer.share(node)
	}
	t.next = append(t.next, matchThread{c.state, node})
	return t.ends[c.state], nil
}

// room makes place for the hashes of so many threads.
func (t *matchThreads) room(n int) {
	for _, i := range t.used {
		t.seen[i] = 0
	}
	t.used = t.used[:0]
	for len(t.seen) < 2*n {
		t.seen = make([]int32, max(16, 2*len(t.seen)))
	}
}

// known tells that there is a thread in a state with these words, and enters it else.
func (t *matchThreads) known(s int32, words []uint64) bool {
	h := uint64(s) * 0x9e3779b97f4a7c15
	for _, w := range words {
		h = (h ^ w) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	mask := uint64(len(t.seen) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := t.seen[i]
		if n == 0 {
			t.seen[i], t.used = int32(len(t.next))+1, append(t.used, int(i))
			return false
		}
		if th := t.next[n-1]; th.state == s && slices.Equal(t.buffer.of(th.node), words) {
			return true
		}
	}
}

// match gives the thread that is the match, once it is certain which one is.
func (t *matchThreads) match(a *matchAttempt) (matchThread, bool) {
	for i, th := range a.threads {
		first := th.state == complete || t.states[th.state].Next[0] == plan.MatchEnd
		if i == 0 && first || t.earliest && (first || t.ends[th.state]) {
			return th, true
		}
		if !t.earliest {
			break
		}
	}
	return matchThread{}, false
}

// elapsed gives the thread that is the match if no further row may belong to it.
func (t *matchThreads) elapsed(a *matchAttempt) (matchThread, bool) {
	for _, th := range a.threads {
		if th.state == complete || t.ends[th.state] || slices.Contains(t.states[th.state].Next, plan.MatchElapsed) {
			return th, true
		}
	}
	return matchThread{}, false
}

// drop forgets the threads of an attempt.
func (t *matchThreads) drop(a *matchAttempt) {
	for _, th := range a.threads {
		t.buffer.release(th.node)
	}
	t.total -= len(a.threads)
	a.threads = a.threads[:0]
}
