package state

import (
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestNestedKeyIsRestored: a section tells of a nested key that it is one.
func TestNestedKeyIsRestored(t *testing.T) {
	for _, stored := range []string{"ARRAY<BIGINT>", "MAP<STRING, BIGINT>", "STRUCT<`a`: BIGINT>"} {
		typ, err := types.ParseStored(stored)
		if err != nil {
			t.Fatal(err)
		}
		layout := Layout{Keys: []types.Type{typ}, Words: 1}
		s := NewStore(Range{0, KeyGroups}, &Budget{})
		b := column.NewBatch(types.Schema{{Name: "k", Type: typ}})
		b.Cols[0].AppendNull()
		b.Rows = 1
		if _, _, err := s.Table("t", layout).Upsert(b, []int{0}, column.HashColumns(nil, b, []int{0}), nil, []uint64{7}, nil, nil); err != nil {
			t.Fatal(err)
		}
		loaded := reloaded(t, s)
		if err := loaded.Fits(layout); err != nil || loaded.Table("t", layout).Len() != 1 {
			t.Errorf("%s: %v", stored, err)
		}
	}
}
