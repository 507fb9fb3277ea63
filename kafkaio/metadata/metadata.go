// Package metadata is the checkpoint backend `kafka`: task state and checkpoint records
// in two compacted topics, and nothing else outside.
//
//	<prefix>_state     the bytes of state files, in chunks; keys <file>#<number>
//	<prefix>_metadata  one partition; keys:
//	    file/<file>              where a whole file's chunks stand
//	    claim/<job>              the epoch of the last claim
//	    manifest/<job>/<id>/<n>  a completed checkpoint, in parts
//
// A file is there when its record is there. A checkpoint is completed when the
// transaction that holds its manifest is committed: the commit point. The transactional
// id belongs to the job, so a new claim shuts the former claimant out in the same act.
// What is removed becomes tombstones, and compaction drops it.
package metadata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/kafkaio/client"
)

// Options say where the topics are.
type Options struct {
	// Kafka gives the options of every client; it is asked when the store connects.
	Kafka func() ([]client.Opt, error)
	// Prefix of the two topics' names: one per cluster of servers.
	Prefix string
	// StatePartitions of the state topic when it is made.
	StatePartitions int
}

// Store is both halves of the backend. It connects at its first use, so that a server
// none of whose jobs keeps its checkpoints in Kafka makes no topics.
type Store struct {
	options Options
	mu      sync.Mutex // guards what follows
	kafka   []client.Opt
	table   *client.Compacted
	chunks  *client.Client
	parts   int32 // partitions of the state topic
}

// New makes a store; it does not connect.
func New(o Options) *Store { return &Store{options: o} }

func (s *Store) stateTopic() string    { return s.options.Prefix + "_state" }
func (s *Store) metadataTopic() string { return s.options.Prefix + "_metadata" }

// open connects once.
func (s *Store) open(ctx context.Context) (*client.Compacted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table != nil {
		return s.table, nil
	}
	var err error
	if s.kafka, err = s.options.Kafka(); err != nil {
		return nil, err
	}
	admin, err := client.New(s.kafka...)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	if err := client.EnsureCompacted(ctx, admin, s.metadataTopic(), 1); err != nil {
		return nil, err
	}
	if err := client.EnsureCompacted(ctx, admin, s.stateTopic(), max(1, s.options.StatePartitions)); err != nil {
		return nil, err
	}
	if _, err := known(ctx, admin, s.metadataTopic()); err != nil {
		return nil, err
	}
	state, err := known(ctx, admin, s.stateTopic())
	if err != nil {
		return nil, err
	}
	if s.chunks, err = client.ChunkProducer(s.kafka); err != nil {
		return nil, err
	}
	options, err := client.TransactionClientOptions(ctx, admin)
	if err != nil {
		return nil, err
	}
	table, err := client.OpenCompacted(s.metadataTopic(), append(slices.Clone(s.kafka), options...))
	if err != nil {
		return nil, err
	}
	s.table, s.parts = table, int32(state.Partitions)
	return table, nil
}

// clientOptions are those that the store has connected with.
func (s *Store) clientOptions() []client.Opt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kafka
}

// Given are options that need nothing to be made.
func Given(options ...client.Opt) func() ([]client.Opt, error) {
	return func() ([]client.Opt, error) { return options, nil }
}

// newsPatience bounds the wait for a topic that was just made to be known to the brokers.
const newsPatience = 10 * time.Second

// known describes a topic that is there, or will be in a moment.
func known(ctx context.Context, c *client.Client, topic string) (client.Topic, error) {
	for deadline := time.Now().Add(newsPatience); ; {
		t, err := client.Describe(ctx, c, topic)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return t, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// fresh is the table as it is now.
func (s *Store) fresh(ctx context.Context) (*client.Compacted, error) {
	table, err := s.open(ctx)
	if err == nil {
		err = table.Refresh(ctx)
	}
	return table, err
}

// Close ends the connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table != nil {
		s.table.Close()
		s.chunks.Close()
	}
	return nil
}

// recordFormat is the version of the records under file/ and of a manifest's head; a claim is
// a number.
const recordFormat = 1

// Keys of the table. Names of jobs are ids without slashes.
const (
	filePrefix     = "file/"
	claimPrefix    = "claim/"
	manifestPrefix = "manifest/"
)

func manifestKey(job string, id checkpoint.ID) string {
	return fmt.Sprintf("%s%s/%019d/", manifestPrefix, job, id)
}

// partBytes is a manifest's share of one record: below the brokers' limit of 1 MiB.
const partBytes = 700 << 10

// Metadata is the checkpoint.MetadataStore.
func (s *Store) Metadata() checkpoint.MetadataStore { return metadataStore{s} }

type metadataStore struct{ s *Store }

// claimID is the transactional id of a job's claimants.
func (s *Store) claimID(job string) string { return s.metadataTopic() + "-" + job }

// claims is how often a claim is tried: what became of its own first write may be unknown,
// and then it is made again, which whoever claims last may do.
const claims = 3

// Claim implements checkpoint.MetadataStore.
func (m metadataStore) Claim(ctx context.Context, job string) (c checkpoint.CompletedStore, err error) {
	for range claims {
		c, err = m.claim(ctx, job)
		if !errors.Is(err, checkpoint.ErrFenced) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("claiming the checkpoints of job %s: %w", job, err)
	}
	return c, nil
}

func (m metadataStore) claim(ctx context.Context, job string) (checkpoint.CompletedStore, error) {
	table, err := m.s.open(ctx)
	if err != nil {
		return nil, err
	}
	writer, err := table.Claim(ctx, m.s.claimID(job)) // ends what the former claimant had open
	if err != nil {
		return nil, err
	}
	c := &completed{s: m.s, table: table, writer: writer, job: job}
	if err := c.takeEpoch(ctx); err != nil {
		writer.Close()
		return nil, err
	}
	return c, nil
}

// Peek implements checkpoint.MetadataStore.
func (m metadataStore) Peek(ctx context.Context, job string) ([]*checkpoint.Manifest, error) {
	table, err := m.s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var out []*checkpoint.Manifest
	for _, e := range entries(table, job) {
		if e.Manifest != nil {
			out = append(out, e.Manifest)
		}
	}
	return out, nil
}

// Drop implements checkpoint.MetadataStore: it claims first, which shuts the owner out.
func (m metadataStore) Drop(ctx context.Context, job string) error {
	table, err := m.s.open(ctx)
	if err != nil {
		return err
	}
	writer, err := table.Claim(ctx, m.s.claimID(job))
	if err != nil {
		return fmt.Errorf("dropping the checkpoint records of job %s: %w", job, err)
	}
	defer writer.Close()
	if err := table.Refresh(ctx); err != nil {
		return err
	}
	gone := map[string][]byte{}
	for k := range table.Below(manifestPrefix + job + "/") {
		gone[k] = nil
	}
	if _, ok := table.Get(claimPrefix + job); ok {
		gone[claimPrefix+job] = nil
	}
	if len(gone) == 0 {
		return nil
	}
	return writer.Put(ctx, gone)
}

// completed is one claim.
type completed struct {
	s      *Store
	table  *client.Compacted
	writer *client.Claimed
	job    string
	epoch  int64
}

func (c *completed) takeEpoch(ctx context.Context) error {
	if err := c.table.Refresh(ctx); err != nil {
		return err
	}
	if v, ok := c.table.Get(claimPrefix + c.job); ok {
		last, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return fmt.Errorf("the claim's record %q: %w", v, checkpoint.ErrCorrupt)
		}
		c.epoch = last
	}
	c.epoch++
	return c.put(ctx, map[string][]byte{claimPrefix + c.job: strconv.AppendInt(nil, c.epoch, 10)})
}

// put writes under the claim.
func (c *completed) put(ctx context.Context, pairs map[string][]byte) error {
	err := c.writer.Put(ctx, pairs)
	if errors.Is(err, client.ErrFenced) {
		return fmt.Errorf("%w: %w", checkpoint.ErrFenced, err)
	}
	return err
}

// Epoch implements checkpoint.CompletedStore.
func (c *completed) Epoch() int64 { return c.epoch }

// Close implements checkpoint.CompletedStore.
func (c *completed) Close() error {
	c.writer.Close()
	return nil
}

// List implements checkpoint.CompletedStore.
func (c *completed) List(ctx context.Context) ([]checkpoint.Entry, error) {
	if err := c.table.Refresh(ctx); err != nil {
		return nil, err
	}
	return entries(c.table, c.job), nil
}

// header stands before the first part of a manifest.
type header struct {
	Format int    `json:"format"`
	Parts  int    `json:"parts"`
	CRC    uint32 `json:"crc"`
}

// entries reads a job's manifests, newest first.
func entries(table *client.Compacted, job string) (out []checkpoint.Entry) {
	prefix := manifestPrefix + job + "/"
	byID := map[string]map[string][]byte{}
	for k, v := range table.Below(prefix) {
		id, part, _ := strings.Cut(strings.TrimPrefix(k, prefix), "/")
		if byID[id] == nil {
			byID[id] = map[string][]byte{}
		}
		byID[id][part] = v
	}
	for _, text := range slices.Backward(slices.Sorted(maps.Keys(byID))) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue // not ours
		}
		e := checkpoint.Entry{ID: checkpoint.ID(id)}
		e.Manifest, e.Damaged = join(byID[text])
		out = append(out, e)
	}
	return out
}

func join(parts map[string][]byte) (*checkpoint.Manifest, error) {
	var h header
	if err := json.Unmarshal(parts["head"], &h); err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", err, checkpoint.ErrCorrupt)
	}
	if err := checkpoint.CheckFormat("the record of a manifest", h.Format, recordFormat); err != nil {
		return nil, err
	}
	var body []byte
	for n := range h.Parts {
		p, ok := parts[partName(n)]
		if !ok {
			return nil, fmt.Errorf("manifest: part %d of %d is missing: %w", n, h.Parts, checkpoint.ErrCorrupt)
		}
		body = append(body, p...)
	}
	if checkpoint.Checksum(body) != h.CRC {
		return nil, fmt.Errorf("manifest: checksum differs: %w", checkpoint.ErrCorrupt)
	}
	return checkpoint.Decode(body)
}

func partName(n int) string { return fmt.Sprintf("%06d", n) }

// Add implements checkpoint.CompletedStore.
func (c *completed) Add(ctx context.Context, m *checkpoint.Manifest, displaced ...checkpoint.ID) error {
	body, err := checkpoint.Encode(m)
	if err != nil {
		return err
	}
	pairs, err := c.tombstones(ctx, displaced)
	if err != nil {
		return err
	}
	key, h := manifestKey(c.job, m.Checkpoint), header{Format: recordFormat, CRC: checkpoint.Checksum(body)}
	for part := range slices.Chunk(body, partBytes) {
		pairs[key+partName(h.Parts)] = part
		h.Parts++
	}
	if pairs[key+"head"], err = json.Marshal(h); err != nil {
		return err
	}
	return c.put(ctx, pairs)
}

// Remove implements checkpoint.CompletedStore. Also where there is nothing to remove the
// claim is tried.
func (c *completed) Remove(ctx context.Context, ids ...checkpoint.ID) error {
	gone, err := c.tombstones(ctx, ids)
	if err != nil {
		return err
	}
	gone[claimPrefix+c.job] = strconv.AppendInt(nil, c.epoch, 10)
	return c.put(ctx, gone)
}

// tombstones is what forgets checkpoints: an empty record for each of their keys.
func (c *completed) tombstones(ctx context.Context, ids []checkpoint.ID) (map[string][]byte, error) {
	gone := map[string][]byte{}
	if len(ids) == 0 {
		return gone, nil
	}
	if err := c.table.Refresh(ctx); err != nil {
		return nil, err
	}
	for _, id := range ids {
		for k := range c.table.Below(manifestKey(c.job, id)) {
			gone[k] = nil
		}
	}
	return gone, nil
}
