package client

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/records"
)

// reader asks one broker for records of what it leads, again and again.
func (f *Fetcher) reader(ctx context.Context, broker int32) {
	for {
		r := f.request(broker)
		if r == nil {
			return
		}
		answer, err := f.c.Broker(int(broker)).Request(ctx, r)
		var out []Fetched
		if err == nil {
			out, err = f.take(answer.(*kmsg.FetchResponse))
		}
		if err != nil {
			f.forget(broker)
		}
		f.deliver(ctx, out)
		f.release(broker, r)
		if ctx.Err() != nil {
			return
		}
	}
}

// request asks for all partitions that the broker leads and nobody asks for. None: nil, and
// the reader is no more.
func (f *Fetcher) request(broker int32) *kmsg.FetchRequest {
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

// take judges an answer and moves the partitions on.
func (f *Fetcher) take(answer *kmsg.FetchResponse) (out []Fetched, err error) {
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range answer.Topics {
		for i := range t.Partitions {
			a := &t.Partitions[i]
			p := f.mu.partitions[a.Partition]
			if p == nil || !p.asked {
				continue
			}
			from := p.next
			if got := f.partition(p, a); got.Err != nil || p.next > from {
				out = append(out, got)
			}
		}
	}
	return out, nil
}

// partition takes an answer for one partition.
func (f *Fetcher) partition(p *fetching, a *kmsg.FetchResponseTopicPartition) Fetched {
	out := Fetched{Partition: a.Partition, HighWatermark: none}
	err := kerr.ErrorForCode(a.ErrorCode)
	switch {
	case err == nil:
	case passes(err):
		p.leader = nobody
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
