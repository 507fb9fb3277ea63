// Package kafkaio is Kafka at both ends of a job: the source with its own partition
// assignment, the sink, and the connector that makes them.
package kafkaio

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/format"
	"slipway/kafkaio/client"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Connector makes Kafka sources and sinks.
type Connector struct {
	executor.NoLookup
	// Brokers is where streams go that name none.
	Brokers string
	// SignIn are the client's settings for those brokers, under Kafka's own names; nil: none are needed.
	SignIn func() (map[string]string, error)
	// CreateTopics makes missing topics on Brokers, with DefaultPartitions, where a stream
	// does not say: so on the embedded broker.
	CreateTopics bool
	// Log takes what concerns all readers of some brokers; nil: the process's own log.
	Log *slog.Logger

	// Formats that streams may name; nil: format.All.
	Formats format.Registry

	clusters client.Clusters
	groups   groups
	declare  sync.Once
	declared *catalog.Declaration
}

// DefaultPartitions of a topic that is made.
const DefaultPartitions = 2

// Places implements catalog.Connector: a topic on each of the brokers that are named for it,
// since any of them leads to the cluster.
func (k *Connector) Places(r *catalog.Relation) []string {
	o := k.Declaration().Values(r)
	var out []string
	for _, b := range strings.Split(strings.ToLower(cmp.Or(brokerList.Get(o), k.Brokers)), ",") {
		out = append(out, strings.TrimSpace(b)+"/"+topicOption.Get(o))
	}
	return out
}

// Check implements catalog.Connector.
func (k *Connector) Check(r *catalog.Relation) ([]string, error) {
	o := k.Declaration().Values(r)
	if topicOption.Get(o) == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "stream %s needs the property \"topic\"", r.FullName()).
			WithHint("It names where the records are: TBLPROPERTIES (\"topic\"=\"…\"). What is no topic says \"connector\"=\"…\".")
	}
	if err := checkTopic(topicOption.Get(o)); err != nil {
		return nil, err
	}
	if brokerList.Get(o) == "" && zooKeeper.Get(o) != "" && k.Brokers == "" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "looking brokers up in \"kafka.zookeeper\" is not supported").WithHint("Give \"kafka.broker.list\".")
	}
	if conf.OnError.Get(o) == "divert" && conf.DivertTo.Get(o) == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "%q=\"divert\" needs %q: the stream that takes what cannot be read", conf.OnError.Name(), conf.DivertTo.Name())
	}
	if conf.SinkChangelog.Get(o) == "debezium" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "\"sink.changelog\"=\"debezium\" is not supported yet")
	}
	if _, err := parseStrategy(conf.OffsetStrategy.Get(o)); err != nil {
		return nil, err
	}
	own, err := k.clientProperties(o)
	if err == nil {
		err = checkSignIn(o, own)
	}
	if err != nil {
		return nil, err
	}
	if _, err := client.Options("127.0.0.1:1", own); err != nil {
		return nil, err
	}
	var notices []string
	if brokerList.Get(o) == "" && zooKeeper.Get(o) != "" {
		notices = append(notices, fmt.Sprintf("%q is not asked for brokers: stream %s is on those of the server; %q names others",
			zooKeeper.Name(), r.FullName(), brokerList.Name()))
	}
	if r.RowFormat == nil && !conf.Format.IsSet(o) {
		notices = append(notices, fmt.Sprintf("stream %s has neither \"format\" nor ROW FORMAT: "+
			"its records are taken as Hive text, delimited by \\001; \"format\"=\"json\" would read JSON", r.FullName()))
	}
	f, err := k.formatOf(o)
	if err == nil && f.Check != nil {
		err = f.Check(r.Recorded())
	}
	if err != nil {
		return nil, err
	}
	return notices, nil
}

// options are of a client to the stream's brokers; a task's own come first, the
// user's settings win over them.
func (k *Connector) options(o *conf.Values, own ...client.Opt) ([]client.Opt, error) {
	brokers := cmp.Or(brokerList.Get(o), k.Brokers)
	if brokers == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "no Kafka brokers: the stream names none and the server has no kafka.broker.list")
	}
	properties, err := k.clientProperties(o)
	if err != nil {
		return nil, err
	}
	given, err := client.Options(brokers, properties)
	return append(own, given...), err
}

// Ping asks the server's own brokers whether they answer.
func (k *Connector) Ping(ctx context.Context) error {
	opts, err := k.options(conf.Defaults(conf.Stream))
	if err != nil {
		return err
	}
	c, err := client.New(opts...)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Ping(ctx)
}

// join gives what all sources share that read from the stream's brokers with its settings.
func (k *Connector) join(o *conf.Values) (*client.Cluster, error) {
	options, err := k.options(o, client.Fetching()...)
	if err != nil {
		return nil, err
	}
	brokers := cmp.Or(brokerList.Get(o), k.Brokers)
	own, err := k.clientProperties(o)
	if err != nil {
		return nil, err
	}
	key := []string{brokers}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		key = append(key, name, own[name])
	}
	return k.clusters.Join(fmt.Sprintf("%q", key), cmp.Or(k.Log, slog.Default()), options...)
}

// connect makes a client for administration and, where topics are made, the topic.
func (k *Connector) connect(ctx context.Context, o *conf.Values) (*client.Client, error) {
	opts, err := k.options(o)
	if err != nil {
		return nil, err
	}
	c, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	if t := k.topicOf(o); t.create {
		if _, err := k.ensure(ctx, c, t); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Splits implements executor.Connector.
func (k *Connector) Splits(ctx context.Context, s *plan.Source) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	o := k.Declaration().Read(s.Properties)
	c, err := k.connect(ctx, o)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	t, err := client.Describe(ctx, c, topicOption.Get(o))
	return t.Partitions, err
}

// Ends implements executor.Connector.
func (k *Connector) Ends(ctx context.Context, s *plan.Source) (map[int]int64, error) {
	o := k.Declaration().Read(s.Properties)
	c, err := k.connect(ctx, o)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	bounds, err := client.Bounds(ctx, c, topicOption.Get(o))
	out := map[int]int64{}
	for p, b := range bounds {
		out[int(p)] = b.End
	}
	return out, err
}

func formatOptions(o *conf.Values, declared types.Schema, columns, keys []int) format.Options {
	return format.Options{Declared: declared, Columns: columns, Keys: keys, Fields: o.Text(catalog.FieldsKey), Settings: o}
}

// NewSource implements executor.Connector.
func (k *Connector) NewSource(s *plan.Source) (executor.Source, error) {
	o := k.Declaration().Read(s.Properties)
	f, err := k.formatOf(o)
	if err != nil {
		return nil, err
	}
	rows := formatOptions(o, s.Declared, s.Columns, s.Keys)
	rows.Defaults = s.Defaults
	r, err := f.Reader(rows)
	if err != nil {
		return nil, err
	}
	out := newSource(k, s, o, r)
	out.headers = f.Headers || out.metadata.has(catalog.HeadersMetadata)
	return out, nil
}

// NewSink implements executor.Connector.
func (k *Connector) NewSink(s *plan.Sink) (executor.Sink, error) {
	o := k.Declaration().Read(s.Properties)
	f, err := k.formatOf(o)
	if err != nil {
		return nil, err
	}
	rows := formatOptions(o, s.Schema[:len(s.Schema)-len(s.Metadata)], nil, s.Keys)
	rows.Deletions = s.Mode == plan.Upsert
	w, err := f.Writer(rows)
	if err != nil {
		return nil, err
	}
	out := sink{k: k, plan: s, options: o, format: w, metadata: writesMetadata(s)}
	if s.Delivery == conf.ExactlyOnce {
		return &txSink{sink: out}, nil
	}
	return &out, nil
}

// NewCommitter implements executor.Connector. A sink that promises less may still
// follow one that had transactions: those are committed, and none is looked for.
func (k *Connector) NewCommitter(s *plan.Sink, env *executor.Env) (executor.Committer, error) {
	c := newCommitter(k, k.Declaration().Read(s.Properties), s.Name, env.JobID, string(s.Op))
	c.lazy = s.Delivery != conf.ExactlyOnce
	return c, nil
}

// CheckSink implements executor.Connector: a transaction must be able to stay open for
// as long as the job may need to commit it.
func (k *Connector) CheckSink(ctx context.Context, s *plan.Sink, v *conf.Values) error {
	if s.Delivery != conf.ExactlyOnce {
		return nil
	}
	admin, err := k.connect(ctx, k.Declaration().Read(s.Properties))
	if err != nil {
		return err
	}
	defer admin.Close()
	limit, err := client.MaxTransactionTimeout(ctx, admin)
	if err != nil {
		return err
	}
	interval, expiry, restart := conf.CheckpointInterval.Get(v), conf.CheckpointTimeout.Get(v), restartBudget
	if need := interval + expiry + restart; need > limit {
		return sqlerr.New(sqlerr.InvalidParameter,
			"exactly-once delivery to %s is not safe: a transaction may stay open for %s (checkpoint interval %s, expiry %s, a restart %s), "+
				"but the brokers abort it after %s (transaction.max.timeout.ms)", s.Name, need, interval, expiry, restart, limit,
		).WithHint("Shorten %q or %q, or raise the brokers' transaction.max.timeout.ms.", conf.CheckpointInterval.Name(), conf.CheckpointTimeout.Name())
	}
	return nil
}

// restartBudget is the time in which a crashed job is expected to be back.
const restartBudget = time.Minute
