package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestAbortedRowsAreHidden: however small the answers that a reader asks for, it sees the
// records of committed transactions alone.
func TestAbortedRowsAreHidden(t *testing.T) {
	b, err := Start(t.TempDir(), "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.cluster.CreateTopic("in", 1, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	writer, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.DisableClientMetrics(), kgo.TransactionalID("t"), kgo.DefaultProduceTopic("in"))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	const rounds = 3
	for round := range rounds {
		for _, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
			if err := writer.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			for n := range 10 { // a batch each
				value := fmt.Appendf(nil, "%v %d %d %0500d", end, round, n, 0)
				if err := writer.ProduceSync(ctx, &kgo.Record{Value: value}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			if err := writer.EndTransaction(ctx, end); err != nil {
				t.Fatal(err)
			}
		}
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.DisableClientMetrics(), kgo.ConsumeTopics("in"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxBytes(2000), kgo.FetchMaxPartitionBytes(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for seen := 0; seen < 10*rounds; {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%v, with %d of %d records", err, seen, 10*rounds)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if seen++; string(r.Value[:4]) != "true" { // kgo.TryCommit
				t.Errorf("offset %d: %s… was aborted", r.Offset, r.Value[:10])
			}
		})
	}
}
