package kafkaio

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/kafkaio/client"
	"slipway/kafkaio/kafkatest"
	"slipway/kafkaio/records"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var idSchema = types.Schema{{Name: "id", Type: types.Of(types.BigInt)}}

func testEnv(t *testing.T, subtask, parallelism int, job ...conf.Property) *executor.Env {
	t.Helper()
	settings, _, err := conf.Parse(conf.Job, job)
	if err != nil {
		t.Fatal(err)
	}
	return &executor.Env{JobID: "1", JobName: "default.j", Task: checkpoint.TaskID{Subtask: subtask}, Parallelism: parallelism, Settings: settings,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Counters: &executor.Counters{}, TimeZone: time.UTC}
}

// sourcePlan reads column id of a JSON topic; properties override.
func sourcePlan(topic string, properties ...string) *plan.Source {
	p := map[string]string{topicOption.Name(): topic, conf.Format.Name(): "json", conf.OffsetStrategy.Name(): conf.Earliest}
	for i := 0; i < len(properties); i += 2 {
		p[properties[i]] = properties[i+1]
	}
	return &plan.Source{Name: "default.s", Declared: idSchema, Columns: []int{0}, Properties: p, Out: idSchema}
}

func newTestSource(t *testing.T, b *kafkatest.Broker, p *plan.Source) *source {
	t.Helper()
	s, err := (&Connector{Brokers: b.Address}).NewSource(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*source)
}

func openSource(t *testing.T, b *kafkatest.Broker, p *plan.Source, restored ...[]byte) *source {
	t.Helper()
	s := newTestSource(t, b, p)
	if err := s.Open(t.Context(), testEnv(t, 0, 1), restored); err != nil {
		t.Fatal(err)
	}
	return s
}

// until calls Next until enough says so; the error is Next's.
func until(t *testing.T, s *source, enough func() bool, row func(split int, id string)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !enough() {
		if ctx.Err() != nil {
			t.Fatal("the source gave too little in time")
		}
		b, err := s.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			select {
			case <-s.Ready():
			case <-ctx.Done():
			}
			continue
		}
		b.Each(func(i int) { row(b.Split, string(column.AppendText(nil, b.Cols[0], i))) })
	}
	return nil
}

// read reads n rows, as split:id in the order of splits.
func read(t *testing.T, s *source, n int) string {
	t.Helper()
	var got []string
	err := until(t, s, func() bool { return len(got) >= n }, func(split int, id string) { got = append(got, fmt.Sprintf("%d:%s", split, id)) })
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(got, func(a, b string) int { return int(a[0]) - int(b[0]) })
	return strings.Join(got, " ")
}

func snapshot(t *testing.T, s *source) []byte {
	t.Helper()
	b, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func id(n int) string { return fmt.Sprintf(`{"id":%d}`, n) }

func wantPermanent(t *testing.T, err error, words ...string) {
	t.Helper()
	p, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	if !ok || !p.Permanent() {
		t.Fatalf("%v is not permanent", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// TestSourceRestores: a restart reads on at the row behind the snapshot, also where
// the snapshots of two former tasks come to one.
func TestSourceRestores(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 3)
	b.Produce("in", 0, id(1), id(2))
	b.Produce("in", 1, id(3))
	b.Produce("in", 2, id(4))
	var snapshots [][]byte
	for subtask, want := range []string{"0:1 0:2 2:4", "1:3"} {
		s := newTestSource(t, b, sourcePlan("in"))
		if err := s.Open(t.Context(), testEnv(t, subtask, 2), nil); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, strings.Count(want, ":")); got != want {
			t.Errorf("task %d read %s, want %s", subtask, got, want)
		}
		snapshots = append(snapshots, snapshot(t, s))
		s.Close()
	}
	b.Produce("in", 0, id(5))
	b.Produce("in", 1, id(6))
	if got := read(t, openSource(t, b, sourcePlan("in"), snapshots...), 2); got != "0:5 1:6" {
		t.Errorf("after the restore %s", got)
	}
}

// TestSourceStrategies: three records are there, one is committed as read, a fourth
// comes when the source is open.
func TestSourceStrategies(t *testing.T) {
	b := kafkatest.Start(t)
	for i, c := range []struct{ strategy, group, want string }{
		{"earliest", "read1", "0:1 0:2 0:3 0:9"}, {"latest", "read1", "0:9"}, {"offset:0=1", "read1", "0:2 0:3 0:9"}, {"offset:0=77", "read1", "0:9"},
		{"timestamp:0", "", "0:1 0:2 0:3 0:9"}, {"timestamp:9999999999999", "", "0:9"},
		{"", "read1", "0:2 0:3 0:9"}, {"", "nothing", "0:9"}, {"committed", "read1", "0:2 0:3 0:9"}, {"committed", "nothing", "0:1 0:2 0:3 0:9"},
	} {
		topic := fmt.Sprintf("in%d", i)
		b.Topic(topic, 1)
		b.Produce(topic, 0, id(1), id(2), id(3))
		first := openSource(t, b, sourcePlan(topic, conf.GroupID.Name(), "read1"))
		first.Committed([]byte(`{"next":{"0":1}}`))
		first.Close()
		s := openSource(t, b, sourcePlan(topic, conf.OffsetStrategy.Name(), c.strategy, conf.GroupID.Name(), c.group))
		b.Produce(topic, 0, id(9))
		if got := read(t, s, strings.Count(c.want, ":")); got != c.want {
			t.Errorf("strategy %q, group %q: %s, want %s", c.strategy, c.group, got, c.want)
		}
		s.Close()
	}
}

func TestRetentionGap(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2), id(3), id(4), id(5), id(6))
	s := openSource(t, b, sourcePlan("in", conf.OffsetStrategy.Name(), "offset:0=2"))
	kept := snapshot(t, s)
	s.Close()
	if err := b.Cluster.DeleteRecords("in", 0, 5); err != nil {
		t.Fatal(err)
	}
	again := newTestSource(t, b, sourcePlan("in"))
	wantPermanent(t, again.Open(t.Context(), testEnv(t, 0, 1), [][]byte{kept}), "partition 0", "offset 2", "from 5 on")
}

func TestTopicMadeAgain(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1))
	s := openSource(t, b, sourcePlan("in"))
	read(t, s, 1)
	kept := snapshot(t, s)
	s.Close()
	if err := b.Cluster.DeleteTopic("in"); err != nil {
		t.Fatal(err)
	}
	b.Topic("in", 1)
	b.Produce("in", 0, id(7), id(8))
	again := newTestSource(t, b, sourcePlan("in"))
	wantPermanent(t, again.Open(t.Context(), testEnv(t, 0, 1), [][]byte{kept}), "topic in", "made again")
}

// TestOutOfRange: the broker's word for it ends the job, and is heard beside a
// partition that never falls silent.
func TestOutOfRange(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 2)
	s := openSource(t, b, sourcePlan("in"))
	b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in", Partitions: []int32{0}, Err: kerr.OffsetOutOfRange, Count: -1})
	wantPermanent(t, until(t, s, func() bool { return false }, func(int, string) {}), "topic in", "partition 0")
}

// TestListingErrors: an answer that is wrong for one partition must not become a position.
func TestListingErrors(t *testing.T) {
	for _, strategy := range []string{"", "earliest", "timestamp:0"} {
		b := kafkatest.Start(t)
		b.Topic("in", 2)
		b.Produce("in", 0, id(1))
		b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "in", Partitions: []int32{0}, Err: kerr.UnknownServerError, Count: -1})
		s := newTestSource(t, b, sourcePlan("in", conf.OffsetStrategy.Name(), strategy))
		if err := s.Open(t.Context(), testEnv(t, 0, 1), nil); err == nil {
			t.Errorf("strategy %q: opened at %v", strategy, s.at.Next)
		}
	}
}

func TestNewPartition(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	s := newTestSource(t, b, sourcePlan("in", conf.OffsetStrategy.Name(), conf.Latest))
	s.every = 20 * time.Millisecond
	if err := s.Open(t.Context(), testEnv(t, 0, 1), nil); err != nil {
		t.Fatal(err)
	}
	b.Grow("in", 2)
	b.Produce("in", 1, id(7))
	if got := read(t, s, 1); got != "1:7" {
		t.Error(got)
	}
}

// TestSilenceOfTheBrokers: while they do not say where a partition ends, its silence is
// not that of the stream.
func TestSilenceOfTheBrokers(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	s := newTestSource(t, b, sourcePlan("in"))
	s.every = 20 * time.Millisecond
	check(t, s.Open(t.Context(), testEnv(t, 0, 1), nil))
	await := func(want int64) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); s.Progress()[0].End != want; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the partition ends at %d, want %d", s.Progress()[0].End, want)
			}
		}
	}
	b.Produce("in", 0, id(1), id(2))
	await(2)
	fault := b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "in", Err: kerr.LeaderNotAvailable, Count: -1})
	await(-1)
	fault.Remove()
	await(2)
}

// TestWhoSharesConnections: sources with the same brokers and the same settings of the user.
func TestWhoSharesConnections(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("other", 1)
	first := openSource(t, b, sourcePlan("in"))
	k := first.k
	open := func(p *plan.Source) *source {
		s, err := k.NewSource(p)
		check(t, err)
		t.Cleanup(func() { s.Close() })
		check(t, s.Open(t.Context(), testEnv(t, 0, 1), nil))
		return s.(*source)
	}
	for name, c := range map[string]struct {
		plan *plan.Source
		same bool
	}{"another topic": {sourcePlan("other"), true}, "another group": {sourcePlan("in", conf.GroupID.Name(), "g"), true}, "the same brokers, named": {sourcePlan("in", brokerList.Name(), b.Address), true},
		"a setting of the client": {sourcePlan("in", "transwarp.consumer.fetch.max.bytes", "2000000"), false}, "another list of brokers": {sourcePlan("in", brokerList.Name(), b.Address+","+b.Address), false}} {
		if got := open(c.plan).cluster == first.cluster; got != c.same {
			t.Errorf("%s: shared is %t", name, got)
		}
	}
}

func TestFetchSettingsOfTheUser(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	s := openSource(t, b, sourcePlan("in", "transwarp.consumer.fetch.max.bytes", "2000000"))
	if got := s.client.OptValue(kgo.FetchMaxBytes); got != int32(2000000) {
		t.Errorf("fetch.max.bytes is %v", got)
	}
}

func TestOnError(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), `{"id":"many"}`, id(3))
	s := openSource(t, b, sourcePlan("in", conf.OnError.Name(), "skip"))
	if got := read(t, s, 2); got != "0:1 0:3" || s.env.Counters.Failed.Load() != 1 {
		t.Errorf("%s, %d failed", got, s.env.Counters.Failed.Load())
	}
	fails := openSource(t, b, sourcePlan("in"))
	err := until(t, fails, func() bool { return false }, func(int, string) {})
	wantPermanent(t, err, "topic in partition 0 offset 1", "column id", "many")
}

// TestCommittedForTheEye: what a checkpoint holds appears as the group's offset.
func TestCommittedForTheEye(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2))
	s := openSource(t, b, sourcePlan("in"))
	read(t, s, 2)
	s.Committed(snapshot(t, s))
	s.Close()
	if got := b.Committed("default.j", "in"); got[0] != 2 {
		t.Errorf("committed %v", got)
	}
}

// TestGroupOfTwoReaders: of a topic that a job reads twice, as much is committed as both have read,
// also when one of them has ended; another job of the same group does not count.
func TestGroupOfTwoReaders(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2), id(3))
	k := &Connector{Brokers: b.Address}
	open := func(job string) *source {
		s, err := k.NewSource(sourcePlan("in", conf.GroupID.Name(), "common"))
		if err != nil {
			t.Fatal(err)
		}
		env := testEnv(t, 0, 1)
		env.JobID = job
		if err := s.Open(t.Context(), env, nil); err != nil {
			t.Fatal(err)
		}
		return s.(*source)
	}
	one, two, foreign := open("1"), open("1"), open("2")
	for i, step := range []struct {
		reads *source
		to    int64
		want  int64
	}{{one, 3, 0}, {two, 1, 1}, {one, 3, 1}, {two, 2, 2}, {two, 3, 3}} {
		step.reads.commit(map[int32]int64{0: step.to})
		if got := b.Committed("common", "in"); got[0] != step.want {
			t.Errorf("step %d: committed %v, want %d", i, got, step.want)
		}
	}
	two.commit(map[int32]int64{0: 2})
	two.Close()
	one.commit(map[int32]int64{0: 3})
	if got := b.Committed("common", "in"); got[0] != 2 {
		t.Errorf("when one has ended: committed %v, want 2", got)
	}
	one.Close()
	foreign.commit(map[int32]int64{0: 3})
	foreign.Close()
	if got := b.Committed("common", "in"); got[0] != 3 || len(k.groups.of) != 0 {
		t.Errorf("of the other job: committed %v, want 3; %d groups are left", got, len(k.groups.of))
	}
}

// TestOnePartitionFails: an error is not lost beside the rows of another partition.
func TestOnePartitionFails(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 2)
	b.Cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		asked := r.(*kmsg.FetchRequest)
		if len(asked.Topics[0].Partitions) < 2 {
			return nil, nil, false
		}
		answer, topic := r.ResponseKind().(*kmsg.FetchResponse), kmsg.NewFetchResponseTopic()
		topic.Topic, topic.TopicID = "in", asked.Topics[0].TopicID
		rows, refused := kmsg.NewFetchResponseTopicPartition(), kmsg.NewFetchResponseTopicPartition()
		rows.Partition, rows.RecordBatches = 0, recordBatch([][]byte{[]byte(id(1))})
		refused.Partition, refused.ErrorCode = 1, kerr.TopicAuthorizationFailed.Code
		topic.Partitions = append(topic.Partitions, rows, refused)
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	})
	s := openSource(t, b, sourcePlan("in"))
	if err := until(t, s, func() bool { return false }, func(int, string) {}); !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("the source ended with %v", err)
	}
}

// TestBatchesAreBounded: rows that are large fill a batch early.
func TestBatchesAreBounded(t *testing.T) {
	large, none := make([]byte, maxBatchBytes/2), []byte{}
	text := types.Schema{{Name: "v", Type: types.Of(types.String)}}
	for _, c := range []struct {
		values [][]byte
		want   int
	}{{[][]byte{large, large, large}, 2}, {[][]byte{append(large, large...), large[:1], none}, 1}, {[][]byte{append(large, large[:9]...), large, none}, 2}, {slices.Repeat([][]byte{none}, 3*column.BatchRows), column.BatchRows}} {
		p := sourcePlan("in", conf.Format.Name(), "raw")
		p.Declared, p.Out = text, text
		s := newTestSource(t, kafkatest.Start(t), p)
		s.env = testEnv(t, 0, 1)
		s.at.Next = map[int32]int64{}
		s.queue = []client.Fetched{{Records: records.NewReader(recordBatch(c.values), 0, nil, nil), Count: len(c.values)}}
		if b, err := s.take(); err != nil || b.Rows != c.want || s.at.Next[0] != int64(c.want) {
			t.Errorf("%d records fit, up to offset %d, want %d; %v", b.Rows, s.at.Next[0], c.want, err)
		}
	}
}

// recordBatch is a batch of records without keys.
func recordBatch(values [][]byte) []byte {
	var body []byte
	for i, v := range values {
		r := kmsg.Record{OffsetDelta: int32(i), Value: v}
		n := len(r.AppendTo(nil))
		r.Length = int32(n - 1)
		for { // the length counts what stands behind itself
			if got := len(r.AppendTo(nil)) - len(binary.AppendVarint(nil, int64(r.Length))); got == int(r.Length) {
				break
			} else {
				r.Length = int32(got)
			}
		}
		body = r.AppendTo(body)
	}
	b := kmsg.RecordBatch{Magic: 2, LastOffsetDelta: int32(len(values) - 1), ProducerID: -1, NumRecords: int32(len(values)), Records: body, Length: int32(49 + len(body))}
	out := b.AppendTo(nil)
	binary.BigEndian.PutUint32(out[17:], crc32.Checksum(out[21:], crc32.MakeTable(crc32.Castagnoli)))
	return out
}

// TestOldBrokersHaveNoTopicIDs: their zeros compare with nothing.
func TestOldBrokersHaveNoTopicIDs(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2))
	s := openSource(t, b, sourcePlan("in"), []byte(`{"version":1,"topic":"in","topic_id":"`+noTopicID+`","next":{"0":1}}`))
	if got := read(t, s, 1); got != "0:2" {
		t.Error(got)
	}
}
