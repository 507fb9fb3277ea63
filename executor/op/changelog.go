package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// ChangelogNormalize keeps the newest row of each key. Of the rows of a batch that share a
// key only the last counts; changes leave in the order of these.
type ChangelogNormalize struct {
	executor.Stateless // but for the table: nothing is held outside it
	keyed
	emitBefore bool
	layout     state.Layout
	kept       keptRow
	table      *state.Table
	out        *column.Batch
	newest     []rowChange
}

// rowChange is a row of the table and the row of the batch that changes it.
type rowChange struct{ id, row int32 }

// NewChangelogNormalize makes the operator of a plan node.
func NewChangelogNormalize(p *plan.ChangelogNormalize) *ChangelogNormalize {
	kept := newKeptRow(p)
	n := &ChangelogNormalize{keyed: keyed{keys: p.Keys, init: kept.init}, emitBefore: p.EmitBefore, kept: kept, out: column.NewBatch(p.Out)}
	n.layout = state.Layout{Keys: keyTypes(p.Out, p.Keys), Words: len(n.kept.init), Refs: n.kept.refs}
	return n
}

// Open implements executor.Operator.
func (n *ChangelogNormalize) Open(env *executor.Env) error {
	n.table = env.State.Table("rows", n.layout)
	return env.State.Fits(n.layout)
}

// Process implements executor.Operator.
func (n *ChangelogNormalize) Process(_ int, b *column.Batch, out executor.Output) error {
	if err := n.find(n.table, b, b.Sel); err != nil {
		return err
	}
	n.choose(b)
	e := emitter{batch: n.out, out: out, kinds: true}
	for i := len(n.newest) - 1; i >= 0; i-- {
		if err := n.change(&e, b, n.newest[i]); err != nil {
			return err
		}
	}
	if err := e.finish(); err != nil {
		return err
	}
	return n.table.Compact()
}

// choose lists the last row of each key, the last of all first.
func (n *ChangelogNormalize) choose(b *column.Batch) {
	n.begin()
	n.newest = n.newest[:0]
	for i := len(n.ids) - 1; i >= 0; i-- {
		if id := n.ids[i]; n.meet(id) {
			n.newest = append(n.newest, rowChange{id, int32(rowAt(b.Sel, i))})
		}
	}
}

func (n *ChangelogNormalize) change(e *emitter, b *column.Batch, c rowChange) error {
	row := int(c.row)
	there := n.kept.there(n.table, c.id)
	switch {
	case b.Kind(row).Retracts():
		if there {
			n.emit(e, c.id, column.Delete)
		}
		n.table.Delete(c.id)
		return nil
	case !there:
		if err := n.kept.put(n.table, c.id, b, row); err != nil {
			return err
		}
		n.emit(e, c.id, column.Insert)
		return nil
	case n.kept.equal(n.table, c.id, b, row):
		return nil
	}
	if n.emitBefore {
		n.emit(e, c.id, column.UpdateBefore)
	}
	if err := n.kept.put(n.table, c.id, b, row); err != nil {
		return err
	}
	n.emit(e, c.id, column.UpdateAfter)
	return nil
}

func (n *ChangelogNormalize) emit(e *emitter, id int32, k column.RowKind) {
	for i, c := range n.keys {
		n.table.AppendKey(n.out.Cols[c], id, i)
	}
	n.kept.emit(n.table, id, n.out)
	e.row(k)
}

// keptRow is the columns of a row that are not of its key, as words of a state row: first
// bits, of which bit 0 says that there is a row and bit c+1 that column c of the list is
// NULL, then the values as a key holds them. A string that is NULL has reference 0.
type keptRow struct {
	list []keptColumn
	init []uint64
	refs []int
}

type keptColumn struct {
	*kept
	col, bit, at int
}

func newKeptRow(p *plan.ChangelogNormalize) keptRow {
	values := p.Values()
	k := keptRow{}
	at := (len(values) + 64) / 64
	for i, c := range values {
		c := keptColumn{kept: keptExactly(p.Out[c].Type), col: c, bit: i + 1, at: at}
		if c.Ref {
			k.refs = append(k.refs, at)
		}
		at += c.N
		k.list = append(k.list, c)
	}
	k.init = make([]uint64, at)
	return k
}

func (keptRow) there(t *state.Table, id int32) bool { return t.Acc(id)[0]&1 != 0 }

func (c *keptColumn) null(w []uint64) bool { return w[c.bit>>6]&(1<<(c.bit&63)) != 0 }

// equal tells that a row of a batch is like the one that is kept.
func (k *keptRow) equal(t *state.Table, id int32, b *column.Batch, r int) bool {
	w := t.Acc(id)
	for i := range k.list {
		c := &k.list[i]
		v := b.Cols[c.col]
		if null := v.Null(r); null != c.null(w) || !null && !c.same(t, w[c.at:], v, r) {
			return false
		}
	}
	return true
}

// put keeps a row of a batch in place of the one that was kept.
func (k *keptRow) put(t *state.Table, id int32, b *column.Batch, r int) error {
	w := t.Write(id)
	w[0] |= 1
	for i := range k.list {
		c := &k.list[i]
		v := b.Cols[c.col]
		if err := c.keep(t, w, v, r); err != nil {
			return err
		}
	}
	return nil
}

func (c *keptColumn) keep(t *state.Table, w []uint64, v *column.Vector, r int) (err error) {
	if v.Null(r) {
		w[c.bit>>6] |= 1 << (c.bit & 63)
		if c.Ref {
			w[c.at], err = t.Put(w[c.at], nil)
		}
		return err
	}
	w[c.bit>>6] &^= 1 << (c.bit & 63)
	return c.put(t, w[c.at:], v, r)
}

// emit appends the columns to those of a batch.
func (k *keptRow) emit(t *state.Table, id int32, out *column.Batch) {
	w := t.Acc(id)
	for i := range k.list {
		c := &k.list[i]
		if c.null(w) {
			out.Cols[c.col].AppendNull()
		} else {
			c.emit(t, w[c.at:], out.Cols[c.col])
		}
	}
}

// UpsertChanges leaves out old versions whose key goes on.
type UpsertChanges struct {
	executor.Stateless
	keys  []int
	rows  []int32
	sel   []int32
	kinds []column.RowKind
	out   column.Batch
}

// NewUpsertChanges makes the operator of a plan node.
func NewUpsertChanges(p *plan.UpsertChanges) *UpsertChanges { return &UpsertChanges{keys: p.Keys} }

// Process implements executor.Operator.
func (u *UpsertChanges) Process(_ int, b *column.Batch, out executor.Output) error {
	if len(b.Kinds) == 0 {
		return out.Emit(b)
	}
	u.rows = liveRows(u.rows, b)
	u.sel = u.sel[:0]
	u.kinds = append(u.kinds[:0], b.Kinds...)
	for i, r := range u.rows {
		if b.Kinds[r] == column.UpdateBefore {
			if i+1 < len(u.rows) && b.Kinds[u.rows[i+1]] == column.UpdateAfter && u.sameKey(b, int(r), int(u.rows[i+1])) {
				continue
			}
			u.kinds[r] = column.Delete
		}
		u.sel = append(u.sel, r)
	}
	if len(u.sel) == 0 {
		return nil
	}
	u.out = *b
	u.out.Sel, u.out.Kinds = u.sel, u.kinds
	return out.Emit(&u.out)
}

func (u *UpsertChanges) sameKey(b *column.Batch, x, y int) bool {
	for _, k := range u.keys {
		if !b.Cols[k].Equal(x, y) {
			return false
		}
	}
	return true
}

// liveRows lists the rows that are alive.
func liveRows(dst []int32, b *column.Batch) []int32 {
	if b.Sel != nil {
		return append(dst[:0], b.Sel...)
	}
	dst = dst[:0]
	for r := range int32(b.Rows) {
		dst = append(dst, r)
	}
	return dst
}
