package op

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// partitions keeps rows of partitions in their order, in an ordered map. Behind the columns of a
// row there is one with the bytes that it is ordered by. A row has a word: when it was put in last,
// in milliseconds.
type partitions struct {
	order plan.Order
	by    []column.KeyOrder
	rows  *state.OrderedMap
	idle

	in     column.Batch // a batch with the bytes of its rows' order
	bytes  *column.Vector
	cols   []int // of in
	hashes []uint64
	keys   []int32 // of the partitions of rows
	ids    []int32
	sel    []int32
	batch  batchGroups
	latest uint64 // number of the next row, where the last one is in front
}

func newPartitions(o plan.Order, in types.Schema, ttl time.Duration) partitions {
	p := partitions{order: o, bytes: column.NewVector(types.Of(types.Binary)), idle: newIdle(ttl)}
	for _, k := range o.Keys {
		p.by = append(p.by, column.KeyOrder{Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	for i := range len(in) + 1 {
		p.cols = append(p.cols, i)
	}
	p.in.Cols = make([]*column.Vector, len(in)+1)
	p.in.Cols[len(in)] = p.bytes
	return p
}

// open takes the rows of a restore up. Rows that are apart are never taken back.
func (p *partitions) open(env *executor.Env, in types.Schema, apart bool) (err error) {
	layout := state.OrderedLayout{Sort: len(in)}
	layout.Apart = apart
	for _, c := range in {
		layout.Columns = append(layout.Columns, c.Type)
	}
	layout.Columns, layout.Key, layout.Init = append(layout.Columns, p.bytes.Type), p.order.Partition, []uint64{0}
	if p.rows, err = env.State.OrderedMap("rows", layout); err != nil {
		return err
	}
	p.batch.open(env, p.order.Partition, in)
	if p.order.Latest {
		for _, key := range p.rows.AppendKeys(nil) {
			p.latest = max(p.latest, math.MaxUint64-binary.BigEndian.Uint64(p.rows.SortBytes(p.rows.First(key)))+1)
		}
	}
	return nil
}

// take makes a batch one whose rows can be put in; rows lists those that are alive.
func (p *partitions) take(b *column.Batch) {
	copy(p.in.Cols, b.Cols[:len(p.in.Cols)-1]) // there may be others, for late rows
	p.in.Rows, p.in.Sel, p.in.Kinds = b.Rows, b.Sel, b.Kinds
	p.hashes = column.HashColumns(p.hashes, b, p.order.Partition)
	p.sel = liveRows(p.sel, b)
	v := p.bytes
	v.Reset()
	v.Grow(b.Rows)
	clear(v.Views)
	for _, r := range p.sel {
		at := len(v.Slab)
		v.Slab = p.appendOrder(v.Slab, b, int(r))
		v.Views[r] = column.View{Off: uint32(at), Len: uint32(len(v.Slab) - at)}
	}
}

func (p *partitions) appendOrder(dst []byte, b *column.Batch, r int) []byte {
	if p.order.Latest {
		p.latest++
		return binary.BigEndian.AppendUint64(dst, math.MaxUint64-(p.latest-1))
	}
	for i, k := range p.order.Keys {
		dst = column.AppendKey(dst, b.Cols[k.Column], r, p.by[i])
	}
	return dst
}

// lookup finds the partitions of rows of the batch that was taken, in p.keys.
func (p *partitions) lookup(sel []int32) []int32 {
	p.keys = p.rows.Lookup(&p.in, p.order.Partition, p.hashes, sel, p.keys)
	return p.keys
}

// apply enters rows of the batch that was taken.
func (p *partitions) apply(sel []int32) (err error) {
	if p.ids, err = p.rows.Apply(&p.in, p.cols, p.hashes, sel, p.ids); err != nil {
		return err
	}
	p.stampRows(p.ids)
	return nil
}

// stampRows notes that rows have been put in now.
func (p *partitions) stampRows(ids []int32) {
	if p.ttl == 0 {
		return
	}
	now := p.stamp()
	for _, id := range ids {
		if id != state.Absent && p.rows.Count(id) > 0 {
			p.rows.Write(id)[0] = now
		}
	}
}

// equals tells rows that are equal in their order.
func (p *partitions) equals(a, b int32) bool {
	return bytes.Equal(p.rows.SortBytes(a), p.rows.SortBytes(b))
}

// forget removes a partition; its rows can be read until the next are put in.
func (p *partitions) forget(key int32) { p.cut(p.rows.First(key)) }

// cut removes a row and those behind it.
func (p *partitions) cut(id int32) {
	for id != state.Absent {
		next := p.rows.Next(id)
		p.rows.Remove(id)
		id = next
	}
}

// finish sends what is left; rows that have gone are then not needed any more.
func (p *partitions) finish(out *rankedRows) error {
	err := out.finish()
	p.rows.Prune()
	return err
}

// expire forgets idle partitions now and then.
func (p *partitions) expire() {
	oldest, sweep := p.sweepDue()
	if !sweep {
		return
	}
	for _, key := range p.rows.AppendKeys(nil) {
		if p.isIdle(key, oldest) {
			p.forget(key)
		}
	}
	p.rows.Prune()
}

func (p *partitions) isIdle(key int32, oldest uint64) bool {
	for id := p.rows.First(key); id != state.Absent; id = p.rows.Next(id) {
		if p.rows.Acc(id)[0] >= oldest {
			return false
		}
	}
	return true
}

// batchGroups are the partitions of one batch.
type batchGroups struct {
	keyed
	table *state.Table
	first []int32 // of each the first row of the batch
}

func (g *batchGroups) open(env *executor.Env, keys []int, in types.Schema) {
	g.keys, g.init = keys, noRows
	g.table = env.State.Scratch().Table("", state.Layout{Keys: keyTypes(in, keys), Words: 1})
}

// collect finds those of some rows.
func (g *batchGroups) collect(b *column.Batch, hashes []uint64, sel []int32) error {
	g.table.Clear()
	g.hashes = hashes
	if err := g.enter(g.table, b, sel); err != nil {
		return err
	}
	g.first = g.first[:0]
	fresh := g.fresh
	for i, id := range g.ids {
		if len(fresh) > 0 && fresh[0] == id {
			g.first, fresh = append(g.first, sel[i]), fresh[1:]
		}
	}
	return nil
}

// reached is the watermark that an operator has seen, kept across a restart: what has been given
// for it is not given again, and rows that belong there are late.
type reached struct {
	env       *executor.Env
	watermark int64
	late      []int32 // rows of the batch
}

func (r *reached) open(env *executor.Env) {
	r.env, r.watermark = env, executor.NoWatermark
	for _, v := range env.State.Former(watermarkValue) {
		if len(v) == 8 {
			r.watermark = max(r.watermark, int64(binary.LittleEndian.Uint64(v)))
		}
	}
	r.to(r.watermark)
	if seen := &env.Counters.Watermark; r.watermark > seen.Load() {
		seen.Store(r.watermark)
	}
}

func (r *reached) to(watermark int64) {
	r.watermark = watermark
	r.env.State.SetValue(watermarkValue, binary.LittleEndian.AppendUint64(nil, uint64(watermark)))
}

// inTime leaves out the rows whose window has been given, which go elsewhere if that is wanted.
func (r *reached) inTime(b *column.Batch, sel []int32, end int, to lateTo) ([]int32, error) {
	ends, kept := b.Cols[end].Ints, sel[:0]
	r.late = r.late[:0]
	for _, i := range sel {
		if ends[i] <= r.watermark {
			r.late = append(r.late, i)
		} else {
			kept = append(kept, i)
		}
	}
	return kept, to.rows(windowEnded, r.env, b, r.late, ends, r.watermark)
}
