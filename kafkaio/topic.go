package kafkaio

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/kafkaio/client"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// topicName is what Kafka takes.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

func checkTopic(name string) error {
	if topicName.MatchString(name) && name != "." && name != ".." {
		return nil
	}
	return sqlerr.New(sqlerr.InvalidParameter, "%q is no name of a Kafka topic", name).WithHint("It may hold letters, digits, \".\", \"_\" and \"-\", 249 at most.")
}

// topic is what a stream says of its topic.
type topic struct {
	client.NewTopic
	create bool
}

// topicOf reads it; on the embedded broker topics are made unless a stream says otherwise.
func (k *Connector) topicOf(all map[string]string) topic {
	list := []conf.Property{}
	for _, key := range []string{conf.TopicCreate.Name(), conf.TopicPartitions.Name(), conf.TopicReplication.Name()} {
		if v, ok := all[key]; ok {
			list = append(list, conf.P(key, v))
		}
	}
	v, _, err := conf.Parse(conf.Stream, list)
	if err != nil { // it was checked when the stream was declared
		v = conf.Defaults(conf.Stream)
	}
	own := k.CreateTopics && (all[conf.Brokers.Name()] == "" || all[conf.Brokers.Name()] == k.Brokers)
	t := topic{create: own, NewTopic: client.NewTopic{Name: all[conf.Topic.Name()], Partitions: int(conf.TopicPartitions.Get(v)), Replication: int(conf.TopicReplication.Get(v))}}
	if conf.TopicCreate.IsSet(v) {
		t.create = conf.TopicCreate.Get(v)
	}
	if own && t.Partitions == 0 {
		t.Partitions = DefaultPartitions
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if name, ok := strings.CutPrefix(key, conf.TopicConfig.Key); ok {
			t.Config = append(t.Config, [2]string{name, all[key]})
		}
	}
	return t
}

// seenWithin bounds the wait until all brokers know of a topic that was made.
const seenWithin = 30 * time.Second

// ensure makes the topic of a stream that wants it made, and waits until it can be seen.
func (k *Connector) ensure(ctx context.Context, c *client.Client, t topic) (client.Topic, error) {
	found, err := client.Describe(ctx, c, t.Name)
	if !t.create || !isMissing(err) {
		return found, err
	}
	if err := client.Make(ctx, c, t.NewTopic); err != nil {
		return client.Topic{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	for {
		found, err := client.Describe(ctx, c, t.Name)
		if !isMissing(err) {
			return found, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return client.Topic{}, err
		}
	}
}

// isMissing tells that the brokers answered, and have no such topic.
func isMissing(err error) bool {
	e, ok := errors.AsType[*sqlerr.Error](err)
	return ok && e.Code == sqlerr.UndefinedObject
}

// prepareWithin bounds what CREATE waits for brokers.
const prepareWithin = 4 * time.Second

// Prepare implements catalog.Connector: the topic is made, or CREATE says how it would be.
func (k *Connector) Prepare(ctx context.Context, r *catalog.Relation) ([]*sqlerr.Error, error) {
	all := properties(r)
	opts, err := k.options(all)
	if err != nil {
		return nil, err
	}
	c, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	within, cancel := context.WithTimeout(ctx, prepareWithin)
	defer cancel()
	t := k.topicOf(all)
	found, err := k.ensure(within, c, t)
	e, _ := errors.AsType[*sqlerr.Error](err)
	switch {
	case err == nil && t.create && all[conf.TopicPartitions.Name()] != "" && t.Partitions > 0 && found.Partitions != t.Partitions:
		return notice("Kafka topic %q exists already, with %d partitions, not %d", t.Name, found.Partitions, t.Partitions), nil
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isMissing(err):
		n := notice("%s", e.Message)
		n[0].WithHint("ALTER STREAM %s SET (%q=\"true\") makes it.", r.FullName(), conf.TopicCreate.Name())
		return n, nil
	case e != nil && e.Code == sqlerr.InvalidParameter:
		return nil, e
	}
	return notice("the Kafka brokers %s do not answer: whether topic %q is there is not known", client.Seeds(c), t.Name), nil
}

func notice(format string, args ...any) []*sqlerr.Error {
	return []*sqlerr.Error{sqlerr.Notice(format, args...)}
}
