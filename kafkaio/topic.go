package kafkaio

import (
	"context"
	"errors"
	"regexp"
	"time"

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
	return sqlerr.New(sqlerr.InvalidParameter, "%q is no name of a Kafka topic", name).
		WithHint("It may hold letters, digits, \".\", \"_\" and \"-\", 249 at most.")
}

// topic is what a stream says of its topic.
type topic struct {
	client.NewTopic
	create bool
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
	o := k.Declaration().Values(r)
	opts, err := k.options(o)
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
	t := k.topicOf(o)
	found, err := k.ensure(within, c, t)
	e, _ := errors.AsType[*sqlerr.Error](err)
	switch {
	case err == nil && t.create && topicPartitions.IsSet(o) && t.Partitions > 0 && found.Partitions != t.Partitions:
		return notice("Kafka topic %q exists already, with %d partitions, not %d", t.Name, found.Partitions, t.Partitions), nil
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isMissing(err):
		n := notice("%s", e.Message)
		n[0].WithHint("ALTER STREAM %s SET (%q=\"true\") makes it.", r.FullName(), topicCreate.Name())
		return n, nil
	case e != nil && e.Code == sqlerr.InvalidParameter:
		return nil, e
	}
	return notice("the Kafka brokers %s do not answer: whether topic %q is there is not known", client.Seeds(c), t.Name), nil
}

func notice(format string, args ...any) []*sqlerr.Error {
	return []*sqlerr.Error{sqlerr.Notice(format, args...)}
}
