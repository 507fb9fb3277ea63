package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// memorySections is a SectionWriter and SectionReader in memory.
type memorySections struct{ all [][]byte }

func (m *memorySections) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return checkpoint.Section{}, err
	}
	m.all = append(m.all, b.Bytes())
	return checkpoint.Section{Offset: int64(len(m.all) - 1), Length: int64(b.Len()), CRC: checkpoint.Checksum(b.Bytes())}, nil
}

func (m *memorySections) read(s checkpoint.Section) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m.all[s.Offset])), nil
}

var testLayout = Layout{Keys: []types.Type{types.Of(types.BigInt), types.Of(types.String)}, Words: 2, Refs: []int{1}}

// model is a store and the plain map it must equal.
type model struct {
	store *Store
	want  map[string]string // key -> count and note
}

func (m *model) table() *Table { return m.store.Table("t", testLayout) }

// apply adds to some keys and deletes others, in one batch.
func (m *model) apply(t *testing.T, r *rand.Rand, keys int) {
	b := column.NewBatch(types.Schema{{Name: "a", Type: testLayout.Keys[0]}, {Name: "b", Type: testLayout.Keys[1]}})
	for range 1 + r.IntN(500) {
		k := r.IntN(keys)
		if k%7 == 0 {
			b.Cols[0].AppendNull()
		} else {
			b.Cols[0].AppendInt(int64(k))
		}
		b.Cols[1].AppendBytes(fmt.Appendf(nil, "key-%d", k))
		b.Rows++
	}
	hashes := column.HashColumns(nil, b, []int{0, 1})
	var sel []int32
	for i, h := range hashes {
		if m.store.groups.Contains(Group(h)) {
			sel = append(sel, int32(i))
		}
	}
	if sel == nil {
		return
	}
	table := m.table()
	ids, _, err := table.Upsert(b, []int{0, 1}, hashes, sel, []uint64{0, 0}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		key := string(b.Cols[1].Bytes(int(sel[i])))
		acc := table.Write(id)
		acc[0]++
		note := fmt.Sprintf("note %d", r.IntN(1000))
		if acc[1], err = table.Put(acc[1], []byte(note)); err != nil {
			t.Fatal(err)
		}
		m.want[key] = fmt.Sprintf("%d %s", acc[0], note)
	}
	if r.IntN(3) == 0 {
		victim := string(table.Bytes(table.row(ids[0])[table.keyAt[1]]))
		table.Delete(ids[0])
		delete(m.want, victim)
	}
}

func (m *model) check(t *testing.T, what string) {
	t.Helper()
	got := map[string]string{}
	table := m.table()
	table.EachRow(func(id int32) {
		key := string(table.Bytes(table.row(id)[table.keyAt[1]]))
		got[key] = fmt.Sprintf("%d %s", table.Acc(id)[0], table.Bytes(table.Acc(id)[1]))
	})
	compare(t, what, got, m.want)
	if table.Len() != len(m.want) {
		t.Fatalf("%s: Len %d, want %d", what, table.Len(), len(m.want))
	}
}

func compare(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for k, w := range want {
		if got[k] != w {
			t.Fatalf("%s: %s is %q, want %q", what, k, got[k], w)
		}
	}
}

// TestAgainstMap: random work, freezes that complete and that do not, restores at
// other parallelism: the state always equals a plain map, and a snapshot is of the
// moment of its freeze whatever is done before it is written.
func TestAgainstMap(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	sections := &memorySections{}
	parts := []*model{{store: NewStore(Range{0, KeyGroups}, &Budget{}), want: map[string]string{}}}
	for round := range 60 {
		var chains [][]checkpoint.Section
		whole := map[string]string{}
		for _, p := range parts {
			for range 1 + r.IntN(3) {
				p.apply(t, r, 3000)
			}
			f, err := p.store.Freeze(checkpoint.ID(round))
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]string{}
			for k, v := range p.want {
				at[k], whole[k] = v, v
			}
			p.apply(t, r, 3000) // copy on write
			p.check(t, "while frozen")
			chain, _, err := f.Write(sections)
			if err != nil {
				t.Fatal(err)
			}
			chains = append(chains, chain)
			if r.IntN(3) > 0 {
				p.store.Confirm(checkpoint.ID(round))
			}
		}
		if round%5 == 4 {
			n := 1 + r.IntN(4)
			parts = restore(t, sections, chains, whole, n)
		}
	}
}

func restore(t *testing.T, sections *memorySections, chains [][]checkpoint.Section, whole map[string]string, n int) []*model {
	t.Helper()
	var parts []*model
	got := map[string]string{}
	for i := range n {
		m := &model{store: NewStore(GroupsOf(i, n), &Budget{}), want: map[string]string{}}
		for _, c := range chains {
			if err := m.store.Load(sections.read, c); err != nil {
				t.Fatal(err)
			}
		}
		table := m.table()
		table.EachRow(func(id int32) {
			key := string(table.Bytes(table.row(id)[table.keyAt[1]]))
			m.want[key] = fmt.Sprintf("%d %s", table.Acc(id)[0], table.Bytes(table.Acc(id)[1]))
			if _, twice := got[key]; twice {
				t.Fatalf("%s was restored twice", key)
			}
			got[key] = m.want[key]
		})
		parts = append(parts, m)
	}
	compare(t, fmt.Sprintf("restored on %d", n), got, whole)
	return parts
}

func TestGroupsCoverAll(t *testing.T) {
	for n := 1; n <= KeyGroups; n++ {
		for g := range KeyGroups {
			owner := OwnerOf(g, n)
			if owner < 0 || owner >= n || !GroupsOf(owner, n).Contains(g) {
				t.Fatalf("group %d of %d tasks: owner %d has %v", g, n, owner, GroupsOf(owner, n))
			}
		}
	}
}

func TestBudgetStopsGrowth(t *testing.T) {
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{Limit: 200_000}), want: map[string]string{}}
	b := column.NewBatch(types.Schema{{Name: "a", Type: testLayout.Keys[0]}, {Name: "b", Type: testLayout.Keys[1]}})
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		b.Reset()
		for j := range 1000 {
			b.Cols[0].AppendInt(int64(i*1000 + j))
			b.Cols[1].AppendBytes([]byte("x"))
			b.Rows++
		}
		_, _, err = m.table().Upsert(b, []int{0, 1}, column.HashColumns(nil, b, []int{0, 1}), nil, []uint64{0, 0}, nil, nil)
	}
	if e, ok := errors.AsType[*BudgetError](err); !ok || e.Limit != 200_000 {
		t.Fatalf("got %v", err)
	}
	m.store.Close()
	if m.store.budget.Used() != 0 {
		t.Fatalf("%d bytes were not given back", m.store.budget.Used())
	}
}

// FuzzLoad: damaged sections are found, never a panic.
func FuzzLoad(f *testing.F) {
	sections := &memorySections{}
	m := &model{store: NewStore(Range{0, KeyGroups}, &Budget{}), want: map[string]string{}}
	r := rand.New(rand.NewPCG(1, 1))
	b := column.NewBatch(types.Schema{{Name: "a", Type: testLayout.Keys[0]}, {Name: "b", Type: testLayout.Keys[1]}})
	for i := range 20 {
		b.Cols[0].AppendInt(r.Int64())
		b.Cols[1].AppendBytes(fmt.Appendf(nil, "%d", i))
		b.Rows++
	}
	if _, _, err := m.table().Upsert(b, []int{0, 1}, column.HashColumns(nil, b, []int{0, 1}), nil, []uint64{0, 0}, nil, nil); err != nil {
		f.Fatal(err)
	}
	m.store.SetValue("watermark", []byte("12345678"))
	frozen, err := m.store.Freeze(1)
	if err != nil {
		f.Fatal(err)
	}
	if _, _, err := frozen.Write(sections); err != nil {
		f.Fatal(err)
	}
	f.Add(sections.all[0])
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewStore(Range{0, KeyGroups}, &Budget{Limit: 1 << 28})
		read := func(checkpoint.Section) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
		err := s.Load(read, []checkpoint.Section{{Length: int64(len(data))}})
		if err != nil && !errors.Is(err, checkpoint.ErrCorrupt) {
			if _, budget := errors.AsType[*BudgetError](err); !budget {
				t.Fatalf("damage is reported as %v", err)
			}
		}
	})
}

// BenchmarkFreeze300MB: the pause at a barrier.
func BenchmarkFreeze300MB(b *testing.B) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	table := s.Table("t", Layout{Keys: []types.Type{types.Of(types.BigInt)}, Words: 4})
	batch := column.NewBatch(types.Schema{{Name: "a", Type: types.Of(types.BigInt)}})
	for i := 0; s.Bytes() < 300<<20; i++ {
		batch.Reset()
		for j := range 2048 {
			batch.Cols[0].AppendInt(int64(i*2048 + j))
			batch.Rows++
		}
		if _, _, err := table.Upsert(batch, []int{0}, column.HashColumns(nil, batch, []int{0}), nil, []uint64{0, 0, 0, 0}, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.Freeze(1); err != nil {
			b.Fatal(err)
		}
	}
}
