package releases

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/checkpoint"
	"slipway/kafkaio/client"
	"slipway/kafkaio/kafkatest"
	"slipway/kafkaio/metadata"
)

// recordsMode is the mode of a set that holds the records of checkpoint backend kafka.
const recordsMode = "kafka"

// record is one of them.
type record struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Key       []byte `json:"key"`
	Value     []byte `json:"value"` // nil: a tombstone
}

const recordsFile = "records.json"

// checkRecords puts the records on a broker again and reads every checkpoint that they make.
func checkRecords(t *testing.T, dir string) {
	b, err := os.ReadFile(filepath.Join(dir, recordsFile))
	if err != nil {
		t.Fatal(err)
	}
	var list []record
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	broker := kafkatest.Start(t)
	replay(t, broker, list)
	options, err := client.Options(broker.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	store := metadata.New(metadata.Options{Kafka: metadata.Given(options...), Prefix: strings.TrimSuffix(list[0].Topic, "_metadata"), StatePartitions: 1})
	defer store.Close()
	claims, manifests := recorded(t, list)
	for job, epoch := range claims {
		held, err := store.Metadata().Peek(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		var ids []checkpoint.ID
		for _, m := range held {
			ids = append(ids, m.Checkpoint)
			readWhole(t, store.Storage(), m)
		}
		if slices.Sort(ids); len(ids) == 0 || !slices.Equal(ids, manifests[job]) {
			t.Errorf("job %s: the checkpoints %v were recorded, %v are read", job, manifests[job], ids)
		}
		c, err := store.Metadata().Claim(t.Context(), job)
		if err != nil || c.Epoch() != epoch+1 {
			t.Fatalf("job %s was claimed as %d, the next claim is %+v, %v", job, epoch, c, err)
		}
		c.Close()
	}
}

// replay writes the records as they stood: a file's record says where its bytes are.
func replay(t *testing.T, b *kafkatest.Broker, list []record) {
	t.Helper()
	partitions := map[string]int{}
	for _, r := range list {
		partitions[r.Topic] = max(partitions[r.Topic], int(r.Partition)+1)
	}
	for topic, n := range partitions {
		b.Topic(topic, n)
	}
	s := &server{t: t, kafka: b.Address}
	c := s.client()
	for _, r := range list {
		for {
			out, err := c.ProduceSync(context.Background(), &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value}).First()
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(r.Topic, "_metadata") || out.Offset == r.Offset {
				break // of the metadata only the order counts
			}
			if out.Offset > r.Offset {
				t.Fatalf("%s/%d: a record of offset %d has come to %d", r.Topic, r.Partition, r.Offset, out.Offset)
			}
		}
	}
}

// recorded reads the keys alone: the last claim of each job and the checkpoints with a record.
func recorded(t *testing.T, list []record) (claims map[string]int64, manifests map[string][]checkpoint.ID) {
	t.Helper()
	last := map[string][]byte{}
	for _, r := range list {
		last[string(r.Key)] = r.Value
	}
	claims, manifests = map[string]int64{}, map[string][]checkpoint.ID{}
	for key, value := range last {
		if value == nil {
			continue
		}
		parts := strings.Split(key, "/")
		switch {
		case parts[0] == "claim":
			n, err := strconv.ParseInt(string(value), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			claims[parts[1]] = n
		case parts[0] == "manifest" && parts[3] == "head":
			n, err := strconv.ParseInt(parts[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			manifests[parts[1]] = append(manifests[parts[1]], checkpoint.ID(n))
		}
	}
	for _, ids := range manifests {
		slices.Sort(ids)
	}
	return claims, manifests
}

func readWhole(t *testing.T, storage checkpoint.Storage, m *checkpoint.Manifest) {
	t.Helper()
	for _, o := range m.State {
		for _, section := range o.Sections {
			if b, err := checkpoint.ReadSection(t.Context(), storage, section); err != nil || int64(len(b)) != section.Length {
				t.Errorf("checkpoint %d of job %s, operator %s: %v", m.Checkpoint, m.Job, o.Operator, err)
			}
		}
	}
}
