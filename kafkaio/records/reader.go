package records

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Record is one record; its bytes are valid until the next is read.
type Record struct {
	Offset int64
	Key    []byte // nil if it has none
	Value  []byte // nil for a deletion
}

// Aborted is a transaction whose records nobody may see, as the broker lists it.
type Aborted struct {
	ProducerID int64
	First      int64 // offset
}

// Decompress gives the bytes that a codec (1 gzip, 2 snappy, 3 lz4, 4 zstd) packed.
type Decompress func(packed []byte, codec int) ([]byte, error)

// Reader walks the records of an answer that a reader of committed records sees, from an
// offset on. Scan has accepted the answer before.
type Reader struct {
	rest       []byte // batches that were not begun
	aborted    map[int64][]int64
	decompress Decompress

	body []byte // records of the batch that were not read
	left int32  // how many
	base int64
	last int64
	next int64 // offset behind everything that was read or passed over
}

// NewReader reads batches from an offset on.
func NewReader(batches []byte, from int64, aborted []Aborted, d Decompress) *Reader {
	r := &Reader{rest: batches, next: from, decompress: d}
	if len(aborted) > 0 {
		r.aborted = map[int64][]int64{}
		for _, a := range aborted {
			r.aborted[a.ProducerID] = append(r.aborted[a.ProducerID], a.First)
		}
		for _, firsts := range r.aborted {
			slices.Sort(firsts) // not every broker sorts them
		}
	}
	return r
}

// Position is the offset to go on from: behind what was read, and behind what nobody sees.
func (r *Reader) Position() int64 { return r.next }

// Next reads a record; false when there are no more.
func (r *Reader) Next(out *Record) (bool, error) {
	for {
		if r.left == 0 {
			if more, err := r.begin(); !more {
				return false, err
			}
			continue
		}
		offset, err := r.record(out)
		if err != nil {
			return false, err
		}
		if offset < r.next { // before what was asked for
			continue
		}
		r.next = offset + 1
		if r.left == 0 {
			r.next = r.last + 1
		}
		out.Offset = offset
		return true, nil
	}
}

// begin enters the next batch whose records are to be seen.
func (r *Reader) begin() (bool, error) {
	for {
		h, whole, err := parse(r.rest)
		if err != nil || !whole {
			return false, err
		}
		body := r.rest[headerSize:h.Size]
		r.rest = r.rest[h.Size:]
		if h.Last() < r.next {
			continue
		}
		if h.control() || h.transactional() && r.isAborted(h) || h.Count == 0 {
			if h.control() {
				r.ended(h.ProducerID, body)
			}
			r.next = h.Last() + 1
			continue
		}
		if h.codec() != 0 {
			if body, err = r.decompress(body, h.codec()); err != nil {
				return false, fmt.Errorf("%w: offset %d: %w", ErrCorrupt, h.Base, err)
			}
		}
		r.body, r.left, r.base, r.last = body, h.Count, h.Base, h.Last()
		return true, nil
	}
}

// isAborted tells whether a batch belongs to an aborted transaction of its producer.
func (r *Reader) isAborted(h Header) bool {
	firsts := r.aborted[h.ProducerID]
	return len(firsts) > 0 && firsts[0] <= h.Base
}

// ended takes note of a marker: an abort ends the producer's oldest aborted transaction.
// A marker is one record whose key is its version and its type, 0 for an abort.
func (r *Reader) ended(producer int64, body []byte) {
	firsts := r.aborted[producer]
	if len(firsts) == 0 {
		return
	}
	b, _, ok := cut(body)
	_, key, _, whole := fields(b)
	if ok && whole && len(key) >= 4 && binary.BigEndian.Uint16(key[2:]) == 0 {
		r.aborted[producer] = firsts[1:]
	}
}

// record reads key and value of one record of the batch.
func (r *Reader) record(out *Record) (offset int64, err error) {
	b, rest, ok := cut(r.body)
	delta, key, value, whole := fields(b)
	if !ok || !whole || delta < 0 || delta > r.last-r.base {
		return 0, fmt.Errorf("%w: offset %d: the record %d before the last is cut short or out of place", ErrCorrupt, r.base, r.left-1)
	}
	r.body = rest
	r.left--
	out.Key, out.Value = key, value
	return r.base + delta, nil
}

// fields reads a record: attributes, time, offset, key, value. Headers are left out.
func fields(b []byte) (delta int64, key, value []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, nil, false
	}
	_, n := varint(b[1:])
	if n <= 0 {
		return 0, nil, nil, false
	}
	b = b[1+n:]
	if delta, n = varint(b); n <= 0 {
		return 0, nil, nil, false
	}
	if key, b, ok = cut(b[n:]); !ok {
		return 0, nil, nil, false
	}
	value, _, ok = cut(b)
	return delta, key, value, ok
}

// cut takes bytes that stand behind their length, nil where that is negative.
func cut(b []byte) (part, rest []byte, ok bool) {
	size, n := varint(b)
	if n <= 0 || size > int64(len(b)-n) {
		return nil, nil, false
	}
	if size < 0 {
		return nil, b[n:], true
	}
	end := n + int(size)
	return b[n:end:end], b[end:], true
}

// varint reads a zigzag number; n is 0 or less if there is none. Most take a byte or two.
func varint(b []byte) (v int64, n int) {
	if len(b) > 0 && b[0] < 0x80 {
		return int64(b[0]>>1) ^ -int64(b[0]&1), 1
	}
	return binary.Varint(b)
}
