package op

import "time"

// idle tells which rows have not come again for some time. When that was an operator keeps in a word
// of each row, in milliseconds since 1970.
type idle struct {
	ttl   int64 // milliseconds; 0: rows stay
	now   func() time.Time
	swept int64
}

func newIdle(ttl time.Duration) idle { return idle{ttl: ttl.Milliseconds(), now: time.Now} }

// stamp is the time now; 0 where none is kept.
func (i *idle) stamp() uint64 {
	if i.ttl == 0 {
		return 0
	}
	return uint64(i.now().UnixMilli())
}

// sweepDue says, now and then, that rows with a stamp below oldest are to be forgotten.
func (i *idle) sweepDue() (oldest uint64, sweep bool) {
	if i.ttl == 0 {
		return 0, false
	}
	now := i.now().UnixMilli()
	if now-i.swept < i.ttl/10 {
		return 0, false
	}
	i.swept = now
	return uint64(max(0, now-i.ttl)), true
}
