package state

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// eventSchema are the columns of a test row: a text, a key, and the sort key as a number and
// as a text; a map keeps one of the latter two.
var (
	eventSchema = types.Schema{{Type: types.Of(types.String)}, {Type: types.Of(types.BigInt)}, {Type: types.Of(types.BigInt)}, {Type: types.Of(types.String)}}
	eventKey    = []int{1}
)

// sortText is a text whose order as bytes is that of x, 0 <= x < 10,000: of different lengths,
// many with the same first 8 bytes.
func sortText(x int64) []byte {
	if x < 10 {
		return fmt.Appendf(nil, "%d", x)
	}
	return fmt.Appendf(nil, "sort-key-%04d", x)
}

type orderedSubject struct {
	store  *Store
	m      *OrderedMap
	rows   contents
	unique bool
	texts  bool
	r      *rand.Rand
}

func newOrderedSubject(t *testing.T, s *Store, unique, texts bool) *orderedSubject {
	columns := []types.Type{eventSchema[0].Type, eventSchema[1].Type, eventSchema[2].Type}
	l := OrderedLayout{RowLayout: RowLayout{Columns: columns, Key: []int{1}, Init: []uint64{3}}, Sort: 2, Unique: unique}
	if texts {
		l.Columns[2] = eventSchema[3].Type
	}
	m, err := s.OrderedMap("events", l)
	if err != nil {
		t.Fatal(err)
	}
	return &orderedSubject{store: s, m: m, rows: contents{}, unique: unique, texts: texts, r: rand.New(rand.NewPCG(2, 2))}
}

func (s *orderedSubject) state() *Store   { return s.store }
func (s *orderedSubject) model() contents { return s.rows }

func (s *orderedSubject) over(t *testing.T, store *Store, rows contents) subject {
	o := newOrderedSubject(t, store, s.unique, s.texts)
	o.rows = rows
	return o
}

func (s *orderedSubject) cols() []int {
	if s.texts {
		return []int{0, 1, 3}
	}
	return []int{0, 1, 2}
}

func (s *orderedSubject) bound(x int64) Bound {
	if s.texts {
		return Bound{Bytes: sortText(x)}
	}
	return Bound{Int: x}
}

const eventKeys = 12

func eventBatch(r *rand.Rand, rows, sorts, texts int) *column.Batch {
	b := column.NewBatch(eventSchema)
	for range rows {
		x := int64(r.IntN(sorts))
		b.Cols[0].AppendBytes(fmt.Appendf(nil, "%d", r.IntN(texts)))
		b.Cols[1].AppendInt(int64(r.IntN(eventKeys)))
		b.Cols[2].AppendInt(x)
		b.Cols[3].AppendBytes(sortText(x))
		b.Rows++
	}
	return b
}

func (s *orderedSubject) change(t *testing.T, r *rand.Rand) {
	b := eventBatch(r, 1+r.IntN(200), 1+r.IntN(2000), 1+r.IntN(5))
	if r.IntN(4) > 0 {
		for range b.Rows {
			b.Kinds = append(b.Kinds, column.RowKind(r.IntN(4)))
		}
	}
	hashes := column.HashColumns(nil, b, eventKey)
	sel := owned(s.store, b, hashes, r)
	ids, err := s.m.Apply(b, s.cols(), hashes, sel, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range sel {
		s.apply(t, b, int(row), ids[i])
	}
	s.setWords(b, hashes, sel)
	switch r.IntN(7) {
	case 6:
		s.renewOne(t, b, hashes, sel)
	case 0:
		s.removeBelow(t, b, hashes, sel, int64(r.IntN(300)))
	case 1:
		s.expireBelow(t, int64(r.IntN(200)))
	case 2:
		s.removeOne(b, hashes, sel)
	case 3:
		s.m.Prune()
	}
}

// apply does to the model what Apply did for one row.
func (s *orderedSubject) apply(t *testing.T, b *column.Batch, r int, id int32) {
	key, e := b.Cols[1].Ints[r], entry{text: string(b.Cols[0].Bytes(r)), sort: b.Cols[2].Ints[r], count: 1, word: 3}
	name := fmt.Sprint(key)
	list := s.rows[name]
	at := slices.IndexFunc(list, func(x entry) bool { return x.text == e.text && x.sort == e.sort })
	if retracts := len(b.Kinds) > 0 && b.Kinds[r].Retracts(); retracts {
		if (id == Absent) != (at < 0) {
			t.Fatalf("row %v of %s: number %d", e, name, id)
		}
		if at >= 0 {
			if list[at].count--; list[at].count == 0 {
				list = slices.Delete(list, at, at+1)
			}
		}
	} else if at >= 0 && !s.unique {
		list[at].count++
	} else if at < 0 {
		if s.unique {
			list = slices.DeleteFunc(list, func(x entry) bool { return x.sort == e.sort })
		}
		behind := slices.IndexFunc(list, func(x entry) bool { return x.sort > e.sort })
		if behind < 0 {
			behind = len(list)
		}
		list = slices.Insert(list, behind, e)
	}
	s.set(name, list)
}

func (s *orderedSubject) set(key string, list []entry) {
	if s.rows[key] = list; len(list) == 0 {
		delete(s.rows, key)
	}
}

// renewOne puts the first row of a key behind those with the same sort key.
func (s *orderedSubject) renewOne(t *testing.T, b *column.Batch, hashes []uint64, sel []int32) {
	for i, key := range s.m.Lookup(b, eventKey, hashes, sel[:min(len(sel), 1)], nil) {
		if key == Absent {
			continue
		}
		if err := s.m.Renew(s.m.First(key)); err != nil {
			t.Fatal(err)
		}
		list, n := s.rows[fmt.Sprint(b.Cols[1].Ints[sel[i]])], 1
		for ; n < len(list) && list[n].sort == list[0].sort; n++ {
			list[n-1], list[n] = list[n], list[n-1]
		}
	}
}

func (s *orderedSubject) setWords(b *column.Batch, hashes []uint64, sel []int32) {
	sel = sel[:min(len(sel), 2)]
	for i, key := range s.m.Lookup(b, eventKey, hashes, sel, nil) {
		if key != Absent {
			s.m.Write(s.m.First(key))[0]++
			s.rows[fmt.Sprint(b.Cols[1].Ints[sel[i]])][0].word++
		}
	}
}

func (s *orderedSubject) removeBelow(t *testing.T, b *column.Batch, hashes []uint64, sel []int32, bound int64) {
	for i, key := range s.m.Lookup(b, eventKey, hashes, sel[:min(len(sel), 1)], nil) {
		if key == Absent {
			continue
		}
		name := fmt.Sprint(b.Cols[1].Ints[sel[i]])
		const limit = 20
		removed := s.m.RemoveBelow(key, s.bound(bound), nil, limit)
		want := s.rows[name]
		n := 0
		for n < min(limit, len(want)) && want[n].sort < bound {
			n++
		}
		s.sameRows(t, removed, want[:n])
		s.set(name, slices.Clone(want[n:]))
	}
}

// sameRows reads rows that were removed.
func (s *orderedSubject) sameRows(t *testing.T, ids []int32, want []entry) {
	t.Helper()
	text := column.NewVector(eventSchema[0].Type)
	s.m.AppendColumn(text, 0, ids)
	for i, id := range ids {
		if i >= len(want) || string(text.Bytes(i)) != want[i].text || s.m.Acc(id)[0] != want[i].word || s.m.Count(id) != 0 {
			t.Fatalf("%d rows were removed, the one at %d is %q; want %v", len(ids), i, text.Bytes(i), want)
		}
	}
	if len(ids) != len(want) {
		t.Fatalf("%d rows were removed, want %v", len(ids), want)
	}
}

func (s *orderedSubject) expireBelow(t *testing.T, bound int64) {
	if s.texts {
		return
	}
	const limit = 30
	got := contents{}
	key, text := column.NewVector(eventSchema[1].Type), column.NewVector(eventSchema[0].Type)
	for ids := []int32(nil); ; {
		var err error
		if ids, err = s.m.ExpireBelow(bound, ids[:0], limit); err != nil {
			t.Fatal(err)
		}
		key.Reset()
		text.Reset()
		s.m.AppendColumn(key, 1, ids)
		s.m.AppendColumn(text, 0, ids)
		for i, id := range ids {
			name := fmt.Sprint(key.Ints[i])
			got[name] = append(got[name], entry{text: string(text.Bytes(i)), sort: s.m.SortInt(id), word: s.m.Acc(id)[0]})
		}
		if len(ids) < limit {
			break
		}
	}
	want := contents{}
	for name, list := range s.rows.clone() {
		n := 0
		for ; n < len(list) && list[n].sort < bound; n++ {
			e := list[n]
			e.count = 0
			want[name] = append(want[name], e)
		}
		s.set(name, list[n:])
	}
	equal(t, fmt.Sprintf("expired below %d", bound), got, want)
}

func (s *orderedSubject) removeOne(b *column.Batch, hashes []uint64, sel []int32) {
	for i, key := range s.m.Lookup(b, eventKey, hashes, sel[:min(len(sel), 1)], nil) {
		if key == Absent {
			continue
		}
		name := fmt.Sprint(b.Cols[1].Ints[sel[i]])
		at := s.r.IntN(s.m.Size(key))
		s.m.Remove(s.m.At(key, at))
		s.set(name, slices.Delete(s.rows[name], at, at+1))
	}
}

func (s *orderedSubject) have(t *testing.T) contents {
	b := column.NewBatch(eventSchema)
	for k := range eventKeys {
		b.Cols[1].AppendInt(int64(k))
		b.Rows++
	}
	out, rows := contents{}, 0
	for k, key := range s.m.Lookup(b, eventKey, column.HashColumns(nil, b, eventKey), nil, nil) {
		if key == Absent {
			continue
		}
		var ids []int32
		for id := s.m.First(key); id != Absent; id = s.m.Next(id) {
			ids = append(ids, id)
		}
		rows += len(ids)
		s.walks(t, key, ids)
		out[fmt.Sprint(k)] = s.entries(ids)
		s.ranges(t, key, ids, out[fmt.Sprint(k)])
	}
	if s.m.Len() != rows || s.m.Keys() != len(out) {
		t.Fatalf("Len %d, Keys %d; there are %d rows of %d keys", s.m.Len(), s.m.Keys(), rows, len(out))
	}
	return out
}

func (s *orderedSubject) entries(ids []int32) (out []entry) {
	text := column.NewVector(eventSchema[0].Type)
	s.m.AppendColumn(text, 0, ids)
	for i, id := range ids {
		e := entry{text: string(text.Bytes(i)), count: s.m.Count(id), word: s.m.Acc(id)[0]}
		if s.texts {
			fmt.Sscanf(string(s.m.SortBytes(id)[max(0, len(s.m.SortBytes(id))-4):]), "%d", &e.sort)
		} else {
			e.sort = s.m.SortInt(id)
		}
		out = append(out, e)
	}
	return out
}

// walks compares all ways from row to row with the ascending one.
func (s *orderedSubject) walks(t *testing.T, key int32, ids []int32) {
	back := s.m.Last(key)
	for i, id := range slices.Backward(ids) {
		if back != id || s.m.Rank(id) != i || s.m.At(key, i) != id {
			t.Fatalf("row %d of %d: number %d, backward %d, rank %d, at that rank %d", i, len(ids), id, back, s.m.Rank(id), s.m.At(key, i))
		}
		back = s.m.Prev(back)
	}
	if back != Absent || s.m.At(key, len(ids)) != Absent || s.m.Size(key) != len(ids) {
		t.Fatalf("%d rows: %d before the first, %d behind the last, Size %d", len(ids), back, s.m.At(key, len(ids)), s.m.Size(key))
	}
}

// ranges compares what lies between two random bounds with a search of all rows.
func (s *orderedSubject) ranges(t *testing.T, key int32, ids []int32, rows []entry) {
	pick := func() int64 { // near a row, or anywhere
		if s.r.IntN(2) == 0 {
			return int64(s.r.IntN(2100))
		}
		return max(0, rows[s.r.IntN(len(rows))].sort+int64(s.r.IntN(3)-1))
	}
	lo, hi := pick(), pick()
	var up []int32
	for i, e := range rows {
		if lo <= e.sort && e.sort <= hi {
			up = append(up, ids[i])
		}
	}
	down := slices.Clone(up)
	slices.Reverse(down)
	const all = 1 << 30
	if got := s.m.AppendRange(nil, s.m.Ceil(key, s.bound(lo)), s.bound(hi), all); !slices.Equal(got, up) {
		t.Fatalf("from %d up to %d: %v, want %v", lo, hi, got, up)
	}
	if got := s.m.AppendRangeDown(nil, s.m.Floor(key, s.bound(hi)), s.bound(lo), all); !slices.Equal(got, down) {
		t.Fatalf("from %d down to %d: %v, want %v", hi, lo, got, down)
	}
	if got := s.m.AppendRange(nil, s.m.Ceil(key, s.bound(lo)), s.bound(hi), 3); !slices.Equal(got, up[:min(3, len(up))]) {
		t.Fatalf("three rows from %d: %v of %v", lo, got, up)
	}
}

func TestOrderedMapAgainstModel(t *testing.T) {
	for _, unique := range []bool{false, true} {
		for _, texts := range []bool{false, true} {
			t.Run(fmt.Sprintf("unique=%t,texts=%t", unique, texts), func(t *testing.T) {
				testAgainstModel(t, func(s *Store) subject { return newOrderedSubject(t, s, unique, texts) })
			})
		}
	}
}

// TestOrderedMapIsShallow: rows that come in order, as those of a stream do, make no long walk.
func TestOrderedMapIsShallow(t *testing.T) {
	s := newOrderedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}), false, false)
	b := column.NewBatch(eventSchema)
	const rows = 100_000
	for i := range rows {
		b.Cols[0].AppendBytes([]byte("x"))
		b.Cols[1].AppendInt(1)
		b.Cols[2].AppendInt(int64(i))
		b.Rows++
	}
	if _, err := s.m.Apply(b, s.cols(), column.HashColumns(nil, b, eventKey), nil, nil); err != nil {
		t.Fatal(err)
	}
	deepest := 0
	for n := range int32(rows) {
		depth := 0
		for at := n + 1; at != 0; at = s.m.nodes[at].parent {
			depth++
		}
		deepest = max(deepest, depth)
	}
	if deepest > 60 { // 17 of a perfect tree; some 40 are expected
		t.Fatalf("the deepest of %d rows is at %d", rows, deepest)
	}
}

// TestExpireBelowInOrder: the key with the least sort key first, whatever went before; what was
// removed gives its memory back, and a key that was emptied otherwise is not looked for.
func TestExpireBelowInOrder(t *testing.T) {
	s := newOrderedSubject(t, NewStore(Range{0, KeyGroups}, &Budget{}), false, false)
	put := func(kind column.RowKind, keysAndTimes ...int64) {
		b := column.NewBatch(eventSchema)
		for i := 0; i < len(keysAndTimes); i += 2 {
			b.Cols[0].AppendBytes([]byte("x"))
			b.Cols[1].AppendInt(keysAndTimes[i])
			b.Cols[2].AppendInt(keysAndTimes[i+1])
			b.Kinds = append(b.Kinds, kind)
			b.Rows++
		}
		if _, err := s.m.Apply(b, s.cols(), column.HashColumns(nil, b, eventKey), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	expire := func(bound int64, limit int) (got []int64) {
		ids, err := s.m.ExpireBelow(bound, nil, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			got = append(got, s.m.SortInt(id))
		}
		return got
	}
	put(column.Insert, 1, 5, 1, 40, 2, 10, 2, 50, 3, 7, 4, 60)
	if got := expire(4, 9); len(got) != 0 {
		t.Fatalf("expired: %v", got)
	}
	put(column.Delete, 1, 5, 3, 7)
	put(column.Insert, 4, 30)
	if got := expire(45, 2); !slices.Equal(got, []int64{10, 30}) {
		t.Fatalf("expired: %v", got)
	}
	if got := expire(45, 9); !slices.Equal(got, []int64{40}) || s.m.table.Len() != 3 {
		t.Fatalf("expired: %v, %d rows in the table", got, s.m.table.Len())
	}
	if s.m.expiry.len() != 2 || s.m.Keys() != 2 {
		t.Fatalf("%d of %d keys are watched", s.m.expiry.len(), s.m.Keys())
	}
}

func TestOrderedMapRefuses(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	if _, err := s.OrderedMap("m", OrderedLayout{RowLayout: RowLayout{Columns: []types.Type{types.Of(types.Double)}}}); err == nil {
		t.Fatal("rows are ordered by a DOUBLE")
	}
}

// TestDueHeap: against a sorted list, with elements moved and taken out.
func TestDueHeap(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	h := &dueHeap{mem: &derived{store: NewStore(Range{0, KeyGroups}, &Budget{})}}
	want := map[int32]dueItem{}
	for range 5000 {
		d := dueItem{at: int64(r.IntN(50)), tie: uint64(r.IntN(5)), id: int32(r.IntN(300))}
		switch have := h.find(d.id); {
		case have == nil:
			if err := h.push(d); err != nil {
				t.Fatal(err)
			}
			want[d.id] = d
		case r.IntN(2) == 0:
			d.tie = have.tie
			h.move(d.id, d.at)
			want[d.id] = d
		default:
			h.remove(d.id)
			delete(want, d.id)
		}
		if h.len() != len(want) {
			t.Fatalf("%d elements, want %d", h.len(), len(want))
		}
		first := dueItem{at: 1 << 62}
		for _, d := range want {
			if d.before(&first) {
				first = d
			}
		}
		if h.len() > 0 && h.items[0] != first {
			t.Fatalf("first is %v, want %v", h.items[0], first)
		}
	}
	var last *dueItem
	for h.len() > 0 {
		d := h.items[0]
		if last != nil && cmp.Compare(last.at, d.at) > 0 {
			t.Fatalf("%v comes before %v", *last, d)
		}
		h.remove(d.id)
		last = &d
	}
}
