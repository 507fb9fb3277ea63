package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SemiJoin keeps the rows of both sides under their keys, and with each left row how many right
// rows the condition is true of, and of how many it is not known (NULL).
//
// A left row goes on as it comes, by what the right side holds then; it is kept for as long as
// that may change. A change of the right side changes the counts of the left rows that it
// concerns; those whose verdict is another one behind the batch are given, or taken back.
//
// Without a condition the counts are 1 or 0: whether there are right rows with the key. Then
// Unknown means that the one key may be NULL: of a left row whose key is NULL it is not known
// when there is any right row, of another when there is one whose key is NULL.
type SemiJoin struct {
	idle
	executor.NoTimers
	p      *plan.SemiJoin
	width  int // columns of the left side
	left   *state.Multimap
	right  *state.Multimap
	pairs  pairTest
	sides  [2]side
	counts [2][]int64 // by row of the batch: true, unknown
	keep   []int32
	ids    []int32
	was    []int32 // keys of the right side before a batch, and behind it
	is     []int32
	out    semiOutput

	met     keyed
	touched []int32 // left rows that a batch of the right side concerns
	before  []verdict
	settled []int32 // left rows that nothing can change any more
	null    *column.Batch
	nullKey []uint64 // its hash
	found   []int32
}

// side is what is needed of the rows of one port.
type side struct {
	cols   []int // all of them
	types  []types.Type
	keys   []int
	hashes []uint64
	sel    []int32 // the rows of a batch whose keys are not NULL
}

// each calls f with the rows that are kept of the port, as often as they are there, by the batch.
func (s *side) each(kept *state.Multimap, rows *column.Batch, f func(rows *column.Batch) error) (err error) {
	var ids []int32
	send := func() {
		if err != nil || len(ids) == 0 {
			return
		}
		rows.Reset()
		for i, v := range rows.Cols {
			kept.AppendColumn(v, i, ids)
		}
		rows.Rows, ids = len(ids), ids[:0]
		s.hashes = column.HashColumns(s.hashes, rows, s.keys)
		s.sel = withoutNulls(s.sel, rows, s.keys)
		err = f(rows)
	}
	kept.Each(func(id int32) {
		for range kept.Count(id) {
			if ids = append(ids, id); len(ids) == column.BatchRows {
				send()
			}
		}
	})
	send()
	return err
}

// Words of a left row; of a right one there is only the first.
const (
	semiTouch = iota // when it was given last, milliseconds
	semiTrue
	semiUnknown
	semiWords
)

// keyIsNull is semiTrue of a left row whose key is NULL where that makes it unknown.
const keyIsNull = -1

// verdict is what is known of a row's partner: TRUE, FALSE or NULL.
type verdict int8

const (
	isFalse verdict = iota
	isTrue
	isUnknown
)

func verdictOf(trues, unknowns int64) verdict {
	switch {
	case trues > 0:
		return isTrue
	case unknowns > 0:
		return isUnknown
	}
	return isFalse
}

// NewSemiJoin makes the operator of a plan node over its inputs.
func NewSemiJoin(p *plan.SemiJoin, in []types.Schema, o expr.Options) (*SemiJoin, error) {
	j := &SemiJoin{p: p, width: len(in[0]), idle: newIdle(p.TTL), keep: make([]int32, 0, column.BatchRows)}
	for port, keys := range [2][]int{p.LeftKeys, p.RightKeys} {
		cols := plan.SamePlaces(len(in[port]))
		j.sides[port] = side{cols: cols, types: keyTypes(in[port], cols), keys: keys, sel: make([]int32, 0, column.BatchRows)}
	}
	j.out = semiOutput{kind: p.Kind, before: p.EmitBefore, width: j.width, batch: column.NewBatch(p.Out)}
	if p.Kind == plan.Mark {
		j.out.mark = column.NewVector(types.Of(types.Boolean))
	}
	if p.On == nil {
		j.null = nullRow(in[1])
		j.nullKey = column.HashColumns(nil, j.null, p.RightKeys)
		return j, nil
	}
	return j, j.pairs.init(p.On, p.Unknown, in, o)
}

// nullRow is a batch of one row of NULLs.
func nullRow(s types.Schema) *column.Batch {
	b := column.NewBatch(s)
	for _, v := range b.Cols {
		v.AppendNull()
	}
	b.Rows = 1
	return b
}

// Open implements executor.Operator.
func (j *SemiJoin) Open(env *executor.Env) (err error) {
	j.pairs.env = env
	left := state.RowLayout{Columns: j.sides[0].types, Key: j.p.LeftKeys, Init: make([]uint64, semiWords)}
	if j.left, err = env.State.Multimap("left", left); err != nil {
		return err
	}
	right := state.RowLayout{Columns: j.sides[1].types, Key: j.p.RightKeys, Init: make([]uint64, 1)}
	j.right, err = env.State.Multimap("right", right)
	j.out.left = j.left
	return err
}

// nullKeys: a key that is NULL is compared with others, with a result that is not known.
func (j *SemiJoin) nullKeys() bool { return j.p.Unknown && j.p.On == nil }

// Process implements executor.Operator.
func (j *SemiJoin) Process(port int, b *column.Batch, out executor.Output) error {
	s := &j.sides[port]
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	s.sel = withoutNulls(s.sel, b, s.keys)
	if port == 1 {
		return j.processRight(b, out)
	}
	return j.processLeft(b, out)
}

// withoutNulls lists the rows none of whose keys is NULL.
func withoutNulls(dst []int32, b *column.Batch, keys []int) []int32 {
	dst = liveRows(dst, b)
	for _, k := range keys {
		if dst = dropNulls(dst, b.Cols[k]); len(dst) == 0 {
			break
		}
	}
	return dst
}

func dropNulls(sel []int32, v *column.Vector) []int32 {
	if v.Valid == nil {
		return sel
	}
	n := 0
	for _, r := range sel {
		sel[n] = r
		if v.Valid.Get(int(r)) {
			n++
		}
	}
	return sel[:n]
}

func (j *SemiJoin) processLeft(b *column.Batch, out executor.Output) error {
	if err := j.judge(b); err != nil {
		return err
	}
	if err := j.keepLeft(b); err != nil {
		return err
	}
	if j.p.Final {
		return j.out.others(b, j.sides[0].sel, j.counts, out)
	}
	err := j.out.passed(b, j.counts, out)
	j.left.Prune()
	return err
}

// judge counts for the rows of a batch of the left side the right rows there are for them.
func (j *SemiJoin) judge(b *column.Batch) error {
	for i := range j.counts {
		j.counts[i] = append(j.counts[i][:0], make([]int64, b.Rows)...)
	}
	s := &j.sides[0]
	switch {
	case j.p.On != nil:
		return j.judgePairs(b)
	case j.nullKeys():
		j.judgeNulls(b)
	}
	j.ids = j.right.Lookup(b, s.keys, s.hashes, s.sel, j.ids)
	for i, r := range s.sel {
		if j.ids[i] != state.Absent {
			j.counts[0][r] = 1
		}
	}
	return nil
}

func (j *SemiJoin) judgePairs(b *column.Batch) error {
	for j.pairs.begin(j.right, b, &j.sides[0]); j.pairs.more(0); {
		for word := range j.pairs.tests {
			pairs, err := j.pairs.pass(word)
			if err != nil {
				return err
			}
			m := &j.pairs.match
			for _, i := range pairs {
				j.counts[word][m.Probes[i]] += j.right.Count(m.Rows[i])
			}
		}
	}
	return nil
}

// judgeNulls finds what is not known because of NULL.
func (j *SemiJoin) judgeNulls(b *column.Batch) {
	anyRow, anyNull := j.unknown()
	v := b.Cols[j.p.LeftKeys[0]]
	for r := range b.Rows {
		if v.Null(r) {
			j.counts[0][r], j.counts[1][r] = keyIsNull, anyRow
		} else {
			j.counts[1][r] = anyNull
		}
	}
}

// unknown tells, as 1 or 0, whether the right side has any row, and whether one whose key is NULL.
func (j *SemiJoin) unknown() (anyRow, anyNull int64) {
	j.found = j.right.Lookup(j.null, j.p.RightKeys, j.nullKey, nil, j.found)
	if j.found[0] != state.Absent {
		anyNull = 1
	}
	return int64(min(1, j.right.Len())), anyNull
}

// keepLeft enters the rows that the right side may still change. A row that is taken back and
// was not kept although it should be is forgotten: it was idle for too long.
func (j *SemiJoin) keepLeft(b *column.Batch) (err error) {
	s := &j.sides[0]
	if j.nullKeys() {
		s.sel = liveRows(s.sel, b)
	}
	j.keep = j.keep[:0]
	for _, r := range s.sel {
		if !j.p.RightAppends || j.counts[0][r] <= 0 || j.p.Final {
			j.keep = append(j.keep, r)
		}
	}
	if j.ids, err = j.left.Apply(b, s.cols, s.hashes, j.keep, j.ids); err != nil {
		return err
	}
	now := uint64(j.now().UnixMilli())
	j.out.forgotten = j.out.forgotten[:0]
	for i, id := range j.ids {
		r := j.keep[i]
		if id == state.Absent {
			j.out.forgotten = append(j.out.forgotten, r)
			continue
		}
		w := j.left.Write(id)
		w[semiTouch], w[semiTrue], w[semiUnknown] = now, uint64(j.counts[0][r]), uint64(j.counts[1][r])
	}
	return nil
}

// OnWatermark gives the rows of a bounded input at its end.
func (j *SemiJoin) OnWatermark(watermark int64, out executor.Output) error {
	if !j.p.Final || watermark != executor.EndWatermark {
		return nil
	}
	return j.finish(out)
}

// Flush forgets idle rows now and then; it comes at least with every barrier.
func (j *SemiJoin) Flush(executor.Output) error {
	oldest, sweep := j.sweepDue()
	if !sweep {
		return nil
	}
	for _, m := range []*state.Multimap{j.left, j.right} {
		m.Each(func(id int32) {
			if m.Acc(id)[semiTouch] < oldest {
				m.Remove(id)
			}
		})
		m.Prune()
	}
	return nil
}

// Close implements executor.Operator.
func (j *SemiJoin) Close() error { return nil }
