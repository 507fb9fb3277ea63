package node

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/localfs"
	"slipway/conf"
)

func openFor(t *testing.T, where, otherwise string) (checkpoint.Storage, *stores, error) {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &stores{}
	storage, err := s.openStorage(t.Context(), cfg, conf.TaskStateDirectory, where, otherwise)
	return storage, s, err
}

// TestStorages: a URL finds its store by its scheme, a plain path is a directory here, and an
// empty setting is the directory that is used otherwise.
func TestStorages(t *testing.T) {
	for name, in := range map[string]func(dir string) (where, otherwise string){
		"a URL":      func(dir string) (string, string) { return "file://" + dir, "/nowhere" },
		"a path":     func(dir string) (string, string) { return dir, "/nowhere" },
		"no setting": func(dir string) (string, string) { return "", dir },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			where, otherwise := in(dir)
			storage, s, err := openFor(t, where, otherwise)
			if err != nil {
				t.Fatal(err)
			}
			checkpointtest.Write(t, storage, "job/file", "text")
			if found, err := filepath.Glob(dir + "/job/file*"); len(found) != 1 {
				t.Errorf("%s holds %v, %v", dir, found, err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
		})
	}
	_, _, err := openFor(t, "s3://bucket/directory", "")
	if err == nil || !strings.HasSuffix(err.Error(), "=s3://bucket/directory: file:// and hdfs:// are supported, s3:// is not yet") {
		t.Errorf("a scheme that nobody knows: %v", err)
	}
}

// TestStorageIsOneLine: a store is a package of its own and a line of storages.
func TestStorageIsOneLine(t *testing.T) {
	opened := ""
	storages["memory"] = func(_ context.Context, url string, _ *conf.Values) (checkpoint.ClosingStorage, error) {
		opened = url
		return localfs.New(t.TempDir())
	}
	defer delete(storages, "memory")
	if _, _, err := openFor(t, "memory://x", ""); err != nil || opened != "memory://x" {
		t.Errorf("opened %q, %v", opened, err)
	}
}
