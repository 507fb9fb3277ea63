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

// FieldsProperty carries ROW FORMAT DELIMITED's field delimiter in the plan's properties.
const FieldsProperty = "row.format.fields"

// Connector makes Kafka sources and sinks.
type Connector struct {
	// Brokers is where streams go that name none.
	Brokers string
	// CreateTopics makes missing topics on Brokers, with DefaultPartitions, where a stream
	// does not say: so on the embedded broker.
	CreateTopics bool
	// Log takes what concerns all readers of some brokers; nil: the process's own log.
	Log *slog.Logger

	// Formats that streams may name; nil: format.All.
	Formats format.Registry

	clusters client.Clusters
}

// DefaultPartitions of a topic that is made.
const DefaultPartitions = 2

// Readable implements catalog.Connector.
func (*Connector) Readable() bool { return true }

// Writable implements catalog.Connector.
func (*Connector) Writable() bool { return true }

// Places implements catalog.Connector: a topic on each of the brokers that are named for it,
// since any of them leads to the cluster.
func (k *Connector) Places(r *catalog.Relation) []string {
	brokers := r.Property(conf.Brokers.Name())
	if brokers == "" {
		brokers = k.Brokers
	}
	var out []string
	for _, b := range strings.Split(strings.ToLower(brokers), ",") {
		out = append(out, strings.TrimSpace(b)+"/"+r.Property(conf.Topic.Name()))
	}
	return out
}

// Check implements catalog.Connector.
func (k *Connector) Check(r *catalog.Relation) ([]string, error) {
	if r.Property(conf.Topic.Name()) == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "stream %s needs the property \"topic\"", r.FullName())
	}
	if err := checkTopic(r.Property(conf.Topic.Name())); err != nil {
		return nil, err
	}
	if r.Property(conf.Brokers.Name()) == "" && r.Property(conf.KafkaZooKeeper.Name()) != "" && k.Brokers == "" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "looking brokers up in \"kafka.zookeeper\" is not supported").WithHint("Give \"kafka.broker.list\".")
	}
	if v := strings.ToLower(r.Property(conf.OnError.Name())); v == "divert" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "\"on.error\"=\"divert\" is not supported yet").WithHint("Use skip, which counts, or fail.")
	}
	if strings.EqualFold(r.Property(conf.SinkChangelog.Name()), "debezium") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "\"sink.changelog\"=\"debezium\" is not supported yet")
	}
	if _, err := parseStrategy(r.Property(conf.OffsetStrategy.Name())); err != nil {
		return nil, err
	}
	if _, err := client.Options("127.0.0.1:1", clientProperties(properties(r))); err != nil {
		return nil, err
	}
	var notices []string
	if r.RowFormat == nil && r.Property(conf.Format.Name()) == "" {
		notices = append(notices, fmt.Sprintf("stream %s has neither \"format\" nor ROW FORMAT: its records are taken as Hive text, delimited by \\001; \"format\"=\"json\" would read JSON", r.FullName()))
	}
	f, err := k.formats().Find(cmp.Or(strings.ToLower(r.Property(conf.Format.Name())), format.Delimited.Name))
	if err == nil && f.Check != nil {
		err = f.Check(r.Columns)
	}
	if err != nil {
		return nil, err
	}
	for _, c := range r.Columns {
		if c.Type.Kind == types.Array || c.Type.Kind == types.Map || c.Type.Kind == types.Struct {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "column %s: type %s is not supported yet", c.Name, c.Type)
		}
	}
	return notices, nil
}

func properties(r *catalog.Relation) map[string]string {
	out := map[string]string{}
	for _, p := range r.Properties {
		out[strings.ToLower(p.Key)] = p.Value
	}
	return out
}

// clientProperties picks what is meant for the Kafka client.
func clientProperties(all map[string]string) map[string]string {
	own := map[string]bool{conf.GroupID.Name(): true, conf.OffsetStrategy.Name(): true, conf.NewPartitionStrategy.Name(): true}
	out := map[string]string{}
	for k, v := range all {
		for _, prefix := range []string{conf.ConsumerKeys.Key, conf.ProducerKeys.Key} {
			if rest, ok := strings.CutPrefix(k, prefix); ok && !own[k] {
				out[rest] = v
			}
		}
	}
	return out
}

// options are of a client to the stream's brokers; a task's own come first, the
// user's settings win over them.
func (k *Connector) options(all map[string]string, own ...client.Opt) ([]client.Opt, error) {
	brokers := all[conf.Brokers.Name()]
	if brokers == "" {
		brokers = k.Brokers
	}
	if brokers == "" {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "no Kafka brokers: the stream names none and the server has no kafka.broker.list")
	}
	given, err := client.Options(brokers, clientProperties(all))
	return append(own, given...), err
}

// Ping asks the server's own brokers whether they answer.
func (k *Connector) Ping(ctx context.Context) error {
	opts, err := k.options(nil)
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
func (k *Connector) join(all map[string]string) (*client.Cluster, error) {
	options, err := k.options(all, client.Fetching()...)
	if err != nil {
		return nil, err
	}
	brokers, own := cmp.Or(all[conf.Brokers.Name()], k.Brokers), clientProperties(all)
	key := []string{brokers}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		key = append(key, name, own[name])
	}
	return k.clusters.Join(fmt.Sprintf("%q", key), cmp.Or(k.Log, slog.Default()), options...)
}

// connect makes a client for administration and, where topics are made, the topic.
func (k *Connector) connect(ctx context.Context, all map[string]string) (*client.Client, error) {
	opts, err := k.options(all)
	if err != nil {
		return nil, err
	}
	c, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	if t := k.topicOf(all); t.create {
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
	c, err := k.connect(ctx, s.Properties)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	t, err := client.Describe(ctx, c, s.Properties[conf.Topic.Name()])
	return t.Partitions, err
}

// Ends implements executor.Connector.
func (k *Connector) Ends(ctx context.Context, s *plan.Source) (map[int]int64, error) {
	c, err := k.connect(ctx, s.Properties)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	bounds, err := client.Bounds(ctx, c, s.Properties[conf.Topic.Name()])
	out := map[int]int64{}
	for p, b := range bounds {
		out[int(p)] = b.End
	}
	return out, err
}

func formatOptions(properties map[string]string, declared types.Schema, columns, keys []int) format.Options {
	return format.Options{Declared: declared, Columns: columns, Keys: keys, Fields: properties[FieldsProperty], TimeFormat: properties[conf.TimeFormat.Name()]}
}

// formats are those that streams may name.
func (k *Connector) formats() format.Registry {
	if k.Formats == nil {
		return format.All
	}
	return k.Formats
}

// NewSource implements executor.Connector.
func (k *Connector) NewSource(s *plan.Source) (executor.Source, error) {
	f, err := k.formats().Find(format.Name(s.Properties))
	if err != nil {
		return nil, err
	}
	r, err := f.Reader(formatOptions(s.Properties, s.Declared, s.Columns, s.Keys))
	if err != nil {
		return nil, err
	}
	out := newSource(k, s, r)
	out.headers = f.Headers
	return out, nil
}

// NewSink implements executor.Connector.
func (k *Connector) NewSink(s *plan.Sink) (executor.Sink, error) {
	f, err := k.formats().Find(format.Name(s.Properties))
	if err != nil {
		return nil, err
	}
	o := formatOptions(s.Properties, s.Schema, nil, s.Keys)
	o.Deletions = s.Mode == plan.Upsert
	w, err := f.Writer(o)
	if err != nil {
		return nil, err
	}
	if s.Delivery == conf.ExactlyOnce {
		return &txSink{sink: sink{k: k, plan: s, format: w}}, nil
	}
	return &sink{k: k, plan: s, format: w}, nil
}

// NewCommitter implements executor.Connector. A sink that promises less may still
// follow one that had transactions: those are committed, and none is looked for.
func (k *Connector) NewCommitter(s *plan.Sink, env *executor.Env) (executor.Committer, error) {
	c := newCommitter(k, s.Properties, s.Name, env.JobID, string(s.Op))
	c.lazy = s.Delivery != conf.ExactlyOnce
	return c, nil
}

// CheckSink implements executor.Connector: a transaction must be able to stay open for
// as long as the job may need to commit it.
func (k *Connector) CheckSink(ctx context.Context, s *plan.Sink, v *conf.Values) error {
	if s.Delivery != conf.ExactlyOnce {
		return nil
	}
	admin, err := k.connect(ctx, s.Properties)
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
		return sqlerr.New(sqlerr.InvalidParameter, "exactly-once delivery to %s is not safe: a transaction may stay open for %s (checkpoint interval %s, expiry %s, a restart %s), but the brokers abort it after %s (transaction.max.timeout.ms)",
			s.Name, need, interval, expiry, restart, limit).WithHint("Shorten %q or %q, or raise the brokers' transaction.max.timeout.ms.", conf.CheckpointInterval.Name(), conf.CheckpointTimeout.Name())
	}
	return nil
}

// restartBudget is the time in which a crashed job is expected to be back.
const restartBudget = time.Minute
