package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/servers"
)

// TestSelectOnKafka: a SELECT reads to the end of what is committed and ends, on real
// brokers: behind markers of transactions, before one that is open, in topics that are
// compacted, emptied or were never written to.
func TestSelectOnKafka(t *testing.T) {
	for _, version := range []string{servers.Kafka4, servers.Kafka3} {
		t.Run("Kafka "+version, func(t *testing.T) {
			t.Parallel()
			selectOn(t, servers.StartKafka(t, version, "log.cleaner.backoff.ms=100"))
		})
	}
}

func selectOn(t *testing.T, k *servers.Kafka) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin := kadm.NewClient(kafka(t, k.Address))
	small, always := "100", "0.01"
	none := "0"
	for topic, config := range map[string]map[string]*string{"plain": nil, "none": nil, "emptied": nil,
		"compacted": {"cleanup.policy": kadm.StringPtr("compact"), "segment.ms": &small, "min.cleanable.dirty.ratio": &always, "delete.retention.ms": &none}} {
		if _, err := admin.CreateTopic(ctx, 2, 1, config, topic); err != nil {
			t.Fatal(err)
		}
	}
	write := func(topic, id, end string, records ...*kgo.Record) {
		t.Helper()
		p := kafka(t, k.Address, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(topic), kgo.TransactionalID(id))
		if err := p.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := p.ProduceSync(ctx, records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if end == "open" {
			return
		}
		if err := p.EndTransaction(ctx, kgo.TransactionEndTry(end == "commit")); err != nil {
			t.Fatal(err)
		}
	}
	row := func(partition int32, n int) *kgo.Record {
		return &kgo.Record{Partition: partition, Key: fmt.Append(nil, n), Value: fmt.Appendf(nil, `{"id":%d}`, n)}
	}
	write("plain", "a", "commit", row(0, 1), row(0, 2), row(1, 3))
	write("plain", "b", "abort", row(0, 100), row(1, 101))
	write("plain", "c", "open", row(1, 102))
	write("plain", "d", "commit", row(0, 4))
	write("emptied", "e", "commit", row(0, 1), row(1, 2))
	if _, err := admin.DeleteRecords(ctx, kadm.Offsets{"emptied": {0: {Topic: "emptied", Partition: 0, At: -1},
		1: {Topic: "emptied", Partition: 1, At: -1}}}); err != nil {
		t.Fatal(err)
	}
	for n := range 8 { // each in a segment of its own, the former of which go
		write("compacted", "f", "commit", row(0, 7))
		write("compacted", "g", "abort", row(0, 8+n))
		time.Sleep(150 * time.Millisecond)
	}
	c := newClusterOn(t, t.TempDir(), k.Address)
	c.mustStart()
	conn, err := pgx.Connect(ctx, "postgres://test@"+c.sql+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for topic, want := range map[string]string{"plain": "4 10", "none": "0 0", "emptied": "0 0", "compacted": "some 7"} {
		c.mustExec(fmt.Sprintf(`CREATE STREAM %[1]s (id INT) TBLPROPERTIES ("topic"="%[1]s", "format"="json")`, topic))
		for range 3 {
			var count, sum, top int64
			began := time.Now()
			if err := conn.QueryRow(ctx, "SELECT count(*), coalesce(sum(id), 0), coalesce(max(id), 0) FROM "+topic).Scan(&count, &sum, &top); err != nil {
				t.Fatalf("%s: %v", topic, err)
			}
			got := fmt.Sprint(count, sum)
			if topic == "compacted" && count > 0 {
				got = fmt.Sprint("some ", top)
			}
			if got != want {
				t.Errorf("%s holds %s, want %s", topic, got, want)
			}
			t.Logf("%s: %d rows in %s", topic, count, time.Since(began))
		}
	}
}
