package kafkaio

import "time"

// ends are where a bounded source ends: behind the last committed record that its
// partitions had when it was opened. Offsets are compared, never counted: markers of
// transactions and what a compaction took away have offsets and no records.
type ends struct {
	wait  time.Duration   // for more, when all ends are reached
	at    map[int32]int64 // of all partitions
	left  map[int32]bool  // those that are not read to their end
	since time.Time       // when all ends were reached; zero: they are not
	ready func()          // called when the wait is over
}

func newEnds(wait time.Duration, ready func()) *ends {
	return &ends{wait: wait, ready: ready, at: map[int32]int64{}, left: map[int32]bool{}}
}

// note takes a partition that is read from next on.
func (e *ends) note(p int32, next, end int64) {
	e.at[p] = end
	if next < end {
		e.left[p] = true
	}
}

// reach takes note of a position; true if the partition's end is reached.
func (e *ends) reach(p int32, next int64) bool {
	if next < e.at[p] {
		return false
	}
	delete(e.left, p)
	return true
}

// behind tells a record that came too late for a source that does not wait.
func (e *ends) behind(p int32, offset int64) bool {
	return e != nil && e.wait == 0 && offset >= e.at[p]
}

// over tells that the source has ended.
func (e *ends) over(now time.Time) bool {
	if len(e.left) > 0 {
		return false
	}
	if e.since.IsZero() {
		e.since = now
		time.AfterFunc(e.wait, e.ready) // once; does no harm to a source that is closed
	}
	return now.Sub(e.since) >= e.wait
}
