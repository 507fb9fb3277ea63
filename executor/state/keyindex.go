package state

import (
	"math/bits"

	"slipway/executor/memory"
)

// keyIndex numbers the distinct keys of a set of rows: a hash index over a list of entries.
// It is derived from the rows. A number stays with its key until the key's last row goes.
// Memory: 16 bytes per key and 16 to 48 bytes of index.
type keyIndex struct {
	mem   *derived
	index []uint64 // upper half of the hash | number + 1
	list  []keyEntry
	free  []int32
}

type keyEntry struct {
	hash uint64
	row  int32 // one of the key's rows, by which it is compared: where its order begins
	rows int32
}

func (x *keyIndex) len() int { return len(x.list) - len(x.free) }

func (x *keyIndex) slot(h uint64) uint64 {
	return (h >> 32) * 0x9E3779B97F4A7C15 >> (64 - uint(bits.TrailingZeros(uint(len(x.index)))))
}

// candidate gives the first key of that hash, which is nearly always the one that is looked
// for, or Absent.
func (x *keyIndex) candidate(h uint64) int32 {
	if len(x.index) == 0 {
		return Absent
	}
	mask := uint64(len(x.index) - 1)
	for slot := x.slot(h); x.index[slot] != 0; slot = (slot + 1) & mask {
		if e := x.index[slot]; e>>32 == h>>32 && x.list[uint32(e)-1].hash == h {
			return int32(uint32(e) - 1)
		}
	}
	return Absent
}

// after gives the next key of the same hash behind a candidate, or Absent.
func (x *keyIndex) after(key int32) int32 {
	h, mask := x.list[key].hash, uint64(len(x.index)-1)
	for slot := (x.place(key) + 1) & mask; x.index[slot] != 0; slot = (slot + 1) & mask {
		if e := x.index[slot]; e>>32 == h>>32 && x.list[uint32(e)-1].hash == h {
			return int32(uint32(e) - 1)
		}
	}
	return Absent
}

// place is the slot of a key that is there.
func (x *keyIndex) place(key int32) uint64 {
	mask := uint64(len(x.index) - 1)
	slot := x.slot(x.list[key].hash)
	for uint32(x.index[slot]) != uint32(key+1) {
		slot = (slot + 1) & mask
	}
	return slot
}

// add numbers a key that is not there, by its first row.
func (x *keyIndex) add(hash uint64, row int32) (key int32, err error) {
	if err := x.reserve(); err != nil {
		return Absent, err
	}
	if n := len(x.free); n > 0 {
		key, x.free = x.free[n-1], x.free[:n-1]
	} else {
		key = int32(len(x.list))
		if x.list, err = grow(x.mem, x.list, len(x.list)+1); err != nil {
			return Absent, err
		}
	}
	x.list[key] = keyEntry{hash: hash, row: row}
	x.enter(key)
	return key, nil
}

// reserve makes room for one more key: the index is at most half full.
func (x *keyIndex) reserve() (err error) {
	need := (x.len() + 1) * 2
	if need <= len(x.index) {
		return nil
	}
	size := max(64, 1<<bits.Len(uint(need-1)))
	more := int64(size-len(x.index)) * 8
	if err := x.mem.store.Reserve(more); err != nil {
		return err
	}
	x.mem.bytes += more
	former := x.index
	x.index = memory.LargePaged(make([]uint64, size))
	for _, e := range former {
		if e != 0 {
			x.enter(int32(uint32(e) - 1))
		}
	}
	return nil
}

func (x *keyIndex) enter(key int32) {
	h, mask := x.list[key].hash, uint64(len(x.index)-1)
	slot := x.slot(h)
	for x.index[slot] != 0 {
		slot = (slot + 1) & mask
	}
	x.index[slot] = h>>32<<32 | uint64(key+1)
}

// remove forgets a key and moves later entries of the probe back.
func (x *keyIndex) remove(key int32) {
	mask := uint64(len(x.index) - 1)
	slot := x.place(key)
	for next := (slot + 1) & mask; x.index[next] != 0; next = (next + 1) & mask {
		home := x.slot(x.index[next])
		if (next-home)&mask >= (next-slot)&mask {
			x.index[slot] = x.index[next]
			slot = next
		}
	}
	x.index[slot] = 0
	x.free = append(x.free, key)
}

// AppendKeys appends the numbers of all keys, for code outside the row path.
func (s *Rows) AppendKeys(keys []int32) []int32 {
	for i := range s.keys.list {
		if s.keys.list[i].rows > 0 {
			keys = append(keys, int32(i))
		}
	}
	return keys
}
