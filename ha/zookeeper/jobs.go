package zookeeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-zookeeper/zk"

	"slipway/ha"
)

// Jobs is the ha.JobStore: a node per job below spark.morphling.submitted.job.path.
// Only the leader writes.
type Jobs struct {
	conn *Conn
	mu   sync.Mutex // one Create at a time: names are compared before
}

// NewJobs gives the jobs of a quorum.
func NewJobs(c *Conn) *Jobs { return &Jobs{conn: c} }

// List implements ha.JobStore.
func (s *Jobs) List(ctx context.Context) ([]*ha.Job, error) {
	all, err := s.conn.readAll(ctx, s.conn.jobs(""))
	if err != nil {
		return nil, fmt.Errorf("reading jobs: %w", err)
	}
	var out []*ha.Job
	for _, id := range slices.Sorted(maps.Keys(all)) {
		j := &ha.Job{}
		if err := json.Unmarshal(all[id], j); err != nil {
			return nil, fmt.Errorf("reading job %s: %w", id, err)
		}
		out = append(out, j)
	}
	return out, nil
}

// Create implements ha.JobStore.
func (s *Jobs) Create(ctx context.Context, j *ha.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	others, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.FullName() == j.FullName() && o.ID != j.ID {
			return fmt.Errorf("%s: %w", j.FullName(), ha.ErrExists)
		}
	}
	data, err := encode("job "+j.FullName(), j)
	if err != nil {
		return err
	}
	// The id is unique: a node that is there is from a try whose answer was lost.
	err = again(ctx, func() error { return s.conn.asLeader(create(s.conn.jobs(j.ID), data)) })
	if errors.Is(err, zk.ErrNodeExists) {
		err = nil
	}
	return s.failed("storing", j, err)
}

// Put implements ha.JobStore.
func (s *Jobs) Put(ctx context.Context, j *ha.Job) error {
	data, err := encode("job "+j.FullName(), j)
	if err != nil {
		return err
	}
	return s.failed("storing", j, again(ctx, func() error {
		return s.conn.asLeader(&zk.SetDataRequest{Path: s.conn.jobs(j.ID), Data: data, Version: -1})
	}))
}

// Delete implements ha.JobStore.
func (s *Jobs) Delete(ctx context.Context, id string) error {
	err := again(ctx, func() error { return s.conn.asLeader(&zk.DeleteRequest{Path: s.conn.jobs(id), Version: -1}) })
	if errors.Is(err, zk.ErrNoNode) {
		err = nil
	}
	return s.failed("removing", &ha.Job{ID: id}, err)
}

func (s *Jobs) failed(what string, j *ha.Job, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s job %s %s: %w", what, j.ID, j.Name, err)
}
