package records_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"testing"

	"slipway/kafkaio/records"
)

// TestHeadersAndTime: what a builder takes a reader gives back, record by record, and no more
// than the size that was foretold.
func TestHeadersAndTime(t *testing.T) {
	given := [][]records.RecordHeader{nil, {{Key: "a", Value: []byte("1")}, {Key: "a"}}, {{Key: "", Value: []byte{}}}, nil}
	var b records.Builder
	for i, h := range given {
		before := b.Len()
		b.Append([]byte("k"), []byte("v"), 1000+int64(i*i), h...)
		if grown := b.Len() - before; grown > records.Size([]byte("k"), []byte("v"), h...) {
			t.Errorf("record %d is %d bytes long", i, grown)
		}
	}
	r := records.NewReader(b.Seal(records.Producer{ID: -1}, 0, nil), 0, nil, nil)
	var list []records.RecordHeader
	for i, want := range given {
		var record records.Record
		if more, err := r.Next(&record); err != nil || !more {
			t.Fatal(i, err)
		}
		var err error
		if list, err = record.AppendHeaders(list[:0]); err != nil || fmt.Sprint(list) != fmt.Sprint(want) {
			t.Errorf("record %d has the headers %v, want %v; %v", i, list, want, err)
		}
		if record.Millis != 1000+int64(i*i) {
			t.Errorf("record %d is of %d ms", i, record.Millis)
		}
	}
}

// TestHeadersCutShort: a record whose headers do not fit into it is corrupt, and only for those
// who look at them.
func TestHeadersCutShort(t *testing.T) {
	var b records.Builder
	b.Append(nil, []byte("v"), 0, records.RecordHeader{Key: "key", Value: []byte("value")})
	data := b.Seal(records.Producer{ID: -1}, 0, nil)
	data[len(data)-len("value")-1] = 0x7e // the length of the value
	binary.BigEndian.PutUint32(data[17:], crc32.Checksum(data[21:], crc32.MakeTable(crc32.Castagnoli)))
	r := records.NewReader(data, 0, nil, nil)
	var record records.Record
	if _, err := r.Next(&record); err != nil || string(record.Value) != "v" {
		t.Fatal(err)
	}
	if _, err := record.AppendHeaders(nil); !errors.Is(err, records.ErrCorrupt) {
		t.Error(err)
	}
}
