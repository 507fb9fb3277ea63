package state

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// windowed is a model with tables that come and go beside its first one.
type windowed struct {
	model
	budget *Budget
	plain  map[string]string // table/key -> sum
}

var (
	windowLayout = Layout{Keys: []types.Type{types.Of(types.BigInt)}, Words: 2}
	windowSchema = types.Schema{{Name: "k", Type: types.Of(types.BigInt)}}
)

func newWindowed(groups Range) *windowed {
	b := &Budget{}
	return &windowed{model: model{store: NewStore(groups, b), want: map[string]string{}}, budget: b, plain: map[string]string{}}
}

// step does random work in one of the tables.
func (w *windowed) step(t *testing.T, r *rand.Rand) {
	switch n := r.IntN(100); {
	case n < 12:
		w.add(t, r, "w"+strconv.Itoa(r.IntN(4))) // an old name may come again
	case n < 24:
		w.drop("w" + strconv.Itoa(r.IntN(4)))
	case n < 48:
		for _, name := range w.store.Tables() {
			if name != "t" {
				w.add(t, r, name)
				return
			}
		}
	default:
		w.apply(t, r, 20_000)
	}
}

// rewrite gives many rows longer texts, so that the former ones are garbage, and may compact.
func (w *windowed) rewrite(t *testing.T, r *rand.Rand) {
	table := w.table()
	text := strings.Repeat(strconv.Itoa(100+r.IntN(900)), 40)
	var err error
	table.EachRow(func(id int32) {
		if err == nil && r.IntN(2) == 0 {
			acc := table.Write(id)
			acc[1], err = table.Put(acc[1], []byte(text))
			w.want[string(table.Bytes(table.row(id)[table.keyAt[1]]))] = fmt.Sprintf("%d %s", acc[0], text)
		}
	})
	if err == nil && r.IntN(2) == 0 {
		err = table.Compact()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *windowed) drop(name string) {
	w.store.Drop(name)
	maps.DeleteFunc(w.plain, func(k, _ string) bool { return strings.HasPrefix(k, name+"/") })
}

// add adds to random rows of a table and deletes some.
func (w *windowed) add(t *testing.T, r *rand.Rand, name string) {
	table := w.store.Table(name, windowLayout)
	b := column.NewBatch(windowSchema)
	for range 1 + r.IntN(2000) {
		b.Cols[0].AppendInt(r.Int64N(5000))
		b.Rows++
	}
	hashes := column.HashColumns(nil, b, []int{0})
	var sel []int32
	for i, h := range hashes {
		if w.store.groups.Contains(Group(h)) {
			sel = append(sel, int32(i))
		}
	}
	if sel == nil {
		return
	}
	ids, _, err := table.Upsert(b, []int{0}, hashes, sel, []uint64{0, 0}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		acc := table.Write(id)
		acc[1] += uint64(i)
		w.plain[fmt.Sprintf("%s/%d", name, b.Cols[0].Ints[sel[i]])] = fmt.Sprint(acc[1])
	}
	table.Delete(ids[0])
	delete(w.plain, fmt.Sprintf("%s/%d", name, b.Cols[0].Ints[sel[0]]))
}

// all is every row of the model, as dump gives those of a store.
func (w *windowed) all() map[string]string {
	out := maps.Clone(w.plain)
	for k, v := range w.want {
		out["t/"+k] = v
	}
	return out
}

func dump(s *Store) map[string]string {
	out := map[string]string{}
	for _, name := range s.Tables() {
		table := s.tables[name]
		table.EachRow(func(id int32) {
			row := table.row(id)
			if name != "t" {
				out[fmt.Sprintf("%s/%d", name, row[table.keyAt[0]])] = fmt.Sprint(table.Acc(id)[1])
				return
			}
			out["t/"+string(table.Bytes(row[table.keyAt[1]]))] = fmt.Sprintf("%d %s", table.Acc(id)[0], table.Bytes(table.Acc(id)[1]))
		})
	}
	return out
}

// slowSections writes a piece only when it is let.
type slowSections struct {
	memorySections
	let  chan struct{}
	fail int // pieces until it fails; -1: never
}

var errSlow = errors.New("the storage is gone")

func (s *slowSections) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	return s.memorySections.Section(func(w io.Writer) error { return write(slowWriter{s, w}) })
}

type slowWriter struct {
	s *slowSections
	w io.Writer
}

func (w slowWriter) Write(p []byte) (int, error) {
	<-w.s.let
	if w.s.fail == 0 {
		return 0, errSlow
	}
	w.s.fail--
	return w.w.Write(p)
}

// seeded gives a source of random numbers; SLIPWAY_SEED repeats a run.
func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("SLIPWAY_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SLIPWAY_SEED=%d go test ./executor/state -run %s", seed, t.Name())
	return rand.New(rand.NewPCG(seed, 1))
}

// TestWritingBesideTheLoop: snapshots are written while the loop works on, given up for the next
// one, expire, fail; whatever was confirmed last can be restored at any parallelism, is what the
// state was at its barrier, and its chain stays short. At the end nothing is held.
func TestWritingBesideTheLoop(t *testing.T) {
	r := seeded(t)
	w := newWindowed(Range{0, KeyGroups})
	sections := &slowSections{let: make(chan struct{})}
	var cases struct{ confirmed, expired, failed, abandoned, givenUp, restored, rolled, compacted int }
	for id := checkpoint.ID(1); id <= 80; id++ {
		for range r.IntN(4) {
			w.step(t, r)
		}
		if id%8 == 1 {
			w.rewrite(t, r)
		}
		at := w.all()
		f, err := w.store.Freeze(id)
		if err != nil {
			t.Fatal(err)
		}
		if id%9 == 4 {
			cases.abandoned++
			continue // it is never written
		}
		sections.fail = -1
		if id%11 == 5 {
			sections.fail = r.IntN(2)
		}
		var chain []checkpoint.Section
		done := make(chan error)
		go func() { // the loop below waits for it
			var err error
			chain, _, err = f.Write(sections)
			done <- err
		}()
		running, early := true, id%7 == 3
		for running {
			w.step(t, r)
			if early { // the next barrier comes while this one is being written
				early = false
				if _, err := w.store.Freeze(id + 1000); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case sections.let <- struct{}{}:
			case err = <-done:
				running = false
			}
		}
		switch {
		case errors.Is(err, errSlow):
			cases.failed++
			w.store.Confirm(id) // of what was not written: nothing
			continue
		case errors.Is(err, errAbandoned):
			cases.givenUp++
			continue
		case err != nil:
			t.Fatal(err)
		case id%5 == 2:
			cases.expired++
		default:
			w.store.Confirm(id)
			cases.confirmed++
		}
		if len(chain) > 0 && chain[0].Offset > 0 && len(chain) > 1 {
			cases.rolled++
		}
		if len(chain) > 2*minChain {
			t.Fatalf("a chain of %d sections", len(chain))
		}
		if id%6 == 0 {
			cases.restored++
			compareRestored(t, &sections.memorySections, chain, at, 1+r.IntN(4))
		}
	}
	cases.compacted = w.table().slab.generation
	t.Logf("%+v", cases)
	if cases.rolled == 0 || cases.failed == 0 || cases.abandoned == 0 || cases.givenUp == 0 || cases.compacted == 0 || cases.expired == 0 {
		t.Errorf("a case was not met: %+v", cases)
	}
	compare(t, "in the end", dump(w.store), w.all())
	for _, name := range w.store.Tables() {
		w.store.Drop(name)
	}
	w.store.abandon()
	if n := w.budget.Used(); n != 0 {
		t.Errorf("%d bytes are held for nothing", n)
	}
}

func compareRestored(t *testing.T, sections *memorySections, chain []checkpoint.Section, want map[string]string, n int) {
	t.Helper()
	got := map[string]string{}
	for i := range n {
		s := NewStore(GroupsOf(i, n), &Budget{})
		if err := s.Load(sections.read, chain); err != nil {
			t.Fatal(err)
		}
		for _, name := range s.Tables() {
			checkTable(t, s.tables[name])
		}
		for k, v := range dump(s) {
			if _, twice := got[k]; twice {
				t.Fatalf("%s was restored twice", k)
			}
			got[k] = v
		}
		held := s.Bytes()
		if used := s.budget.Used(); used != held {
			t.Fatalf("the budget has %d bytes, the store %d", used, held)
		}
		size := int64(0)
		for _, name := range s.Tables() {
			size += s.tables[name].size()
		}
		if size != held {
			t.Fatalf("tables of %d bytes are held as %d", size, held)
		}
	}
	compare(t, fmt.Sprintf("restored on %d", n), got, want)
}

// checkTable: every row that is alive is found by its key, and nothing else is; the free ones
// are those that are dead.
func checkTable(t *testing.T, table *Table) {
	t.Helper()
	entries, live := 0, 0
	for _, e := range table.index {
		if e != 0 {
			entries++
		}
	}
	table.EachRow(func(id int32) {
		live++
		mask := uint64(len(table.index) - 1)
		slot := table.slot(table.row(id)[0])
		for table.index[slot] != 0 && uint32(table.index[slot]) != uint32(id+1) {
			slot = (slot + 1) & mask
		}
		if table.index[slot] == 0 {
			t.Fatalf("row %d is not found", id)
		}
	})
	free := map[int32]bool{}
	for _, id := range table.free {
		free[id] = table.row(id)[1]&liveFlag == 0
	}
	if entries != live || live != table.Len() || len(free) != table.rows-live {
		t.Fatalf("%d rows alive of %d, Len %d, %d in the index, %d free", live, table.rows, table.Len(), entries, len(free))
	}
}

// TestTextsMadeAnew: one table's texts are compacted between two deltas, while most of the state
// is another's and stays.
func TestTextsMadeAnew(t *testing.T) {
	r := seeded(t)
	w := newWindowed(Range{0, KeyGroups})
	for range 40 {
		w.add(t, r, "w1")
	}
	for range 3 {
		w.apply(t, r, 20)
	}
	sections, chain := &memorySections{}, []checkpoint.Section(nil)
	for id := checkpoint.ID(1); id <= 4; id++ {
		for i := 0; id == 2 && i < 300; i++ {
			w.table().EachRow(func(row int32) {
				acc := w.table().Write(row)
				acc[1], _ = w.table().Put(acc[1], []byte(strings.Repeat("text", 100)))
				w.want[string(w.table().Bytes(w.table().row(row)[w.table().keyAt[1]]))] = fmt.Sprintf("%d %s", acc[0], strings.Repeat("text", 100))
			})
		}
		w.apply(t, r, 20)
		f, err := w.store.Freeze(id)
		if err != nil {
			t.Fatal(err)
		}
		if f.whole != (id == 1) {
			t.Fatalf("checkpoint %d is a base: %v", id, f.whole)
		}
		if chain, _, err = f.Write(sections); err != nil {
			t.Fatal(err)
		}
		w.store.Confirm(id)
	}
	if w.table().slab.generation == 0 {
		t.Fatal("nothing was compacted")
	}
	compareRestored(t, sections, chain, w.all(), 1)
	compareRestored(t, sections, chain, w.all(), 3)
}
