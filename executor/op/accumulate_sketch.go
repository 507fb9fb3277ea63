package op

import (
	"math"
	"slices"

	"slipway/executor/column"
	"slipway/executor/sketch"
	"slipway/executor/state"
	"slipway/sql/types"
)

// DISTINCT_SKETCH and QUANTILE_SKETCH are how many values a sketch has seen, and its bytes, to which a word
// refers. The result is these, none of no values, which a function behind the aggregate makes a number of.
func init() {
	kernels["DISTINCT_SKETCH"] = func(types.Type, types.Type) kernel {
		d := &sketch.Distinct{}
		var room []byte
		return sketched(d, &sketch.Distinct{}, func(v *column.Vector, r int) error {
			room = column.AppendKey(room[:0], v, r, column.KeyOrder{})
			d.Add(room)
			return nil
		})
	}
	kernels["QUANTILE_SKETCH"] = func(in, _ types.Type) kernel {
		q, scale := &sketch.Quantiles{}, math.Pow10(in.Scale)
		return sketched(q, &sketch.Quantiles{}, func(v *column.Vector, r int) error {
			p, _ := pairOf(v, r)
			return q.Add(p.Float() / scale)
		})
	}
}

// sketches has the sketch of one group at a time: the rows of a batch are taken by their groups.
type sketches struct {
	sketch.Sketch
	add   func(v *column.Vector, r int) error
	rows  []int32 // of the batch's rows, by group
	room  []byte
	empty []byte
}

func sketched(s, none sketch.Sketch, add func(v *column.Vector, r int) error) kernel {
	k := &sketches{Sketch: s, add: add}
	merge := &sketches{Sketch: s, add: func(v *column.Vector, r int) error { return s.Merge(v.Bytes(r)) }}
	if none.Load(nil) == nil {
		k.empty = none.Append(nil)
	}
	return kernel{words: 2, text: true, add: k.take, merge: merge.take, combine: k.combine, emit: k.emit}
}

// take gives each group its rows.
func (k *sketches) take(t *state.Table, at int, r *rows) error {
	k.rows = k.rows[:0]
	for i := range r.ids {
		k.rows = append(k.rows, int32(i))
	}
	slices.SortFunc(k.rows, func(a, b int32) int { return int(r.ids[a]) - int(r.ids[b]) })
	for from := 0; from < len(k.rows); {
		id, to := r.ids[k.rows[from]], from+1
		for to < len(k.rows) && r.ids[k.rows[to]] == id {
			to++
		}
		if err := k.takeAll(t, t.Write(id)[at:], r, k.rows[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (k *sketches) takeAll(t *state.Table, w []uint64, r *rows, list []int32) error {
	if err := k.Load(t.Bytes(w[1])); err != nil {
		return err
	}
	for _, i := range list {
		if err := k.add(r.v, r.at(int(i))); err != nil {
			return err
		}
	}
	return k.store(t, w, uint64(len(list)))
}

func (k *sketches) store(t *state.Table, w []uint64, more uint64) (err error) {
	k.room = k.Append(k.room[:0])
	w[0] += more
	w[1], err = t.Put(w[1], k.room)
	return err
}

func (k *sketches) combine(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
	for i, id := range to {
		x := from.Acc(src[i])[at:]
		if x[0] == 0 {
			continue
		}
		w := t.Write(id)[at:]
		if err := k.Load(t.Bytes(w[1])); err != nil {
			return err
		}
		if err := k.Merge(from.Bytes(x[1])); err != nil {
			return err
		}
		if err := k.store(t, w, x[0]); err != nil {
			return err
		}
	}
	return nil
}

func (k *sketches) emit(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		if w[at] == 0 {
			v.AppendBytes(k.empty)
		} else {
			v.AppendBytes(t.Bytes(w[at+1]))
		}
	}
}
