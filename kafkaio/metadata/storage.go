package metadata

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"slipway/checkpoint"
	"slipway/kafkaio/client"
)

// chunkBytes is a file's share of one record.
const chunkBytes = 512 << 10

// Storage is the checkpoint.Storage.
func (s *Store) Storage() checkpoint.Storage { return storage{s} }

type storage struct{ s *Store }

// place is where a file's chunks stand: the record under file/<name>.
type place struct {
	Format    int   `json:"format"`
	Partition int32 `json:"partition"`
	First     int64 `json:"first"`
	Behind    int64 `json:"behind"`
	Chunks    int   `json:"chunks"`
	Length    int64 `json:"length"`
	// Try tells the chunks of one writing from those of an earlier one that failed.
	Try string `json:"try"`
}

func chunkKey(name, try string, n int) string { return fmt.Sprintf("%s#%s#%06d", name, try, n) }

func checkName(name string) error {
	if name == "" || path.IsAbs(name) || path.Clean(name) != name || name == ".." || strings.HasPrefix(name, "../") {
		return fmt.Errorf("checkpoint: %q is no name of a file", name)
	}
	return nil
}

// partition spreads files.
func (s *Store) partition(name string) int32 {
	h := fnv.New32a()
	io.WriteString(h, name)
	return int32(h.Sum32() % uint32(s.parts))
}

// find reads where a file stands.
func (s *Store) find(ctx context.Context, name string) (p place, err error) {
	table, err := s.fresh(ctx)
	if err != nil {
		return p, err
	}
	v, ok := table.Get(filePrefix + name)
	if !ok {
		return p, fmt.Errorf("%s: %w", name, checkpoint.ErrNotExist)
	}
	if err := json.Unmarshal(v, &p); err != nil {
		return p, fmt.Errorf("%s: %w: %w", name, err, checkpoint.ErrCorrupt)
	}
	return p, checkpoint.CheckFormat(name, p.Format, recordFormat)
}

// Create implements checkpoint.Storage.
func (st storage) Create(ctx context.Context, name string) (checkpoint.File, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	_, err := st.s.find(ctx, name)
	if err == nil {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrExist)
	}
	if !errors.Is(err, checkpoint.ErrNotExist) {
		return nil, err
	}
	return &file{s: st.s, ctx: ctx, name: name, at: place{Format: recordFormat, Partition: st.s.partition(name), First: -1, Try: newTry()}}, nil
}

// tries number the writings of this process.
var tries struct {
	sync.Mutex
	n int64
}

func newTry() string {
	tries.Lock()
	defer tries.Unlock()
	tries.n++
	return strconv.FormatInt(tries.n, 36) + "-" + processID
}

// file is being written.
type file struct {
	s    *Store
	ctx  context.Context
	name string
	at   place
	buf  bytes.Buffer
	keys []string // written so far
}

// Write implements io.Writer: full chunks go out.
func (f *file) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		room := min(chunkBytes-f.buf.Len(), len(b))
		f.buf.Write(b[:room])
		b = b[room:]
		if f.buf.Len() == chunkBytes {
			if err := f.send(); err != nil {
				return 0, err
			}
		}
	}
	f.at.Length += int64(n)
	return n, nil
}

func (f *file) send() error {
	key := chunkKey(f.name, f.at.Try, f.at.Chunks)
	first, behind, err := client.Chunks(f.ctx, f.s.chunks, f.s.stateTopic(), f.at.Partition, []string{key}, [][]byte{bytes.Clone(f.buf.Bytes())})
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.name, err)
	}
	f.keys = append(f.keys, key)
	if f.at.First < 0 {
		f.at.First = first
	}
	f.at.Behind = behind
	f.at.Chunks++
	f.buf.Reset()
	return nil
}

// Close implements checkpoint.File: the file's record makes it visible.
func (f *file) Close() error {
	if f.buf.Len() > 0 {
		if err := f.send(); err != nil {
			return err
		}
	}
	if _, err := f.s.find(f.ctx, f.name); err == nil {
		return errors.Join(fmt.Errorf("%s: %w", f.name, checkpoint.ErrExist), f.Abort())
	}
	v, err := json.Marshal(f.at)
	if err != nil {
		return err
	}
	if err := f.s.table.Put(f.ctx, map[string][]byte{filePrefix + f.name: v}); err != nil {
		return fmt.Errorf("closing %s: %w", f.name, err)
	}
	return nil
}

// Abort implements checkpoint.File: what has been written becomes tombstones.
func (f *file) Abort() error {
	if len(f.keys) == 0 {
		return nil
	}
	_, _, err := client.Chunks(context.WithoutCancel(f.ctx), f.s.chunks, f.s.stateTopic(), f.at.Partition, f.keys, make([][]byte, len(f.keys)))
	return err
}

// Open implements checkpoint.Storage.
func (st storage) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	p, err := st.s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	wanted := map[string]int{}
	for n := int(offset / chunkBytes); n < p.Chunks && int64(n)*chunkBytes < offset+length; n++ {
		wanted[chunkKey(name, p.Try, n)] = n
	}
	if len(wanted) == 0 {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	chunks := map[int][]byte{}
	err = client.ReadChunks(ctx, st.s.clientOptions(), st.s.stateTopic(), p.Partition, p.First, p.Behind, func(key string, value []byte) {
		if n, ok := wanted[key]; ok && value != nil {
			chunks[n] = bytes.Clone(value)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(chunks) < len(wanted) {
		return nil, fmt.Errorf("reading %s: %d of %d chunks are gone: %w", name, len(wanted)-len(chunks), len(wanted), checkpoint.ErrCorrupt)
	}
	var body []byte
	for _, n := range slices.Sorted(maps.Keys(chunks)) {
		body = append(body, chunks[n]...)
	}
	from := min(int64(len(body)), offset%chunkBytes)
	return io.NopCloser(bytes.NewReader(body[from:min(int64(len(body)), from+length)])), nil
}

// Remove implements checkpoint.Storage: the file's record first, then its bytes.
func (st storage) Remove(ctx context.Context, names ...string) error {
	table, err := st.s.fresh(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		v, ok := table.Get(filePrefix + name)
		if !ok {
			continue
		}
		if err := table.Put(ctx, map[string][]byte{filePrefix + name: nil}); err != nil {
			return fmt.Errorf("removing %s: %w", name, err)
		}
		var p place
		if json.Unmarshal(v, &p) != nil || p.Chunks == 0 {
			continue
		}
		keys := make([]string, p.Chunks)
		for n := range keys {
			keys[n] = chunkKey(name, p.Try, n)
		}
		if _, _, err := client.Chunks(ctx, st.s.chunks, st.s.stateTopic(), p.Partition, keys, make([][]byte, len(keys))); err != nil {
			return fmt.Errorf("removing %s: %w", name, err)
		}
	}
	return nil
}

// List implements checkpoint.Storage.
func (st storage) List(ctx context.Context, prefix string) ([]string, error) {
	table, err := st.s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for k := range table.Below(filePrefix + prefix) {
		out = append(out, strings.TrimPrefix(k, filePrefix))
	}
	slices.Sort(out)
	return out, nil
}

// RemoveAll implements checkpoint.Storage.
func (st storage) RemoveAll(ctx context.Context, prefix string) error {
	if strings.Trim(prefix, "/") == "" {
		return fmt.Errorf("checkpoint: removing everything is refused")
	}
	names, err := st.List(ctx, strings.TrimSuffix(prefix, "/")+"/")
	if err != nil {
		return err
	}
	return st.Remove(ctx, names...)
}
