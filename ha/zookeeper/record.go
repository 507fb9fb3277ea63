package zookeeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"

	"github.com/go-zookeeper/zk"
)

// ErrNotLeading: this server does not lead, or no longer; nothing was changed.
var ErrNotLeading = errors.New("zookeeper: this server does not lead")

// maxRecord guards the server's limit of one megabyte for a whole request: beyond it
// the server cuts the connection without an answer.
const maxRecord = 512 << 10

func encode(what string, v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err == nil && len(data) > maxRecord {
		err = fmt.Errorf("%s takes %d bytes, ZooKeeper records are limited to %d here", what, len(data), maxRecord)
	}
	return data, err
}

// asLeader applies ops in one transaction with the check that this server leads. It is
// not repeated: an answer that is lost leaves open whether it was applied.
func (c *Conn) asLeader(ops ...any) error {
	check := &zk.CheckVersionRequest{Path: c.path("leader"), Version: c.LeaderVersion()}
	results, err := c.zk.Multi(append([]any{check}, ops...)...)
	if len(results) > 0 && errors.Is(results[0].Error, zk.ErrBadVersion) {
		return ErrNotLeading
	}
	for _, r := range results {
		if r.Error != nil && (errors.Is(r.Error, zk.ErrNodeExists) || errors.Is(r.Error, zk.ErrNoNode) || errors.Is(r.Error, zk.ErrBadVersion)) {
			return r.Error
		}
	}
	return err
}

func create(p string, data []byte) *zk.CreateRequest {
	return &zk.CreateRequest{Path: p, Data: data, Acl: zk.WorldACL(zk.PermAll)}
}

// readAll reads the nodes below p, by name.
func (c *Conn) readAll(ctx context.Context, p string) (map[string][]byte, error) {
	names, err := c.children(ctx, p)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, name := range names {
		data, _, found, err := c.get(ctx, path.Join(p, name))
		if err != nil {
			return nil, err
		}
		if found {
			out[name] = data
		}
	}
	return out, nil
}
