package records

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Record is one record; its bytes are valid until the next is read.
type Record struct {
	Offset int64
	Millis int64  // since 1970, of its producer or of the broker that took it, as the topic says
	Key    []byte // nil if it has none
	Value  []byte // nil for a deletion
	// AppendTime: Millis are of the broker that took it.
	AppendTime bool

	headers []byte // as they lie in the batch
}

// RecordHeader is one of the properties that a record has beside its key.
type RecordHeader struct {
	Key   string
	Value []byte
}

// AppendHeaders appends the record's headers, in their order; their values are lent as the
// record's own bytes are.
func (r *Record) AppendHeaders(dst []RecordHeader) ([]RecordHeader, error) {
	count, n := varint(r.headers)
	rest := r.headers[max(n, 0):]
	for ; n > 0 && count > 0; count-- {
		var key, value []byte
		var ok bool
		if key, rest, ok = cut(rest); ok {
			value, rest, ok = cut(rest)
		}
		if !ok {
			n = 0
			break
		}
		dst = append(dst, RecordHeader{string(key), value})
	}
	if n <= 0 {
		return dst, fmt.Errorf("%w: offset %d: its headers are cut short", ErrCorrupt, r.Offset)
	}
	return dst, nil
}

// Aborted is a transaction whose records nobody may see, as the broker lists it.
type Aborted struct {
	ProducerID int64
	First      int64 // offset
}

// Decompress gives the bytes that a codec (1 gzip, 2 snappy, 3 lz4, 4 zstd) packed.
type Decompress func(packed []byte, codec int) ([]byte, error)

// Reader walks the records of an answer that a reader of committed records sees, from an
// offset on. A batch is checked against its sum when it is begun: its records come next, and are in the processor's cache then.
type Reader struct {
	rest       []byte // batches that were not begun
	aborted    map[int64][]int64
	decompress Decompress

	body []byte // records of the batch that were not read
	left int32  // how many
	base int64
	last int64
	time int64 // that the times of its records are counted from
	kept bool  // time is the broker's, of all of them
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
		batch, body := r.rest[:h.Size], r.rest[headerSize:h.Size]
		r.rest = r.rest[h.Size:]
		if err := h.check(batch); err != nil {
			return false, err
		}
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
		r.time, r.kept = h.time, h.appendTime()
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
	var f fields
	if ok && f.read(b) && len(f.key) >= 4 && binary.BigEndian.Uint16(f.key[2:]) == 0 {
		r.aborted[producer] = firsts[1:]
	}
}

// record reads one record of the batch.
func (r *Reader) record(out *Record) (offset int64, err error) {
	b, rest, ok := cut(r.body)
	var f fields
	if !ok || !f.read(b) || f.offset < 0 || f.offset > r.last-r.base {
		return 0, fmt.Errorf("%w: offset %d: the record %d before the last is cut short or out of place", ErrCorrupt, r.base, r.left-1)
	}
	r.body = rest
	r.left--
	out.Key, out.Value, out.headers, out.Millis = f.key, f.value, f.headers, r.time
	out.AppendTime = r.kept
	if !r.kept {
		out.Millis += f.time
	}
	return r.base + f.offset, nil
}

// fields of a record; time and offset count from those of the batch.
type fields struct {
	time, offset        int64
	key, value, headers []byte
}

// read reads a record: attributes, time, offset, key, value, headers.
func (f *fields) read(b []byte) (ok bool) {
	if len(b) == 0 {
		return false
	}
	n := 0
	if f.time, n = varint(b[1:]); n <= 0 {
		return false
	}
	b = b[1+n:]
	if f.offset, n = varint(b); n <= 0 {
		return false
	}
	if f.key, b, ok = cut(b[n:]); !ok {
		return false
	}
	f.value, f.headers, ok = cut(b)
	return ok
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
	if len(b) > 1 {
		if b[0] < 0x80 {
			return int64(b[0]>>1) ^ -int64(b[0]&1), 1
		}
		if b[1] < 0x80 {
			return (int64(b[0]&0x7f>>1) | int64(b[1])<<6) ^ -int64(b[0]&1), 2
		}
	}
	return binary.Varint(b)
}
