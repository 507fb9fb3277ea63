package job

import (
	"cmp"
	"maps"
	"slices"
	"time"

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
	// OpenTransactions hold rows that are not committed yet; OldestTransaction is when the first of these was written, zero without any.
	OpenTransactions  int64
	OldestTransaction time.Time
	// Watermark is what the job has reached, in microseconds: the least of its last
	// stage's tasks, whose gates do not wait for what is idle. executor.NoWatermark if any
	// of them has none.
	Watermark int64
	Splits    []Split
	Tasks     int
	// Flow is what runs, Stages what its stages have done, in their order.
	Flow   *plan.Dataflow
	Stages []StageStatus
	// InRate and OutRate are rows a second, of all sources and to all sinks, over the last seconds.
	InRate, OutRate float64
}

// StageStatus adds up what the tasks of a stage count.
type StageStatus struct {
	Tasks     int
	Operators []task.OperatorFigures
	// Out is how many rows have left the stage.
	Out int64
	// Watermark is the least of its tasks', executor.NoWatermark if one has none.
	Watermark int64
	// Each are its tasks, in their order; Shares the mean of theirs, OutRate the sum.
	Each    []TaskStatus
	Rates   []Rate // of the operators
	OutRate float64
	Shares  Shares
	Spent   task.Spent // the sum of its tasks
}

// In is how many rows have come to the stage, InRate how many a second.
func (s *StageStatus) In() (n int64) {
	for _, t := range s.Each {
		n += t.In
	}
	return n
}

// InRate is that over the last seconds.
func (s *StageStatus) InRate() (n float64) {
	for _, t := range s.Each {
		n += t.InRate
	}
	return n
}

// Limits tells of each stage whether it holds the others back: one in front of it is blocked for a good part of the time, and
// it is blocked for much less itself.
func Limits(f *plan.Dataflow, stages []StageStatus) []bool {
	const worthSaying = 0.2
	out := make([]bool, len(stages))
	for _, e := range f.Edges {
		from, to := stages[e.From].Shares.Blocked, stages[e.To].Shares.Blocked
		if from >= worthSaying && to < from/2 && stages[e.To].Shares.Busy > stages[e.To].Shares.Idle {
			out[e.To] = true
		}
	}
	return out
}

// Skew is how many times as many rows the task has got that got most, as one has in the mean; 1 where all got as many, 0 where none got any.
func (s *StageStatus) Skew() float64 {
	most, sum := int64(0), int64(0)
	for _, t := range s.Each {
		most, sum = max(most, t.In), sum+t.In
	}
	if sum == 0 {
		return 0
	}
	return float64(most) * float64(len(s.Each)) / float64(sum)
}

// stages adds up the figures of the tasks by stage.
func (j *Job) stages(each []TaskStatus) []StageStatus {
	out := make([]StageStatus, len(j.flow.Stages))
	for i := range out {
		n := len(j.flow.Stages[i].Ops)
		out[i] = StageStatus{Operators: make([]task.OperatorFigures, n), Rates: make([]Rate, n), Watermark: executor.EndWatermark}
	}
	for _, t := range each {
		out[t.Stage].add(t)
	}
	for i := range out {
		s := &out[i]
		n := float64(max(1, s.Tasks))
		s.Shares = Shares{Busy: s.Shares.Busy / n, Idle: s.Shares.Idle / n, Blocked: s.Shares.Blocked / n}
	}
	return out
}

// add counts a task in; the shares are a sum until all have been.
func (s *StageStatus) add(t TaskStatus) {
	s.Tasks++
	s.Each = append(s.Each, t)
	s.Spent = task.Spent{Running: s.Spent.Running + t.Spent.Running, Idle: s.Spent.Idle + t.Spent.Idle, Blocked: s.Spent.Blocked + t.Spent.Blocked}
	s.Out, s.OutRate = s.Out+t.Out, s.OutRate+t.OutRate
	s.Watermark = min(s.Watermark, t.Watermark)
	s.Shares = Shares{Busy: s.Shares.Busy + t.Shares.Busy, Idle: s.Shares.Idle + t.Shares.Idle, Blocked: s.Shares.Blocked + t.Shares.Blocked}
	for i, f := range t.Operators {
		o, r := &s.Operators[i], &s.Rates[i]
		o.In, o.Out, o.StateBytes, o.StateRows = o.In+f.In, o.Out+f.Out, o.StateBytes+f.StateBytes, o.StateRows+f.StateRows
		r.In, r.Out = r.In+t.OperatorRates[i].In, r.Out+t.OperatorRates[i].Out
	}
}

// Split is how far a split of a source has been read.
type Split struct {
	executor.SplitProgress
	Watermark int64     // executor.NoWatermark: no row with an event time came from it
	Idle      bool      // it is silent and does not hold the job's watermark back
	LastRow   time.Time // when the last row with an event time came; zero: none has
	Stage     int
	Source    string // the stream's full name
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
	each := j.each(time.Now())
	s := Status{Watermark: executor.EndWatermark, Tasks: len(j.tasks), Flow: j.flow, Stages: j.stages(each)}
	for _, t := range each {
		s.InRate, s.OutRate = s.InRate+t.sourcedRate, s.OutRate+t.deliveredRate
	}
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
		s.OpenTransactions += c.OpenTransactions.Load()
		if at := c.OldestTransaction.Load(); at > 0 && (s.OldestTransaction.IsZero() || time.UnixMicro(at).Before(s.OldestTransaction)) {
			s.OldestTransaction = time.UnixMicro(at)
		}
		if len(t.Outputs) == 0 { // tasks before it may be idle, and stand where they were
			s.Watermark = min(s.Watermark, c.Watermark.Load())
		}
		if t.Source == nil {
			continue
		}
		for _, p := range t.Source.Progress() {
			split := Split{SplitProgress: p, Watermark: executor.NoWatermark, Stage: t.ID.Stage, Source: j.flow.Stages[t.ID.Stage].Source.Name}
			if m, ok := t.SplitMark(p.Index); ok {
				split.Watermark, split.Idle, split.LastRow = m.Watermark, m.Idle, m.At
			}
			s.Splits = append(s.Splits, split)
		}
	}
	slices.SortFunc(s.Splits, func(a, b Split) int { return cmp.Compare(a.Split, b.Split) })
	return s
}
