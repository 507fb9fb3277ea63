package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TemporalJoin keeps rows of the left input until the watermark has passed them, and for each key
// the versions that a row may still ask for: those behind the watermark, and the one before them.
type TemporalJoin struct {
	sideBySide
	time     eventTime
	left     timedSide
	versions versions
	timers   *state.Timers
	waited   *column.Batch // rows whose time has passed
	hashes   []uint64
	found    []int32
	alone    []int32
}

// NewTemporalJoin makes the operator of a plan node over the columns of its inputs.
func NewTemporalJoin(p *plan.TemporalJoin, left, right types.Schema, o expr.Options) (executor.Operator, error) {
	pairs, err := newSideBySide(p.On, p.Width, p.Out, o)
	if err != nil {
		return nil, err
	}
	if p.Newest {
		return newNewestJoin(p.Left, p.Right.Keys, right, pairs), nil
	}
	left = left[:p.Width]
	if p.Corrected {
		return newCorrectedJoin(p.Left, p.Right, p.TTL, left, right, pairs), nil
	}
	j := &TemporalJoin{sideBySide: pairs, left: newTimedSide(p.Left, left, 0, 0), versions: newVersions(p.Right, right), waited: column.NewBatch(left)}
	j.left.count()
	return j, nil
}

// Open takes up the rows, the versions and the watermark of a restore.
func (j *TemporalJoin) Open(env *executor.Env) (err error) {
	j.time.open(env)
	if j.left.rows, err = env.State.TimedMap("left", j.left.layout, 0); err != nil {
		return err
	}
	j.timers = env.Timers
	if err := j.versions.open(env); err != nil {
		return err
	}
	return j.failingRows.Open(env)
}

// Process keeps a row until its time has passed, and a version for those.
func (j *TemporalJoin) Process(port int, b *column.Batch, out executor.Output) error {
	if port == 1 {
		return j.enterVersions(b)
	}
	j.out = out
	if err := j.left.divide(b, &j.time); err != nil {
		return err
	}
	if j.left.Keep {
		if err := j.emitAlone(0, b, j.left.alone); err != nil {
			return err
		}
	}
	if len(j.left.sel) == 0 {
		return nil
	}
	j.left.hashes = column.HashColumns(j.left.hashes, b, j.left.Keys)
	return j.left.enter(b)
}

func (j *TemporalJoin) enterVersions(b *column.Batch) error {
	timeless, err := j.versions.enter(b)
	left := leftOut{timeless: timeless}
	left.tell(j.time.env, j.time.at)
	if err != nil || len(j.versions.changed) == 0 || j.timers == nil {
		return err
	}
	v := &j.versions
	return j.timers.Register(state.EventTime, b, v.Keys, v.hashes, v.changed, v.times)
}

// OnTimer removes versions that the watermark has made old, behind the rows that asked for them.
func (j *TemporalJoin) OnTimer(due *state.Due, out executor.Output) error {
	if err := j.OnWatermark(due.UpTo, out); err != nil {
		return err
	}
	j.versions.forget(due, 0)
	return nil
}

// OnWatermark gives the rows that the watermark has passed.
func (j *TemporalJoin) OnWatermark(watermark int64, out executor.Output) (err error) {
	if !j.time.advance(watermark) {
		return nil
	}
	j.out = out
	s := &j.left
	for {
		if s.ids, err = s.rows.ExpireBelow(watermark, s.ids[:0], column.BatchRows); err != nil {
			return err
		}
		if err := j.giveWaited(s.ids); err != nil || len(s.ids) < column.BatchRows {
			s.rows.Prune()
			return err
		}
	}
}

// giveWaited gives rows that have gone, as often as they were there, a batch at a time.
func (j *TemporalJoin) giveWaited(ids []int32) error {
	s := &j.left
	s.own = s.own[:0]
	for _, id := range ids {
		for w := s.rows.Acc(id)[0]; w >= onceKept; w -= onceKept {
			if s.own = append(s.own, id); len(s.own) < column.BatchRows {
				continue
			}
			if err := j.giveVersions(); err != nil {
				return err
			}
			s.own = s.own[:0]
		}
	}
	return j.giveVersions()
}

// giveVersions gives the rows of left.own with their versions.
func (j *TemporalJoin) giveVersions() error {
	b, s := j.waited, &j.left
	b.Reset()
	for i, v := range b.Cols {
		s.rows.AppendColumn(v, i, s.own)
	}
	b.Rows = len(s.own)
	j.hashes = column.HashColumns(j.hashes, b, s.Keys)
	j.found = j.versions.rows.Lookup(b, s.Keys, j.hashes, nil, j.found)
	j.alone = j.alone[:0]
	times := b.Cols[s.Time].Ints
	for r, key := range j.found {
		if id := j.versions.at(key, times[r]); id != state.Absent {
			j.pair(int32(r), id)
		} else {
			j.alone = append(j.alone, int32(r))
		}
	}
	return j.giveEach(b, &j.versions.rows.Rows, s.Keep, j.alone)
}

// giveEach gives the pairs so far, in which a row of b stands once, and then, where they are
// wanted, those that found none or whose pair does not match.
func (s *sideBySide) giveEach(b *column.Batch, kept *state.Rows, keep bool, alone []int32) error {
	if len(s.probes) > 0 {
		matching, err := s.emitPairs(0, b, kept)
		if err != nil {
			return err
		}
		if s.on != nil && keep {
			alone = appendOthers(alone, s.probes, matching)
		}
		s.probes, s.kept = s.probes[:0], s.kept[:0]
	}
	if !keep {
		return nil
	}
	return s.emitAlone(0, b, alone)
}

// appendOthers appends those of a list whose places are not named.
func appendOthers(to, list, places []int32) []int32 {
	for i, x := range list {
		if len(places) > 0 && places[0] == int32(i) {
			places = places[1:]
			continue
		}
		to = append(to, x)
	}
	return to
}

// Flush has nothing to emit: what waits is state.
func (j *TemporalJoin) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (j *TemporalJoin) Close() error { return nil }
