package state

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// TestStoredSection pins the bytes of a section: one of every key representation, a NULL, a
// reference, a value.
func TestStoredSection(t *testing.T) {
	keys := []types.Type{types.Of(types.BigInt), types.Of(types.String), types.NewDecimal(30, 4), types.Of(types.Double), types.Of(types.Boolean), types.NewTimestamp(3)}
	var schema types.Schema
	all := []int{}
	for i, k := range keys {
		schema, all = append(schema, types.Column{Name: fmt.Sprint(i), Type: k}), append(all, i)
	}
	b := column.NewBatch(schema)
	b.Cols[0].AppendInt(-7)
	b.Cols[1].AppendBytes([]byte("a text that is longer than a word"))
	b.Cols[2].Wides = append(b.Cols[2].Wides, column.FromInt64(-15))
	b.Cols[3].Floats = append(b.Cols[3].Floats, 1.5)
	b.Cols[4].Bools = append(b.Cols[4].Bools, true)
	b.Cols[5].AppendInt(1_700_000_000_000_000)
	for _, v := range b.Cols {
		v.AppendNull()
	}
	b.Rows = 2
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	table := s.Table("groups", Layout{Keys: keys, Words: 3, Refs: []int{2}})
	ids, _, err := table.Upsert(b, all, column.HashColumns(nil, b, all), nil, []uint64{0, 0, 0}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := table.Write(ids[0])
	w[0], w[1] = 4, 5
	if w[2], err = table.Put(0, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	s.SetValue("watermark", []byte{1, 2, 3})
	f, err := s.Freeze(1)
	if err != nil {
		t.Fatal(err)
	}
	sections := &memorySections{}
	if _, _, err := f.Write(sections); err != nil {
		t.Fatal(err)
	}
	bytes := sections.all[0]
	const head = `"SWS2\x00\x80\x01\x01\twatermark\x03\x01\x02\x03\x01\x06groups\x06\x06BIGINT\x06STRING\rDECIMAL(30,4)\x06DOUB"`
	const length, sum = 331, "061ba1ef46c3ca2271a3724b88fa0593676eae44f976166b8f73bd3e2a0400c5"
	if got := fmt.Sprintf("%q", bytes[:64]); got != head {
		t.Errorf("a section begins with\n%s\ncheckpoints with\n%s", got, head)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(bytes)); len(bytes) != length || got != sum {
		t.Errorf("a section is %d bytes of %s, checkpoints hold %d of %s", len(bytes), got, length, sum)
	}
}

// TestUnknownKeyType: a section of a newer server, with a type that this one does not know.
func TestUnknownKeyType(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	for _, section := range []string{
		magic + "\x00\x80\x01\x00\x01\x01t\x01\x05NOVEL\x00\x00\x00\x00\x00\x00\x00",
		formerMagic + "\x00\x01\x01t\x01\xc8\x01\x00\x00\x00\x00\x00\x00\x00",
	} {
		err := s.Load(func(checkpoint.Section) (io.ReadCloser, error) {
			return (&memorySections{all: [][]byte{[]byte(section)}}).read(checkpoint.Section{})
		}, []checkpoint.Section{{Length: int64(len(section))}})
		if !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), "unknown type") {
			t.Errorf("it was read: %v", err)
		}
	}
}
