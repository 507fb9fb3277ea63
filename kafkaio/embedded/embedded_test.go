package embedded

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestLockAndRestart: one broker to a directory; what it took is there after a restart.
func TestLockAndRestart(t *testing.T) {
	directory := t.TempDir()
	b, err := Start(directory, "127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(directory, "127.0.0.1:0", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second broker over the same directory: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.cluster.CreateTopic("kept", 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.ProduceSync(ctx, &kgo.Record{Topic: "kept", Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = Start(directory, "127.0.0.1:0", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if c, err = kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.ConsumeTopics("kept"), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()), kgo.DisableClientMetrics()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if records := c.PollFetches(ctx).Records(); len(records) != 1 || string(records[0].Value) != "x" {
		t.Errorf("%d records after the restart", len(records))
	}
}
