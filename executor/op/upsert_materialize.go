package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// UpsertMaterialize keeps the rows of each key in the order in which they came, and gives the last.
// A row has one word. Its lowest bit is 1 if it is what the reader has: between two batches the last
// one of its key, and no other one. The upper half is when it came last, in seconds since 1970, if
// there is a TTL.
type UpsertMaterialize struct {
	executor.NoTimers
	keys   []int
	cols   []int // all
	layout state.RowLayout
	rows   *state.Multimap
	held   heldDeletes
	batch  *column.Batch
	expiry expiry

	sel, ids, of []int32 // of the batch: its live rows, their rows in the state, their keys there
	part, places []int32 // rows that come, or that are taken back, and where they are in sel
	found        []int32 // of part
	hashes       []uint64
	met          keyed
	lost         []bool  // by key: the row that the reader has went in this batch
	moved        []int32 // rows of the batch whose keys are deleted at once
	give         []int32
	kinds        []column.RowKind
}

const given = 1

// NewUpsertMaterialize makes the operator of a plan node.
func NewUpsertMaterialize(p *plan.UpsertMaterialize) *UpsertMaterialize {
	m := &UpsertMaterialize{keys: p.Keys, batch: column.NewBatch(p.Out), expiry: expiry{newIdle(p.TTL)}}
	m.layout = state.RowLayout{Key: p.Keys, Init: []uint64{0}}
	for i, c := range p.Out {
		m.cols, m.layout.Columns = append(m.cols, i), append(m.layout.Columns, c.Type)
	}
	m.held = newHeldDeletes(p.Keys, p.Out)
	return m
}

// Open implements executor.Operator.
func (m *UpsertMaterialize) Open(env *executor.Env) (err error) {
	m.held.open(env.State.Scratch())
	m.rows, err = env.State.Multimap("rows", m.layout)
	return err
}

// Process gives one row for each key whose newest row is another one now.
func (m *UpsertMaterialize) Process(_ int, b *column.Batch, out executor.Output) (err error) {
	m.hashes = column.HashColumns(m.hashes, b, m.keys)
	m.sel = liveRows(m.sel, b)
	if err := m.apply(b); err != nil {
		return err
	}
	m.expiry.touch(&m.rows.Rows, b, m.sel, m.ids)
	m.of = m.rows.Lookup(b, m.keys, m.hashes, m.sel, m.of)
	if err := m.collect(b); err != nil {
		return err
	}
	m.met.begin()
	m.give, m.kinds = m.give[:0], m.kinds[:0]
	for i, key := range m.of {
		if key != state.Absent && m.met.meet(key) {
			m.newest(b, key, m.sel[i])
		}
	}
	if err := m.emitMoved(b, out); err != nil {
		return err
	}
	if err := m.emit(out); err != nil {
		return err
	}
	m.rows.Prune()
	if m.held.full() {
		return m.Flush(out)
	}
	return nil
}

// apply enters what comes before what is taken back: a row that goes and comes again within the batch
// stays what the reader has.
func (m *UpsertMaterialize) apply(b *column.Batch) (err error) {
	m.ids = append(m.ids[:0], m.sel...)
	for _, back := range []bool{false, true} {
		m.part, m.places = m.part[:0], m.places[:0]
		for i, r := range m.sel {
			if b.Kind(int(r)).Retracts() == back {
				m.part, m.places = append(m.part, r), append(m.places, int32(i))
			}
		}
		if len(m.part) == 0 { // none, not all
			continue
		}
		if m.found, err = m.rows.Apply(b, m.cols, m.hashes, m.part, m.found); err != nil {
			return err
		}
		for i, at := range m.places {
			m.ids[at] = m.found[i]
		}
	}
	return nil
}

// collect notes the keys of which the reader has a row that went. A key that has no row left is
// deleted: at once if the new version of its row stands behind it, which then has another key, else
// later.
func (m *UpsertMaterialize) collect(b *column.Batch) (err error) {
	m.moved = m.moved[:0]
	for i, id := range m.ids {
		key := m.of[i]
		known := id != state.Absent // else perhaps to the reader
		if known && (m.rows.Count(id) > 0 || m.rows.Acc(id)[0]&given == 0) {
			continue
		}
		if known {
			m.rows.Write(id)[0] &^= given
		}
		switch {
		case key == state.Absent && known && m.moves(b, i):
			m.moved = append(m.moved, m.sel[i])
		case key == state.Absent:
			err = m.held.add(b, m.sel[i], m.hashes)
		case known:
			m.lose(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moves tells that the row behind an old version is the new one.
func (m *UpsertMaterialize) moves(b *column.Batch, i int) bool {
	return b.Kind(int(m.sel[i])) == column.UpdateBefore && i+1 < len(m.sel) && b.Kind(int(m.sel[i+1])) == column.UpdateAfter
}

func (m *UpsertMaterialize) lose(key int32) {
	for int(key) >= len(m.lost) {
		m.lost = append(m.lost, false)
	}
	m.lost[key] = true
}

// newest gives the last row of a key, if the reader has another one or none. r is a row of the batch
// with that key.
func (m *UpsertMaterialize) newest(b *column.Batch, key, r int32) {
	last := m.rows.Last(key)
	was := int(key) < len(m.lost) && m.lost[key]
	if was {
		m.lost[key] = false
	}
	if m.rows.Acc(last)[0]&given != 0 {
		return
	}
	was = was || m.forget(key, last) || m.held.takeBack(b, r, m.hashes)
	m.rows.Write(last)[0] |= given
	kind := column.Insert
	if was {
		kind = column.UpdateAfter
	}
	m.give, m.kinds = append(m.give, last), append(m.kinds, kind)
}

// forget looks for the row in front of a new one that the reader had: behind it stand only rows of
// this batch.
func (m *UpsertMaterialize) forget(key, id int32) bool {
	first := m.rows.First(key)
	for id != first {
		id = m.rows.Before(id)
		if m.rows.Acc(id)[0]&given != 0 {
			m.rows.Write(id)[0] &^= given
			return true
		}
	}
	return false
}

// emitMoved gives the deletions that need not wait.
func (m *UpsertMaterialize) emitMoved(b *column.Batch, out executor.Output) error {
	for part := range slices.Chunk(m.moved, column.BatchRows) {
		for i, v := range m.batch.Cols {
			v.AppendRows(b.Cols[i], part, b.Rows)
		}
		for range part {
			m.batch.Kinds = append(m.batch.Kinds, column.Delete)
		}
		m.batch.Rows = len(part)
		err := out.Emit(m.batch)
		m.batch.Reset()
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *UpsertMaterialize) emit(out executor.Output) error {
	for len(m.give) > 0 {
		n := min(len(m.give), column.BatchRows)
		for i, c := range m.cols {
			m.rows.AppendColumn(m.batch.Cols[i], c, m.give[:n])
		}
		m.batch.Rows, m.batch.Kinds = n, append(m.batch.Kinds, m.kinds[:n]...)
		err := out.Emit(m.batch)
		m.batch.Reset()
		if err != nil {
			return err
		}
		m.give, m.kinds = m.give[n:], m.kinds[n:]
	}
	return nil
}

// Flush gives the deletions of keys that have not come again, and forgets rows that have not for long.
func (m *UpsertMaterialize) Flush(out executor.Output) error {
	m.expiry.sweep(&m.rows.Rows)
	return m.held.send(out)
}

// OnWatermark has nothing to emit: results go out as they change.
func (m *UpsertMaterialize) OnWatermark(int64, executor.Output) error { return nil }

// Close implements executor.Operator.
func (m *UpsertMaterialize) Close() error { return nil }
