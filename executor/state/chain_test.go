package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// take takes a checkpoint and confirms it.
func (m *model) take(t *testing.T, sections *memorySections, id checkpoint.ID) ([]checkpoint.Section, int64) {
	t.Helper()
	f, err := m.store.Freeze(id)
	if err != nil {
		t.Fatal(err)
	}
	chain, n, err := f.Write(sections)
	if err != nil {
		t.Fatal(err)
	}
	m.store.Confirm(id)
	return chain, n
}

// TestIdleState: where no row changes nothing is written, or the values alone, and the chain does
// not grow; a section of values that rows have followed stays.
func TestIdleState(t *testing.T) {
	r := seeded(t)
	w, sections := newWindowed(Range{0, KeyGroups}), &memorySections{}
	for range 60 {
		w.apply(t, r, 20_000)
	}
	w.take(t, sections, 1)
	for id := checkpoint.ID(2); id < 12; id++ {
		if chain, n := w.take(t, sections, id); n != 0 || len(chain) != 1 {
			t.Fatalf("nothing has changed: %d bytes, a chain of %d", n, len(chain))
		}
	}
	var chain []checkpoint.Section
	for id := checkpoint.ID(12); id < 40; id++ {
		if id == 30 {
			w.apply(t, r, 20_000)
		}
		w.store.SetValue("watermark", []byte{byte(id)})
		n := int64(0)
		if chain, n = w.take(t, sections, id); id != 30 && n > 100 || len(chain) != 2+2*btoi(id > 30)+btoi(id == 30) {
			t.Fatalf("only the value has changed: %d bytes, a chain of %d", n, len(chain))
		}
	}
	compareRestored(t, sections, chain, w.all(), 2)
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	if err := s.Load(sections.read, chain); err != nil {
		t.Fatal(err)
	}
	if v := fmt.Sprint(s.Former("watermark")); v != "[[39]]" {
		t.Errorf("the value is %s", v)
	}
}

// TestClearedTable: what earlier sections have of a table that was emptied between two checkpoints
// does not come back.
func TestClearedTable(t *testing.T) {
	r := seeded(t)
	w, sections := newWindowed(Range{0, KeyGroups}), &memorySections{}
	for range 60 {
		w.apply(t, r, 20_000)
		w.add(t, r, "w1")
	}
	w.take(t, sections, 1)
	w.store.Table("w1", windowLayout).Clear()
	w.plain = map[string]string{}
	chain, _ := w.take(t, sections, 2)
	if len(chain) != 2 {
		t.Fatalf("a chain of %d", len(chain))
	}
	compareRestored(t, sections, chain, w.all(), 1)
	w.add(t, r, "w1")
	chain, _ = w.take(t, sections, 3)
	compareRestored(t, sections, chain, w.all(), 2)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// counters is a table of so many rows that are counted up.
type counters struct {
	model
	table    *Table
	sections memorySections
}

const counterBytes = 8 * (2 + 1 + 2)

func newCounters(t *testing.T, rows int) *counters {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	c := &counters{model: model{store: s}, table: s.Table("t", windowLayout)}
	all := make([]int64, rows)
	for i := range all {
		all[i] = int64(i)
	}
	c.count(t, all)
	c.take(t, &c.sections, 1)
	return c
}

func (c *counters) count(t *testing.T, keys []int64) {
	b := column.NewBatch(types.Schema{{Name: "k", Type: types.Of(types.BigInt)}})
	for _, k := range keys {
		b.Cols[0].AppendInt(k)
	}
	b.Rows = len(keys)
	ids, _, err := c.table.Upsert(b, []int{0}, column.HashColumns(nil, b, []int{0}), nil, []uint64{0, 0}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		c.table.Write(id)[0]++
	}
}

// step counts n rows of all up and takes a checkpoint.
func (c *counters) step(t *testing.T, r *rand.Rand, n, all int, id checkpoint.ID) (changed, written int64, chain []checkpoint.Section) {
	keys, distinct := make([]int64, n), map[int64]bool{}
	for i := range keys {
		keys[i] = r.Int64N(int64(all))
		distinct[keys[i]] = true
	}
	c.count(t, keys)
	chain, written = c.take(t, &c.sections, id)
	return int64(len(distinct)) * counterBytes, written, chain
}

func lengthOf(chain []checkpoint.Section) (n int64) {
	for _, c := range chain {
		n += c.Length
	}
	return n
}

// TestWrittenBytes: under updates all over a large table a checkpoint writes at most twice the rows that
// have changed, or these and a small part of the table, and the chain and its bytes stay bounded.
func TestWrittenBytes(t *testing.T) {
	r := seeded(t)
	const rows = 100_000
	c := newCounters(t, rows)
	for id := checkpoint.ID(2); id < 500; id++ {
		n := []int{rows, rows / 2, rows / 5, rows / 20, rows / 50, 10}[id%6]
		if id > 120 {
			n = 10 // for long
		}
		changed, written, chain := c.step(t, r, n, rows, id)
		if most := max(2*changed, changed+rows*counterBytes/40+minRefresh); written > most {
			t.Fatalf("%d: %d bytes changed, %d written", id, changed, written)
		}
		if len(chain) > minChain*3/2 || lengthOf(chain) > 3*rows*counterBytes {
			t.Fatalf("%d: a chain of %d sections and %d bytes", id, len(chain), lengthOf(chain))
		}
	}
}

// TestLittleOfMuch: of a large state a checkpoint writes at most twice what has changed also where
// that is less than a hundredth; the chain is longer then.
func TestLittleOfMuch(t *testing.T) {
	r := seeded(t)
	const rows = 1_000_000
	c, longest := newCounters(t, rows), 0
	for id := checkpoint.ID(2); id < 400; id++ {
		changed, written, chain := c.step(t, r, rows/120, rows, id)
		if written > 2*changed {
			t.Fatalf("%d: %d bytes changed, %d written", id, changed, written)
		}
		longest = max(longest, len(chain))
	}
	if most := int(chainLength(rows * counterBytes)); longest <= minChain || longest > most*3/2 {
		t.Errorf("a chain of %d sections, %d are meant", longest, most)
	}
}
