package zookeeper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/go-zookeeper/zk"

	"slipway/checkpoint"
)

// Metadata is the checkpoint.MetadataStore on ZooKeeper: the manifest is a file of
// the completed-checkpoints storage, the znode a pointer to it of under one
// kilobyte. A pointer is written in one Multi with checks of the claim's epoch and,
// where this server leads, of the leader's.
type Metadata struct {
	conn      *Conn
	manifests checkpoint.Storage
	// leaderVersion is the version of the leader node at this server's election; -1 checks nothing.
	leaderVersion func() int32
}

// NewMetadata keeps manifests in the given storage.
func NewMetadata(c *Conn, manifests checkpoint.Storage, leaderVersion func() int32) *Metadata {
	return &Metadata{conn: c, manifests: manifests, leaderVersion: leaderVersion}
}

// pointerFormat is the version of a pointer.
const pointerFormat = 1

// pointer is the content of a checkpoint's znode.
type pointer struct {
	Format    int             `json:"format"`
	Kind      checkpoint.Kind `json:"kind"`
	Name      string          `json:"name,omitempty"`
	File      string          `json:"file"`
	Length    int64           `json:"length"`
	CRC       uint32          `json:"crc"`
	Completed time.Time       `json:"completed"`
}

// Claim implements checkpoint.MetadataStore.
func (m *Metadata) Claim(ctx context.Context, job string) (checkpoint.CompletedStore, error) {
	p := m.conn.checkpoints(job)
	if err := again(ctx, func() error { return awaitDone(ctx, func() error { return m.conn.makeAll(p) }) }); err != nil {
		return nil, fmt.Errorf("claiming the checkpoints of job %s: %w", job, err)
	}
	for {
		data, stat, found, err := m.conn.get(ctx, p)
		if err != nil || !found {
			return nil, fmt.Errorf("claiming the checkpoints of job %s: found %t: %w", job, found, err)
		}
		epoch, err := parseEpoch(data)
		if err != nil {
			return nil, fmt.Errorf("claiming the checkpoints of job %s: node %s: %w", job, p, err)
		}
		// Another claimant between read and write, or a doubtful write: read again.
		version, err := m.set(ctx, p, strconv.FormatInt(epoch+1, 10), stat.Version)
		switch {
		case err == nil:
			return &completed{m: m, job: job, path: p, epoch: epoch + 1, version: version}, nil
		case errors.Is(err, zk.ErrBadVersion):
		case retryable(err):
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("claiming the checkpoints of job %s: %w", job, err)
		}
	}
}

// parseEpoch reads a claim's node. A fresh one is empty; what else is no number leaves open who
// was shut out, and nobody may guess.
func parseEpoch(data []byte) (int64, error) {
	if len(data) == 0 {
		return 0, nil
	}
	epoch, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil || epoch < 1 {
		return 0, fmt.Errorf("%q is no epoch of a claim: %w", data, checkpoint.ErrCorrupt)
	}
	return epoch, nil
}

// set replaces a node of a known version, if this server leads, and gives the new version.
func (m *Metadata) set(ctx context.Context, p, text string, version int32) (int32, error) {
	ops := []any{&zk.SetDataRequest{Path: p, Data: []byte(text), Version: version}}
	leader := m.leaderVersion()
	if leader >= 0 {
		ops = append(ops, &zk.CheckVersionRequest{Path: m.conn.path("leader"), Version: leader})
	}
	results, err := await(ctx, func() ([]zk.MultiResponse, error) { return m.conn.zk.Multi(ops...) })
	if leader >= 0 && len(results) == 2 && errors.Is(results[1].Error, zk.ErrBadVersion) {
		return 0, ErrNotLeading
	}
	return version + 1, err
}

// Peek implements checkpoint.MetadataStore.
func (m *Metadata) Peek(ctx context.Context, job string) ([]*checkpoint.Manifest, error) {
	entries, err := m.list(ctx, m.conn.checkpoints(job))
	var out []*checkpoint.Manifest
	for _, e := range entries {
		if e.Manifest != nil {
			out = append(out, e.Manifest)
		}
	}
	return out, err
}

// Drop implements checkpoint.MetadataStore: the znodes first, then the manifest
// files. What a crash leaves between the two is swept by the next Drop.
func (m *Metadata) Drop(ctx context.Context, job string) error {
	if err := m.conn.removeTree(ctx, m.conn.checkpoints(job)); err != nil {
		return fmt.Errorf("dropping the checkpoint records of job %s: %w", job, err)
	}
	return m.manifests.RemoveAll(ctx, job+"/completed")
}

func (m *Metadata) list(ctx context.Context, p string) ([]checkpoint.Entry, error) {
	names, err := m.conn.children(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("listing checkpoints: %w", err)
	}
	slices.Sort(names)
	slices.Reverse(names)
	var out []checkpoint.Entry
	for _, name := range names {
		id, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			continue // not ours
		}
		e := checkpoint.Entry{ID: checkpoint.ID(id)}
		e.Manifest, e.Damaged, err = m.read(ctx, path.Join(p, name))
		if err != nil {
			return nil, err
		}
		if e.Manifest != nil || e.Damaged != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// read follows a pointer. Damage is a finding about the record; err is a store that
// cannot be asked now.
func (m *Metadata) read(ctx context.Context, p string) (manifest *checkpoint.Manifest, damage, err error) {
	data, _, found, err := m.conn.get(ctx, p)
	if err != nil || !found {
		return nil, nil, err
	}
	var ptr pointer
	if err := json.Unmarshal(data, &ptr); err != nil {
		return nil, fmt.Errorf("pointer %s: %w: %w", p, err, checkpoint.ErrCorrupt), nil
	}
	if err := checkpoint.CheckFormat("pointer "+p, ptr.Format, pointerFormat); err != nil {
		return nil, nil, err
	}
	body, err := checkpoint.ReadSection(ctx, m.manifests, checkpoint.Section{File: ptr.File, Length: ptr.Length, CRC: ptr.CRC})
	if errors.Is(err, checkpoint.ErrCorrupt) {
		return nil, err, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if manifest, err = checkpoint.Decode(body); err != nil {
		return nil, fmt.Errorf("%s: %w", ptr.File, err), nil
	}
	return manifest, nil, nil
}

// completed is one claim.
type completed struct {
	m       *Metadata
	job     string
	path    string
	epoch   int64
	version int32 // of the claim's node
	tries   int   // makes the file names of repeated Adds differ
}

func (c *completed) Epoch() int64 { return c.epoch }
func (c *completed) Close() error { return nil }

// List implements checkpoint.CompletedStore.
func (c *completed) List(ctx context.Context) ([]checkpoint.Entry, error) {
	return c.m.list(ctx, c.path)
}

func (c *completed) node(id checkpoint.ID) string { return fmt.Sprintf("%s/%019d", c.path, id) }

// Add implements checkpoint.CompletedStore: the file first, then the pointer, which takes
// the place of the displaced ones in one write; last their files.
func (c *completed) Add(ctx context.Context, manifest *checkpoint.Manifest, displaced ...checkpoint.ID) error {
	body, err := checkpoint.Encode(manifest)
	if err != nil {
		return err
	}
	c.tries++
	ptr := pointer{Format: pointerFormat, Kind: manifest.Kind, Name: manifest.Name, Length: int64(len(body)), CRC: checkpoint.Checksum(body), Completed: manifest.Completed,
		File: fmt.Sprintf("%s/completed/%019d-e%d-%d", c.job, manifest.Checkpoint, c.epoch, c.tries)}
	if err := c.writeFile(ctx, ptr.File, body); err != nil {
		return err
	}
	data, err := json.Marshal(ptr)
	if err != nil {
		return err
	}
	files, err := c.writePointer(ctx, manifest.Checkpoint, data, displaced)
	if err != nil {
		return err
	}
	c.m.manifests.Remove(ctx, files...) // orphans if it fails; Drop sweeps them
	return nil
}

func (c *completed) writeFile(ctx context.Context, name string, body []byte) error {
	f, err := c.m.manifests.Create(ctx, name)
	if err != nil {
		return fmt.Errorf("writing manifest: %w", err)
	}
	if _, err := io.Copy(f, bytes.NewReader(body)); err != nil {
		return errors.Join(fmt.Errorf("writing manifest: %w", err), f.Abort())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing manifest: %w", err)
	}
	return nil
}

// writePointer creates the znode; one that is there already is from a doubtful
// earlier try of this claim (the check would have failed for another's), and is
// replaced. It lists the files that are not pointed to any more.
func (c *completed) writePointer(ctx context.Context, id checkpoint.ID, data []byte, displaced []checkpoint.ID) (files []string, err error) {
	ops, files, err := c.removal(ctx, displaced)
	if err != nil {
		return nil, err
	}
	p := c.node(id)
	err = c.multi(ctx, append(ops, &zk.CreateRequest{Path: p, Data: data, Acl: zk.WorldACL(zk.PermAll)})...)
	if !errors.Is(err, zk.ErrNodeExists) {
		return files, err
	}
	old, _, found, err := c.m.conn.get(ctx, p)
	if err != nil || !found {
		return nil, errors.Join(err, zk.ErrConnectionClosed)
	}
	return append(files, fileOf(old)...), c.multi(ctx, append(ops, &zk.SetDataRequest{Path: p, Data: data, Version: -1})...)
}

// removal prepares that pointers go: the operations for those that are there, and the
// files that they point to.
func (c *completed) removal(ctx context.Context, ids []checkpoint.ID) (ops []any, files []string, err error) {
	for _, id := range ids {
		data, _, found, err := c.m.conn.get(ctx, c.node(id))
		if err != nil {
			return nil, nil, err
		}
		if found {
			ops = append(ops, &zk.DeleteRequest{Path: c.node(id), Version: -1})
			files = append(files, fileOf(data)...)
		}
	}
	return ops, files, nil
}

// fileOf is the file of a pointer, none if it cannot be read.
func fileOf(data []byte) []string {
	var ptr pointer
	if json.Unmarshal(data, &ptr) != nil {
		return nil
	}
	return []string{ptr.File}
}

// multi applies ops together with the checks that fence: the claim's version, and
// the leader's where this server was elected.
func (c *completed) multi(ctx context.Context, ops ...any) error {
	checks := []any{&zk.CheckVersionRequest{Path: c.path, Version: c.version}}
	if v := c.m.leaderVersion(); v >= 0 {
		checks = append(checks, &zk.CheckVersionRequest{Path: c.m.conn.path("leader"), Version: v})
	}
	results, err := await(ctx, func() ([]zk.MultiResponse, error) { return c.m.conn.zk.Multi(append(checks, ops...)...) })
	for i := range min(len(checks), len(results)) {
		if e := results[i].Error; errors.Is(e, zk.ErrBadVersion) || errors.Is(e, zk.ErrNoNode) {
			return checkpoint.ErrFenced
		}
	}
	if errors.Is(err, zk.ErrBadVersion) {
		return checkpoint.ErrFenced
	}
	return err
}

// Remove implements checkpoint.CompletedStore: pointers first, then the files. Also where
// there is nothing to remove the claim is tried.
func (c *completed) Remove(ctx context.Context, ids ...checkpoint.ID) error {
	ops, files, err := c.removal(ctx, ids)
	if err != nil {
		return err
	}
	if err := c.multi(ctx, ops...); err != nil {
		return err
	}
	return c.m.manifests.Remove(ctx, files...)
}
