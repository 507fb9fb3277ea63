package node

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/checkpoint"
	"slipway/checkpoint/hdfs"
	"slipway/checkpoint/localfs"
	"slipway/conf"
)

// storages lists what can keep files, by the scheme of its URL.
var storages = map[string]checkpoint.OpenStorage{
	"file": localfs.OpenURL,
	"hdfs": hdfs.OpenURL,
}

// openStorage opens what a setting names: a URL of one of the schemes, or a plain path; the
// directory otherwise, if the setting is empty.
func (s *stores) openStorage(ctx context.Context, cfg *conf.Values, key conf.StringKey, where, otherwise string) (checkpoint.Storage, error) {
	if where == "" {
		where = otherwise
	}
	store, err := OpenStorage(ctx, cfg, key, where)
	if err != nil {
		return nil, err
	}
	s.closes = append(s.closes, store.Close)
	return store, nil
}

// OpenStorage opens a URL of one of the schemes, or a plain path, that a setting names.
func OpenStorage(ctx context.Context, cfg *conf.Values, key conf.StringKey, where string) (checkpoint.ClosingStorage, error) {
	scheme, _, ok := strings.Cut(where, "://")
	if !ok {
		scheme, where = "file", "file://"+where
	}
	open := storages[scheme]
	if open == nil {
		return nil, fmt.Errorf("%s=%s: %s are supported, %s:// is not yet", key.Name(), where, schemes(), scheme)
	}
	store, err := open(ctx, where, cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key.Name(), err)
	}
	return store, nil
}

// schemes names all of storages.
func schemes() string {
	names := slices.Sorted(maps.Keys(storages))
	for i := range names {
		names[i] += "://"
	}
	return strings.Join(names, " and ")
}
