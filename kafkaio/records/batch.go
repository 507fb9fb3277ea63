// Package records reads Kafka's record batches where they lie, without an object a record.
// The layout is that of the protocol guide, "Record Batch", magic 2 (Kafka 0.11 and later).
package records

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Header is what stands before the records of a batch.
type Header struct {
	Base       int64 // offset of the first record that the batch was made with
	Size       int   // bytes of the whole batch
	Epoch      int32 // of the leader that wrote it
	attributes int16
	lastDelta  int32
	time       int64 // milliseconds of the first record, or of the batch as the broker took it
	ProducerID int64
	Count      int32 // records, less than the offsets where the topic is compacted
}

// headerSize is the length of a batch without records; crcFrom is where the sum begins.
const (
	headerSize = 61
	crcFrom    = 21

	appendTimeBit    = 0x08
	transactionalBit = 0x10
	controlBit       = 0x20
)

// Last is the highest offset that the batch was made with, whether its record is still there or not.
func (h Header) Last() int64 { return h.Base + int64(h.lastDelta) }

// codec of the records: 0 is none.
func (h Header) codec() int { return int(h.attributes & 7) }

// appendTime tells that all records have the time at which the broker took the batch.
func (h Header) appendTime() bool { return h.attributes&appendTimeBit != 0 }

func (h Header) transactional() bool { return h.attributes&transactionalBit != 0 }

func (h Header) control() bool { return h.attributes&controlBit != 0 }

// ErrCorrupt: the bytes are no record batch, or not the one that was written.
var ErrCorrupt = errors.New("corrupt record batch")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// parse reads the header of the first batch. Brokers may cut the last batch of an answer
// short: then there is none.
func parse(data []byte) (h Header, whole bool, err error) {
	if len(data) < headerSize {
		return h, false, nil
	}
	be := binary.BigEndian
	h.Base, h.Size = int64(be.Uint64(data)), int(int32(be.Uint32(data[8:])))+12
	if magic := data[16]; magic != 2 {
		return h, false, fmt.Errorf("offset %d: a message of format %d, from before Kafka 0.11, cannot be read", h.Base, magic)
	}
	if h.Size < headerSize {
		return h, false, fmt.Errorf("%w: offset %d: its length is %d", ErrCorrupt, h.Base, h.Size)
	}
	if len(data) < h.Size {
		return h, false, nil
	}
	h.Epoch, h.attributes, h.lastDelta = int32(be.Uint32(data[12:])), int16(be.Uint16(data[21:])), int32(be.Uint32(data[23:]))
	h.ProducerID, h.Count = int64(be.Uint64(data[43:])), int32(be.Uint32(data[57:]))
	if h.time = int64(be.Uint64(data[27:])); h.appendTime() {
		h.time = int64(be.Uint64(data[35:]))
	}
	if h.lastDelta < 0 || h.Count < 0 {
		return h, false, fmt.Errorf("%w: offset %d: %d records in %d offsets", ErrCorrupt, h.Base, h.Count, h.lastDelta)
	}
	return h, true, nil
}

// check compares a batch with its sum.
func (h Header) check(batch []byte) error {
	if crc32.Checksum(batch[crcFrom:], castagnoli) != binary.BigEndian.Uint32(batch[17:]) {
		return fmt.Errorf("%w: offset %d: the check sum differs", ErrCorrupt, h.Base)
	}
	return nil
}

// Scan gives the headers of the whole batches of an answer; a Reader checks their sums.
func Scan(data []byte, each func(Header)) error {
	for {
		h, whole, err := parse(data)
		if err != nil || !whole {
			return err
		}
		each(h)
		data = data[h.Size:]
	}
}
