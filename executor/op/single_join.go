package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// SingleJoin keeps the rows of both sides under their keys. A left row goes on as it comes, with
// the first right row of its key; when another one becomes the first, or none is left, the left
// rows that are there are given anew. That of no key there are several rows is looked at when
// nothing more is on its way, as far as can be told: what a change takes back may come behind
// what it brings.
type SingleJoin struct {
	executor.NoTimers
	left, right *state.Multimap
	idle
	final    bool
	unique   bool
	settles  bool // a partner that was found stays
	sides    [2]side
	out      singleOutput
	keep     []int32
	ids      []int32
	partners []int32 // of the rows of a batch, by row
	was, is  []int32
	met      keyed
	env      *executor.Env
	crowded  int64 // since when a left row has had several partners, milliseconds; 0: none has
	looked   int64 // when that was seen last
	patience int64 // how long that may be
}

// changePatience is how long several rows of a key are taken for a change under way, where
// rows are taken back; in milliseconds.
const changePatience = 10_000

// NewSingleJoin makes the operator of a plan node over its inputs.
func NewSingleJoin(p *plan.SingleJoin, in []types.Schema) *SingleJoin {
	j := &SingleJoin{
		idle: newIdle(p.TTL), final: p.Final, unique: p.Unique, settles: p.RightAppends && p.Unique,
		keep: make([]int32, 0, column.BatchRows), patience: changePatience,
	}
	for port, keys := range [2][]int{p.LeftKeys, p.RightKeys} {
		cols := plan.SamePlaces(len(in[port]))
		j.sides[port] = side{cols: cols, types: keyTypes(in[port], cols), keys: keys, sel: make([]int32, 0, column.BatchRows)}
	}
	if p.RightAppends {
		j.patience = 0
	}
	j.out = singleOutput{width: p.Width, before: p.EmitBefore, batch: column.NewBatch(p.Out)}
	return j
}

// Open implements executor.Operator.
func (j *SingleJoin) Open(env *executor.Env) (err error) {
	j.env = env
	var maps [2]*state.Multimap
	for port, name := range [2]string{"left", "right"} {
		s := &j.sides[port]
		if maps[port], err = env.State.Multimap(name, state.RowLayout{Columns: s.types, Key: s.keys, Init: make([]uint64, 1)}); err != nil {
			return err
		}
	}
	j.left, j.right = maps[0], maps[1]
	j.out.left, j.out.right = j.left, j.right
	return nil
}

// Process implements executor.Operator.
func (j *SingleJoin) Process(port int, b *column.Batch, out executor.Output) error {
	s := &j.sides[port]
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	s.sel = withoutNulls(s.sel, b, s.keys)
	if port == 1 {
		return j.processRight(b, out)
	}
	j.find(b)
	if err := j.keepLeft(b); err != nil || j.final {
		return err
	}
	err := j.out.pass(b, j.partners, out)
	j.left.Prune()
	return err
}

// find lists the partners of the rows of a batch of the left side.
func (j *SingleJoin) find(b *column.Batch) {
	s := &j.sides[0]
	j.partners = j.partners[:0]
	for range b.Rows {
		j.partners = append(j.partners, state.Absent)
	}
	j.ids = j.right.Lookup(b, s.keys, s.hashes, s.sel, j.ids)
	for i, r := range s.sel {
		if key := j.ids[i]; key != state.Absent {
			j.partners[r] = j.right.First(key)
			j.count(j.partners[r])
		}
	}
}

// count notes that a left row has several partners, by the first of them.
func (j *SingleJoin) count(first int32) {
	if first != state.Absent && !j.unique && j.crowded == 0 && (j.right.Next(first) != state.Absent || j.right.Count(first) > 1) {
		j.crowded = j.now().UnixMilli()
	}
}

// keepLeft enters the rows whose partner may still change. One that is taken back and was not
// kept although it should be is forgotten: it was idle for too long.
func (j *SingleJoin) keepLeft(b *column.Batch) (err error) {
	s := &j.sides[0]
	if j.final { // also those without a key
		s.sel = liveRows(s.sel, b)
	}
	j.keep = j.keep[:0]
	for _, r := range s.sel {
		if j.final || !j.settles || j.partners[r] == state.Absent {
			j.keep = append(j.keep, r)
		}
	}
	if j.ids, err = j.left.Apply(b, s.cols, s.hashes, j.keep, j.ids); err != nil {
		return err
	}
	now := uint64(j.now().UnixMilli())
	j.out.forgotten = j.out.forgotten[:0]
	for i, id := range j.ids {
		if id == state.Absent {
			j.out.forgotten = append(j.out.forgotten, j.keep[i])
		} else {
			j.left.Write(id)[0] = now
		}
	}
	return nil
}

// processRight enters the rows and gives the left rows anew whose partner is another one.
func (j *SingleJoin) processRight(b *column.Batch, out executor.Output) (err error) {
	s := &j.sides[1]
	j.was = j.firsts(b, j.was)
	if j.ids, err = j.right.Apply(b, s.cols, s.hashes, s.sel, j.ids); err != nil {
		return err
	}
	now := uint64(j.now().UnixMilli())
	for _, id := range j.ids {
		if id != state.Absent {
			j.right.Write(id)[0] = now
		}
	}
	if j.final {
		return nil
	}
	j.is = j.firsts(b, j.is)
	j.ids = j.left.Lookup(b, s.keys, s.hashes, s.sel, j.ids)
	j.met.begin()
	j.out.out, j.out.err = out, nil
	j.keep = j.keep[:0] // what nothing can change any more
	for i, key := range j.ids {
		if key != state.Absent && j.met.meet(key) {
			j.change(key, j.was[i], j.is[i])
		}
	}
	err = j.out.finish()
	for _, id := range j.keep {
		j.left.Remove(id)
	}
	j.left.Prune()
	j.right.Prune()
	return err
}

// firsts lists the first right row of the key of each row of a batch of the right side.
func (j *SingleJoin) firsts(b *column.Batch, dst []int32) []int32 {
	s := &j.sides[1]
	dst = j.right.Lookup(b, s.keys, s.hashes, s.sel, dst)
	for i, key := range dst {
		if key != state.Absent {
			dst[i] = j.right.First(key)
		}
	}
	return dst
}

// change gives the left rows of a key whose first right row has changed.
func (j *SingleJoin) change(key, was, is int32) {
	j.count(is)
	if was == is {
		return
	}
	for id := j.left.First(key); id != state.Absent; id = j.left.Next(id) {
		j.out.changed(id, was, is)
		if j.settles && is != state.Absent {
			j.keep = append(j.keep, id)
		}
	}
}

// OnWatermark gives the rows of a bounded input at its end.
func (j *SingleJoin) OnWatermark(watermark int64, out executor.Output) error {
	if !j.final || watermark != executor.EndWatermark {
		return nil
	}
	err := j.look(0)
	if err == nil {
		err = j.sides[0].each(j.left, &column.Batch{Cols: j.out.newLeft()}, func(rows *column.Batch) error {
			j.find(rows)
			return j.out.pass(rows, j.partners, out)
		})
	}
	j.left.Drop()
	j.right.Drop()
	return err
}

// several is the error, unless rows with errors are left out: then the first row counts.
func (j *SingleJoin) several() error {
	e := sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
	if !j.env.SkipRows {
		return withSkipHint(e)
	}
	j.env.Counters.Failed.Add(1)
	j.env.Dropped.Rows("of several rows of a subquery that is a value the first is taken (on.error=skip)", string(e.Code), 1, "reason", e.Message)
	return nil
}

// Flush looks whether there are several rows where one may be, and forgets idle rows now and
// then; it comes at least with every barrier.
func (j *SingleJoin) Flush(executor.Output) error {
	now := j.now().UnixMilli()
	if j.crowded != 0 && !j.final && now-j.looked >= min(1000, j.patience) {
		if err := j.look(now); err != nil {
			return err
		}
	}
	oldest, sweep := j.sweepDue()
	if !sweep {
		return nil
	}
	for _, m := range []*state.Multimap{j.left, j.right} {
		m.Each(func(id int32) {
			if m.Acc(id)[0] < oldest {
				m.Remove(id)
			}
		})
		m.Prune()
	}
	return nil
}

// look finds whether there are still several, and whether they have been for too long.
func (j *SingleJoin) look(now int64) error {
	since := j.crowded
	if j.looked, j.crowded = now, 0; j.unique {
		return nil
	}
	err := j.sides[0].each(j.left, &column.Batch{Cols: j.out.newLeft()}, func(rows *column.Batch) error {
		j.find(rows)
		return nil
	})
	if j.crowded == 0 || err != nil {
		return err
	}
	if now-since < j.patience && !j.final {
		j.crowded = since
		return nil
	}
	j.crowded = 0
	return j.several()
}

// Close implements executor.Operator.
func (j *SingleJoin) Close() error { return nil }
