package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Transaction names one transaction of one producer. It is all that another process
// needs to commit it: a transactional id, and the producer id and epoch that the id had
// when the transaction began. Every transaction has an epoch of its own.
type Transaction struct {
	ID    string `json:"id"`
	PID   int64  `json:"pid"`
	Epoch int16  `json:"epoch"`
}

// Transactional gives the options of a producer for one transaction.
func Transactional(id string, timeout time.Duration) []Opt {
	return []Opt{kgo.TransactionalID(id), kgo.TransactionTimeout(timeout)}
}

// Begin opens a transaction: what the id had open before is aborted by it, and who
// used the id before is fenced.
func Begin(ctx context.Context, c *Client, id string) (Transaction, error) {
	if err := c.BeginTransaction(); err != nil {
		return Transaction{}, err
	}
	pid, epoch, err := c.ProducerID(ctx)
	return Transaction{ID: id, PID: pid, Epoch: epoch}, err
}

// proofPartition is the partition of the sink's topic under which proofs stand.
const proofPartition = 0

// Prove adds a proof to a transaction: an offset in a group of its own, which is read
// exactly if the transaction has been committed.
func Prove(ctx context.Context, c *Client, t Transaction, group, topic string, topicID [16]byte, proof string) error {
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = t.ID, t.PID, t.Epoch, group
	err := retrying(ctx, func() error {
		r, err := add.RequestWith(ctx, c)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(r.ErrorCode)
	})
	if err != nil {
		return fmt.Errorf("adding the proof's group to transaction %s: %w", t.ID, err)
	}
	commit := kmsg.NewPtrTxnOffsetCommitRequest()
	commit.TransactionalID, commit.ProducerID, commit.ProducerEpoch, commit.Group, commit.Generation = t.ID, t.PID, t.Epoch, group, -1
	p := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	p.Partition, p.Offset, p.Metadata = proofPartition, 0, &proof
	commit.Topics = []kmsg.TxnOffsetCommitRequestTopic{{Topic: topic, TopicID: topicID, Partitions: []kmsg.TxnOffsetCommitRequestTopicPartition{p}}}
	err = retrying(ctx, func() error {
		r, err := commit.RequestWith(ctx, c)
		if err != nil {
			return err
		}
		for _, topic := range r.Topics {
			for _, p := range topic.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the proof of transaction %s: %w", t.ID, err)
	}
	return nil
}

// Proof reads what the last committed transaction proved; empty if there is none.
func Proof(ctx context.Context, c *Client, group, topic string) (string, error) {
	list, err := kadm.NewClient(c).FetchOffsetsForTopics(kadm.RequireStable(ctx), group, topic)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the proof of group %s: %w", group, err)
	}
	o, ok := list.Lookup(topic, proofPartition)
	if !ok || o.At < 0 {
		return "", nil
	}
	return o.Metadata, o.Err
}

// ErrUndecided: the coordinator no longer knows the transaction as one that can be
// ended this way: it was ended before, by whomever. Its proof tells how.
var ErrUndecided = errors.New("kafka: the transaction is no longer open")

// End commits or aborts a transaction and waits until that is visible. The first
// success only means decided, the second that the markers are written. It repeats
// until it knows, or ctx ends.
func End(ctx context.Context, c *Client, t Transaction, commit bool) error {
	r := kmsg.NewPtrEndTxnRequest()
	r.TransactionalID, r.ProducerID, r.ProducerEpoch, r.Commit = t.ID, t.PID, t.Epoch, commit
	for range 2 {
		err := retrying(ctx, func() error {
			answer, err := r.RequestWith(ctx, c)
			if err != nil {
				return err
			}
			return kerr.ErrorForCode(answer.ErrorCode)
		})
		switch {
		case errors.Is(err, kerr.InvalidTxnState), errors.Is(err, kerr.ProducerFenced), errors.Is(err, kerr.InvalidProducerEpoch),
			errors.Is(err, kerr.InvalidProducerIDMapping), errors.Is(err, kerr.TransactionalIDNotFound):
			return fmt.Errorf("transaction %s: %w: %w", t.ID, ErrUndecided, err)
		case err != nil:
			return fmt.Errorf("ending transaction %s: %w", t.ID, err)
		}
	}
	return nil
}

// Fence aborts what an id has open and shuts out its producer.
func Fence(ctx context.Context, c *Client, id string) error {
	r := kmsg.NewPtrInitProducerIDRequest()
	r.TransactionalID, r.TransactionTimeoutMillis, r.ProducerID, r.ProducerEpoch = &id, 60_000, -1, -1
	err := retrying(ctx, func() error {
		answer, err := r.RequestWith(ctx, c)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(answer.ErrorCode)
	})
	if err != nil {
		return fmt.Errorf("aborting transaction %s: %w", id, err)
	}
	return nil
}

// retrying repeats what the broker cannot answer yet, and what did not reach it, until
// ctx ends.
func retrying(ctx context.Context, f func() error) error {
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := f()
		if err == nil || !passing(err) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// passing tells answers after which the same question may be asked again. What is no
// answer of Kafka's is one of the network's.
func passing(err error) bool {
	if _, ok := errors.AsType[*kerr.Error](err); ok {
		return errors.Is(err, kerr.ConcurrentTransactions) || kerr.IsRetriable(err)
	}
	return !errors.Is(err, kgo.ErrClientClosed) && !errors.Is(err, context.Canceled)
}

// Listed is a transactional id that the brokers know.
type Listed struct {
	Transaction
	State   string        // Ongoing, PrepareCommit, CompleteCommit, …
	Topics  []string      // written to
	Age     time.Duration // of an open one
	Timeout time.Duration
}

// Open tells that readers of committed records wait for the transaction's end.
func (l Listed) Open() bool { return l.State == "Ongoing" || strings.HasPrefix(l.State, "Prepare") }

// Transactions lists the ids that begin with a prefix.
func Transactions(ctx context.Context, c *Client, prefix string) ([]Listed, error) {
	adm := kadm.NewClient(c)
	all, err := adm.ListTransactions(ctx, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("listing transactions: %w", err)
	}
	var ids []string
	for id := range all {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	described, err := adm.DescribeTransactions(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("describing transactions: %w", err)
	}
	var out []Listed
	for _, d := range described {
		l := Listed{
			Transaction: Transaction{d.TxnID, d.ProducerID, d.ProducerEpoch},
			State:       d.State,
			Topics:      d.Topics.Topics(),
			Timeout:     time.Duration(d.TimeoutMillis) * time.Millisecond,
		}
		if d.StartTimestamp > 0 {
			l.Age = time.Since(time.UnixMilli(d.StartTimestamp))
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Listed) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// MaxTransactionTimeout is the brokers' transaction.max.timeout.ms, the least of all.
func MaxTransactionTimeout(ctx context.Context, c *Client) (time.Duration, error) {
	adm := kadm.NewClient(c)
	brokers, err := adm.ListBrokers(ctx)
	if err != nil {
		return 0, unreachable(c, err)
	}
	list, err := adm.DescribeBrokerConfigs(ctx, brokers.NodeIDs()...)
	if err != nil {
		return 0, fmt.Errorf("reading the brokers' configuration: %w", err)
	}
	least := 15 * time.Minute // Kafka's own default
	for i, r := range list {
		for _, k := range r.Configs {
			if n, err := strconv.ParseInt(k.MaybeValue(), 10, 64); k.Key == "transaction.max.timeout.ms" && err == nil {
				if d := time.Duration(n) * time.Millisecond; i == 0 || d < least {
					least = d
				}
			}
		}
	}
	return least, nil
}

// TransactionClientOptions gives the options of a client that ends transactions. Where the cluster's
// transaction.version is below 2, a broker that could would yet take EndTxn's newer
// form, and bump an epoch that nobody hears of: it is asked in the older one.
func TransactionClientOptions(ctx context.Context, c *Client) ([]Opt, error) {
	r, err := kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, c)
	if err != nil {
		return nil, unreachable(c, err)
	}
	for _, f := range r.FinalizedFeatures {
		if f.Name == "transaction.version" && f.MaxVersionLevel >= 2 {
			return nil, nil
		}
	}
	v := kversion.Tip()
	v.SetMaxKeyVersion(kmsg.EndTxn.Int16(), 4)
	return []Opt{kgo.MaxVersions(v)}, nil
}

// Groups lists the consumer groups that begin with a prefix.
func Groups(ctx context.Context, c *Client, prefix string) ([]string, error) {
	list, err := kadm.NewClient(c).ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing groups: %w", err)
	}
	return slices.DeleteFunc(list.Groups(), func(g string) bool { return !strings.HasPrefix(g, prefix) }), nil
}

// DeleteGroups removes consumer groups; one that is not there is gone already.
func DeleteGroups(ctx context.Context, c *Client, groups ...string) error {
	if len(groups) == 0 {
		return nil
	}
	list, err := kadm.NewClient(c).DeleteGroups(ctx, groups...)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Err != nil && !errors.Is(r.Err, kerr.GroupIDNotFound) {
			return fmt.Errorf("removing group %s: %w", r.Group, r.Err)
		}
	}
	return nil
}
