package client

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"slipway/sql/sqlerr"
)

// endings asks where the partitions of one topic end, again and again, for all who want to
// know. Its fields are guarded by the cluster's mu.
type endings struct {
	topic   string
	hearers map[*hearer]bool
	sooner  chan struct{} // set when the next question is due earlier than it was
	asked   time.Time     // when the last answer came; zero: none has
	last    map[int32]int64
	err     error
}

// hearer is one who wants to know, so often at least.
type hearer struct {
	every time.Duration
	heard func(ends map[int32]int64, err error)
}

// Ends tells again and again where the partitions of a topic end, as a reader of committed
// records sees it, or that the brokers do not say. heard must not wait.
func (c *Cluster) Ends(topic string, every time.Duration, heard func(ends map[int32]int64, err error)) (stop func()) {
	h := &hearer{every, heard}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.ends[topic]
	if e == nil {
		e = &endings{topic: topic, hearers: map[*hearer]bool{}, sooner: make(chan struct{}, 1)}
		c.ends[topic] = e
		c.running.Go(func() { c.follow(e) }) // ends with its last hearer, or with the cluster
	}
	if time.Since(e.asked) < every {
		heard(e.last, e.err)
	}
	e.hearers[h] = true
	set(e.sooner)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(e.hearers, h)
		set(e.sooner)
	}
}

// follow asks when it is time.
func (c *Cluster) follow(e *endings) {
	for {
		every, due := c.due(e)
		if every == 0 {
			return
		}
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-e.sooner:
			case <-c.work.Done():
			}
			continue
		}
		late := time.AfterFunc(every, func() { c.tell(e, nil, errSilent) })
		ends, err := Ends(c.work, c.asking, e.topic)
		late.Stop()
		c.tell(e, ends, err)
	}
}

var errSilent = errors.New("the brokers do not answer")

// due tells how often the topic is asked for, and when next; never when nobody wants to know.
func (c *Cluster) due(e *endings) (every time.Duration, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(e.hearers) == 0 || c.work.Err() != nil {
		delete(c.ends, e.topic)
		delete(c.silent, e.topic)
		return 0, at
	}
	every = slices.MinFunc(slices.Collect(maps.Keys(e.hearers)), func(a, b *hearer) int { return int(a.every - b.every) }).every
	return every, e.asked.Add(every)
}

func (c *Cluster) tell(e *endings, ends map[int32]int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.asked, e.last, e.err = time.Now(), ends, err
	c.note(e.topic, err)
	for h := range e.hearers {
		h.heard(ends, err)
	}
}

// note says once in the log that the ends of a topic are not known: of brokers that are away
// once for all topics. mu is held.
func (c *Cluster) note(topic string, err error) {
	if err == nil {
		delete(c.silent, topic)
		return
	}
	_, said := c.silent[topic]
	away := errors.Is(err, errSilent) || sqlerr.From(err).Code == sqlerr.CannotConnect
	others := slices.Contains(slices.Collect(maps.Values(c.silent)), true)
	c.silent[topic] = away
	if !said && !(away && others) {
		c.log.Warn("the brokers do not say what their topics hold; that silence is not taken for an idle stream", "topic", topic, "error", err)
	}
}

// Ends reads the end offset of every partition.
func Ends(ctx context.Context, c *Client, topic string) (map[int32]int64, error) {
	list, err := listed(kadm.NewClient(c).ListCommittedOffsets(ctx, topic))
	if err != nil {
		return nil, unreachable(c, err)
	}
	out := map[int32]int64{}
	list.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out, nil
}
