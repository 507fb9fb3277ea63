package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// missingPatience is how long the brokers may not know a topic that was there: news
	// reach them one after another.
	missingPatience = 5 * time.Second
	routePause      = 100 * time.Millisecond // between two questions for the leaders
)

// routing finds the leaders of a topic's partitions whenever they are not known.
type routing struct {
	c     *Client
	topic string
	id    [16]byte
	stale chan struct{} // the leaders are to be asked for; asking twice is asking once
}

func newRouting(c *Client, topic string, id [16]byte) routing {
	return routing{c, topic, id, make(chan struct{}, 1)}
}

// reroute has the leaders asked for.
func (r *routing) reroute() {
	select {
	case r.stale <- struct{}{}:
	default:
	}
}

// route hands on what the brokers say, until ctx ends.
func (r *routing) route(ctx context.Context, heard func(kmsg.MetadataResponseTopic, error)) {
	for {
		select {
		case <-r.stale:
		case <-ctx.Done():
			return
		}
		heard(r.leaders(ctx))
		select {
		case <-time.After(routePause):
		case <-ctx.Done():
			return
		}
	}
}

// leaders asks any broker. The topic must have the id that is known; zeros fit any.
func (r *routing) leaders(ctx context.Context) (t kmsg.MetadataResponseTopic, err error) {
	ask, topic := kmsg.NewPtrMetadataRequest(), kmsg.NewMetadataRequestTopic()
	topic.Topic = &r.topic
	ask.Topics = append(ask.Topics, topic)
	answer, err := detached(ctx, func(ctx context.Context) (*kmsg.MetadataResponse, error) { return ask.RequestWith(ctx, r.c) })
	if err != nil {
		return t, err
	}
	if len(answer.Topics) != 1 {
		return t, fmt.Errorf("the brokers answered for %d topics, not for %s", len(answer.Topics), r.topic)
	}
	t = answer.Topics[0]
	if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
		return t, err
	}
	if t.TopicID != r.id && t.TopicID != [16]byte{} && r.id != [16]byte{} {
		return t, UnknownTopicID
	}
	return t, nil
}

// heard takes note of the leaders, or of why they are not known.
func (f *Fetcher) heard(ctx context.Context, t kmsg.MetadataResponseTopic, err error) {
	if !errors.Is(err, kerr.UnknownTopicOrPartition) {
		f.missing = time.Time{}
	} else if f.missing.IsZero() {
		f.missing = time.Now()
	}
	switch {
	case err == nil:
		f.assign(t)
		f.prove(ctx)
		f.read(ctx)
	case errors.Is(err, UnknownTopicID), !f.missing.IsZero() && time.Since(f.missing) > missingPatience, errors.Is(err, kerr.TopicAuthorizationFailed):
		f.deliver(ctx, f.stop(err))
	default:
		f.reroute()
	}
}

// stop ends the reading of all partitions for good.
func (f *Fetcher) stop(err error) (out []Fetched) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n, p := range f.mu.partitions {
		if !p.stopped {
			p.stopped = true
			out = append(out, Fetched{Partition: n, Err: err})
		}
	}
	return out
}

// assign takes note of the leaders. What an older leader is said to lead is stale news.
func (f *Fetcher) assign(t kmsg.MetadataResponseTopic) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range t.Partitions {
		p := f.mu.partitions[m.Partition]
		if p != nil && m.ErrorCode == 0 && m.Leader >= 0 && (m.LeaderEpoch >= p.epoch || m.LeaderEpoch < 0) {
			p.leader, p.epoch = m.Leader, m.LeaderEpoch
		}
	}
	for _, p := range f.mu.partitions {
		if p.leader == noLeader && !p.stopped {
			f.reroute()
		}
	}
}

// prove sees, where the leader has changed, that it has what was read from the former one.
// After an unclean election it may not: then offsets mean other records than before (KIP-320).
func (f *Fetcher) prove(ctx context.Context) {
	for broker, r := range f.doubts() {
		answer, err := detached(ctx, func(ctx context.Context) (kmsg.Response, error) { return f.c.Broker(int(broker)).Request(ctx, r) })
		if err != nil {
			f.forget(broker)
			continue
		}
		for _, t := range answer.(*kmsg.OffsetForLeaderEpochResponse).Topics {
			for _, a := range t.Partitions {
				f.deliver(ctx, f.proven(a))
			}
		}
	}
}

// doubts are the questions to put to new leaders.
func (f *Fetcher) doubts() map[int32]*kmsg.OffsetForLeaderEpochRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[int32]*kmsg.OffsetForLeaderEpochRequest{}
	for n, p := range f.mu.partitions {
		if !p.doubtful() || p.leader == noLeader || p.asked || p.stopped {
			continue
		}
		if out[p.leader] == nil {
			out[p.leader] = kmsg.NewPtrOffsetForLeaderEpochRequest()
			out[p.leader].ReplicaID = -1
			t := kmsg.NewOffsetForLeaderEpochRequestTopic()
			t.Topic = f.topic
			out[p.leader].Topics = append(out[p.leader].Topics, t)
		}
		a := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
		a.Partition, a.CurrentLeaderEpoch, a.LeaderEpoch = n, p.epoch, p.last
		out[p.leader].Topics[0].Partitions = append(out[p.leader].Topics[0].Partitions, a)
	}
	return out
}

// doubtful tells whether the leader has to prove itself before it is read from.
func (p *fetching) doubtful() bool { return p.last != none && p.epoch >= 0 && p.proven != p.epoch }

// proven judges an answer: the epoch of the last batch must reach at least to where we are.
func (f *Fetcher) proven(a kmsg.OffsetForLeaderEpochResponseTopicPartition) []Fetched {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.mu.partitions[a.Partition]
	switch {
	case p == nil:
	case a.ErrorCode != 0:
		p.leader = noLeader
		f.reroute()
	case a.EndOffset >= 0 && (a.LeaderEpoch < p.last || a.EndOffset < p.next):
		p.stopped = true
		return []Fetched{{
			Partition: a.Partition,
			Err:       fmt.Errorf("%w: records up to offset %d were read, the new leader's log of that time ends at %d", ErrTruncated, p.next, a.EndOffset),
		}}
	default:
		p.proven = p.epoch
	}
	return nil
}

// forget gives up a broker that does not answer.
func (f *Fetcher) forget(broker int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.mu.partitions {
		if p.leader == broker {
			p.leader = noLeader
		}
	}
	f.reroute()
}

// read starts a reader for each leader that has none, and wakes the others: they may have to
// read something more.
func (f *Fetcher) read(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.mu.partitions {
		if p.leader == noLeader || p.stopped || p.asked {
			continue
		}
		broker, wake := p.leader, f.mu.readers[p.leader]
		if wake != nil {
			set(wake)
			continue
		}
		wake = make(chan struct{}, 1)
		f.mu.readers[broker] = wake
		f.running.Go(func() { f.reader(ctx, broker, wake) }) // ends when the broker leads nothing that is to be read
	}
}

// set wakes who waits at a channel of one place, or who waits next.
func set(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
