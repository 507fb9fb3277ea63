package state

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"slipway/checkpoint"
)

// TestOnlyOwnChainsAreRead: of the chain of a former subtask that had none of a store's key groups
// the last section is read, for its values, and no other; nothing is held for it.
func TestOnlyOwnChainsAreRead(t *testing.T) {
	m := &model{store: NewStore(Range{0, 64}, &Budget{}), want: map[string]string{}}
	m.store.SetValue("watermark", []byte{9})
	sections := &memorySections{}
	var chain []checkpoint.Section
	for id := checkpoint.ID(1); id <= 3; id++ {
		for range 40 {
			m.apply(t, rand.New(rand.NewPCG(uint64(id), 1)), 20_000)
			if id > 1 {
				break
			}
		}
		f, err := m.store.Freeze(id)
		if err != nil {
			t.Fatal(err)
		}
		if chain, _, err = f.Write(sections); err != nil {
			t.Fatal(err)
		}
		m.store.Confirm(id)
	}
	for _, c := range []struct {
		groups Range
		want   int
	}{{Range{0, 64}, 3}, {Range{0, 128}, 3}, {Range{60, 70}, 3}, {Range{64, 128}, 1}} {
		opened := 0
		s := NewStore(c.groups, &Budget{})
		read := func(section checkpoint.Section) (io.ReadCloser, error) {
			opened++
			return sections.read(section)
		}
		if err := s.Load(read, chain); err != nil {
			t.Fatal(err)
		}
		rows := s.Table("t", testLayout).Len()
		if v := s.Former("watermark"); len(v) != 1 || (rows > 0) != (c.want == 3) {
			t.Errorf("%v has %d rows and values %v", c.groups, rows, v)
		}
		if c.want == 1 && (opened != 1 || s.budget.Used() != 0) {
			t.Errorf("%v opened %d of %d sections and holds %d bytes", c.groups, opened, len(chain), s.budget.Used())
		}
	}
}

// TestRowsOfForeignGroups: a section that has rows of groups which it does not name is damaged for
// every store, also for one that would read no more of its chain.
func TestRowsOfForeignGroups(t *testing.T) {
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{}), want: map[string]string{}}
	m.apply(t, rand.New(rand.NewPCG(1, 1)), 20_000)
	m.store.groups = Range{0, 64}
	sections := &memorySections{}
	chain, _ := m.take(t, sections, 1)
	for _, groups := range []Range{{0, 64}, {60, 70}, {64, 128}} {
		s := NewStore(groups, &Budget{})
		err := s.Load(sections.read, chain)
		if groups.From == 60 { // it takes the rows of its own groups, with their texts
			if err != nil {
				t.Errorf("%v: %v", groups, err)
			}
			continue
		}
		if !errors.Is(err, checkpoint.ErrCorrupt) || s.budget.Used() != 0 {
			t.Errorf("%v: %v, %d bytes are held", groups, err, s.budget.Used())
		}
	}
}
