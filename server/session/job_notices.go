package session

import (
	"strings"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// noticeCycle: rows that come back by other jobs may be meant, or run away.
func (s *session) noticeCycle(j *ha.Job) {
	var others []sql.Link
	for _, o := range s.Jobs.List() {
		others = append(others, sql.Link{Name: o.Job.FullName(), Reads: o.Job.Reads, Writes: o.Job.Writes})
	}
	if way := s.Compiler.WayBack(s.Catalog.Snapshot(), sql.Link{Name: j.FullName(), Reads: j.Reads, Writes: j.Writes}, others); way != nil {
		s.notice("what stream job %s writes comes back to it by %s", j.FullName(), strings.Join(way, ", "))
	}
}

// noticeNoState tells of a job that loses its state at its end.
func (s *session) noticeNoState(name string, flow *plan.Dataflow, v *conf.Values) {
	if !conf.EnableCheckpoint.Get(v) && flow.KeepsState() {
		s.notice("stream job %s keeps no checkpoints (%q=\"false\"): STOP, a failure or a crash begins its state anew", name, conf.EnableCheckpoint.Name())
	}
}

// noticeOtherState tells of a job that finds its DISTINCT values or reads its streams otherwise behind a change: what it
// has of them does not fit then.
func (s *session) noticeOtherState(before *ha.Job, after *plan.Dataflow) {
	flow, _, err := s.Runner.Compile(before)
	if err != nil {
		return
	}
	const unfit = "with state from before it does not start, but with START STREAMJOB … FRESH"
	if flow.SplitDistinct != after.SplitDistinct || flow.SplitWindows != after.SplitWindows {
		s.notice("stream job %s finds its DISTINCT values otherwise then: %s", before.FullName(), unfit)
	}
	if flow.SharedStreams != after.SharedStreams {
		s.notice("stream job %s reads its streams otherwise then: %s", before.FullName(), unfit)
	}
	if flow.PatternByKey != after.PatternByKey {
		s.notice("stream job %s finds the events of its PATTERN in other tasks then: %s", before.FullName(), unfit)
	}
}

// noticeGrowth tells of state that nothing bounds but the rows themselves.
func (s *session) noticeGrowth(name string, flow *plan.Dataflow) {
	for _, o := range flow.Grown() {
		s.notice("stream job %s: the state of %s grows with every row (about %d bytes each); %s, EXPLAIN STREAMJOB says more",
			name, plan.Title(o), o.Keeps().Bytes, sql.BoundOf(o.Keeps()))
	}
}

// advisedInterval is the least time between two checkpoints that the vendor advises where
// ZooKeeper keeps their records.
const advisedInterval = 10 * time.Minute

// noticeInterval: a shorter interval is possible, and a burden for a quorum that others use.
func (s *session) noticeInterval(name string, v *conf.Values) {
	if tooOftenForZooKeeper(v, s.backendName(v)) {
		s.notice("stream job %s writes to ZooKeeper every %s; with checkpoint backend zookeeper an interval of at least %s is advised",
			name, conf.CheckpointInterval.Get(v), advisedInterval)
	}
}

// tooOftenForZooKeeper judges an interval that the job asks for; the default is nobody's choice.
func tooOftenForZooKeeper(v *conf.Values, backend string) bool {
	return backend == "zookeeper" && conf.EnableCheckpoint.Get(v) && conf.CheckpointInterval.IsSet(v) && conf.CheckpointInterval.Get(v) < advisedInterval
}

func (s *session) warnNotRunning(name, warning string) {
	if warning == "" {
		return
	}
	says := " is not running yet: "
	if st, err := s.Jobs.Status(name); err == nil && st.State == ha.Failed { // nobody tries again
		says = " has failed: "
	}
	s.warnOfJob(name, "stream job "+name+says, warning)
}

// warnOfJob tells of a job's failure, with the way out if that is known.
func (s *session) warnOfJob(name, says, failure string) {
	e := sqlerr.New("01000", "%s%s", says, failure)
	e.Severity = sqlerr.SeverityWarning
	if st, err := s.Jobs.Status(name); err == nil && st.Job.LastFailure == failure {
		e.Hint = st.Job.LastHint
	}
	s.tell(e, "warning")
}

// noticeWaiting tells of jobs that a restart of the server has left behind.
func (s *session) noticeWaiting(match func(string) bool) {
	var names []string
	for _, j := range s.Jobs.List() {
		if j.Waits() != "" && j.Job.Database == s.database && match(j.Job.Name) {
			names = append(names, j.Job.Name)
		}
	}
	if len(names) > 0 {
		s.notice("stopped since the server ended, because they do not come back by themselves (%s), and waiting for START STREAMJOB: %s",
			conf.AutoFailover.Name(), strings.Join(names, ", "))
	}
}
