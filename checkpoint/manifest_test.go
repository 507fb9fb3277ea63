package checkpoint

import (
	"errors"
	"testing"
)

// FuzzManifest: whatever the bytes, a manifest is read whole or refused as damaged, and
// what was read can be written and read again.
func FuzzManifest(f *testing.F) {
	whole, err := Encode(&Manifest{Version: 1, Job: "j", Checkpoint: 7, Kind: Periodic, State: []OperatorState{{Operator: "group-1", Kind: KeyedState, Sections: []Section{{Inline: []byte("ab"), Length: 2}, {File: "j/chk-7", Offset: 3, Length: 9}}}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{whole, []byte(`{}`), []byte(`{"version":1}`), []byte(`{"version":2}`), []byte(`{"version":1,"state":[{"sections":[{"length":-1,"file":"x"}]}]}`), []byte(`{"version":1,"state":[{"sections":[{"length":5,"inline":"YQ=="}]}]}`), whole[:len(whole)-1]} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%v is not ErrCorrupt", err)
			}
			return
		}
		m.Files()
		again, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("%s was read, but not after it was written again: %v", b, err)
		}
	})
}
