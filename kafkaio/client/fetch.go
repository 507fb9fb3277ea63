package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/records"
)

const (
	// quietAfter is how long a reader without records keeps a connection of its own.
	quietAfter = 5 * time.Second
	// busyWithin and busyBytes make a reader take one: records came so soon again, or so many.
	busyWithin = 2 * time.Second
	busyBytes  = 64 << 10
	// sharedBytes bound an answer over the connection of all.
	sharedBytes = 1 << 20
)

// reader asks one broker for records of what it leads, again and again.
func (f *Fetcher) reader(ctx context.Context, broker int32, wake chan struct{}) {
	var own *readingClient // nil: it reads with the cluster's
	var latest time.Time   // when records came last
	vain := 0              // answers without records in a row that nothing was waited for
	defer func() { f.giveUp(own) }()
	for {
		r := f.request(broker, own != nil)
		if r == nil {
			return
		}
		got, memory, err := f.ask(ctx, own, broker, r)
		var out []Fetched
		size := 0
		if err == nil {
			out, size, err = f.take(got)
			memory.lend(out)
		}
		if err != nil {
			f.forget(broker)
		}
		f.deliver(ctx, out)
		f.release(broker, r)
		if ctx.Err() != nil {
			return
		}
		now := time.Now()
		switch busy := size > 0 && (size >= busyBytes || now.Sub(latest) < busyWithin); {
		case own == nil && busy:
			own = f.takeOwn()
		case own != nil && size == 0 && now.Sub(latest) > quietAfter:
			own = f.giveUp(own)
		case own == nil && size == 0 && err == nil:
			vain++
			if f.await(ctx, broker, wake) > routePause {
				vain = 0
			} else if vain > 2 { // a new leader may not have yet what the former one had
				pause(ctx, routePause)
			}
		}
		if size > 0 {
			latest, vain = now, 0
		}
	}
}

// ask makes a request over the connection of all, or over the own one: that goes with ctx.
func (f *Fetcher) ask(ctx context.Context, own *readingClient, broker int32, r *kmsg.FetchRequest) (*kmsg.FetchResponse, *answer, error) {
	if own != nil {
		return own.ask(ctx, broker, r)
	}
	got, err := detached(ctx, func(ctx context.Context) (kmsg.Response, error) { return f.c.Broker(int(broker)).Request(ctx, r) })
	if err != nil {
		return nil, nil, err
	}
	return got.(*kmsg.FetchResponse), nil, nil
}

// takeOwn gives the readers' own client; nil if there can be none.
func (f *Fetcher) takeOwn() *readingClient {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.own == nil {
		own, err := newReadingClient(f.c, f.cluster.options)
		if err != nil {
			return nil
		}
		f.mu.own = own
	}
	f.mu.users++
	return f.mu.own
}

// giveUp lets the own client go; it gives nil.
func (f *Fetcher) giveUp(own *readingClient) *readingClient {
	f.mu.Lock()
	defer f.mu.Unlock()
	if own == nil {
		return nil
	}
	if f.mu.users--; f.mu.users == 0 {
		own.Close()
		f.mu.own = nil
	}
	return nil
}

// await waits at the ends of what a broker leads, or until there is something else to read.
func (f *Fetcher) await(ctx context.Context, broker int32, wake chan struct{}) time.Duration {
	began := time.Now()
	at := map[place]int64{}
	f.mu.Lock()
	for n, p := range f.mu.partitions {
		if p.leader == broker && !p.stopped && !p.doubtful() {
			at[place{f.topic, f.id, n}] = max(p.next, p.end)
		}
	}
	f.mu.Unlock()
	if len(at) == 0 {
		return 0
	}
	stop := f.cluster.await(broker, at, func() { set(wake) })
	defer stop()
	select {
	case <-wake:
	case <-ctx.Done():
	}
	return time.Since(began)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// request asks for all partitions that the broker leads and nobody asks for, and lets the
// broker wait for records. None: nil, and the reader is no more.
func (f *Fetcher) request(broker int32, wait bool) *kmsg.FetchRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = f.topic, f.id
	for n, p := range f.mu.partitions {
		if p.leader != broker || p.asked || p.stopped || p.doubtful() {
			continue
		}
		p.asked = true
		a := kmsg.NewFetchRequestTopicPartition()
		a.Partition, a.CurrentLeaderEpoch, a.FetchOffset, a.PartitionMaxBytes = n, p.epoch, p.next, f.limits.partition
		t.Partitions = append(t.Partitions, a)
	}
	if len(t.Partitions) == 0 {
		delete(f.mu.readers, broker)
		return nil
	}
	r := kmsg.NewPtrFetchRequest()
	r.MaxWaitMillis, r.MinBytes, r.MaxBytes, r.IsolationLevel = int32(f.limits.wait.Milliseconds()), f.limits.min, f.limits.max, 1
	if !wait {
		r.MaxWaitMillis, r.MinBytes, r.MaxBytes = 0, 0, min(r.MaxBytes, sharedBytes)
	}
	r.Topics = append(r.Topics, t)
	return r
}

// release lets the partitions of a request be asked for again.
func (f *Fetcher) release(broker int32, r *kmsg.FetchRequest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range r.Topics[0].Partitions {
		p := f.mu.partitions[a.Partition]
		p.asked = false
		if p.leader != broker || p.doubtful() {
			f.reroute() // its new leader, or who was to prove it, may have passed it over
		}
	}
}

// take judges an answer and moves the partitions on; size is of all that it holds.
func (f *Fetcher) take(answer *kmsg.FetchResponse) (out []Fetched, size int, err error) {
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	gaps := f.mu.gaps && empty(answer)
	for _, t := range answer.Topics {
		for i := range t.Partitions {
			a := &t.Partitions[i]
			p := f.mu.partitions[a.Partition]
			if p == nil || !p.asked {
				continue
			}
			if gaps && a.ErrorCode == 0 && a.LastStableOffset > p.next {
				p.next = a.LastStableOffset
				out = append(out, Fetched{Partition: a.Partition, HighWatermark: a.HighWatermark, Records: records.NewReader(nil, p.next, nil, unpack)})
				continue
			}
			size += len(a.RecordBatches)
			from := p.next
			if got := f.partition(p, a); got.Err != nil || p.next > from {
				out = append(out, got)
			}
			p.end = max(p.next, a.LastStableOffset)
		}
	}
	return out, size, nil
}

// empty tells an answer without any records: in one that is full, a partition may have
// found no room.
func empty(answer *kmsg.FetchResponse) bool {
	for _, t := range answer.Topics {
		if slices.ContainsFunc(t.Partitions, func(p kmsg.FetchResponseTopicPartition) bool { return len(p.RecordBatches) > 0 }) {
			return false
		}
	}
	return true
}

// partition takes an answer for one partition.
func (f *Fetcher) partition(p *fetching, a *kmsg.FetchResponseTopicPartition) Fetched {
	out := Fetched{Partition: a.Partition, HighWatermark: none}
	err := kerr.ErrorForCode(a.ErrorCode)
	switch {
	case err == nil:
	case passes(err):
		p.leader = noLeader
		f.reroute()
		return out
	default:
		p.stopped, out.Err = true, err
		return out
	}
	from := p.next
	err = records.Scan(a.RecordBatches, func(h records.Header) {
		if h.Last() >= p.next {
			p.next, p.last, p.proven = h.Last()+1, h.Epoch, p.epoch
			out.Count += int(h.Count)
		}
	})
	if err != nil {
		p.stopped, out.Err = true, err
		return out
	}
	out.HighWatermark = a.HighWatermark
	out.Records = records.NewReader(a.RecordBatches, from, aborted(a.AbortedTransactions), unpack)
	return out
}

// passes tells errors that new leaders, or news of them, mend. Whether a topic is there no
// more, or another, the question for leaders finds out.
func passes(err error) bool {
	return kerr.IsRetriable(err) && !errors.Is(err, kerr.CorruptMessage) || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.InconsistentTopicID) ||
		errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.FencedLeaderEpoch)
}

func aborted(list []kmsg.FetchResponseTopicPartitionAbortedTransaction) []records.Aborted {
	out := make([]records.Aborted, len(list))
	for i, a := range list {
		out[i] = records.Aborted{ProducerID: a.ProducerID, First: a.FirstOffset}
	}
	return out
}

// codecs unpacks records; it is safe for use by many.
var codecs = kgo.DefaultDecompressor()

func unpack(packed []byte, codec int) ([]byte, error) {
	return codecs.Decompress(packed, kgo.CompressionCodecType(codec))
}
