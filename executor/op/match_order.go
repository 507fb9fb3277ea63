package op

import (
	"encoding/binary"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// matchOrder is the order of the rows of a partition: that of their times, or where others follow that of bytes which stand
// behind the columns of a row, the time in front of the keys in them.
type matchOrder struct {
	kept  *state.OrderedMap
	keys  []plan.SortKey
	bytes *column.Vector
	batch column.Batch
	bound [8]byte
}

// layout adds the bytes to the columns of rows.
func (o *matchOrder) layout(k *keptRows, keys []plan.SortKey) {
	if o.keys = keys; keys == nil {
		return
	}
	n := len(k.layout.Columns)
	o.bytes = column.NewVector(types.Of(types.Binary))
	k.all, k.layout.Columns, k.layout.Sort = append(k.all, n), append(k.layout.Columns, o.bytes.Type), n
	o.batch.Cols = make([]*column.Vector, n+1)
	o.batch.Cols[n] = o.bytes
}

// take gives a batch whose rows can be kept, of which some are to be.
func (o *matchOrder) take(b *column.Batch, time int, sel []int32) *column.Batch {
	if o.keys == nil {
		return b
	}
	n := len(o.batch.Cols) - 1
	copy(o.batch.Cols[:n], b.Cols)
	o.batch.Rows, o.batch.Sel, o.batch.Kinds = b.Rows, b.Sel, b.Kinds
	v := o.bytes
	v.Reset()
	v.Grow(b.Rows)
	clear(v.Views)
	for _, r := range sel {
		at := len(v.Slab)
		v.Slab = binary.BigEndian.AppendUint64(v.Slab, uint64(b.Cols[time].Ints[r])^1<<63)
		for _, k := range o.keys {
			v.Slab = column.AppendKey(v.Slab, b.Cols[k.Column], int(r), column.KeyOrder{Desc: k.Desc, NullsFirst: k.NullsFirst})
		}
		v.Views[r] = column.View{Off: uint32(at), Len: uint32(len(v.Slab) - at)}
	}
	return &o.batch
}

// at is the time of a row.
func (o *matchOrder) at(id int32) int64 {
	if o.keys == nil {
		return o.kept.SortInt(id)
	}
	return int64(binary.BigEndian.Uint64(o.kept.SortBytes(id)) ^ 1<<63)
}

// from is the first row of a key that is not before a time.
func (o *matchOrder) from(key int32, time int64) int32 {
	if o.keys == nil {
		return o.kept.Ceil(key, state.Bound{Int: time})
	}
	binary.BigEndian.PutUint64(o.bound[:], uint64(time)^1<<63)
	return o.kept.Ceil(key, state.Bound{Bytes: o.bound[:]})
}
