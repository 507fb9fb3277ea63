package expr

import (
	"bytes"

	"slipway/executor/column"
	"slipway/sql/plan"
)

// splitIndex is Flink's SPLIT_INDEX: parts count from 0, behind the last is NULL. A part is not copied: the result
// shows a stretch of the text.
type splitIndex struct {
	call   *plan.Call
	args   []Evaluator
	vs     []*column.Vector
	out    scratch
	shown  column.Vector
	before *splitIndex // which was evaluated for the same rows and has found an earlier part of the same text; nil: none
	ended  [1]*column.Vector
}

func newSplitIndex(e *plan.Call, args []Evaluator) *splitIndex {
	return &splitIndex{call: e, args: args, vs: make([]*column.Vector, len(args)), out: newScratch(e.Typ)}
}

func (k *splitIndex) Eval(b *column.Batch, sel []int32) (_ *column.Vector, err error) {
	for i, a := range k.args {
		if k.vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	if k.before != nil {
		return k.goOn(b, sel)
	}
	text, by, n, out := k.vs[0], k.vs[1], k.vs[2], k.out.ready(b.Rows)
	err = rows(b, sel, out, k.vs, func(i int) error {
		from, to, present := partOf(text.Bytes(i), by.Bytes(i), n.Ints[i])
		k.show(i, b.Rows, from, to, present)
		return nil
	})
	return k.result(), err
}

// show makes a stretch of the text the result of a row.
func (k *splitIndex) show(i, rows, from, to int, present bool) {
	if !present {
		k.out.setNull(i, rows)
		return
	}
	k.out.v.Views[i] = column.View{Off: k.vs[0].Views[i].Off + uint32(from), Len: uint32(to - from)}
}

func (k *splitIndex) result() *column.Vector {
	k.shown = *k.out.v
	k.shown.Slab = k.vs[0].Slab
	return &k.shown
}

// goOn looks behind the part that the call before has found.
func (k *splitIndex) goOn(b *column.Batch, sel []int32) (*column.Vector, error) {
	k.ended[0] = &k.before.shown
	text, ended, by, out := k.vs[0], k.ended[0], []byte(k.separator()), k.out.ready(b.Rows)
	passed := k.number() - k.before.number() - 1
	err := rows(b, sel, out, k.ended[:], func(i int) error {
		t, part := text.Bytes(i), ended.Views[i]
		begin := int(part.Off+part.Len-text.Views[i].Off) + len(by)
		if begin > len(t) {
			k.out.setNull(i, b.Rows)
			return nil
		}
		from, to, present := partOf(t[begin:], by, passed)
		k.show(i, b.Rows, begin+from, begin+to, present)
		return nil
	})
	return k.result(), err
}

func (k *splitIndex) separator() string { return k.call.Args[1].(*plan.Const).Text }
func (k *splitIndex) number() int64     { return k.call.Args[2].(*plan.Const).Int }

// ContinueSplits lets a SPLIT_INDEX of constants begin behind the part of its column that another one before it has
// found. All evaluators are evaluated for the same rows, in their order.
func ContinueSplits(all []Evaluator) {
	var before []*splitIndex
	for _, e := range all {
		k, ok := e.(*splitIndex)
		if !ok || !k.fixed() {
			continue
		}
		for _, other := range before {
			if k.follows(other) && (k.before == nil || other.number() > k.before.number()) {
				k.before = other
			}
		}
		before = append(before, k)
	}
}

// fixed tells whether a text of the input is cut at a constant, and the part is constant.
func (k *splitIndex) fixed() bool {
	_, text := k.call.Args[0].(*plan.Column)
	by, separator := k.call.Args[1].(*plan.Const)
	n, number := k.call.Args[2].(*plan.Const)
	return text && separator && number && !by.Null && len(by.Text) > 0 && !n.Null && n.Int >= 0
}

func (k *splitIndex) follows(other *splitIndex) bool {
	return k.number() > other.number() && plan.Same(k.call.Args[0], other.call.Args[0]) && k.separator() == other.separator()
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
