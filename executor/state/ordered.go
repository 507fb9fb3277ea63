package state

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"

	"slipway/sql/types"
)

// OrderedLayout is the shape of the rows of an ordered map.
type OrderedLayout struct {
	RowLayout
	// Sort is the column that the rows of a key are ordered by: one held as int64, or one of
	// bytes, which are compared as bytes: those of column.AppendKey have the order of several
	// columns, ascending or descending, with their NULLs. It is never NULL itself.
	Sort int
	// Unique keeps one row for each key and sort key: a row that is put in replaces the one
	// that is there; an equal one changes nothing. Otherwise rows of one sort key are in the
	// order in which they were put in first, and equal ones have a count.
	Unique bool
}

// OrderedMap keeps the rows of each key in order: what OVER, top-N, interval and temporal
// joins, sessions and MIN/MAX of changing rows read by range.
//
//	m, err := env.State.OrderedMap("right", layout)          // in Open, after a restore with what it held
//	ids, err = m.Apply(b, cols, hashes, b.Sel, ids)          // enter a batch: put in, take back
//	keys = m.Lookup(b, keyCols, hashes, b.Sel, keys)
//	ids = m.AppendRange(ids, m.Ceil(keys[i], from), to, n)   // rows of a key, ascending
//	ids, err = m.ExpireBelow(watermark, ids, n)              // remove what is older, of all keys
//
// Cost: finding a key, its Size and the next row of a walk take constant time; putting in,
// removing, First, Last, Ceil, Floor, Rank and At O(log n) of the rows of the key; ExpireBelow O(log n) per
// row removed and nothing per key that stays, but for the first call, which looks at each key.
// None allocates per row. Memory per row: 16 bytes + 8 per column (16 for a wide DECIMAL, and
// the length of a text) + 16 for count and serial + 8 per word of the operator's, 16 to 32 of
// the table's index (none for rows apart), 28 to 42 of the tree; per key 32 to 64, and 28 to 42 with ExpireBelow.
type OrderedMap struct {
	Rows
	at     int  // the word of the sort column in a row
	texts  bool // it is a reference to bytes
	nodes  []treeNode
	expiry *dueHeap                   // of keys, by the sort key of their first rows; nil until somebody asks
	over   struct{ sel, ids []int32 } // of Replace
}

// Bound is a sort key to compare with: Int or Bytes, as the sort column is.
type Bound struct {
	Int   int64
	Bytes []byte
}

// OrderedMap takes up the ordered map of that name, made empty if it is not there; once, when
// the operator opens. A *LayoutError says that the restored one has other rows.
func (s *Store) OrderedMap(name string, l OrderedLayout) (*OrderedMap, error) {
	o := &OrderedMap{nodes: make([]treeNode, 1)}
	o.unique = l.Unique
	kind := l.Columns[l.Sort].Physical()
	o.texts = kind == types.PhysicalBytes
	if !o.texts && kind != types.PhysicalInt64 {
		return nil, fmt.Errorf("state: rows cannot be ordered by a column of %s", l.Columns[l.Sort])
	}
	o.at = headerOf(len(l.Columns))
	for _, c := range l.Columns[:l.Sort] {
		o.at += keyWords(c)
	}
	if err := o.open(s, name, l.RowLayout, o); err != nil {
		return nil, err
	}
	return o, nil
}

// SortInt is the sort key of a row, of a sort column that is an int64.
func (o *OrderedMap) SortInt(id int32) int64 { return int64(o.table.row(id)[o.at]) }

// SortBytes is the sort key of a row, of a sort column of bytes; valid until the next change.
func (o *OrderedMap) SortBytes(id int32) []byte { return o.table.Bytes(o.table.row(id)[o.at]) }

// prefix is a number in the order of the sort keys; of equal ones the keys may differ.
func (o *OrderedMap) prefix(id int32) uint64 {
	if o.texts {
		return bytesPrefix(o.SortBytes(id))
	}
	return intPrefix(o.SortInt(id))
}

func intPrefix(x int64) uint64 { return uint64(x) ^ 1<<63 }

func bytesPrefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var first [8]byte
	copy(first[:], b)
	return binary.BigEndian.Uint64(first[:])
}

// before tells whether the row of node a comes before that of node b.
func (o *OrderedMap) before(a, b int32) bool {
	if x, y := o.nodes[a].sort, o.nodes[b].sort; x != y {
		return x < y
	}
	if o.texts {
		if c := bytes.Compare(o.SortBytes(a-1), o.SortBytes(b-1)); c != 0 {
			return c < 0
		}
	}
	return o.table.Acc(a - 1)[rowSerial] < o.table.Acc(b - 1)[rowSerial]
}

// against compares the sort key of a node's row with a bound, whose prefix is at hand.
func (o *OrderedMap) against(n int32, b *Bound, prefix uint64) int {
	if c := cmp.Compare(o.nodes[n].sort, prefix); c != 0 || !o.texts {
		return c
	}
	return bytes.Compare(o.SortBytes(n-1), b.Bytes)
}

func (o *OrderedMap) prefixOf(b *Bound) uint64 {
	if o.texts {
		return bytesPrefix(b.Bytes)
	}
	return intPrefix(b.Int)
}

func (o *OrderedMap) root(key int32) int32 { return o.keys.list[key].row + 1 }

func (o *OrderedMap) link(key, id int32) (err error) {
	if o.nodes, err = grow(&o.mem, o.nodes, int(id)+2); err != nil {
		return err
	}
	n := id + 1
	o.nodes[n] = treeNode{size: 1, sort: o.prefix(id)}
	if root := o.root(key); root != n {
		o.keys.list[key].row = o.insert(root, n) - 1
		if former := o.Prev(id); o.unique && former != Absent && o.sameSort(former, id) {
			o.Remove(former)
		}
	}
	return o.putIn(key, id)
}

// Renew puts a row behind the others of its sort key, as if it had come now.
func (o *OrderedMap) Renew(id int32) error {
	o.table.Write(id)[rowSerial] = o.serial
	o.serial++
	if next := o.Next(id); next == Absent || !o.sameSort(next, id) {
		return nil
	}
	key := o.keyOf[id] - 1
	o.unlink(key, id)
	return o.link(key, id)
}

func (o *OrderedMap) sameSort(a, b int32) bool {
	return o.nodes[a+1].sort == o.nodes[b+1].sort && (!o.texts || bytes.Equal(o.SortBytes(a), o.SortBytes(b)))
}

func (o *OrderedMap) unlink(key, id int32) {
	o.keys.list[key].row = o.cut(o.root(key), id+1) - 1
	if o.expiry != nil && o.root(key) == 0 {
		o.expiry.remove(key)
	}
}

func (o *OrderedMap) loaded() {}
