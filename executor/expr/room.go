package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// maxRoom bounds the texts of all values that are computed on the way to the results of one batch, together: each of them keeps
// its memory.
const maxRoom = 6 * maxText

// Room counts them. One operator has one, and begins it for each batch.
type Room struct{ used int }

// Begin forgets what the values of the last batch took.
func (r *Room) Begin() { r.used = 0 }

// WithRoom are options by which what is compiled counts its texts.
func (o Options) WithRoom(r *Room) Options {
	o.room = r
	return o
}

// counted is an evaluator of texts that counts them.
type counted struct {
	Evaluator
	room *Room
}

func (c counted) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	v, err := c.Evaluator.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	if c.room.used += v.TextBytes(); c.room.used > maxRoom {
		return nil, ErrTooMuch
	}
	return v, nil
}

// counting makes an evaluator count, if it makes texts.
func (o Options) counting(ev Evaluator, e plan.Expr) Evaluator {
	if t := e.Type(); o.room == nil || !t.IsNested() && t.Physical() != types.PhysicalBytes {
		return ev
	}
	switch ev.(type) {
	case columnRef, *constant, *splitIndex:
		return ev
	}
	return counted{ev, o.room}
}
