package op

import (
	"bytes"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// kept is how a value of one type is kept in words of a state row: as column.WordCodec has it, the
// bytes of a string or a nested value in the table, to which the word refers; 0 for the empty one.
type kept struct {
	column.WordCodec
	bytes  func(room []byte, v *column.Vector, r int) []byte
	append func(v *column.Vector, b []byte) bool
	room   []byte
}

// keptExactly keeps values bit by bit, keptInOrder so that they can be compared.
func keptExactly(t types.Type) *kept {
	c := column.WordCodecOf(t)
	return &kept{WordCodec: c, bytes: c.Bytes, append: c.AppendBytes}
}

func keptInOrder(t types.Type) *kept {
	c := column.WordCodecOf(t)
	return &kept{WordCodec: c, bytes: c.Key, append: c.AppendKey}
}

// text gives the bytes of a value, until the next call or as long as the batch is lent.
func (k *kept) text(v *column.Vector, r int) []byte {
	b := k.bytes(k.room, v, r)
	if v.Type.IsNested() {
		k.room = b
	}
	return b
}

// put puts the value of a row of a vector in place of the one that is kept in w. Bytes that are
// there already stay.
func (k *kept) put(t *state.Table, w []uint64, v *column.Vector, r int) (err error) {
	if !k.Ref {
		k.Put(w, v, r)
		return nil
	}
	if b := k.text(v, r); string(t.Bytes(w[0])) != string(b) {
		w[0], err = t.Put(w[0], b)
	}
	return err
}

// same compares a kept value and a value of a batch, bit by bit.
func (k *kept) same(t *state.Table, w []uint64, v *column.Vector, r int) bool {
	if k.Ref {
		return string(t.Bytes(w[0])) == string(k.text(v, r))
	}
	return k.Same(w, v, r)
}

// copy puts the value kept in x by another table in place of the one in w.
func (k *kept) copy(t *state.Table, w []uint64, from *state.Table, x []uint64) (err error) {
	if k.Ref {
		w[0], err = t.Put(w[0], from.Bytes(x[0]))
		return err
	}
	copy(w[:k.N], x)
	return nil
}

// compare orders a kept value and one that another table keeps.
func (k *kept) compare(t *state.Table, w []uint64, from *state.Table, x []uint64) int {
	if k.Ref {
		return bytes.Compare(t.Bytes(w[0]), from.Bytes(x[0]))
	}
	return k.Order(w, x)
}

// against orders a kept value and one of a vector.
func (k *kept) against(t *state.Table, w []uint64, v *column.Vector, r int) int {
	if k.Ref {
		return bytes.Compare(t.Bytes(w[0]), k.text(v, r))
	}
	return k.Compare(w, v, r)
}

// emit appends a kept value to v.
func (k *kept) emit(t *state.Table, w []uint64, v *column.Vector) {
	if !k.Ref {
		k.Append(v, w)
	} else if !k.append(v, t.Bytes(w[0])) {
		v.AppendNull()
	}
}

// emitKept is for accumulators of a count of values, of which none is NULL, and a kept value.
func emitKept(t types.Type) func(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	return keptInOrder(t).emitted(t)
}

// emitted is emitKept of values that are kept so.
func (k *kept) emitted(t types.Type) func(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	if t.Physical() == types.PhysicalInt64 {
		return emitKeptInts
	}
	return k.emitCounted
}

// emitCounted appends the value behind a count of values, NULL if they are none.
func (k *kept) emitCounted(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		if w[at] == 0 {
			v.AppendNull()
		} else {
			k.emit(t, w[at+1:], v)
		}
	}
}

func emitKeptInts(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		if w[at] == 0 {
			v.AppendNull()
		} else {
			v.AppendInt(int64(w[at+1]))
		}
	}
}
