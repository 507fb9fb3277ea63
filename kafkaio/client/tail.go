package client

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// tailWait is how long one request waits at the ends of partitions.
	tailWait = 5 * time.Second
	// tailGather is how long a request that waits already is left alone when further
	// partitions are to be waited at.
	tailGather = 50 * time.Millisecond
	// tailKept is how long a partition stays in the requests that nobody waits at.
	tailKept = 30 * time.Second
	// tailPause per partition lies between two requests, which name them all.
	tailPause = 5 * time.Microsecond
)

// tail waits at the ends of what one broker leads, for all who have read up to there: one
// request that is answered as soon as one of the partitions has more. It wakes them and
// hands no records over. Its fields are guarded by the cluster's mu.
type tail struct {
	c         *Cluster
	broker    int32
	places    map[place]*end
	interrupt context.CancelFunc // of the request under way; nil: none is
	extended  bool               // places came while it was
}

// place is one partition.
type place struct {
	topic     string
	id        [16]byte
	partition int32
}

// end is where a partition is known to end.
type end struct {
	offset  int64
	touched time.Time
	waits   map[*waiting]int64 // what they have read up to
}

// waiting is one who waits, at some places of one broker.
type waiting struct {
	at   map[place]int64
	wake func()
}

// await calls wake, once or more often, when there is something behind the positions, or
// reading there has to find out what is wrong. The answer ends the waiting.
func (c *Cluster) await(broker int32, at map[place]int64, wake func()) (stop func()) {
	w := &waiting{at: at, wake: wake}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tails[broker]
	if t == nil {
		t = &tail{c: c, broker: broker, places: map[place]*end{}}
		c.tails[broker] = t
		c.running.Go(t.run) // ends when nobody has waited for a while, or with the cluster
	}
	for p, next := range at {
		t.enter(w, p, next)
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		t.withdraw(w)
	}
}

// enter has one wait at a place. mu is held.
func (t *tail) enter(w *waiting, p place, next int64) {
	e := t.places[p]
	if e == nil {
		e = &end{offset: next, waits: map[*waiting]int64{}}
		t.places[p] = e
		t.extend()
	}
	e.waits[w] = next
	if next < e.offset {
		w.wake()
	}
}

// extend has the request under way made again, with the places that it lacks. mu is held.
func (t *tail) extend() {
	if t.interrupt != nil && !t.extended {
		t.extended = true
		time.AfterFunc(tailGather, t.interrupt)
	}
}

func (t *tail) withdraw(w *waiting) {
	for p := range w.at {
		if e := t.places[p]; e != nil {
			delete(e.waits, w)
			e.touched = time.Now()
		}
	}
}

// run asks again and again.
func (t *tail) run() {
	for {
		ctx, r := t.next()
		if r == nil {
			return
		}
		began := time.Now()
		answer, err := t.c.waiting.Broker(int(t.broker)).Request(ctx, r)
		pause := time.Duration(partitions(r)) * tailPause
		if !t.heard(r, answer, err) && time.Since(began) < tailGather {
			pause = tailGather // an answer that is none must not come at once again and again
		}
		select {
		case <-time.After(pause):
		case <-t.c.work.Done():
		}
	}
}

func partitions(r *kmsg.FetchRequest) (n int) {
	for _, t := range r.Topics {
		n += len(t.Partitions)
	}
	return n
}

// next makes the next request; nil when nobody has waited for a while.
func (t *tail) next() (context.Context, *kmsg.FetchRequest) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	topics := map[place]int{} // of partition 0, to where they stand in the request
	r := kmsg.NewPtrFetchRequest()
	r.MaxWaitMillis, r.MinBytes, r.MaxBytes, r.IsolationLevel = int32(tailWait.Milliseconds()), 1, 1, 1
	for p, e := range t.places {
		if len(e.waits) == 0 && time.Since(e.touched) > tailKept {
			delete(t.places, p)
			continue
		}
		at, there := topics[place{p.topic, p.id, 0}]
		if !there {
			at = len(r.Topics)
			topics[place{p.topic, p.id, 0}] = at
			topic := kmsg.NewFetchRequestTopic()
			topic.Topic, topic.TopicID = p.topic, p.id
			r.Topics = append(r.Topics, topic)
		}
		a := kmsg.NewFetchRequestTopicPartition()
		a.Partition, a.FetchOffset, a.PartitionMaxBytes = p.partition, e.offset, 1
		r.Topics[at].Partitions = append(r.Topics[at].Partitions, a)
	}
	if len(t.places) == 0 || t.c.work.Err() != nil {
		delete(t.c.tails, t.broker)
		return nil, nil
	}
	var ctx context.Context
	ctx, t.interrupt = context.WithCancel(t.c.work)
	t.extended = false
	return ctx, r
}

// heard judges an answer; true if a partition has more than before, or others are to be
// waited at as well.
func (t *tail) heard(r *kmsg.FetchRequest, answer kmsg.Response, err error) (news bool) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	t.interrupt()
	t.interrupt = nil
	got, ok := answer.(*kmsg.FetchResponse)
	if err == nil && ok {
		err = kerr.ErrorForCode(got.ErrorCode)
	}
	if err != nil {
		if t.extended {
			return true
		}
		for p, e := range t.places { // who waits finds out what is wrong
			e.wake(endless)
			delete(t.places, p)
		}
		return false
	}
	for _, topic := range got.Topics {
		at := named(r, topic)
		for _, a := range topic.Partitions {
			at.partition = a.Partition
			e := t.places[at]
			switch {
			case e == nil:
			case a.ErrorCode != 0:
				e.wake(endless)
				delete(t.places, at)
			case a.LastStableOffset > e.offset:
				news = true
				e.offset = a.LastStableOffset
				e.wake(e.offset)
			}
		}
	}
	return news
}

// named finds the topic of an answer in its request: newer brokers say just the id, older ones
// just the name.
func named(r *kmsg.FetchRequest, answer kmsg.FetchResponseTopic) place {
	for _, t := range r.Topics {
		if answer.Topic == t.Topic || answer.Topic == "" && answer.TopicID == t.TopicID {
			return place{t.Topic, t.TopicID, 0}
		}
	}
	return place{}
}

// endless is behind every position.
const endless = 1<<63 - 1

// wake wakes those that have not read up to an offset.
func (e *end) wake(offset int64) {
	for w, next := range e.waits {
		if next < offset {
			w.wake()
		}
	}
}
