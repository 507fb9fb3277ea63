package kafkaio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/conf/faultinject"
	"slipway/executor"
	"slipway/kafkaio/client"
	"slipway/sql/sqlerr"
)

// committer settles the transactions of one sink.
type committer struct {
	k       *Connector
	options *conf.Values
	prefix  string // of all ids of the job's sink
	name    string
	lazy    bool // only what a checkpoint names, nothing is looked for
	admin   *client.Client
	mu      struct {
		sync.Mutex
		done map[client.Transaction]bool // settled by this process
	}
}

var (
	beforeEnd   = faultinject.CrashPoint("checkpoint-recorded-not-committed")
	betweenEnds = faultinject.CrashPoint("one-transaction-committed-others-not")
	afterEnd    = faultinject.CrashPoint("transactions-committed-not-confirmed")
	inRecovery  = faultinject.CrashPoint("recovery-committed-not-aborted")
)

func newCommitter(k *Connector, o *conf.Values, name, jobID, operator string) *committer {
	c := &committer{k: k, options: o, prefix: idPrefix(jobID) + operator, name: name}
	c.mu.done = map[client.Transaction]bool{}
	return c
}

// connect makes the client that ends transactions, once.
func (c *committer) connect(ctx context.Context) error {
	if c.admin != nil {
		return nil
	}
	probe, err := c.k.connect(ctx, c.options)
	if err != nil {
		return err
	}
	defer probe.Close()
	own, err := client.TransactionClientOptions(ctx, probe)
	if err != nil {
		return err
	}
	options, err := c.k.options(c.options, own...)
	if err != nil {
		return err
	}
	c.admin, err = client.New(options...)
	return err
}

// Recover implements executor.Committer.
func (c *committer) Recover(ctx context.Context, list [][]byte) error {
	if err := c.Commit(ctx, list); err != nil {
		return err
	}
	inRecovery.Here()
	if c.lazy {
		return nil
	}
	_, err := c.abortOpen(ctx)
	return err
}

// abortOpen aborts what the sink's former tasks left open.
func (c *committer) abortOpen(ctx context.Context) (n int, err error) {
	if err := c.connect(ctx); err != nil {
		return 0, err
	}
	all, err := client.Transactions(ctx, c.admin, c.prefix)
	if err != nil {
		return 0, err
	}
	for _, t := range all {
		if !t.Open() {
			continue
		}
		if err := client.Fence(ctx, c.admin, t.ID); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Commit implements executor.Committer: each task's transactions in their order, tasks
// side by side.
func (c *committer) Commit(ctx context.Context, list [][]byte) error {
	byTask, n, err := c.pending(list)
	if err != nil || n == 0 {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	beforeEnd.Here()
	ends := make([]error, len(byTask))
	var all sync.WaitGroup
	for i, handles := range byTask {
		all.Go(func() { ends[i] = c.inOrder(ctx, handles) }) // waited for below
	}
	all.Wait()
	if err := c.verdict(ends); err != nil {
		return err
	}
	afterEnd.Here()
	return nil
}

// pending reads the handles that are not settled yet. What a list names no more is forgotten:
// a later list does not name it either.
func (c *committer) pending(list [][]byte) (byTask [][]handle, n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	still := map[client.Transaction]bool{}
	for _, b := range list {
		var named, open []handle
		if len(b) == 0 { // of a sink that promised less
			continue
		}
		if err := json.Unmarshal(b, &named); err != nil {
			return nil, 0, fmt.Errorf("reading the transactions of sink %s: %w: %w", c.name, err, checkpoint.ErrCorrupt)
		}
		for _, h := range named {
			if c.mu.done[h.Transaction] {
				still[h.Transaction] = true
			} else {
				open = append(open, h)
			}
		}
		if n += len(open); len(open) > 0 {
			byTask = append(byTask, open)
		}
	}
	c.mu.done = still
	return byTask, n, nil
}

func (c *committer) inOrder(ctx context.Context, handles []handle) error {
	for _, h := range handles {
		if err := c.commit(ctx, h); err != nil {
			return err
		}
		c.mu.Lock()
		c.mu.done[h.Transaction] = true
		c.mu.Unlock()
		betweenEnds.Here()
	}
	return nil
}

// commit commits one transaction, or finds the proof that it has been.
func (c *committer) commit(ctx context.Context, h handle) error {
	err := client.End(ctx, c.admin, h.Transaction, true)
	if !errors.Is(err, client.ErrUndecided) {
		return err
	}
	last, perr := client.Proof(ctx, c.admin, h.Group, h.Topic)
	if perr != nil {
		return perr
	}
	if h.Proof.covers(last) {
		return nil
	}
	return fmt.Errorf("transaction %s of %s (last proof %q): %w: %w", h.ID, h.Proof, last, executor.ErrAborted, err)
}

// verdict: where some tasks' rows are visible and others' are lost, neither going on
// nor going back would be right, and a person has to choose.
func (c *committer) verdict(ends []error) error {
	lost, fine := 0, 0
	for _, err := range ends {
		switch {
		case err == nil:
			fine++
		case errors.Is(err, executor.ErrAborted):
			lost++
		default:
			return fmt.Errorf("sink %s: %w", c.name, err)
		}
	}
	switch {
	case lost == 0:
		return nil
	case fine == 0:
		return fmt.Errorf("sink %s: %w", c.name, errors.Join(ends...))
	}
	return executor.Permanent(partlyLost(c.name, lost, len(ends), errors.Join(ends...)))
}

// Transactions implements executor.Committer.
func (c *committer) Transactions(ctx context.Context, list [][]byte) ([]executor.Transaction, error) {
	if c.lazy {
		return nil, nil
	}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	named, err := c.named(list)
	if err != nil {
		return nil, err
	}
	all, err := client.Transactions(ctx, c.admin, c.prefix)
	if err != nil {
		return nil, err
	}
	var out []executor.Transaction
	for _, t := range all {
		out = append(out, executor.Transaction{
			ID: t.ID, State: t.State, Open: t.Open(), Topics: t.Topics,
			Age: t.Age, Timeout: t.Timeout, Checkpoint: named[t.Transaction],
		})
	}
	return out, nil
}

// Leave implements executor.Committer.
func (c *committer) Leave(ctx context.Context, claim int64, list [][]byte) error {
	if c.lazy {
		return nil
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	named, err := c.named(list)
	if err != nil {
		return err
	}
	all, err := client.Transactions(ctx, c.admin, fmt.Sprintf("%s-e%d-", c.prefix, claim))
	if err != nil {
		return err
	}
	for _, t := range all {
		if _, recorded := named[t.Transaction]; !t.Open() || recorded {
			continue
		}
		if err := client.Fence(ctx, c.admin, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// named gives the checkpoint that names each transaction.
func (c *committer) named(list [][]byte) (map[client.Transaction]checkpoint.ID, error) {
	byTask, _, err := c.pending(list)
	out := map[client.Transaction]checkpoint.ID{}
	for _, handles := range byTask {
		for _, h := range handles {
			out[h.Transaction] = h.Proof.Checkpoint
		}
	}
	return out, err
}

// Resolve implements executor.Committer.
func (c *committer) Resolve(ctx context.Context, list [][]byte, commit bool) (ended int, err error) {
	if c.lazy {
		return 0, nil
	}
	if commit {
		_, ended, err = c.pending(list)
		if err == nil {
			err = c.Commit(ctx, list)
		}
		if err != nil {
			return 0, err
		}
	}
	aborted, err := c.abortOpen(ctx)
	return ended + aborted, err
}

func partlyLost(sink string, lost, of int, cause error) error {
	return sqlerr.New(sqlerr.DataCorrupted,
		"sink %s: of the newest checkpoint the rows of %d in %d tasks are lost, those of the others are there: %v", sink, lost, of, cause,
	).WithCause(cause).WithHint("The brokers aborted transactions that were open for too long. " +
		"START STREAMJOB … FROM CHECKPOINT with the number before it repeats the rows that are there; nothing is lost then.")
}

// Purge implements executor.Committer: the groups that hold proofs go with the job.
func (c *committer) Purge(ctx context.Context) error {
	if c.lazy {
		return nil
	}
	groups, err := client.Groups(ctx, c.admin, c.prefix)
	if err != nil {
		return err
	}
	return client.DeleteGroups(ctx, c.admin, groups...)
}

// Close implements executor.Committer.
func (c *committer) Close() error {
	if c.admin != nil {
		c.admin.Close()
	}
	return nil
}
