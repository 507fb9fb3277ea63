package client

import (
	"context"
	"log/slog"
	"sync"
)

// Clusters are the clusters that a process reads from. The zero value is ready.
type Clusters struct {
	mu   sync.Mutex
	open map[string]*Cluster
}

// Cluster is what all who read from the same brokers with the same settings share, so that a
// thousand that have nothing to read cost no more than one. Who reads much has a connection
// of its own.
//
// A request whose context ends takes its connection along, and with it the requests of
// others: those of the shared clients are waited for, or left to themselves.
type Cluster struct {
	options []Opt
	log     *slog.Logger
	asking  *Client // questions, and fetches that do not wait
	waiting *Client // the fetches that wait at the ends of partitions
	work    context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	leave   func()

	users  int // guarded by Clusters.mu
	mu     sync.Mutex
	tails  map[int32]*tail     // by broker
	ends   map[string]*endings // by topic
	silent map[string]bool     // topics whose ends are not known; true: because the brokers are away
}

// Join gives the cluster of a key, which stands for its options; Leave must follow. What
// concerns all who share it stands in the log of the first.
func (s *Clusters) Join(key string, log *slog.Logger, options ...Opt) (*Cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.open[key]
	if c == nil {
		var err error
		if c, err = newCluster(log, options); err != nil {
			return nil, err
		}
		c.leave = func() { s.leave(key, c) }
		if s.open == nil {
			s.open = map[string]*Cluster{}
		}
		s.open[key] = c
	}
	c.users++
	return c, nil
}

func (s *Clusters) leave(key string, c *Cluster) {
	s.mu.Lock()
	c.users--
	last := c.users == 0
	if last {
		delete(s.open, key)
	}
	s.mu.Unlock()
	if last {
		c.close()
	}
}

func newCluster(log *slog.Logger, options []Opt) (*Cluster, error) {
	c := &Cluster{options: options, log: log, tails: map[int32]*tail{}, ends: map[string]*endings{}, silent: map[string]bool{}}
	var err error
	if c.asking, err = New(options...); err != nil {
		return nil, err
	}
	if c.waiting, err = New(options...); err != nil {
		c.asking.Close()
		return nil, err
	}
	c.work, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Leave gives the cluster up; the last one to do so closes it.
func (c *Cluster) Leave() { c.leave() }

// Client is for questions. Their contexts must not end while they are under way.
func (c *Cluster) Client() *Client { return c.asking }

func (c *Cluster) close() {
	c.cancel()
	c.asking.Close()
	c.waiting.Close()
	c.running.Wait()
}

// detached lets a request of a shared client go on when ctx ends.
func detached[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		answer T
		err    error
	}
	done := make(chan outcome, 1)
	go func() { // ends with the library's own patience, or with the client
		answer, err := ask(context.WithoutCancel(ctx))
		done <- outcome{answer, err}
	}()
	select {
	case o := <-done:
		return o.answer, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
