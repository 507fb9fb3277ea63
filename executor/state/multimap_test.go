package state

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// The columns of a test row: a text, then a key of two columns in the other order.
var (
	pairLayout = RowLayout{
		Columns: []types.Type{types.Of(types.String), types.Of(types.String), types.Of(types.BigInt)},
		Key:     []int{2, 1}, Init: []uint64{7, 0}, Refs: []int{1},
	}
	// In a batch a column that is not kept lies before them.
	pairSchema = types.Schema{{Type: types.Of(types.Double)}, {Type: types.Of(types.String)}, {Type: types.Of(types.String)}, {Type: types.Of(types.BigInt)}}
	pairCols   = []int{1, 2, 3}
	pairKeys   = []int{3, 2}
)

// pairBatch makes random rows of some keys, with NULL in key and text.
func pairBatch(r *rand.Rand, rows, keys, texts int) *column.Batch {
	b := column.NewBatch(pairSchema)
	for range rows {
		k, x := r.IntN(keys), r.IntN(texts)
		b.Cols[0].AppendNull()
		if x == 0 {
			b.Cols[1].AppendNull()
		} else {
			b.Cols[1].AppendBytes(fmt.Appendf(nil, "text-%d", x))
		}
		b.Cols[2].AppendBytes(fmt.Appendf(nil, "k%d", k%3))
		if k%7 == 0 {
			b.Cols[3].AppendNull()
		} else {
			b.Cols[3].AppendInt(int64(k))
		}
		b.Rows++
	}
	return b
}

// pairText and pairKey name a row of a batch in the model.
func pairText(b *column.Batch, r int) string {
	if b.Cols[1].Null(r) {
		return "NULL"
	}
	return string(b.Cols[1].Bytes(r))
}

func pairKey(b *column.Batch, r int) string {
	if b.Cols[3].Null(r) {
		return "NULL/" + string(b.Cols[2].Bytes(r))
	}
	return fmt.Sprintf("%d/%s", b.Cols[3].Ints[r], b.Cols[2].Bytes(r))
}

// owned selects the rows of a store's key groups, in a random share of the batch.
func owned(s *Store, b *column.Batch, hashes []uint64, r *rand.Rand) []int32 {
	sel := []int32{}
	for i, h := range hashes {
		if s.groups.Contains(Group(h)) && r.IntN(10) > 0 {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

type multimapSubject struct {
	store *Store
	m     *Multimap
	rows  contents
	found Matches
	apart bool // equal rows are rows of their own, and none is taken back
}

func newMultimapSubject(t *testing.T, s *Store, rows contents, apart bool) *multimapSubject {
	layout := pairLayout
	layout.Apart = apart
	m, err := s.Multimap("left", layout)
	if err != nil {
		t.Fatal(err)
	}
	return &multimapSubject{store: s, m: m, rows: rows, apart: apart}
}

func (s *multimapSubject) state() *Store   { return s.store }
func (s *multimapSubject) model() contents { return s.rows }

func (s *multimapSubject) over(t *testing.T, store *Store, rows contents) subject {
	return newMultimapSubject(t, store, rows, s.apart)
}

func (s *multimapSubject) change(t *testing.T, r *rand.Rand) {
	b := pairBatch(r, 1+r.IntN(300), 40, 1+r.IntN(60))
	if !s.apart && r.IntN(4) > 0 {
		for range b.Rows {
			b.Kinds = append(b.Kinds, column.RowKind(r.IntN(4)))
		}
	}
	hashes := column.HashColumns(nil, b, pairKeys)
	sel := owned(s.store, b, hashes, r)
	ids, err := s.m.Apply(b, pairCols, hashes, sel, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range sel {
		s.apply(t, b, int(row), ids[i])
	}
	s.setWords(t, r, b, hashes, sel)
	if r.IntN(20) == 0 && len(sel) > 0 {
		s.emptyKey(t, b, hashes, sel[:1])
	}
	for i := 0; s.apart && i < len(sel); i += 5 { // else they would only become more
		s.emptyKey(t, b, hashes, sel[i:i+1])
	}
	if r.IntN(3) == 0 {
		s.m.Prune()
	}
}

// apply does to the model what Apply did for one row.
func (s *multimapSubject) apply(t *testing.T, b *column.Batch, r int, id int32) {
	key, text := pairKey(b, r), pairText(b, r)
	list := s.rows[key]
	at := slices.IndexFunc(list, func(e entry) bool { return e.text == text })
	retracts := len(b.Kinds) > 0 && b.Kinds[r].Retracts()
	switch {
	case s.apart:
		list = append(list, entry{text: text, count: 1, word: 7})
	case retracts != (id == Absent) && retracts && at < 0, id == Absent && (at >= 0 || !retracts):
		t.Fatalf("row %s of %s: number %d", text, key, id)
	case retracts && at < 0:
	case retracts:
		if list[at].count--; list[at].count == 0 {
			list = slices.Delete(list, at, at+1)
		}
	case at < 0:
		list = append(list, entry{text: text, count: 1, word: 7})
	default:
		list[at].count++
	}
	if s.rows[key] = list; len(list) == 0 {
		delete(s.rows, key)
	}
}

// setWords writes to the words of the rows under some keys, as an outer join does.
func (s *multimapSubject) setWords(t *testing.T, r *rand.Rand, b *column.Batch, hashes []uint64, sel []int32) {
	sel = sel[:len(sel)/8]
	keys := s.m.Lookup(b, pairKeys, hashes, sel, nil)
	for i, row := range sel {
		list := s.rows[pairKey(b, int(row))]
		if (keys[i] == Absent) != (len(list) == 0) {
			t.Fatalf("key %s has number %d and %d rows", pairKey(b, int(row)), keys[i], len(list))
		}
		if keys[i] == Absent {
			continue
		}
		n := 0
		for id := s.m.First(keys[i]); id != Absent; id = s.m.Next(id) {
			w := s.m.Write(id)
			w[0]++
			var err error
			if w[1], err = s.m.Put(w[1], fmt.Appendf(nil, "note %d of %d", w[0], r.IntN(100))); err != nil {
				t.Fatal(err)
			}
			list[n].word++
			n++
		}
	}
}

func (s *multimapSubject) emptyKey(t *testing.T, b *column.Batch, hashes []uint64, sel []int32) {
	key := s.m.Lookup(b, pairKeys, hashes, sel, nil)[0]
	for key != Absent {
		id := s.m.First(key)
		last := s.m.Next(id) == Absent
		if s.m.Remove(id); last {
			key = Absent
		}
	}
	delete(s.rows, pairKey(b, int(sel[0])))
}

// have finds all keys by a batch that probes for each of them and for some that are not there.
func (s *multimapSubject) have(t *testing.T) contents {
	b := column.NewBatch(pairSchema)
	for k := range 50 {
		for name := range 3 {
			b.Cols[0].AppendNull()
			b.Cols[1].AppendNull()
			b.Cols[2].AppendBytes(fmt.Appendf(nil, "k%d", name))
			if k == 0 {
				b.Cols[3].AppendNull()
			} else {
				b.Cols[3].AppendInt(int64(k))
			}
			b.Rows++
		}
	}
	out, rows := contents{}, 0
	text := column.NewVector(types.Of(types.String))
	for s.m.Match(&s.found, b, pairKeys, column.HashColumns(nil, b, pairKeys), nil); s.m.More(&s.found); {
		text.Reset()
		s.m.AppendColumn(text, 0, s.found.Rows)
		for i, id := range s.found.Rows {
			e := entry{text: "NULL", count: s.m.Count(id), word: s.m.Acc(id)[0]}
			if !text.Null(i) {
				e.text = string(text.Bytes(i))
			}
			if note := string(s.m.Bytes(s.m.Acc(id)[1])); e.word > 7 && !strings.HasPrefix(note, fmt.Sprintf("note %d of", e.word)) {
				t.Fatalf("a row with word %d has %q", e.word, note)
			}
			key := pairKey(b, int(s.found.Probes[i]))
			out[key] = append(out[key], e)
			rows++
		}
		for _, r := range s.found.Unmatched {
			if key := pairKey(b, int(r)); len(s.rows[key]) > 0 {
				t.Fatalf("nothing is found under %s", key)
			}
		}
	}
	if s.m.Len() != rows || s.m.Keys() != len(out) {
		t.Fatalf("Len %d, Keys %d; there are %d rows of %d keys", s.m.Len(), s.m.Keys(), rows, len(out))
	}
	return out
}

func TestMultimapAgainstModel(t *testing.T) {
	for _, apart := range []bool{false, true} {
		t.Run(fmt.Sprintf("apart=%t", apart), func(t *testing.T) {
			testAgainstModel(t, func(s *Store) subject { return newMultimapSubject(t, s, contents{}, apart) })
		})
	}
}

// TestMultimapGoesBackToEmpty: what was taken back leaves nothing, and one more is said.
func TestMultimapGoesBackToEmpty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	budget := &Budget{}
	s := NewStore(Range{0, KeyGroups}, budget)
	m := newMultimapSubject(t, s, contents{}, false).m
	b := pairBatch(r, 500, 20, 30)
	hashes := column.HashColumns(nil, b, pairKeys)
	ids, err := m.Apply(b, pairCols, hashes, nil, nil)
	if err != nil || len(ids) != 500 || m.Keys() != 20 {
		t.Fatalf("%d rows, %d keys, %v", len(ids), m.Keys(), err)
	}
	for range b.Rows {
		b.Kinds = append(b.Kinds, column.Delete)
	}
	if ids, err = m.Apply(b, pairCols, hashes, nil, ids); err != nil || slices.Contains(ids, Absent) {
		t.Fatalf("a row is not found: %v, %v", ids, err)
	}
	m.Prune()
	if m.Len() != 0 || m.Keys() != 0 || m.table.Len() != 0 {
		t.Fatalf("%d rows, %d keys, %d in the table", m.Len(), m.Keys(), m.table.Len())
	}
	if ids, err = m.Apply(b, pairCols, hashes, nil, ids); err != nil || slices.ContainsFunc(ids, func(id int32) bool { return id != Absent }) {
		t.Fatalf("a row is there: %v, %v", ids, err)
	}
	m.Drop()
	if budget.Used() != 0 || s.Bytes() != 0 {
		t.Fatalf("%d bytes were not given back", budget.Used())
	}
}

// TestMultimapOfNoKey: all rows are under one key, as those of the small side of a join
// without a key are.
func TestMultimapOfNoKey(t *testing.T) {
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).Multimap("m", RowLayout{Columns: pairLayout.Columns})
	if err != nil {
		t.Fatal(err)
	}
	b := pairBatch(rand.New(rand.NewPCG(1, 1)), 100, 20, 30)
	hashes := column.HashColumns(nil, b, nil)
	if _, err := m.Apply(b, pairCols, hashes, nil, nil); err != nil {
		t.Fatal(err)
	}
	var found Matches
	one := &column.Batch{Rows: 1}
	m.Match(&found, one, nil, column.HashColumns(nil, one, nil), nil)
	if !m.More(&found) || len(found.Rows) != m.Len() || m.Keys() != 1 || m.More(&found) {
		t.Fatalf("%d of %d rows found", len(found.Rows), m.Len())
	}
}

// TestManyMatches: pairs come a batch at a time, also those of one probe.
func TestManyMatches(t *testing.T) {
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).Multimap("m", pairLayout)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		b := pairBatch(r, 3000, 2, 5000)
		if _, err := m.Apply(b, pairCols, column.HashColumns(nil, b, pairKeys), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	var found Matches
	probe := pairBatch(r, 10, 5, 3)
	pairs, alone := map[[2]int32]bool{}, 0
	steps := 0
	for m.Match(&found, probe, pairKeys, column.HashColumns(nil, probe, pairKeys), nil); m.More(&found); steps++ {
		if len(found.Rows) > column.BatchRows {
			t.Fatalf("%d pairs at once", len(found.Rows))
		}
		for i, p := range found.Probes {
			pairs[[2]int32{p, found.Rows[i]}] = true
		}
		alone += len(found.Unmatched)
	}
	want, none := 0, 0
	for _, key := range m.Lookup(probe, pairKeys, column.HashColumns(nil, probe, pairKeys), nil, nil) {
		if key == Absent {
			none++
			continue
		}
		for id := m.First(key); id != Absent; id = m.Next(id) {
			want++
		}
	}
	if want < 2*column.BatchRows || len(pairs) != want || alone != none || none == 0 {
		t.Fatalf("%d different pairs and %d probes alone in %d steps, want %d and %d", len(pairs), alone, steps, want, none)
	}
}

// TestMultimapRefuses: rows of other columns, and memory that the budget does not hold.
func TestMultimapRefuses(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{Limit: 300_000})
	s.Table("left", Layout{Keys: []types.Type{types.Of(types.BigInt)}, Words: 2})
	_, err := s.Multimap("left", pairLayout)
	if _, ok := errors.AsType[*LayoutError](err); !ok {
		t.Fatalf("another layout: %v", err)
	}
	m, err := s.Multimap("right", pairLayout)
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < 100 && err == nil; i++ {
		b := pairBatch(r, 1000, 1<<30, 1<<30)
		_, err = m.Apply(b, pairCols, column.HashColumns(nil, b, pairKeys), nil, nil)
	}
	if _, ok := errors.AsType[*BudgetError](err); !ok {
		t.Fatalf("the budget holds all: %v", err)
	}
	s.Close()
	if s.budget.Used() != 0 {
		t.Fatalf("%d bytes were not given back", s.budget.Used())
	}
}

// TestApartKeepsRestoredCounts: equal rows that were one row stay one when no others are looked for any more.
func TestApartKeepsRestoredCounts(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	m := newMultimapSubject(t, s, contents{}, false).m
	b := pairBatch(rand.New(rand.NewPCG(1, 1)), 1, 20, 30)
	hashes := column.HashColumns(nil, b, pairKeys)
	for range 3 {
		if _, err := m.Apply(b, pairCols, hashes, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	s = reloaded(t, s)
	m = newMultimapSubject(t, s, contents{}, true).m
	ids, err := m.Apply(b, pairCols, hashes, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := m.First(m.Lookup(b, pairKeys, hashes, nil, nil)[0])
	if m.Len() != 2 || m.Count(first) != 3 || m.Next(first) != ids[0] || m.Count(ids[0]) != 1 {
		t.Fatalf("%d rows, counts %d and %d", m.Len(), m.Count(first), m.Count(ids[0]))
	}
	m.Drop()
	if s.budget.Used() != 0 {
		t.Fatalf("%d bytes were not given back", s.budget.Used())
	}
}
