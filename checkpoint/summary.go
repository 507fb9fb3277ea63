package checkpoint

import "time"

// summaryEvery is the time between two lines on completed checkpoints in the log.
const summaryEvery = time.Minute

// summary gathers completed checkpoints into one line: the first of a run at once, then
// what came in a minute.
type summary struct {
	said  time.Time // the last line; zero: none yet
	count int64     // since then, as the rest
	last  ID
	total time.Duration
	worst time.Duration
	bytes int64
}

// add notes a completed checkpoint; due tells that the line should go out now.
func (s *summary) add(m *Manifest, now time.Time) (due bool) {
	took := m.Completed.Sub(m.Triggered)
	s.count++
	s.last, s.total, s.worst, s.bytes = m.Checkpoint, s.total+took, max(s.worst, took), s.bytes+m.Bytes
	return s.said.IsZero() || now.Sub(s.said) >= summaryEvery
}

// line gives what is to be said, and begins anew; nil if nothing came.
func (s *summary) line(now time.Time) []any {
	if s.count == 0 {
		return nil
	}
	mean := (s.total / time.Duration(s.count)).Round(100 * time.Microsecond)
	attrs := []any{"count", s.count, "last", s.last, "mean", mean, "max", s.worst.Round(100 * time.Microsecond), "bytes", s.bytes}
	*s = summary{said: now}
	return attrs
}
