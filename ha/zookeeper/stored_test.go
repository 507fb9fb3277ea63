package zookeeper

import (
	"encoding/json"
	"testing"
	"time"

	"slipway/checkpoint"
)

// TestStoredNodes pins what the nodes hold. A field may be added; no name and no form may change.
func TestStoredNodes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for want, v := range map[string]any{
		`{"format":2,"version":3,"next_oid":16385,"by":"g"}`:                                                                      header{Format: 2, Version: 3, NextOID: 16385, By: "g"},
		`{"format":1,"kind":"savepoint","name":"s","file":"j/completed/1","length":5,"crc":6,"completed":"2026-01-02T03:04:05Z"}`: pointer{Format: 1, Kind: checkpoint.Savepoint, Name: "s", File: "j/completed/1", Length: 5, CRC: 6, Completed: at},
		`{"epoch":4,"address":"a:1","guid":"g"}`:                                                                                  Leader{Epoch: 4, Address: "a:1", GUID: "g"},
	} {
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
		}
	}
}
