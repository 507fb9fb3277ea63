package metadata

import (
	"encoding/json"
	"testing"
)

// TestStoredRecords pins the records of the two topics. A field may be added; no name and no
// form may change.
func TestStoredRecords(t *testing.T) {
	for want, v := range map[string]any{
		`{"format":1,"partition":2,"first":3,"behind":4,"chunks":5,"length":6,"try":"7-8"}`: place{Format: 1, Partition: 2, First: 3, Behind: 4, Chunks: 5, Length: 6, Try: "7-8"},
		`{"format":1,"parts":2,"crc":3}`: header{Format: 1, Parts: 2, CRC: 3},
	} {
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
		}
	}
	for want, got := range map[string]string{
		"manifest/j/0000000000000000007/": manifestKey("j", 7),
		"j/chk-1#7-8#000009":              chunkKey("j/chk-1", "7-8", 9),
		"000003":                          partName(3),
	} {
		if got != want {
			t.Errorf("a key is %q, was %q", got, want)
		}
	}
}
