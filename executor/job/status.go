package job

import (
	"cmp"
	"maps"
	"slices"

	"slipway/executor"
	"slipway/executor/task"
	"slipway/sql/plan"
)

// Status is a running job's figures at one moment.
type Status struct {
	RowsIn, RowsOut   int64
	BytesIn, BytesOut int64
	Late, Failed      int64
	Skipped           int64
	// Of lookup joins: rows whose key was known, and keys that were asked for.
	LookupHits, LookupMisses int64
	StateBytes               int64
	// Watermark is what the job has reached, in microseconds: the least of its last
	// stage's tasks, whose gates do not wait for what is idle. executor.NoWatermark if any
	// of them has none.
	Watermark int64
	Splits    []Split
	Tasks     int
	// Flow is what runs, Stages what its stages have done, in their order.
	Flow   *plan.Dataflow
	Stages []StageStatus
}

// StageStatus adds up what the tasks of a stage count.
type StageStatus struct {
	Tasks     int
	Operators []task.OperatorFigures
	// Out is how many rows have left the stage.
	Out int64
	// Watermark is the least of its tasks', executor.NoWatermark if one has none.
	Watermark int64
}

// stages adds up the figures of the tasks by stage.
func (j *Job) stages() []StageStatus {
	out := make([]StageStatus, len(j.flow.Stages))
	for i := range out {
		out[i] = StageStatus{Operators: make([]task.OperatorFigures, len(j.flow.Stages[i].Ops)), Watermark: executor.EndWatermark}
	}
	for _, t := range j.tasks {
		s := &out[t.ID.Stage]
		s.Tasks++
		s.Out += t.Left()
		s.Watermark = min(s.Watermark, t.Env.Counters.Watermark.Load())
		for i, f := range t.Operators() {
			o := &s.Operators[i]
			o.In, o.Out, o.StateBytes, o.StateRows = o.In+f.In, o.Out+f.Out, o.StateBytes+f.StateBytes, o.StateRows+f.StateRows
		}
	}
	return out
}

// Split is how far a split of a source has been read.
type Split struct {
	executor.SplitProgress
	Watermark int64 // executor.NoWatermark: no row with an event time came from it
	Idle      bool  // it is silent and does not hold the job's watermark back
}

// Reached tells whether the sources of a stage have read up to some positions, by split.
func (j *Job) Reached(stage int, ends map[int]int64) bool {
	left := maps.Clone(ends)
	for _, t := range j.tasks {
		if t.ID.Stage != stage || t.Source == nil {
			continue
		}
		for _, p := range t.Source.Progress() {
			if end, ok := left[p.Index]; ok && p.Next >= end {
				delete(left, p.Index)
			}
		}
	}
	return len(left) == 0
}

// Status adds up the tasks' counters.
func (j *Job) Status() Status {
	s := Status{Watermark: executor.EndWatermark, Tasks: len(j.tasks), Flow: j.flow, Stages: j.stages()}
	for _, t := range j.tasks {
		c := t.Env.Counters
		s.RowsIn += c.RowsIn.Load()
		s.RowsOut += c.RowsOut.Load()
		s.BytesIn += c.BytesIn.Load()
		s.BytesOut += c.BytesOut.Load()
		s.Late += c.Late.Load()
		s.Failed += c.Failed.Load()
		s.Skipped += c.Skipped.Load()
		s.LookupHits += c.LookupHits.Load()
		s.LookupMisses += c.LookupMisses.Load()
		s.StateBytes += c.StateBytes.Load()
		if len(t.Outputs) == 0 { // tasks before it may be idle, and stand where they were
			s.Watermark = min(s.Watermark, c.Watermark.Load())
		}
		if t.Source == nil {
			continue
		}
		for _, p := range t.Source.Progress() {
			split := Split{SplitProgress: p, Watermark: executor.NoWatermark}
			if m, ok := t.SplitMark(p.Index); ok {
				split.Watermark, split.Idle = m.Watermark, m.Idle
			}
			s.Splits = append(s.Splits, split)
		}
	}
	slices.SortFunc(s.Splits, func(a, b Split) int { return cmp.Compare(a.Split, b.Split) })
	return s
}
