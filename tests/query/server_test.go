package query

import (
	"context"
	"fmt"
	"hash/crc32"
	"log/slog"
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
	dir    string
	broker string
	client *kgo.Client
	admin  *kadm.Client
	node   *node.Node
	conn   *pgx.Conn
	logs   *logs
	sent   map[string]int // rows produced per topic, to go on with the partitions in turn
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
	s := &server{dir: t.TempDir(), broker: cluster.ListenAddrs()[0], logs: &logs{}, sent: map[string]int{}}
	s.client, err = kgo.NewClient(kgo.SeedBrokers(s.broker), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics(), kgo.ProducerLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	s.admin = kadm.NewClient(s.client)
	t.Cleanup(s.client.Close)
	s.start(t)
	t.Cleanup(func() {
		s.conn.Close(context.Background())
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

func (s *server) start(t *testing.T) {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, []string{
		"server.data.directory=" + s.dir, "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list=" + s.broker,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.node, err = node.Start(context.Background(), cfg, slog.New(slog.NewTextHandler(s.logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.conn, err = pgx.Connect(context.Background(), fmt.Sprintf("postgres://test@%s/default?sslmode=disable&default_query_exec_mode=simple_protocol", s.node.SQLAddress()))
	if err != nil {
		t.Fatal(err)
	}
}

// kill ends the node without a final checkpoint, as a crash would.
func (s *server) kill(t *testing.T) {
	t.Helper()
	s.conn.Close(context.Background())
	s.node.Kill()
}

func (s *server) try(sql string) error {
	_, err := s.conn.Exec(context.Background(), sql)
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

func (s *server) produce(t *testing.T, topic string, rows []string) {
	t.Helper()
	records := make([]*kgo.Record, len(rows))
	for i, r := range rows {
		records[i] = &kgo.Record{Topic: topic, Value: []byte(r), Partition: int32(s.sent[topic] % topicPartitions)}
		s.sent[topic]++
		if keyed, ok := strings.CutPrefix(r, "@"); ok {
			key, value, more := strings.Cut(keyed, " ")
			records[i].Key, records[i].Value, records[i].Partition = []byte(key), nil, int32(crc32.ChecksumIEEE([]byte(key))%topicPartitions)
			if more {
				records[i].Value = []byte(value)
			}
		}
	}
	if err := s.client.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// awaitRead waits until the job's consumer group has committed the end of the topic:
// then everything has gone through the job and is covered by a checkpoint.
func (s *server) awaitRead(t *testing.T, job, topic string) {
	t.Helper()
	within(t, "job "+job+" reads "+topic, func(ctx context.Context) bool {
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
	})
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
