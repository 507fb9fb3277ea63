package op

import (
	"math"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// correctedJoin is a temporal join in event time whose left input is corrected. Rows wait, and may be
// taken back while they do, until the watermark has passed them; behind it a row, given or taken back,
// is looked up at once. The version that it meets is always the same: no version comes in behind the
// watermark, and none that a row may ask for is forgotten.
type correctedJoin struct {
	sideBySide
	left     plan.TimedSide
	ttl      int64 // microseconds; 0: versions stay for ever
	time     eventTime
	layout   state.OrderedLayout
	waiting  *state.OrderedMap // a row has a word: how often it is there
	versions versions
	timers   *state.Timers
	all      []int

	live, wait, late []int32
	hashes           []uint64
	ids, found       []int32
	given            *column.Batch    // rows whose time has passed
	due              []int32          // of given, in waiting
	list             []column.RowKind // of each pair
}

func newCorrectedJoin(side, of plan.TimedSide, ttl time.Duration, left, right types.Schema, pairs sideBySide) *correctedJoin {
	j := &correctedJoin{sideBySide: pairs, left: side, ttl: micros(ttl), versions: newVersions(of, right), given: column.NewBatch(left)}
	for i, c := range left {
		j.all, j.layout.Columns = append(j.all, i), append(j.layout.Columns, c.Type)
	}
	j.layout.Key, j.layout.Sort, j.layout.Init = side.Keys, side.Time, []uint64{0}
	j.versions.fixed = &j.time
	return j
}

// Open takes up the rows, the versions and the watermark of a restore.
func (j *correctedJoin) Open(env *executor.Env) (err error) {
	j.time.open(env)
	if j.waiting, err = env.State.OrderedMap("left", j.layout); err != nil {
		return err
	}
	j.timers = env.Timers
	if err := j.versions.open(env); err != nil {
		return err
	}
	return j.failingRows.Open(env)
}

// Process looks up rows whose time has passed, and keeps the others; or it keeps versions.
func (j *correctedJoin) Process(port int, b *column.Batch, out executor.Output) error {
	if port == 1 {
		return j.enterVersions(b)
	}
	j.out = out
	j.live = liveRows(j.live, b)
	j.hashes = column.HashColumns(j.hashes, b, j.left.Keys)
	j.found = j.versions.rows.Lookup(b, j.left.Keys, j.hashes, j.live, j.found)
	if err := j.divide(b); err != nil {
		return err
	}
	if err := j.enter(b); err != nil {
		return err
	}
	return j.give(b)
}

// divide pairs those rows of a batch whose time has passed, in their order, and lists the others.
func (j *correctedJoin) divide(b *column.Batch) error {
	j.wait, j.late = j.wait[:0], j.late[:0]
	t, forgotten := b.Cols[j.left.Time], j.forgotten()
	for i, r := range j.live {
		switch {
		case t.Null(int(r)) || anyNull(b, j.left.Keys, int(r)):
			j.meet(r, state.Absent, b.Kind(int(r)))
		case t.Ints[r] < forgotten:
			j.late = append(j.late, r)
		case j.time.passed(t.Ints[r]):
			j.meet(r, j.versions.at(j.found[i], t.Ints[r]), b.Kind(int(r)))
		default:
			j.wait = append(j.wait, r)
		}
	}
	return lateTo(nil).rows(timePassed, j.time.env, b, j.late, t.Ints, j.time.at)
}

// forgotten is the time before which versions may have been forgotten: rows of then stay as they are.
func (j *correctedJoin) forgotten() int64 {
	if j.ttl == 0 || j.time.at < math.MinInt64+j.ttl {
		return math.MinInt64
	}
	return j.time.at - j.ttl
}

// enter keeps rows until their time has passed, and forgets those that are taken back before.
func (j *correctedJoin) enter(b *column.Batch) (err error) {
	if len(j.wait) == 0 {
		return nil
	}
	if j.ids, err = j.waiting.Apply(b, j.all, j.hashes, j.wait, j.ids); err != nil {
		return err
	}
	for _, id := range j.ids {
		if id != state.Absent {
			j.waiting.Write(id)[0] = uint64(j.waiting.Count(id))
		}
	}
	j.waiting.Prune()
	return nil
}

func (j *correctedJoin) enterVersions(b *column.Batch) error {
	v := &j.versions
	timeless, err := v.enter(b)
	left := leftOut{timeless: timeless}
	left.tell(j.time.env, j.time.at)
	if err != nil || len(v.changed) == 0 || j.timers == nil || j.ttl == 0 {
		return err
	}
	for _, r := range v.changed {
		v.times[r] = min(v.times[r], math.MaxInt64-j.ttl) + j.ttl
	}
	return j.timers.Register(state.EventTime, b, v.Keys, v.hashes, v.changed, v.times)
}

// OnTimer removes versions that nothing asks for any more.
func (j *correctedJoin) OnTimer(due *state.Due, out executor.Output) error {
	if err := j.OnWatermark(due.UpTo, out); err != nil {
		return err
	}
	j.versions.forget(due, j.ttl)
	return nil
}

// OnWatermark gives the rows that the watermark has passed.
func (j *correctedJoin) OnWatermark(watermark int64, out executor.Output) (err error) {
	if !j.time.advance(watermark) {
		return nil
	}
	j.out = out
	for {
		if j.ids, err = j.waiting.ExpireBelow(watermark, j.ids[:0], column.BatchRows); err != nil {
			return err
		}
		if err := j.giveWaited(); err != nil || len(j.ids) < column.BatchRows {
			j.waiting.Prune()
			return err
		}
	}
}

// giveWaited gives rows that have gone, as often as they were there, a batch at a time.
func (j *correctedJoin) giveWaited() error {
	j.due = j.due[:0]
	for _, id := range j.ids {
		for range j.waiting.Acc(id)[0] {
			if j.due = append(j.due, id); len(j.due) < column.BatchRows {
				continue
			}
			if err := j.giveDue(); err != nil {
				return err
			}
		}
	}
	return j.giveDue()
}

func (j *correctedJoin) giveDue() error {
	b := j.given
	b.Reset()
	for i, v := range b.Cols {
		j.waiting.AppendColumn(v, i, j.due)
	}
	b.Rows, j.due = len(j.due), j.due[:0]
	j.hashes = column.HashColumns(j.hashes, b, j.left.Keys)
	j.found = j.versions.rows.Lookup(b, j.left.Keys, j.hashes, nil, j.found)
	times := b.Cols[j.left.Time].Ints
	for r, key := range j.found {
		j.meet(int32(r), j.versions.at(key, times[r]), column.Insert)
	}
	return j.give(b)
}

// meet lists a row with its version, or without one if such rows are given.
func (j *correctedJoin) meet(r, version int32, kind column.RowKind) {
	if version == state.Absent && !j.left.Keep {
		return
	}
	if kind.Retracts() {
		kind = column.Delete
	} else {
		kind = column.Insert
	}
	j.pair(r, version)
	j.list = append(j.list, kind)
}

// give emits what is listed, in that order. A row whose version does not match has none.
func (j *correctedJoin) give(b *column.Batch) error {
	if err := j.test(b); err != nil {
		return err
	}
	if len(j.probes) == 0 {
		return nil
	}
	j.clear()
	j.fill(pairs{0, b, &j.versions.rows.Rows, j.probes, j.kept}, func(int) bool { return true })
	j.batch.Kinds = append(j.batch.Kinds[:0], j.list...)
	j.probes, j.kept, j.list = j.probes[:0], j.kept[:0], j.list[:0]
	return j.out.Emit(j.batch)
}

// test takes the versions away that do not match.
func (j *correctedJoin) test(b *column.Batch) error {
	if j.on == nil || len(j.probes) == 0 {
		return nil
	}
	j.clear()
	j.fill(pairs{0, b, &j.versions.rows.Rows, j.probes, j.kept}, func(c int) bool { return j.reads[c] })
	matching, err := j.matching()
	if err != nil {
		return err
	}
	n := 0
	for i, r := range j.probes {
		version := state.Absent
		if len(matching) > 0 && matching[0] == int32(i) {
			version, matching = j.kept[i], matching[1:]
		}
		if version != state.Absent || j.left.Keep {
			j.probes[n], j.kept[n], j.list[n] = r, version, j.list[i]
			n++
		}
	}
	j.probes, j.kept, j.list = j.probes[:n], j.kept[:n], j.list[:n]
	return nil
}

// Flush has nothing to emit: what waits is state.
func (j *correctedJoin) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (j *correctedJoin) Close() error { return nil }
