package records_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/records"
)

// log makes the batches of one partition, as producers and a broker would.
type log struct {
	random  *rand.Rand
	next    int64
	data    []byte
	open    map[int64]int64 // producer: first offset of its transaction
	aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction
}

// compressors, one a codec; nil for none.
var compressors = func() (out []kgo.Compressor) {
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		c, err := kgo.DefaultCompressor(codec)
		if err != nil {
			panic(err)
		}
		out = append(out, c)
	}
	return out
}()

// batch appends records; some are left out, as compaction does.
func (l *log) batch(producer int64, attributes int16, rows []kmsg.Record) {
	var body []byte
	kept := int32(0)
	for i, r := range rows {
		if attributes&0x20 == 0 && l.random.IntN(8) == 0 {
			continue
		}
		r.OffsetDelta = int32(i)
		r.TimestampDelta64 = l.random.Int64N(1 << l.random.IntN(40))
		r.Length = int32(len(r.AppendTo(nil)) - 1) // of a length of one byte
		body = r.AppendTo(body)
		kept++
	}
	if attributes&0x20 == 0 {
		if compressor := compressors[l.random.IntN(len(compressors))]; compressor != nil {
			packed, kind := compressor.Compress(new(bytes.Buffer), body)
			body, attributes = packed, attributes|int16(kind)
		}
	}
	b := kmsg.RecordBatch{FirstOffset: l.next, PartitionLeaderEpoch: 3, Magic: 2, Attributes: attributes, LastOffsetDelta: int32(len(rows) - 1), ProducerID: producer,
		NumRecords: kept, Records: body, Length: int32(49 + len(body))}
	at := len(l.data)
	l.data = b.AppendTo(l.data)
	binary.BigEndian.PutUint32(l.data[at+17:], crc32.Checksum(l.data[at+21:], crc32.MakeTable(crc32.Castagnoli)))
	l.next += int64(len(rows))
}

func (l *log) rows() (out []kmsg.Record) {
	for range 1 + l.random.IntN(20) {
		r := kmsg.Record{Value: fmt.Appendf(nil, "value %d", l.random.Int())}
		switch l.random.IntN(4) {
		case 0:
			r.Key = bytes.Repeat([]byte("k"), l.random.IntN(200))
		case 1:
			r.Value = nil
		case 2:
			r.Headers = []kmsg.Header{{Key: "h", Value: []byte("v")}}
		}
		out = append(out, r)
	}
	return out
}

// step appends rows in or out of a transaction, or ends one.
func (l *log) step() {
	producer := int64(l.random.IntN(3))
	first, open := l.open[producer]
	switch what := l.random.IntN(4); {
	case what == 0 && open:
		kind := uint16(l.random.IntN(2))
		if kind == 0 {
			a := kmsg.NewFetchResponseTopicPartitionAbortedTransaction()
			a.ProducerID, a.FirstOffset = producer, first
			l.aborted = append(l.aborted, a)
		}
		delete(l.open, producer)
		l.batch(producer, 0x30, []kmsg.Record{{Key: binary.BigEndian.AppendUint16([]byte{0, 0}, kind), Value: []byte{0, 0, 0, 0, 0, 0}}})
	case what == 1:
		l.batch(-1, 0, l.rows())
	default:
		if !open {
			l.open[producer] = l.next
		}
		l.batch(producer, 0x10, l.rows())
	}
}

// TestAgainstTheLibrary reads random logs as the library does: compressed or not, compacted,
// in transactions that overlap, were committed or aborted, from the middle of a batch, cut
// short at the end.
func TestAgainstTheLibrary(t *testing.T) {
	seen := 0
	for seed := range uint64(80) {
		l := &log{random: rand.New(rand.NewPCG(seed, 1)), open: map[int64]int64{}}
		for range 30 {
			l.step()
		}
		for producer, first := range l.open { // nobody reads beyond the last stable offset; these are as if aborted
			a := kmsg.NewFetchResponseTopicPartitionAbortedTransaction()
			a.ProducerID, a.FirstOffset = producer, first
			l.aborted = append(l.aborted, a)
		}
		l.random.Shuffle(len(l.aborted), func(i, j int) { l.aborted[i], l.aborted[j] = l.aborted[j], l.aborted[i] })
		data, from := l.data[:len(l.data)-l.random.IntN(80)], l.random.Int64N(l.next/2)
		want, position := library(t, data, from, l.aborted)
		got, at := own(t, data, from, l.aborted)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d from %d: read %d records, the library %d\n%.300v\n%.300v", seed, from, len(got), len(want), got, want)
		}
		if at != position {
			t.Fatalf("seed %d: goes on from %d, the library from %d", seed, at, position)
		}
		seen += len(got)
	}
	if seen < 5_000 {
		t.Errorf("only %d records were compared", seen)
	}
}

// library is the other reader of the comparison.
func library(t *testing.T, data []byte, from int64, aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction) (out []string, next int64) {
	p := kmsg.NewFetchResponseTopicPartition()
	p.RecordBatches, p.AbortedTransactions = data, aborted
	fetched, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: "t"}, &p, packer, nil)
	if fetched.Err != nil {
		t.Fatal(fetched.Err)
	}
	for _, r := range fetched.Records {
		out = append(out, fmt.Sprintf("%d %q %t %q %t", r.Offset, r.Value, r.Value == nil, r.Key, r.Key == nil))
	}
	return out, next
}

func own(t *testing.T, data []byte, from int64, aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction) (out []string, next int64) {
	end := int64(0)
	if err := records.Scan(data, func(h records.Header) { end = h.Last() + 1 }); err != nil {
		t.Fatal(err)
	}
	var list []records.Aborted
	for _, a := range aborted {
		list = append(list, records.Aborted{ProducerID: a.ProducerID, First: a.FirstOffset})
	}
	r := records.NewReader(data, from, list, unpack)
	for rec := (records.Record{}); ; {
		more, err := r.Next(&rec)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		out = append(out, fmt.Sprintf("%d %q %t %q %t", rec.Offset, rec.Value, rec.Value == nil, rec.Key, rec.Key == nil))
	}
	if r.Position() != end {
		t.Fatalf("the reader ends at %d, the batches at %d", r.Position(), end)
	}
	return out, r.Position()
}

var packer = kgo.DefaultDecompressor()

func unpack(packed []byte, codec int) ([]byte, error) {
	return packer.Decompress(packed, kgo.CompressionCodecType(codec))
}

// TestDamage: any one bit that is flipped behind the first 16 bytes is found; before them
// stand the offset and the length, which the broker fills in.
func TestDamage(t *testing.T) {
	l := &log{random: rand.New(rand.NewPCG(1, 1)), open: map[int64]int64{}}
	l.batch(-1, 0, l.rows())
	for bit := 16 * 8; bit < len(l.data)*8; bit++ {
		harmed := slices.Clone(l.data)
		harmed[bit/8] ^= 1 << (bit % 8)
		_, err := records.NewReader(harmed, 0, nil, unpack).Next(&records.Record{})
		if err == nil {
			t.Fatalf("bit %d was flipped unseen", bit)
		}
		if bit >= 17*8 && !errors.Is(err, records.ErrCorrupt) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
}

// TestBuilder: batches are read by the library as they were written, also packed.
func TestBuilder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 5))
	for round := range 200 {
		compressor := compressors[round%len(compressors)]
		var b records.Builder
		var want []string
		size := b.Len()
		for n := range 1 + random.IntN(300) {
			var key, value []byte
			if random.IntN(2) == 0 {
				key = bytes.Repeat([]byte("k"), random.IntN(80))
			}
			if random.IntN(5) > 0 {
				value = bytes.Repeat([]byte("v"), random.IntN(1<<random.IntN(14)))
			}
			millis := int64(1_700_000_000_000) + random.Int64N(1<<random.IntN(40)) - 1<<random.IntN(39)
			size += records.Size(key, value)
			b.Append(key, value, millis)
			want = append(want, fmt.Sprintf("%d %q %t %q %t %d", n, value, value == nil, key, key == nil, millis))
		}
		if b.Len() > size || int(b.Count()) != len(want) {
			t.Fatalf("%d records of %d bytes, %d were foreseen", b.Count(), b.Len(), size)
		}
		var compress records.Compress
		if compressor != nil {
			compress = func(data []byte) ([]byte, int) {
				packed, codec := compressor.Compress(new(bytes.Buffer), data)
				return packed, int(codec)
			}
		}
		data := b.Seal(records.Producer{ID: 77, Epoch: 3, Transactional: round%2 == 0}, 41, compress)
		if b.Count() != 0 {
			t.Fatal("the builder is not empty")
		}
		var batch kmsg.RecordBatch
		if err := batch.ReadFrom(data); err != nil || batch.ProducerID != 77 || batch.ProducerEpoch != 3 || batch.FirstSequence != 41 || batch.Attributes&0x10 != 0 != (round%2 == 0) {
			t.Fatalf("%+v, %v", batch, err)
		}
		p := kmsg.NewFetchResponseTopicPartition()
		p.RecordBatches = data
		fetched, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Topic: "t"}, &p, packer, nil)
		if fetched.Err != nil {
			t.Fatal(fetched.Err)
		}
		var got []string
		for _, r := range fetched.Records {
			got = append(got, fmt.Sprintf("%d %q %t %q %t %d", r.Offset, r.Value, r.Value == nil, r.Key, r.Key == nil, r.Timestamp.UnixMilli()))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("round %d:\n%.300v\n%.300v", round, got, want)
		}
	}
	if records.Next(math.MaxInt32-1, 1) != math.MaxInt32 || records.Next(math.MaxInt32, 1) != 0 || records.Next(math.MaxInt32-1, 5) != 3 {
		t.Error("sequences do not begin again at 0")
	}
}

// FuzzReader: whatever stands in a batch, reading ends, in range and without a panic.
func FuzzReader(f *testing.F) {
	for seed := range uint64(8) {
		l := &log{random: rand.New(rand.NewPCG(seed, 2)), open: map[int64]int64{}}
		l.step()
		l.step()
		f.Add(l.data, int64(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte, from int64) {
		r := records.NewReader(data, from, []records.Aborted{{ProducerID: 1, First: 3}}, func(packed []byte, _ int) ([]byte, error) { return packed, nil })
		last := int64(-1 << 62)
		for rec := (records.Record{}); ; {
			more, err := r.Next(&rec)
			if err != nil || !more {
				return
			}
			if rec.Offset < from || rec.Offset <= last {
				t.Fatalf("offset %d behind %d, from %d", rec.Offset, last, from)
			}
			last = rec.Offset
		}
	})
}
