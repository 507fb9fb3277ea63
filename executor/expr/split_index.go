package expr

import (
	"bytes"

	"slipway/executor/column"
	"slipway/sql/plan"
)

// splitIndex is Flink's SPLIT_INDEX: parts count from 0, behind the last is NULL. A part is not copied: the result
// shows a stretch of the text.
type splitIndex struct {
	args  []Evaluator
	vs    []*column.Vector
	out   scratch
	shown column.Vector
}

func newSplitIndex(e *plan.Call, args []Evaluator) *splitIndex {
	return &splitIndex{args: args, vs: make([]*column.Vector, len(args)), out: newScratch(e.Typ)}
}

func (k *splitIndex) Eval(b *column.Batch, sel []int32) (_ *column.Vector, err error) {
	for i, a := range k.args {
		if k.vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	text, by, n, out := k.vs[0], k.vs[1], k.vs[2], k.out.ready(b.Rows)
	err = rows(b, sel, out, k.vs, func(i int) error {
		from, to, present := partOf(text.Bytes(i), by.Bytes(i), n.Ints[i])
		if !present {
			k.out.setNull(i, b.Rows)
			return nil
		}
		out.Views[i] = column.View{Off: text.Views[i].Off + uint32(from), Len: uint32(to - from)}
		return nil
	})
	k.shown = *out
	k.shown.Slab = text.Slab
	return &k.shown, err
}

// partOf gives where part n of a text begins and ends.
func partOf(b, by []byte, n int64) (from, to int, present bool) {
	if n < 0 || len(by) == 0 {
		return 0, 0, false
	}
	if len(by) == 1 {
		return partByByte(b, by[0], n)
	}
	for ; ; n-- {
		at := bytes.Index(b[from:], by)
		if to = from + at; at < 0 {
			to = len(b)
		}
		if n == 0 || at < 0 {
			return from, to, n == 0
		}
		from = to + len(by)
	}
}

// partByByte is partOf for one byte: parts are short, so a call that looks for the next costs more than to go there.
func partByByte(b []byte, by byte, n int64) (from, to int, present bool) {
	for i, c := range b {
		if c != by {
			continue
		}
		if n == 0 {
			return from, i, true
		}
		from, n = i+1, n-1
	}
	return from, len(b), n == 0
}
