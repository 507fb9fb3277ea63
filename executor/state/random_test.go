package state

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"slipway/checkpoint"
)

// contents are what a structure holds: by key, in the order of the structure.
type contents map[string][]entry

// entry is one row: what it stands for, how often, and the operator's word of it.
type entry struct {
	text  string
	sort  int64
	count int64
	word  uint64
}

func (m contents) clone() contents {
	out := contents{}
	for k, v := range m {
		out[k] = slices.Clone(v)
	}
	return out
}

// subject is a structure of a store beside the model it must equal.
type subject interface {
	state() *Store
	model() contents
	// change does the same random work on both.
	change(t *testing.T, r *rand.Rand)
	// have is what the structure holds, after it has checked itself.
	have(t *testing.T) contents
	// over takes the structure of another store up, which a checkpoint was loaded into.
	over(t *testing.T, store *Store, m contents) subject
}

// lockedSections may be written by several at once.
type lockedSections struct {
	mu sync.Mutex
	memorySections
}

func (m *lockedSections) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return checkpoint.Section{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.memorySections.Section(func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err })
}

// testAgainstModel does random work, freezes that complete and that do not, writes beside
// further work, and restores at other parallelism: the structure always equals its model, and
// what was frozen is of the moment of its freeze.
func testAgainstModel(t *testing.T, begin func(*Store) subject) {
	seed := uint64(time.Now().UnixNano())
	if one, err := strconv.ParseUint(os.Getenv("SLIPWAY_STATE_SEED"), 10, 64); err == nil {
		seed = one
	}
	t.Logf("repeat with: SLIPWAY_STATE_SEED=%d go test ./executor/state -run '^%s$'", seed, t.Name())
	r := rand.New(rand.NewPCG(seed, 1))
	sections, budget := &lockedSections{}, &Budget{}
	parts := []subject{begin(NewStore(Range{0, KeyGroups}, budget))}
	for round := range 40 {
		var chains [][]checkpoint.Section
		whole := contents{}
		for _, p := range parts {
			for range 1 + r.IntN(3) {
				p.change(t, r)
			}
			equal(t, "before the freeze", p.have(t), p.model())
			maps.Copy(whole, p.model().clone())
			chains = append(chains, freezeAndChange(t, r, p, sections, checkpoint.ID(round)))
			equal(t, "behind the freeze", p.have(t), p.model())
			if r.IntN(3) > 0 {
				p.state().Confirm(checkpoint.ID(round))
			}
		}
		if round%5 == 4 {
			parts = rescaled(t, parts, sections, chains, whole, 1+r.IntN(4))
		}
	}
	for _, p := range parts {
		p.state().Close()
	}
	if budget.Used() != 0 {
		t.Fatalf("%d bytes were not given back", budget.Used())
	}
}

// freezeAndChange writes a checkpoint beside further work.
func freezeAndChange(t *testing.T, r *rand.Rand, p subject, sections *lockedSections, id checkpoint.ID) (chain []checkpoint.Section) {
	f, err := p.state().Freeze(id)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		var err error
		chain, _, err = f.Write(sections)
		written <- err
	}()
	p.change(t, r)
	p.change(t, r)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	return chain
}

// rescaled restores at another parallelism: every key is in exactly one part.
func rescaled(t *testing.T, parts []subject, sections *lockedSections, chains [][]checkpoint.Section, whole contents, n int) (out []subject) {
	t.Helper()
	got := contents{}
	for i := range n {
		store := NewStore(GroupsOf(i, n), parts[0].state().budget)
		for _, c := range chains {
			if err := store.Load(sections.read, c); err != nil {
				t.Fatal(err)
			}
		}
		own := contents{}
		p := parts[0].over(t, store, own)
		for k, v := range p.have(t) {
			if _, twice := got[k]; twice {
				t.Fatalf("%s was restored twice", k)
			}
			got[k], own[k] = v, slices.Clone(v)
		}
		out = append(out, p)
	}
	equal(t, fmt.Sprintf("restored on %d", n), got, whole)
	for _, p := range parts {
		p.state().Close()
	}
	return out
}

func equal(t *testing.T, when string, got, want contents) {
	t.Helper()
	for k, v := range want {
		if !slices.Equal(got[k], v) {
			t.Fatalf("%s: key %s holds\n%v\nwant\n%v", when, k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d keys, want %d", when, len(got), len(want))
	}
}
