package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// processRight enters the rows and gives what they change.
func (j *SemiJoin) processRight(b *column.Batch, out executor.Output) error {
	s := &j.sides[1]
	if j.nullKeys() {
		s.sel = liveRows(s.sel, b)
	}
	if j.p.Final {
		return j.keepRight(b)
	}
	j.met.begin()
	j.touched, j.before, j.settled = j.touched[:0], j.before[:0], j.settled[:0]
	j.out.begin(out)
	if j.p.On != nil {
		return j.changePairs(b)
	}
	return j.changeKeys(b)
}

// keepRight enters the rows; those that were taken back and are not there leave the selection.
func (j *SemiJoin) keepRight(b *column.Batch) (err error) {
	s := &j.sides[1]
	if j.ids, err = j.right.Apply(b, s.cols, s.hashes, s.sel, j.ids); err != nil {
		return err
	}
	now, n := uint64(j.now().UnixMilli()), 0
	for i, id := range j.ids {
		if id != state.Absent {
			j.right.Write(id)[semiTouch] = now
			s.sel[n] = s.sel[i]
			n++
		}
	}
	s.sel = s.sel[:n]
	return nil
}

// changePairs counts the right rows of a batch for the left rows that are there, and gives
// those whose verdict has changed.
func (j *SemiJoin) changePairs(b *column.Batch) error {
	if err := j.keepRight(b); err != nil {
		return err
	}
	for j.pairs.begin(j.left, b, &j.sides[1]); j.pairs.more(1); {
		for word := range j.pairs.tests {
			rows, err := j.pairs.pass(word)
			if err != nil {
				return err
			}
			j.countPairs(b, rows, semiTrue+word)
		}
	}
	for i, id := range j.touched {
		j.give(id, j.before[i])
	}
	return j.end()
}

func (j *SemiJoin) countPairs(b *column.Batch, pairs []int32, word int) {
	m := &j.pairs.match
	for _, i := range pairs {
		id := m.Rows[i]
		if j.met.meet(id) {
			j.touched, j.before = append(j.touched, id), append(j.before, j.verdict(id))
		}
		j.left.Write(id)[word] += uint64(sign(b, int(m.Probes[i])))
	}
}

// verdict is what is known of a left row that is kept.
func (j *SemiJoin) verdict(id int32) verdict {
	w := j.left.Acc(id)
	return verdictOf(int64(w[semiTrue]), int64(w[semiUnknown]))
}

// changeKeys: only whether there are rows of a key counts.
func (j *SemiJoin) changeKeys(b *column.Batch) error {
	s := &j.sides[1]
	anyRow, anyNull := int64(0), int64(0)
	if j.nullKeys() {
		anyRow, anyNull = j.unknown()
	}
	j.was = j.right.Lookup(b, s.keys, s.hashes, s.sel, j.was)
	j.keep = append(j.keep[:0], s.sel...)
	if err := j.keepRight(b); err != nil {
		return err
	}
	j.is = j.right.Lookup(b, s.keys, s.hashes, j.keep, j.is)
	j.ids = j.left.Lookup(b, s.keys, s.hashes, j.keep, j.ids)
	for i, key := range j.ids {
		there := j.is[i] != state.Absent
		if key == state.Absent || there == (j.was[i] != state.Absent) || !j.met.meet(key) {
			continue
		}
		if !j.nullKeys() || !b.Cols[j.p.RightKeys[0]].Null(int(j.keep[i])) { // else it equals nothing
			j.changeKey(key, there)
		}
	}
	if j.nullKeys() {
		j.changeUnknown(anyRow, anyNull)
	}
	return j.end()
}

// changeKey changes the left rows of a key that has right rows now, or has none any more.
func (j *SemiJoin) changeKey(key int32, there bool) {
	trues := uint64(0)
	if there {
		trues = 1
	}
	for id := j.left.First(key); id != state.Absent; id = j.left.Next(id) {
		before := j.verdict(id)
		j.left.Write(id)[semiTrue] = trues
		j.give(id, before)
	}
}

// changeUnknown changes all left rows that a first or last row, or a first or last NULL, of the
// right side concerns.
func (j *SemiJoin) changeUnknown(rowBefore, nullBefore int64) {
	anyRow, anyNull := j.unknown()
	if anyRow == rowBefore && anyNull == nullBefore {
		return
	}
	j.left.Each(func(id int32) {
		w := j.left.Acc(id)
		unknowns := anyNull
		if int64(w[semiTrue]) == keyIsNull {
			unknowns = anyRow
		}
		if unknowns == int64(w[semiUnknown]) {
			return
		}
		before := j.verdict(id)
		if j.left.Write(id)[semiUnknown] = uint64(unknowns); before != isTrue {
			j.give(id, before)
		}
	})
}

// give gives a left row whose verdict was another one.
func (j *SemiJoin) give(id int32, before verdict) {
	now := j.verdict(id)
	if now != before {
		j.out.changed(id, before, now)
	}
	if j.p.RightAppends && now == isTrue {
		j.settled = append(j.settled, id)
	}
}

// end sends what is left, then forgets the rows that nothing can change any more: of them it is
// known anew, should they be taken back.
func (j *SemiJoin) end() error {
	err := j.out.finish()
	for _, id := range j.settled {
		j.left.Remove(id)
	}
	j.left.Prune()
	j.right.Prune()
	return err
}

// finish gives the rows of a bounded input, and forgets them.
func (j *SemiJoin) finish(out executor.Output) error {
	err := j.sides[0].each(j.left, column.NewBatch(j.p.Out[:j.width]), func(rows *column.Batch) error {
		if err := j.judge(rows); err != nil {
			return err
		}
		return j.out.passed(rows, j.counts, out)
	})
	j.left.Drop()
	j.right.Drop()
	return err
}
