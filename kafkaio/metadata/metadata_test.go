package metadata_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/kafkaio/client"
	"slipway/kafkaio/kafkatest"
	"slipway/kafkaio/metadata"
	"slipway/tests/servers"
)

var prefixes atomic.Int64

func store(t *testing.T, address, prefix string) *metadata.Store {
	t.Helper()
	opts, err := client.Options(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := metadata.New(metadata.Options{Kafka: opts, Prefix: prefix, StatePartitions: 2})
	t.Cleanup(func() { s.Close() })
	return s
}

func brokers(t *testing.T) map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"embedded": func(t *testing.T) string { return kafkatest.Start(t).Address },
		"real":     func(t *testing.T) string { return servers.StartKafka(t, servers.Kafka4).Address },
	}
}

// TestConformance runs the suites of all stores over the embedded and a real broker; "a
// new process" is a second store.
func TestConformance(t *testing.T) {
	for name, start := range brokers(t) {
		t.Run(name, func(t *testing.T) {
			address := start(t)
			t.Run("storage", func(t *testing.T) {
				checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
					return store(t, address, fmt.Sprintf("s%d", prefixes.Add(1))).Storage()
				})
			})
			t.Run("metadata", func(t *testing.T) {
				checkpointtest.Metadata(t, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore) {
					prefix := fmt.Sprintf("m%d", prefixes.Add(1))
					return store(t, address, prefix).Metadata(), func() checkpoint.MetadataStore { return store(t, address, prefix).Metadata() }
				})
			})
		})
	}
}

// TestLongManifest: a manifest of more than a record is one checkpoint or none.
func TestLongManifest(t *testing.T) {
	s := store(t, kafkatest.Start(t).Address, "long").Metadata()
	c, err := s.Claim(t.Context(), "j")
	if err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{Version: 1, Job: "j", Checkpoint: 1, Kind: checkpoint.Periodic, State: []checkpoint.OperatorState{{Operator: "op", Kind: checkpoint.KeyedState,
		Sections: []checkpoint.Section{{Inline: make([]byte, 3<<20), Length: 3 << 20}}}}}
	if err := c.Add(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	list, err := s.Peek(t.Context(), "j")
	if err != nil || len(list) != 1 || len(list[0].State[0].Sections[0].Inline) != 3<<20 {
		t.Fatalf("%d manifests, %v", len(list), err)
	}
}
