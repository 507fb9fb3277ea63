package state

import (
	"fmt"
	"math"

	"slipway/checkpoint"
	"slipway/executor/column"
	"slipway/sql/types"
)

// Domain is the clock that a timer goes by.
type Domain uint8

const (
	// EventTime is the watermark.
	EventTime Domain = iota
	// ProcessingTime is the clock of the machine.
	ProcessingTime
	domains
)

func (d Domain) String() string { return [...]string{"event", "processing"}[d] }

// timerTables is what the names of their tables begin with.
const timerTables = "timers/"

// NoTimer is later than every timer: what Next gives when there is none.
const NoTimer = math.MaxInt64

// Timers are the times at which an operator wants to be called, in both domains: one for each
// key and time, by key group like all state. The task makes them and fires them; the operator
// says in its Open what its keys are, and registers and cancels for rows of a batch.
//
// A timer that is registered for a time that has come fires with the next that are due: an
// event-time timer at the next watermark, or in this one's round if it is going on.
//
// Cost: Next takes constant time, all else O(log n) per timer; none allocates per timer. Memory
// per timer: 24 bytes + 8 per key column and 8 for the time (and the length of a text) + 8 for
// the serial number, 16 to 32 of the table's index, 28 to 42 of the heap.
//
// Stored form: a Table for each domain whose keys are the key columns and the time in
// microseconds since 1970-01-01, in the key group of the key; its one word is a number that
// rises with every registration, by which those of one time are ordered. The heap is derived.
type Timers struct {
	store *Store
	mem   derived
	sets  [domains]timerSet

	in     column.Batch // the key columns of a batch, and the times
	cols   []int
	hashes []uint64 // of keys and times
	key    keyHasher
	ids    []int32
	fresh  []int32
	fired  keySet
	due    Due
}

type timerSet struct {
	table  *Table
	heap   dueHeap
	serial uint64
}

// Due are timers that fire, lent until the next call: in order of time, those of one time in the
// order of their registration, and at most one of each key, so that what an operator does for
// one can still register or cancel the next of its key. One that is registered meanwhile and is
// due as well comes with a later call, behind those of other keys that were due before.
type Due struct {
	Domain Domain
	// Keys are the key columns, a row for each timer; Hashes are theirs (column.HashColumns).
	Keys   *column.Batch
	Hashes []uint64
	// Times are when the timers were due, in microseconds since 1970-01-01.
	Times []int64
	// UpTo is what the clock of the domain has reached: the watermark that is about to be
	// passed on, or the time of the machine.
	UpTo int64
}

// NewTimers makes the timers of an operator with that state; there are none before Open.
func NewTimers(s *Store) *Timers { return &Timers{store: s, mem: derived{store: s}} }

// Open says of which types the keys are, once, and takes up the timers that were restored. The
// keys are those by which the operator's input is partitioned.
func (t *Timers) Open(keys []types.Type) error {
	var schema types.Schema
	for _, k := range keys {
		schema = append(schema, types.Column{Type: k})
	}
	t.due.Keys = column.NewBatch(schema)
	at := column.NewVector(types.NewTimestamp(types.MaxTimestampPrecision))
	t.in.Cols = append(make([]*column.Vector, len(keys)), at)
	for i := range t.in.Cols {
		t.cols = append(t.cols, i)
	}
	layout := Layout{Keys: append(append([]types.Type{}, keys...), at.Type), Words: 1}
	for d := range t.sets {
		set := &t.sets[d]
		set.table = t.store.Table(timerTables+Domain(d).String(), layout)
		set.heap.mem = &t.mem
		if err := set.table.has(layout); err != nil {
			return err
		}
		if err := t.load(set); err != nil {
			return err
		}
	}
	return nil
}

// load enters the timers of a restore into the heap.
func (t *Timers) load(set *timerSet) (failed error) {
	var ids []int32
	set.table.EachRow(func(id int32) { ids = append(ids, id) })
	for ; len(ids) > 0 && failed == nil; ids = ids[min(len(ids), column.BatchRows):] {
		failed = t.loadSome(set, ids[:min(len(ids), column.BatchRows)])
	}
	return failed
}

func (t *Timers) loadSome(set *timerSet, ids []int32) error {
	t.begin()
	for _, id := range ids {
		t.append(set, id)
	}
	t.hashDue()
	hashes := t.key.spread(t.due.Hashes, t.due.Keys, t.cols[:len(t.due.Keys.Cols)])
	for i, id := range ids {
		h := hashes[i]
		if Group(set.table.row(id)[0]) != Group(h) {
			return fmt.Errorf("a timer is not in the group of its key: %w", checkpoint.ErrCorrupt)
		}
		serial := set.table.Acc(id)[0]
		set.serial = max(set.serial, serial+1)
		if err := set.heap.push(dueItem{at: t.due.Times[i], tie: serial, id: id, note: keyNote(h)}); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of timers of a domain.
func (t *Timers) Len(d Domain) int { return t.sets[d].heap.len() }

// Next is the first time at which a timer of a domain is due, or NoTimer.
func (t *Timers) Next(d Domain) int64 {
	if h := &t.sets[d].heap; h.len() > 0 {
		return h.items[0].at
	}
	return NoTimer
}

// Register makes a timer for the key and the time of each selected row of b (sel nil: its first
// b.Rows). One that is there already stays as it is. keys are the key columns in b; hashes
// (theirs) and times (microseconds since 1970-01-01) are by physical row.
func (t *Timers) Register(d Domain, b *column.Batch, keys []int, hashes []uint64, sel []int32, times []int64) (err error) {
	set := &t.sets[d]
	t.timed(b, keys, hashes, times)
	t.ids, t.fresh, err = set.table.Upsert(&t.in, t.cols, t.hashes, sel, []uint64{0}, t.ids, t.fresh[:0])
	if err != nil {
		return err
	}
	fresh, keyHashes := t.fresh, t.key.spread(hashes, b, keys)
	for i := 0; len(fresh) > 0; i++ {
		id := t.ids[i]
		if id != fresh[0] {
			continue
		}
		fresh = fresh[1:]
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		set.table.Write(id)[0] = set.serial
		if err := set.heap.push(dueItem{at: times[r], tie: set.serial, id: id, note: keyNote(keyHashes[r])}); err != nil {
			return err
		}
		set.serial++
	}
	return nil
}

// keyNote is of a key's hash what is not its group.
func keyNote(h uint64) uint32 { return uint32(h >> (32 - KeyGroupBits)) }

// Cancel takes the timers away that Register makes of the same; those that are not there are
// passed over.
func (t *Timers) Cancel(d Domain, b *column.Batch, keys []int, hashes []uint64, sel []int32, times []int64) {
	t.timed(b, keys, hashes, times)
	if sel != nil {
		for _, r := range sel {
			t.cancel(&t.sets[d], int(r))
		}
		return
	}
	for r := range b.Rows {
		t.cancel(&t.sets[d], r)
	}
}

func (t *Timers) cancel(set *timerSet, r int) {
	if id := set.table.Find(&t.in, t.cols, r, t.hashes[r]); id != Absent {
		set.heap.remove(id)
		set.table.Delete(id)
	}
}

// timed is the batch of keys and times, with the hashes of both in the groups of the keys.
func (t *Timers) timed(b *column.Batch, keys []int, hashes []uint64, times []int64) {
	for i, k := range keys {
		t.in.Cols[i] = b.Cols[k]
	}
	t.in.Rows = b.Rows
	t.in.Cols[len(keys)].Ints = times[:b.Rows]
	t.hashes = column.HashColumns(t.hashes, &t.in, t.cols)
	inGroups(t.hashes, hashes)
}

// Take takes away the next timers that are due up to a time, at most column.BatchRows; nil if
// there are none. Only the task calls it.
func (t *Timers) Take(d Domain, upTo int64) *Due {
	if t.Len(d) == 0 || t.Next(d) > upTo {
		return nil
	}
	set := &t.sets[d]
	t.begin()
	t.fired.clear()
	for len(t.due.Times) < column.BatchRows && set.heap.len() > 0 {
		next := set.heap.items[0]
		if next.at > upTo || !t.fired.add(next.note) {
			break
		}
		t.append(set, next.id)
		set.heap.remove(next.id)
		set.table.Delete(next.id)
	}
	t.hashDue()
	t.due.Domain, t.due.UpTo = d, upTo
	return &t.due
}

func (t *Timers) begin() {
	t.due.Keys.Reset()
	t.due.Times = t.due.Times[:0]
}

// append adds a timer to those that are due.
func (t *Timers) append(set *timerSet, id int32) {
	last := len(t.due.Keys.Cols)
	for i, v := range t.due.Keys.Cols {
		set.table.AppendKey(v, id, i)
	}
	t.due.Times = append(t.due.Times, int64(set.table.row(id)[set.table.keyAt[last]]))
	t.due.Keys.Rows++
}

func (t *Timers) hashDue() {
	t.due.Hashes = column.HashColumns(t.due.Hashes, t.due.Keys, t.cols[:len(t.due.Keys.Cols)])
}
