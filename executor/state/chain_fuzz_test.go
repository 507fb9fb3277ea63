package state

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"slipway/checkpoint"
)

// FuzzChain: a chain of two sections of which any is damaged, and of any form, is found to be;
// never a panic.
func FuzzChain(f *testing.F) {
	sections := &memorySections{}
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{}), want: map[string]string{}}
	r := rand.New(rand.NewPCG(1, 1))
	for id := checkpoint.ID(1); id <= 2; id++ {
		for range 6 {
			m.apply(&testing.T{}, r, 2000)
			if id == 2 {
				break
			}
		}
		frozen, err := m.store.Freeze(id)
		if err != nil {
			f.Fatal(err)
		}
		if _, _, err := frozen.Write(sections); err != nil {
			f.Fatal(err)
		}
		m.store.Confirm(id)
	}
	f.Add(sections.all[0], sections.all[1])
	f.Add(sections.all[0][:len(sections.all[0])/2], sections.all[1])
	for _, name := range []string{"1", "2", "3", "stored"} {
		b, err := os.ReadFile("testdata/sws1/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, sections.all[1])
	}
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		both := [][]byte{base, delta}
		read := func(s checkpoint.Section) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(both[s.Offset])), nil
		}
		for _, groups := range []Range{{0, KeyGroups}, {0, 50}, {100, 100}} {
			s := NewStore(groups, &Budget{Limit: 1 << 28})
			err := s.Load(read, []checkpoint.Section{{Length: int64(len(base))}, {Offset: 1, Length: int64(len(delta))}})
			if used := s.budget.Used(); err != nil && used != 0 {
				t.Fatalf("%d bytes are held for what was not loaded", used)
			}
			if err != nil && !errors.Is(err, checkpoint.ErrCorrupt) {
				if _, budget := errors.AsType[*BudgetError](err); !budget {
					t.Fatalf("damage is reported as %v", err)
				}
			}
		}
	})
}
