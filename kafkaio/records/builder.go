package records

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"
)

// Builder makes a batch of records, in place.
type Builder struct {
	buf   []byte // room for the header, then the records
	count int32
	first int64 // time of the first record, milliseconds since 1970
	last  int64
}

// Producer is whose batch it is. Brokers know a batch that comes twice by its sequence.
type Producer struct {
	ID            int64
	Epoch         int16
	Transactional bool
}

// NewBuilder makes an empty builder in memory that is used no more; nil is fine.
func NewBuilder(memory []byte) Builder { return Builder{buf: memory[:0]} }

// Count of the records.
func (b *Builder) Count() int32 { return b.count }

// Len is the size of the batch.
func (b *Builder) Len() int { return max(len(b.buf), headerSize) }

// Size is how much a record adds to a batch, at most.
func Size(key, value []byte, headers ...RecordHeader) int {
	n := len(key) + len(value) + 5*binary.MaxVarintLen32 + 1
	for _, h := range headers {
		n += len(h.Key) + len(h.Value) + 2*binary.MaxVarintLen32
	}
	return n
}

// Append adds a record; a nil key is none, a nil value a deletion.
func (b *Builder) Append(key, value []byte, millis int64, headers ...RecordHeader) {
	if b.count == 0 {
		b.first, b.last = millis, millis
		if cap(b.buf) < headerSize {
			b.buf = make([]byte, headerSize, 16<<10)
		}
		b.buf = b.buf[:headerSize]
	}
	b.last = max(b.last, millis)
	delta, offset := millis-b.first, int64(b.count)
	size := 1 + varintLen(delta) + varintLen(offset) + sizeOf(key) + sizeOf(value) + varintLen(int64(len(headers)))
	for _, h := range headers {
		size += varintLen(int64(len(h.Key))) + len(h.Key) + sizeOf(h.Value)
	}
	out := binary.AppendVarint(b.buf, int64(size))
	out = append(out, 0)
	out = binary.AppendVarint(out, delta)
	out = binary.AppendVarint(out, offset)
	out = appendBytes(out, key)
	out = appendBytes(out, value)
	out = binary.AppendVarint(out, int64(len(headers)))
	for _, h := range headers {
		out = append(binary.AppendVarint(out, int64(len(h.Key))), h.Key...)
		out = appendBytes(out, h.Value)
	}
	b.buf = out
	b.count++
}

func varintLen(n int64) int { return (bits.Len64(uint64(n<<1)^uint64(n>>63)|1) + 6) / 7 }

func sizeOf(part []byte) int {
	if part == nil {
		return 1
	}
	return varintLen(int64(len(part))) + len(part)
}

func appendBytes(out, part []byte) []byte {
	if part == nil {
		return append(out, 1) // -1
	}
	return append(binary.AppendVarint(out, int64(len(part))), part...)
}

// Compress packs records with a codec (0 none), or gives them back.
type Compress func(records []byte) (packed []byte, codec int)

// Seal gives the batch, and leaves the builder empty, without its memory.
func (b *Builder) Seal(p Producer, sequence int32, compress Compress) []byte {
	out, attributes := b.buf, int16(0)
	if compress != nil {
		packed, codec := compress(out[headerSize:])
		if codec != 0 {
			out, attributes = append(out[:headerSize], packed...), int16(codec)
		}
	}
	if p.Transactional {
		attributes |= transactionalBit
	}
	be := binary.BigEndian
	be.PutUint64(out, 0)
	be.PutUint32(out[8:], uint32(len(out)-12))
	be.PutUint32(out[12:], math.MaxUint32) // the leader's epoch is the broker's to fill in
	out[16] = 2
	be.PutUint16(out[21:], uint16(attributes))
	be.PutUint32(out[23:], uint32(b.count-1))
	be.PutUint64(out[27:], uint64(b.first))
	be.PutUint64(out[35:], uint64(b.last))
	be.PutUint64(out[43:], uint64(p.ID))
	be.PutUint16(out[51:], uint16(p.Epoch))
	be.PutUint32(out[53:], uint32(sequence))
	be.PutUint32(out[57:], uint32(b.count))
	be.PutUint32(out[17:], crc32.Checksum(out[crcFrom:], castagnoli))
	*b = Builder{}
	return out
}

// Next is the sequence behind a batch: they begin again at 0 behind the greatest.
func Next(sequence, count int32) int32 {
	return int32((int64(sequence) + int64(count)) & math.MaxInt32)
}
