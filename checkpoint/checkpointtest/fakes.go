package checkpointtest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"slipway/checkpoint"
)

// Memory is a MetadataStore in memory that fails on demand.
type Memory struct {
	mu struct {
		sync.Mutex
		epochs map[string]int64
		held   map[string]map[checkpoint.ID]*checkpoint.Manifest
	}
	// BeforeAdd, if set, runs before each Add; an error fails it without effect.
	BeforeAdd func(*checkpoint.Manifest) error
	// AfterAdd, if set, runs behind each Add; an error fails it although it took effect.
	AfterAdd func(*checkpoint.Manifest) error
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	m := &Memory{}
	m.mu.epochs = map[string]int64{}
	m.mu.held = map[string]map[checkpoint.ID]*checkpoint.Manifest{}
	return m
}

// Claim implements checkpoint.MetadataStore.
func (m *Memory) Claim(_ context.Context, job string) (checkpoint.CompletedStore, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mu.epochs[job]++
	if m.mu.held[job] == nil {
		m.mu.held[job] = map[checkpoint.ID]*checkpoint.Manifest{}
	}
	return &memoryClaim{m: m, job: job, epoch: m.mu.epochs[job]}, nil
}

// Peek implements checkpoint.MetadataStore.
func (m *Memory) Peek(_ context.Context, job string) ([]*checkpoint.Manifest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*checkpoint.Manifest
	for _, c := range m.mu.held[job] {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *checkpoint.Manifest) int { return int(b.Checkpoint - a.Checkpoint) })
	return out, nil
}

// Drop implements checkpoint.MetadataStore.
func (m *Memory) Drop(_ context.Context, job string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.mu.held, job)
	m.mu.epochs[job]++
	return nil
}

type memoryClaim struct {
	m     *Memory
	job   string
	epoch int64
}

func (c *memoryClaim) Epoch() int64 { return c.epoch }
func (c *memoryClaim) Close() error { return nil }

func (c *memoryClaim) List(ctx context.Context) ([]checkpoint.Entry, error) {
	list, err := c.m.Peek(ctx, c.job)
	var out []checkpoint.Entry
	for _, m := range list {
		out = append(out, checkpoint.Entry{ID: m.Checkpoint, Manifest: m})
	}
	return out, err
}

func (c *memoryClaim) Add(_ context.Context, m *checkpoint.Manifest, displaced ...checkpoint.ID) error {
	if f := c.m.BeforeAdd; f != nil {
		if err := f(m); err != nil {
			return err
		}
	}
	err := c.fenced(func(held map[checkpoint.ID]*checkpoint.Manifest) {
		held[m.Checkpoint] = m
		for _, id := range displaced {
			delete(held, id)
		}
	})
	if f := c.m.AfterAdd; err == nil && f != nil {
		err = f(m)
	}
	return err
}

func (c *memoryClaim) Remove(_ context.Context, ids ...checkpoint.ID) error {
	return c.fenced(func(held map[checkpoint.ID]*checkpoint.Manifest) {
		for _, id := range ids {
			delete(held, id)
		}
	})
}

func (c *memoryClaim) fenced(change func(map[checkpoint.ID]*checkpoint.Manifest)) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.m.mu.epochs[c.job] != c.epoch {
		return checkpoint.ErrFenced
	}
	change(c.m.mu.held[c.job])
	return nil
}

// ErrInjected is what fakes fail with.
var ErrInjected = errors.New("injected failure")
