package kafkaio

import (
	"encoding/json"
	"testing"

	"slipway/kafkaio/client"
)

// TestStoredForms pins what checkpoints hold of sources and sinks. A field may be added; no name
// and no form may change.
func TestStoredForms(t *testing.T) {
	for want, v := range map[string]any{
		`{"version":1,"topic":"t","topic_id":"0f","next":{"0":5,"1":6}}`:                            position{Version: 1, Topic: "t", TopicID: "0f", Next: map[int32]int64{0: 5, 1: 6}},
		`[{"id":"x","pid":1,"epoch":2,"topic":"t","group":"g","proof":{"claim":3,"checkpoint":4}}]`: []handle{{Transaction: client.Transaction{ID: "x", PID: 1, Epoch: 2}, Topic: "t", Group: "g", Proof: proof{Claim: 3, Checkpoint: 4}}},
	} {
		if b, err := json.Marshal(v); err != nil || string(b) != want {
			t.Errorf("%v, stored is\n%s\nwant\n%s", err, b, want)
		}
	}
	if got := (proof{Claim: 3, Checkpoint: 4}).String(); got != "claim 3 checkpoint 4" {
		t.Errorf("the proof is stored as %q", got)
	}
}

// TestSettledIsForgotten: a committer of a job that runs for months remembers what the newest
// checkpoint names, and repeats nothing of it.
func TestSettledIsForgotten(t *testing.T) {
	c := newCommitter(&Connector{}, nil, "default.s", "j", "sink-1")
	name := func(n int) handle {
		return handle{Transaction: client.Transaction{ID: "x", PID: int64(n)}, Topic: "t"}
	}
	for n := range 1000 {
		list, err := json.Marshal([]handle{name(n), name(n + 1)}) // the former is named once more
		if err != nil {
			t.Fatal(err)
		}
		byTask, open, err := c.pending([][]byte{list})
		if err != nil || n > 0 && (open != 1 || byTask[0][0] != name(n+1)) {
			t.Fatalf("of the transactions %d and %d %v are open: %v", n, n+1, byTask, err)
		}
		for _, h := range byTask[0] {
			c.mu.done[h.Transaction] = true
		}
	}
	if len(c.mu.done) > 2 {
		t.Errorf("%d settled transactions are remembered", len(c.mu.done))
	}
}
