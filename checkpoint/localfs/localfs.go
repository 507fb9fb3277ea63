// Package localfs keeps task state in a folder of the local (or a mounted) file
// system: file:// of the checkpoint directory settings.
//
// A file is written under a temporary name, synced, renamed and its folder synced:
// what Close acknowledged survives a crash of the machine, and a file without its
// final name does not exist for anybody.
package localfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/conf/faultinject"
)

var (
	beforeSync   = faultinject.CrashPoint("state-file-written-not-synced")
	beforeRename = faultinject.CrashPoint("state-file-synced-not-renamed")
	beforeDirect = faultinject.CrashPoint("state-file-renamed-folder-not-synced")
)

const temporary = ".tmp-"

// Store is a checkpoint.Storage below one folder.
type Store struct {
	root   string
	serial atomic.Int64 // makes temporary names unique in this process
}

// OpenURL is checkpoint.OpenStorage for file:///directory.
func OpenURL(_ context.Context, url string, _ *conf.Values) (checkpoint.ClosingStorage, error) {
	return New(strings.TrimPrefix(url, "file://"))
}

// Close implements checkpoint.ClosingStorage: nothing is held.
func (s *Store) Close() error { return nil }

// New makes the folder if it is missing.
func New(root string) (*Store, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("checkpoint directory %s: %w", root, err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("making checkpoint directory: %w", err)
	}
	return &Store{root: abs}, nil
}

// path refuses names that would leave the root.
func (s *Store) path(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("state file name %q is not below the checkpoint directory", name)
	}
	return filepath.Join(s.root, filepath.FromSlash(name)), nil
}

// Create implements checkpoint.Storage.
func (s *Store) Create(_ context.Context, name string) (checkpoint.File, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrExist)
	}
	if err := makeFolder(s.root, filepath.Dir(path)); err != nil {
		return nil, err
	}
	hidden := fmt.Sprintf("%s%s%d-%d", filepath.Join(filepath.Dir(path), temporary), filepath.Base(path), os.Getpid(), s.serial.Add(1))
	f, err := os.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{f: f, w: newWriter(f), hidden: hidden, path: path, name: name}, nil
}

// makeFolder makes path below root and syncs each folder that got a new entry.
func makeFolder(root, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if path != root {
		if err := makeFolder(root, filepath.Dir(path)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Open implements checkpoint.Storage.
func (s *Store) Open(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, checkpoint.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	return &section{Reader: io.NewSectionReader(f, offset, length), f: f}, nil
}

type section struct {
	io.Reader
	f *os.File
}

func (s *section) Close() error { return s.f.Close() }

// Remove implements checkpoint.Storage.
func (s *Store) Remove(_ context.Context, names ...string) error {
	var all error
	for _, name := range names {
		path, err := s.path(name)
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// List implements checkpoint.Storage. Files not yet closed are not listed.
func (s *Store) List(_ context.Context, prefix string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), temporary) {
			return err
		}
		name, err := filepath.Rel(s.root, path)
		if name = filepath.ToSlash(name); strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

// RemoveAll implements checkpoint.Storage; it takes unfinished files along.
func (s *Store) RemoveAll(_ context.Context, prefix string) error {
	if strings.Trim(prefix, "/") == "" {
		return errors.New("refusing to remove the whole checkpoint directory")
	}
	path, err := s.path(strings.TrimSuffix(prefix, "/"))
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// file is one file being written.
type file struct {
	f            *os.File
	w            *writer
	hidden, path string
	name         string
}

func (f *file) Write(p []byte) (int, error) { return f.w.Write(p) }

// Close makes the file durable. Link refuses an existing name where Rename would overwrite it.
func (f *file) Close() error {
	err := f.w.Flush()
	beforeSync.Here()
	if err == nil {
		err = f.f.Sync()
	}
	if err = errors.Join(err, f.f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.hidden))
	}
	beforeRename.Here()
	if err := os.Link(f.hidden, f.path); err != nil {
		os.Remove(f.hidden)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", f.name, checkpoint.ErrExist)
		}
		return err
	}
	beforeDirect.Here()
	return errors.Join(os.Remove(f.hidden), syncFolder(filepath.Dir(f.path)))
}

func (f *file) Abort() error {
	f.w.release()
	return errors.Join(f.f.Close(), os.Remove(f.hidden))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
