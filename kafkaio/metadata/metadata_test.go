package metadata_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/kafkaio/client"
	"slipway/kafkaio/embedded"
	"slipway/kafkaio/kafkatest"
	"slipway/kafkaio/metadata"
	"slipway/tests/servers"
)

var prefixes atomic.Int64

func store(t *testing.T, address, prefix string, more ...client.Opt) *metadata.Store {
	t.Helper()
	opts, err := client.Options(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := metadata.New(metadata.Options{Kafka: metadata.Given(append(opts, more...)...), Prefix: prefix, StatePartitions: 2})
	t.Cleanup(func() { s.Close() })
	return s
}

func brokers(t *testing.T) map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"in memory": func(t *testing.T) string { return kafkatest.Start(t).Address },
		"embedded": func(t *testing.T) string {
			b, err := embedded.Start(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.Close() })
			return b.Address()
		},
		"real": func(t *testing.T) string { return servers.StartKafka(t, servers.Kafka4).Address },
		"real and slow": func(t *testing.T) string { // every piece takes 3 ms
			k, p := servers.StartKafkaBehindProxy(t, servers.Kafka4)
			p.Slow(3 * time.Millisecond)
			return k.Address
		},
	}
}

// TestConformance runs the suites of all stores over the embedded and a real broker; "a
// new process" is a second store.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, start := range brokers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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

// lose arms the loss of the n-th request to the broker: its connection is cut, before it
// is acted on.
func lose(b *kafkatest.Broker) checkpointtest.Injector {
	return faultAt(b, func() (kmsg.Response, error, bool) { return nil, errors.New("lost"), true })
}

// delay arms the delay of the n-th request: it is acted on when its sender has given it up.
func delay(b *kafkatest.Broker) checkpointtest.Injector {
	return faultAt(b, func() (kmsg.Response, error, bool) {
		b.Cluster.SleepControl(func() { time.Sleep(2 * requestTimeout) })
		return nil, nil, false
	})
}

// requestTimeout is how long the clients of these tests wait beyond what a request itself allows for.
const requestTimeout = 500 * time.Millisecond

var impatient = kgo.RequestTimeoutOverhead(requestTimeout)

func faultAt(b *kafkatest.Broker, fault func() (kmsg.Response, error, bool)) checkpointtest.Injector {
	return func(n int) func() bool {
		var left, met atomic.Int64
		left.Store(int64(n))
		b.Cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
			b.Cluster.KeepControl()
			if left.Add(-1) == 0 {
				met.Store(1)
				return fault()
			}
			return nil, nil, false
		})
		return func() bool {
			left.Store(-1)
			return met.Load() == 1
		}
	}
}

// TestFaults: any one request that is lost or late leaves nothing half done.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*kafkatest.Broker) checkpointtest.Injector{"lost": lose, "late": delay} {
		t.Run(name+"/metadata", func(t *testing.T) {
			t.Parallel()
			checkpointtest.MetadataFaults(t, 60, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore, checkpointtest.Injector) {
				b := kafkatest.Start(t)
				return store(t, b.Address, "f", impatient).Metadata(), func() checkpoint.MetadataStore { return store(t, b.Address, "f").Metadata() }, fault(b)
			})
		})
		t.Run(name+"/storage", func(t *testing.T) {
			t.Parallel()
			checkpointtest.StorageFaults(t, 60, func(t *testing.T) (checkpoint.Storage, func() checkpoint.Storage, checkpointtest.Injector) {
				b := kafkatest.Start(t)
				return store(t, b.Address, "f", impatient).Storage(), func() checkpoint.Storage { return store(t, b.Address, "f").Storage() }, fault(b)
			})
		})
	}
}
