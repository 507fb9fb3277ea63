package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Unnest gives each row of a batch with the elements of its arrays.
type Unnest struct {
	executor.Stateless
	several
	arrays     int
	ordinality bool
	outer      bool
	live       []int32
	picked     [][]int32 // of each array the elements that are given; absent: NULL
	short      []bool    // some of them are absent
	places     []int64   // of each row its element's place; 0: none
	one        [1]int32
}

const absent = int32(-1)

// NewUnnest makes the operator of a plan node.
func NewUnnest(p *plan.Unnest, _ types.Schema) *Unnest {
	return &Unnest{several: several{keep: p.Keep, emitter: emitter{batch: column.NewBatch(p.Out)}}, arrays: p.Arrays, ordinality: p.Ordinality, outer: p.Outer,
		picked: make([][]int32, p.Arrays), short: make([]bool, p.Arrays)}
}

// Process implements executor.Operator.
func (u *Unnest) Process(_ int, b *column.Batch, out executor.Output) error {
	u.begin(out)
	u.live = liveRows(u.live, b)
	for _, r := range u.live {
		if err := u.row(b, r); err != nil {
			return err
		}
	}
	return u.send(b)
}

// row takes the elements of a row.
func (u *Unnest) row(b *column.Batch, r int32) error {
	longest := uint32(0)
	for a := range u.arrays {
		longest = max(longest, elementsAt(b.Cols[u.keep+a], r).Len)
	}
	if longest == 0 && u.outer {
		return u.take(b, r, 0, 0)
	}
	for n := range longest {
		if err := u.take(b, r, n, int64(n)+1); err != nil {
			return err
		}
	}
	return nil
}

// elementsAt are the elements of a row, none of NULL.
func elementsAt(v *column.Vector, r int32) column.View {
	if v.Null(int(r)) {
		return column.View{}
	}
	return v.Views[r]
}

// take adds element n of each array.
func (u *Unnest) take(b *column.Batch, r int32, n uint32, place int64) error {
	for a := range u.arrays {
		w, at := elementsAt(b.Cols[u.keep+a], r), absent
		if n < w.Len {
			at = int32(w.Off + n)
		}
		u.short[a] = u.short[a] || at == absent
		u.picked[a] = append(u.picked[a], at)
	}
	u.rows, u.places = append(u.rows, r), append(u.places, place)
	if len(u.rows) >= column.BatchRows {
		return u.send(b)
	}
	return nil
}

// send gives what was taken.
func (u *Unnest) send(b *column.Batch) error {
	if len(u.rows) == 0 {
		return nil
	}
	next := u.keep
	for a := range u.arrays {
		for _, kid := range b.Cols[u.keep+a].Kids {
			u.elements(u.batch.Cols[next], kid, a)
			next++
		}
		u.picked[a], u.short[a] = u.picked[a][:0], false
	}
	if u.ordinality {
		u.number(u.batch.Cols[next])
	}
	u.places = u.places[:0]
	return u.give(b)
}

func (u *Unnest) elements(out, v *column.Vector, a int) {
	if !u.short[a] {
		out.AppendRows(v, u.picked[a], 0)
		return
	}
	for _, e := range u.picked[a] {
		if e == absent {
			out.AppendNull()
			continue
		}
		u.one[0] = e
		out.AppendRows(v, u.one[:], 1)
	}
}

func (u *Unnest) number(out *column.Vector) {
	for _, n := range u.places {
		if n == 0 {
			out.AppendNull()
		} else {
			out.AppendInt(n)
		}
	}
}
