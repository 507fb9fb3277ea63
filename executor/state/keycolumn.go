package state

import (
	"slices"

	"slipway/executor/column"
	"slipway/sql/types"
)

// keyColumn is how a table holds one column of its keys. What most keys are is told at once;
// the rest asks the functions of the type. A nested key is kept as its bytes in order.
type keyColumn struct {
	typ  types.Type
	form keyForm
	held column.WordCodec

	nullAt  int    // the word of a row that says whether the column is NULL
	nullBit uint64 // in it

	room []byte // of a nested key's bytes

	words [2]uint64 // of a value that is looked for
}

type keyForm uint8

const (
	formOther  keyForm = iota
	formLong           // a word that is the value itself
	formText           // a reference to bytes that a vector has as they are
	formNested         // a reference to bytes that are made
)

// holdKeys takes the types as the operator wants them: a restored table knows of a nested key
// only that it is one.
func (t *Table) holdKeys(l Layout) {
	if slices.EqualFunc(t.keys, l.Keys, func(k keyColumn, t types.Type) bool { return k.typ == t }) {
		return
	}
	t.keys = make([]keyColumn, len(l.Keys))
	for i, k := range l.Keys {
		t.keys[i] = keyColumn{typ: k, form: formOf(k), held: column.WordCodecOf(k), nullAt: 1 + i/nullsEach, nullBit: 1 << (i % nullsEach)}
	}
}

func formOf(t types.Type) keyForm {
	switch p := t.Physical(); {
	case t.IsNested():
		return formNested
	case p == types.PhysicalInt64:
		return formLong
	case p == types.PhysicalBytes:
		return formText
	}
	return formOther
}

// bare is the layout as sections have it: without what a nested key is made of.
func (l Layout) bare() Layout {
	keys := make([]types.Type, len(l.Keys))
	for i, k := range l.Keys {
		keys[i] = k.Bare()
	}
	l.Keys = keys
	return l
}

func keyWords(t types.Type) int { return column.WordCodecOf(t).N }

// isRef tells a key whose word refers to the slab.
func isRef(t types.Type) bool { return t.Physical() >= types.PhysicalBytes }

func (k *keyColumn) null(row []uint64) bool { return row[k.nullAt]&k.nullBit != 0 }

func (k *keyColumn) setNull(row []uint64) { row[k.nullAt] |= k.nullBit }

func (k *keyColumn) equal(t *Table, w []uint64, v *column.Vector, r int) bool {
	switch k.form {
	case formLong:
		return w[0] == uint64(v.Ints[r])
	case formText:
		return string(t.slab.get(w[0])) == string(v.Bytes(r))
	case formNested:
		k.room = k.held.Key(k.room, v, r)
		return string(t.slab.get(w[0])) == string(k.room)
	}
	return k.held.SameKey(w, v, r)
}

func (k *keyColumn) put(t *Table, w []uint64, v *column.Vector, r int) (err error) {
	switch k.form {
	case formLong:
		w[0] = uint64(v.Ints[r])
	case formText:
		w[0], err = t.slab.put(v.Bytes(r))
	case formNested:
		k.room = k.held.Key(k.room, v, r)
		w[0], err = t.slab.put(k.room)
	default:
		k.held.PutKey(w, v, r)
	}
	return err
}

func (k *keyColumn) append(t *Table, v *column.Vector, w []uint64) {
	switch k.form {
	case formLong:
		v.AppendInt(int64(w[0]))
	case formText:
		v.AppendBytes(t.slab.get(w[0]))
	case formNested:
		if !k.held.AppendKey(v, t.slab.get(w[0])) {
			v.AppendNull()
		}
	default:
		k.held.Append(v, w)
	}
}
