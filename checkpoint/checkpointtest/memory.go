package checkpointtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"slipway/checkpoint"
)

// Files is a Storage in memory that fails on demand.
type Files struct {
	// Fault, if set, is asked before each call by its name ("create", "write", "close",
	// "open", "remove", "list"); an error fails it. It may sleep.
	Fault func(call string) error

	mu    sync.Mutex
	files map[string][]byte
}

// NewFiles makes an empty store.
func NewFiles() *Files { return &Files{files: map[string][]byte{}} }

func (s *Files) fault(call string) error {
	if s.Fault == nil {
		return nil
	}
	return s.Fault(call)
}

// Damage flips a bit of a file; false if there is no such byte.
func (s *Files) Damage(name string, at int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at >= len(s.files[name]) {
		return false
	}
	damaged := bytes.Clone(s.files[name])
	damaged[at] ^= 1
	s.files[name] = damaged
	return true
}

// Create implements checkpoint.Storage.
func (s *Files) Create(_ context.Context, name string) (checkpoint.File, error) {
	if path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "..") {
		return nil, fmt.Errorf("checkpointtest: %q is no name of a file", name)
	}
	if err := s.fault("create"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.files[name]; ok {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrExist)
	}
	return &memoryFile{s: s, name: name}, nil
}

type memoryFile struct {
	s    *Files
	name string
	buf  bytes.Buffer
}

func (f *memoryFile) Write(b []byte) (int, error) {
	if err := f.s.fault("write"); err != nil {
		return 0, err
	}
	return f.buf.Write(b)
}

func (f *memoryFile) Close() error {
	if err := f.s.fault("close"); err != nil {
		return err
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if _, ok := f.s.files[f.name]; ok {
		return fmt.Errorf("%s: %w", f.name, checkpoint.ErrExist)
	}
	f.s.files[f.name] = bytes.Clone(f.buf.Bytes())
	return nil
}

func (f *memoryFile) Abort() error { return nil }

// Open implements checkpoint.Storage.
func (s *Files) Open(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := s.fault("open"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrNotExist)
	}
	size := int64(len(b))
	return io.NopCloser(bytes.NewReader(b[min(offset, size):min(offset+length, size)])), nil
}

// Remove implements checkpoint.Storage.
func (s *Files) Remove(_ context.Context, names ...string) error {
	if err := s.fault("remove"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		delete(s.files, name)
	}
	return nil
}

// List implements checkpoint.Storage.
func (s *Files) List(_ context.Context, prefix string) ([]string, error) {
	if err := s.fault("list"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.files)), func(n string) bool { return !strings.HasPrefix(n, prefix) }), nil
}

// RemoveAll implements checkpoint.Storage.
func (s *Files) RemoveAll(ctx context.Context, prefix string) error {
	if strings.Trim(prefix, "/") == "" {
		return fmt.Errorf("checkpointtest: removing everything is refused")
	}
	names, err := s.List(ctx, strings.TrimSuffix(prefix, "/")+"/")
	if err != nil {
		return err
	}
	return s.Remove(ctx, names...)
}
