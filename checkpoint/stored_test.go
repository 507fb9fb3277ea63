package checkpoint

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// TestStoredManifest pins the manifest as stores keep it. A field may be added that is absent
// where it has no value; no name and no form may change.
func TestStoredManifest(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	m := &Manifest{Version: 1, KeyGroups: 128, Job: "j", Checkpoint: 7, Kind: Savepoint, Name: "s", Triggered: at, Completed: at, Bytes: 9, State: []OperatorState{
		{Operator: "source-1", Subtask: 1, Kind: SourcePosition, Format: 1, Sections: []Section{{Inline: []byte("ab"), Length: 2, CRC: 3}}},
		{Operator: "group-1", Kind: KeyedState, Schema: "SUM BIGINT", Sections: []Section{{File: "j/chk-7-e1", Offset: 3, Length: 9, CRC: 4}}},
		{Operator: "sink-1", Kind: SinkPrepared, Format: 1, Sections: []Section{{Length: 0}}}}}
	const want = `{"version":1,"key_groups":128,"job":"j","checkpoint":7,"kind":"savepoint","name":"s","triggered":"2026-01-02T03:04:05.0000006Z","completed":"2026-01-02T03:04:05.0000006Z","bytes":9,` +
		`"state":[{"operator":"source-1","subtask":1,"kind":"source","format":1,"sections":[{"inline":"YWI=","length":2,"crc":3}]},` +
		`{"operator":"group-1","subtask":0,"kind":"keyed","schema":"SUM BIGINT","sections":[{"file":"j/chk-7-e1","offset":3,"length":9,"crc":4}]},` +
		`{"operator":"sink-1","subtask":0,"kind":"sink","format":1,"sections":[{"length":0,"crc":0}]}]}`
	b, err := Encode(m)
	if err != nil || string(b) != want {
		t.Fatalf("%v, stored is\n%s\nwant\n%s", err, b, want)
	}
	if back, err := Decode(b); err != nil || !reflect.DeepEqual(back, m) {
		t.Fatalf("%+v, %v", back, err)
	}
}

// TestFormerManifest: one from before key groups, formats and without the fingerprint that
// nobody compared.
func TestFormerManifest(t *testing.T) {
	const former = `{"version":1,"job":"j","checkpoint":7,"kind":"checkpoint","fingerprint":"0123","triggered":"2026-01-02T03:04:05Z","completed":"2026-01-02T03:04:05Z","bytes":9,"state":null}`
	m, err := Decode([]byte(former))
	if err != nil || m.Checkpoint != 7 || m.KeyGroups != 0 {
		t.Fatalf("%+v, %v", m, err)
	}
}

// TestStoredKinds pins the words that stand in manifests.
func TestStoredKinds(t *testing.T) {
	for want, got := range map[string]any{`"checkpoint"`: Periodic, `"final"`: Final, `"savepoint"`: Savepoint, `"keyed"`: KeyedState, `"source"`: SourcePosition, `"sink"`: SinkPrepared} {
		if b, _ := json.Marshal(got); string(b) != want {
			t.Errorf("%s is stored as %s", want, b)
		}
	}
}

func TestCheckFormat(t *testing.T) {
	for have, fine := range map[int]bool{0: true, 1: true, 2: true, 3: false} {
		if err := CheckFormat("it", have, 2); (err == nil) != fine {
			t.Errorf("format %d: %v", have, err)
		}
	}
}
