package job

import (
	"cmp"
	"slices"

	"slipway/executor"
)

// Status is a running job's figures at one moment.
type Status struct {
	RowsIn, RowsOut   int64
	BytesIn, BytesOut int64
	Late, Failed      int64
	Skipped           int64
	StateBytes        int64
	// Watermark is the least of the tasks', in microseconds; executor.NoWatermark if
	// any has none.
	Watermark int64
	Splits    []executor.SplitProgress
	Tasks     int
}

// Status adds up the tasks' counters.
func (j *Job) Status() Status {
	s := Status{Watermark: executor.EndWatermark, Tasks: len(j.tasks)}
	for _, t := range j.tasks {
		c := t.Env.Counters
		s.RowsIn += c.RowsIn.Load()
		s.RowsOut += c.RowsOut.Load()
		s.BytesIn += c.BytesIn.Load()
		s.BytesOut += c.BytesOut.Load()
		s.Late += c.Late.Load()
		s.Failed += c.Failed.Load()
		s.Skipped += c.Skipped.Load()
		s.StateBytes += c.StateBytes.Load()
		s.Watermark = min(s.Watermark, c.Watermark.Load())
		if t.Source != nil {
			s.Splits = append(s.Splits, t.Source.Progress()...)
		}
	}
	slices.SortFunc(s.Splits, func(a, b executor.SplitProgress) int { return cmp.Compare(a.Split, b.Split) })
	return s
}
