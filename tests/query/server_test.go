package query

import (
	"context"
	"fmt"
	"hash/crc32"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/cmd/node"
	"slipway/conf"
)

const topicPartitions = 2

// server is a node in this process over a broker that outlives it.
type server struct {
	t      *testing.T // of all that use it
	dir    string
	broker string
	client *kgo.Client
	admin  *kadm.Client
	node   *node.Node
	logs   *logs
	kills  meeting

	mu   sync.Mutex
	idle []*pgx.Conn
	sent map[string]int // rows produced per topic, to go on with the partitions in turn
}

// meeting is where all who take part wait for one another before something is done to all.
type meeting struct {
	mu      sync.Mutex
	parts   int
	waiting []chan struct{}
	act     func()
}

// join takes part until the given function is called.
func (m *meeting) join() (leave func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts++
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.parts--
		m.meet()
	}
}

// wait returns when all who take part wait, and one of them has acted for all.
func (m *meeting) wait(act func()) {
	done := make(chan struct{})
	m.add(done, act)
	<-done
}

func (m *meeting) add(done chan struct{}, act func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting, m.act = append(m.waiting, done), act
	m.meet()
}

func (m *meeting) meet() {
	if len(m.waiting) == 0 || len(m.waiting) < m.parts {
		return
	}
	defer func() { // also if the act fails the test
		for _, w := range m.waiting {
			close(w)
		}
		m.waiting = nil
	}()
	m.act()
}

// logs keeps what the node logged, for a failing test.
type logs struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.buf.String()
	return text[max(0, len(text)-8000):]
}

func newServer(t *testing.T) *server {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	s := &server{t: t, dir: t.TempDir(), broker: cluster.ListenAddrs()[0], logs: &logs{}, sent: map[string]int{}}
	s.client, err = kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics(), kgo.ProducerLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	s.admin = kadm.NewClient(s.client)
	t.Cleanup(s.client.Close)
	s.start()
	t.Cleanup(func() {
		s.hangUp()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.node.Stop(ctx); err != nil {
			t.Errorf("stopping the node: %v", err)
		}
		if t.Failed() {
			t.Logf("the node's log ends:\n%s", s.logs.tail())
		}
	})
	return s
}

func (s *server) start() {
	s.t.Helper()
	cfg, _, err := conf.LoadServer("", nil, []string{
		"server.data.directory=" + s.dir, "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list=" + s.broker,
		"server.function.directory=../../docs/examples/wasm",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.node, err = node.Start(context.Background(), cfg, slog.New(slog.NewTextHandler(s.logs, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
}

// kill ends the node without a final checkpoint, as a crash would.
func (s *server) kill() {
	s.hangUp()
	s.node.Kill()
}

func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		c.Close(context.Background())
	}
	s.idle = nil
}

// dial takes a connection that nobody uses, or a new one.
func (s *server) dial() (c *pgx.Conn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.idle) - 1; last >= 0 {
		c, s.idle = s.idle[last], s.idle[:last]
		return c, nil
	}
	return pgx.Connect(context.Background(), fmt.Sprintf("postgres://test@%s/default?sslmode=disable&default_query_exec_mode=simple_protocol", s.node.SQLAddress()))
}

func (s *server) try(sql string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	_, err = c.Exec(context.Background(), sql)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, c)
	return err
}

func (s *server) exec(t *testing.T, sql string) {
	t.Helper()
	if err := s.try(sql); err != nil {
		t.Fatalf("%s\n%v\nlog:\n%s", sql, err, s.logs.tail())
	}
}

func (s *server) topics(t *testing.T, names ...string) {
	t.Helper()
	resp, err := s.admin.CreateTopics(context.Background(), topicPartitions, 1, nil, names...)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// produce writes rows to the partitions of a topic in turn, or to random ones; those with a key to
// the key's.
func (s *server) produce(t *testing.T, topic string, rows []string, anywhere *rand.Rand) {
	t.Helper()
	records := make([]*kgo.Record, len(rows))
	s.mu.Lock()
	for i, r := range rows {
		to := s.sent[topic] % topicPartitions
		if anywhere != nil && !strings.Contains(r, lastDay) {
			to = anywhere.IntN(topicPartitions)
		}
		records[i] = &kgo.Record{Topic: topic, Value: []byte(r), Partition: int32(to)}
		s.sent[topic]++
		if keyed, ok := strings.CutPrefix(r, "@"); ok {
			key, value, more := strings.Cut(keyed, " ")
			records[i].Key, records[i].Value, records[i].Partition = []byte(key), nil, int32(crc32.ChecksumIEEE([]byte(key))%topicPartitions)
			if more {
				records[i].Value = []byte(value)
			}
		}
	}
	s.mu.Unlock()
	if err := s.client.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// awaitRead waits until the job's consumer group has committed the ends of the topics:
// then everything has gone through the job and is covered by a checkpoint.
func (s *server) awaitRead(t *testing.T, job string, streams []stream) {
	t.Helper()
	within(t, "job "+job+" reads its input", func(ctx context.Context) bool {
		for _, one := range streams {
			if !s.hasRead(ctx, t, job, one.name) {
				return false
			}
		}
		return true
	})
}

func (s *server) hasRead(ctx context.Context, t *testing.T, job, topic string) bool {
	ends, err := s.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := s.admin.FetchOffsets(ctx, "default."+job)
	if err != nil {
		return false
	}
	done := true
	ends.Each(func(o kadm.ListedOffset) {
		at, ok := committed.Lookup(o.Topic, o.Partition)
		done = done && (o.Offset == 0 || ok && at.At >= o.Offset)
	})
	return done
}

// row is one record of a sink topic; a tombstone has an empty value.
type row struct{ key, value string }

func (s *server) consume(t *testing.T, topic string) []row {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ends, err := s.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	assigned, left := map[string]map[int32]kgo.Offset{topic: {}}, int64(0)
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			assigned[topic][o.Partition] = kgo.NewOffset().AtStart()
			left += o.Offset
		}
	})
	if left == 0 {
		return nil
	}
	c, err := kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.ConsumePartitions(assigned), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out []row
	for int64(len(out)) < left {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) { out = append(out, row{string(r.Key), string(r.Value)}) })
	}
	return out
}
