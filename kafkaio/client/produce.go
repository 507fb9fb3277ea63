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
			w.partitions = append(w.partitions, &outgoing{leader: nobody, failing: time.Now()})
		}
		p := w.partitions[m.Partition]
		if m.ErrorCode == 0 && m.Leader >= 0 && p.leader == nobody {
			p.leader = m.Leader
			w.send(m.Leader)
		}
	}
	for n, p := range w.partitions {
		if p.leader == nobody {
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
func (p *outgoing) waits() bool { return p.sending != nil || len(p.full) > 0 || p.open.Count() > 0 }

// send starts a sender for a leader that has none; mu is held.
func (w *Writer) send(broker int32) {
	if !w.senders[broker] && !w.stopped {
		w.senders[broker] = true
		w.idle.Go(func() { w.sender(broker) }) // ends when the Writer is stopped, or fails
	}
}

// lot is what one request brings to a partition.
type lot struct {
	partition int32
	*outgoing
	filled *filled // what is to be sealed; nil: sending is sent again
}

// sender brings one leader what is its, again and again.
func (w *Writer) sender(broker int32) {
	for {
		lots := w.pick(broker)
		if lots == nil {
			return
		}
		for _, l := range lots {
			w.seal(l)
		}
		err := w.enlist(lots)
		var answer kmsg.Response
		if err == nil {
			answer, err = w.c.Broker(int(broker)).Request(w.work, w.request(lots))
		}
		w.settle(lots, answer, err)
	}
}

// pick waits for something to bring; nil when there will be nothing.
func (w *Writer) pick(broker int32) (lots []lot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.stopped {
		for n, p := range w.partitions {
			if p.leader != broker || p.asked {
				continue
			}
			if l := (lot{partition: int32(n), outgoing: p}); p.sending != nil || w.next(&l) {
				p.asked = true
				lots = append(lots, l)
			}
		}
		if lots != nil {
			return lots
		}
		w.changed.Wait()
	}
	return nil
}

// next takes the oldest batch of a partition.
func (w *Writer) next(l *lot) bool {
	p := l.outgoing
	if len(p.full) > 0 {
		l.filled, p.full = &p.full[0], p.full[1:]
		return true
	}
	if p.open.Count() == 0 || w.o.Hold && w.flushing == 0 {
		return false
	}
	open := p.open
	l.filled, p.open = &open, filled{}
	return true
}

// seal makes what brokers will know the batch by; nobody else has it now.
func (w *Writer) seal(l lot) {
	if l.filled == nil {
		return
	}
	count := l.filled.Count()
	s := &sealed{data: l.filled.Seal(w.producer, l.sequence, w.compress), bytes: l.filled.bytes}
	w.mu.Lock()
	defer w.mu.Unlock()
	l.sending, l.sequence = s, records.Next(l.sequence, count)
}

// enlist adds to the transaction the partitions that it does not have. Brokers of protocol 2
// do it by themselves; asking costs little and is right for both.
func (w *Writer) enlist(lots []lot) error {
	if w.o.Transaction == nil {
		return nil
	}
	r, t := kmsg.NewPtrAddPartitionsToTxnRequest(), kmsg.NewAddPartitionsToTxnRequestTopic()
	r.TransactionalID, r.ProducerID, r.ProducerEpoch, t.Topic = w.o.Transaction.ID, w.producer.ID, w.producer.Epoch, w.o.Topic
	for _, l := range lots {
		if !l.added {
			t.Partitions = append(t.Partitions, l.partition)
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
	for _, l := range lots {
		l.added = true
	}
	return nil
}

// fatalError is one that no new leader mends.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func (w *Writer) request(lots []lot) *kmsg.ProduceRequest {
	r, t := kmsg.NewPtrProduceRequest(), kmsg.NewProduceRequestTopic()
	r.Acks, r.TimeoutMillis = -1, 10_000
	if w.o.Transaction != nil {
		r.TransactionID = &w.o.Transaction.ID
	}
	t.Topic, t.TopicID = w.o.Topic, w.o.ID
	for _, l := range lots {
		p := kmsg.NewProduceRequestTopicPartition()
		p.Partition, p.Records = l.partition, l.sending.data
		t.Partitions = append(t.Partitions, p)
	}
	r.Topics = append(r.Topics, t)
	return r
}

// settle judges an answer. Who did not get one may have been heard: the batch goes again
// under its sequence, and the broker knows it.
func (w *Writer) settle(lots []lot, answer kmsg.Response, err error) {
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
	for _, l := range lots {
		l.asked = false
		got, answered := codes[l.partition]
		switch {
		case answered && got == nil:
			w.buffered -= l.sending.bytes
			if !l.sending.again { // what a request still holds that was given up stays as it is
				w.recycle(l.sending.data)
			}
			l.sending, l.failing = nil, time.Time{}
		case answered && !again(got):
			w.fail(fmt.Errorf("partition %d: %w", l.partition, blamed(got)))
		default:
			w.postpone(l.outgoing)
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

// again tells refusals that pass.
func again(err error) bool {
	return kerr.IsRetriable(err) && !errors.Is(err, kerr.CorruptMessage) || errors.Is(err, kerr.ConcurrentTransactions)
}

// postpone has a partition's batch sent again, by whoever leads it then.
func (w *Writer) postpone(p *outgoing) {
	p.leader, p.sending.again = nobody, true
	if p.failing.IsZero() {
		p.failing = time.Now()
	}
	w.reroute()
}

// blamed words what lies in the records: they would be refused again, however often.
func blamed(err error) error {
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
