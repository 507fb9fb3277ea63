package query

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestTwoSinksExactlyOnce: of a job that writes two streams in transactions, and is killed in the
// middle, each row is in each of them once.
func TestTwoSinksExactlyOnce(t *testing.T) {
	s := newServer(t)
	m := mode{name: "twice", checkpoints: true, kill: true, parallelism: []int{2, 2}}
	g := &golden{t: t, server: s, mode: m, prefix: "twice", random: random(m.name)}
	var input, want []string
	for i := range 400 {
		input = append(input, fmt.Sprintf(`{"id":%d}`, i))
	}
	want = append(want, input...)
	slices.Sort(want)
	src := stream{name: g.stream(t, "src", "id BIGINT"), input: strings.Join(input, "\n")}
	outs := []string{g.stream(t, "one", "id BIGINT"), g.stream(t, "two", "id BIGINT")}
	g.feed(t, []stream{src}, true)
	body := g.jobOf("INSERT INTO {one} SELECT id FROM {src}; INSERT INTO {two} SELECT id FROM {src} WHERE id >= 0", 2)
	s.exec(t, strings.Replace(body, "JOBPROPERTIES  (", `JOBPROPERTIES ("morphling.job.delivery.guarantee"="exactly_once", `, 1))
	job := g.name("job")
	s.awaitRead(t, job, []stream{src})
	g.feed(t, []stream{src}, false)
	s.kill() // rows of the second half may be in transactions that no checkpoint names
	s.start()
	s.awaitRead(t, job, []stream{src})
	s.exec(t, "STOP STREAMJOB "+job)
	for _, out := range outs {
		if got := s.committed(t, out); !slices.Equal(got, want) {
			t.Errorf("%s has %d rows, want %d", out, len(got), len(want))
		}
	}
	s.exec(t, "DROP STREAMJOB "+job)
}

// committed reads the values of a topic to its end, as one who reads what is committed.
func (s *server) committed(t *testing.T, topic string) (values []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ends, err := s.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	from, left := map[string]map[int32]kgo.Offset{topic: {}}, map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			from[topic][o.Partition], left[o.Partition] = kgo.NewOffset().AtStart(), o.Offset
		}
	})
	c, err := kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.ConsumePartitions(from), kgo.DisableClientMetrics(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				values = append(values, string(r.Value))
			}
			if r.Offset+1 >= left[r.Partition] { // a transaction ends with its marker
				delete(left, r.Partition)
			}
		})
	}
	slices.Sort(values)
	return values
}
