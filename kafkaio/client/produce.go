package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/sql/sqlerr"

	"slipway/kafkaio/records"
)

// assign takes note of the leaders, or of why they are not known.
func (w *Writer) assign(t kmsg.MetadataResponseTopic, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(err, UnknownTopicID) || errors.Is(err, kerr.TopicAuthorizationFailed) {
		w.fail(err)
		return
	}
	for _, m := range t.Partitions {
		for int(m.Partition) >= len(w.partitions) && err == nil { // the topic has grown
			w.partitions = append(w.partitions, &partitionQueue{leader: noLeader, failing: time.Now()})
		}
		p := w.partitions[m.Partition]
		if m.ErrorCode == 0 && m.Leader >= 0 && p.leader == noLeader {
			p.leader = m.Leader
			w.send(m.Leader)
		}
	}
	for n, p := range w.partitions {
		if p.leader == noLeader {
			w.reroute()
		}
		patience := deliveryTimeout
		if errors.Is(err, kerr.UnknownTopicOrPartition) {
			patience = missingPatience
		}
		if p.waits() && !p.failing.IsZero() && time.Since(p.failing) > patience {
			w.fail(errors.Join(fmt.Errorf("partition %d has taken nothing for %s", n, patience), err))
		}
	}
	w.changed.Broadcast()
}

// waits tells whether there is something that the brokers do not have.
func (p *partitionQueue) waits() bool {
	return p.sending != nil || len(p.full) > 0 || p.open.Count() > 0
}

// send starts a sender for a leader that has none; mu is held.
func (w *Writer) send(broker int32) {
	if !w.senders[broker] && !w.stopped {
		w.senders[broker] = true
		w.idle.Go(func() { w.sender(broker) }) // ends when the Writer is stopped, or fails
	}
}

// partitionBatch is what one request brings to a partition.
type partitionBatch struct {
	partition int32
	*partitionQueue
	batch *openBatch // what is to be sent first; nil: sending is sent again
}

// sender brings one leader what is its, again and again.
func (w *Writer) sender(broker int32) {
	for {
		batches := w.pick(broker)
		if batches == nil {
			return
		}
		for _, b := range batches {
			w.seal(b)
		}
		err := w.addPartitions(batches)
		var answer kmsg.Response
		if err == nil {
			answer, err = w.c.Broker(int(broker)).Request(w.work, w.request(batches))
		}
		w.judge(batches, answer, err)
	}
}

// pick waits for something to bring; nil when there will be nothing.
func (w *Writer) pick(broker int32) (batches []partitionBatch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.stopped {
		for n, p := range w.partitions {
			if p.leader != broker || p.asked {
				continue
			}
			if b := (partitionBatch{partition: int32(n), partitionQueue: p}); p.sending != nil || w.next(&b) {
				p.asked = true
				batches = append(batches, b)
			}
		}
		if batches != nil {
			return batches
		}
		w.changed.Wait()
	}
	return nil
}

// next takes the oldest batch of a partition.
func (w *Writer) next(b *partitionBatch) bool {
	p := b.partitionQueue
	if len(p.full) > 0 {
		b.batch, p.full = &p.full[0], p.full[1:]
		return true
	}
	if p.open.Count() == 0 || w.o.Hold && w.flushing == 0 {
		return false
	}
	open := p.open
	b.batch, p.open = &open, openBatch{}
	return true
}

// seal makes what brokers will know the batch by; nobody else has it now.
func (w *Writer) seal(b partitionBatch) {
	if b.batch == nil {
		return
	}
	count := b.batch.Count()
	s := &sentBatch{data: b.batch.Seal(w.producer, b.sequence, w.compress), bytes: b.batch.bytes}
	w.mu.Lock()
	defer w.mu.Unlock()
	b.sending, b.sequence = s, records.Next(b.sequence, count)
}

// addPartitions adds to the transaction the partitions that it does not have. Brokers of protocol 2
// do it by themselves; asking costs little and is right for both.
func (w *Writer) addPartitions(batches []partitionBatch) error {
	if w.o.Transaction == nil {
		return nil
	}
	r, t := kmsg.NewPtrAddPartitionsToTxnRequest(), kmsg.NewAddPartitionsToTxnRequestTopic()
	r.TransactionalID, r.ProducerID, r.ProducerEpoch, t.Topic = w.o.Transaction.ID, w.producer.ID, w.producer.Epoch, w.o.Topic
	for _, b := range batches {
		if !b.added {
			t.Partitions = append(t.Partitions, b.partition)
		}
	}
	if len(t.Partitions) == 0 {
		return nil
	}
	r.Topics = append(r.Topics, t)
	err := retrying(w.work, func() error {
		answer, err := r.RequestWith(w.work, w.c)
		if err != nil {
			return err
		}
		for _, t := range answer.Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fatalError{fmt.Errorf("adding partitions to transaction %s: %w", w.o.Transaction.ID, err)}
	}
	for _, b := range batches {
		b.added = true
	}
	return nil
}

// fatalError is one that no new leader mends.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func (w *Writer) request(batches []partitionBatch) *kmsg.ProduceRequest {
	r, t := kmsg.NewPtrProduceRequest(), kmsg.NewProduceRequestTopic()
	r.Acks, r.TimeoutMillis = -1, 10_000
	if w.o.Transaction != nil {
		r.TransactionID = &w.o.Transaction.ID
	}
	t.Topic, t.TopicID = w.o.Topic, w.o.ID
	for _, b := range batches {
		p := kmsg.NewProduceRequestTopicPartition()
		p.Partition, p.Records = b.partition, b.sending.data
		t.Partitions = append(t.Partitions, p)
	}
	r.Topics = append(r.Topics, t)
	return r
}

// judge judges an answer. Who did not get one may have been heard: the batch goes again
// under its sequence, and the broker knows it.
func (w *Writer) judge(batches []partitionBatch, answer kmsg.Response, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	codes := map[int32]error{}
	if r, ok := answer.(*kmsg.ProduceResponse); ok && err == nil {
		for _, t := range r.Topics {
			for _, p := range t.Partitions {
				codes[p.Partition] = outcome(kerr.ErrorForCode(p.ErrorCode), p.ErrorMessage)
			}
		}
	}
	for _, b := range batches {
		b.asked = false
		got, answered := codes[b.partition]
		switch {
		case answered && got == nil:
			w.buffered -= b.sending.bytes
			if !b.sending.again { // what a request still holds that was given up stays as it is
				w.recycle(b.sending.data)
			}
			b.sending, b.failing = nil, time.Time{}
		case answered && !retriable(got):
			w.fail(fmt.Errorf("partition %d: %w", b.partition, recordFault(got)))
		default:
			w.postpone(b.partitionQueue)
		}
	}
	if f, ok := errors.AsType[fatalError](err); ok && w.work.Err() == nil {
		w.fail(f)
	}
	w.changed.Broadcast()
}

// outcome: a batch that the broker has already is a success.
func outcome(err error, text *string) error {
	if err == nil || errors.Is(err, kerr.DuplicateSequenceNumber) {
		return nil
	}
	if text != nil {
		return fmt.Errorf("%w: %s", err, *text)
	}
	return err
}

// retriable tells refusals that pass.
func retriable(err error) bool {
	return kerr.IsRetriable(err) && !errors.Is(err, kerr.CorruptMessage) || errors.Is(err, kerr.ConcurrentTransactions)
}

// postpone has a partition's batch sent again, by whoever leads it then.
func (w *Writer) postpone(p *partitionQueue) {
	p.leader, p.sending.again = noLeader, true
	if p.failing.IsZero() {
		p.failing = time.Now()
	}
	w.reroute()
}

// recordFault words what lies in the records: they would be refused again, however often.
func recordFault(err error) error {
	switch {
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return sqlerr.New(sqlerr.ProgramLimit, "records are larger than the topic takes: %v", err).WithCause(err).
			WithHint("Raise the topic's max.message.bytes, or lower \"transwarp.producer.batch.size\" if no single record is so large.")
	case errors.Is(err, kerr.InvalidRecord):
		return sqlerr.New(sqlerr.InvalidParameter, "the topic does not take such records: %v", err).WithCause(err).
			WithHint("A topic with cleanup.policy=compact takes records with a key: declare a PRIMARY KEY, or change the topic.")
	}
	return err
}
