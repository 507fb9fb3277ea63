package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// emitter sends a batch on when it is full, but never between the two versions of a row.
type emitter struct {
	batch *column.Batch
	out   executor.Output
	kinds bool // the rows' kinds matter
	err   error
	look  int // at so many rows of the batch it is looked whether their texts fill it
}

const (
	// fullBytes of texts fill a batch before its rows do.
	fullBytes = 8 << 20
	// shortBytes is what a row may have of texts on average without being looked at by itself.
	shortBytes = 4 << 10
	lookRows   = 64
)

func (e *emitter) row(k column.RowKind) {
	if e.kinds {
		e.batch.Kinds = append(e.batch.Kinds, k)
	}
	if e.batch.Rows++; (e.batch.Rows >= column.BatchRows || e.batch.Rows >= e.look && e.filled()) && k != column.UpdateBefore {
		e.send()
	}
}

// filled tells that the texts of the batch are enough for one, and says when to look again.
func (e *emitter) filled() bool {
	n := e.batch.TextBytes()
	if e.look = e.batch.Rows + 1; n < shortBytes*e.batch.Rows {
		e.look += lookRows
	}
	return n >= fullBytes
}

func (e *emitter) send() {
	if e.err == nil {
		e.err = e.out.Emit(e.batch)
	}
	e.batch.Reset()
	e.look = 0
}

func (e *emitter) finish() error {
	if e.batch.Rows > 0 {
		e.send()
	}
	return e.err
}

// groups gives rows of a table: their keys, perhaps the bounds of a window, then the results of
// their accumulators. The rows are gathered until there is a batch of them and then written
// column by column.
type groups struct {
	emitter
	accs     *accumulators
	keys     int
	windowed bool
	from, to int64 // of the window
	// bounds, if set, appends the bounds of each row's own window.
	bounds func(words [][]uint64, start, end *column.Vector)
	table  *state.Table
	beside *beside // of the table
	ids    []int32
	words  [][]uint64 // accumulators of each, as they are or were
	old    []int32    // of each its number among the former results, -1 for what it is now
	some   int        // rows that are gathered before they are written
}

// begin takes the output of a call of the operator.
func (g *groups) begin(out executor.Output, t *state.Table) {
	g.out, g.err, g.table = out, nil, t
}

// turn goes over to the rows of another table.
func (g *groups) turn(t *state.Table) {
	if g.table != t {
		g.write()
		g.table = t
	}
}

// row gives a row; neither it nor its accumulators may change before finish.
func (g *groups) row(id int32, words []uint64, k column.RowKind) { g.version(id, words, -1, k) }

// version gives a row as it is, or as former results have it.
func (g *groups) version(id int32, words []uint64, old int32, k column.RowKind) {
	g.ids, g.words, g.old = append(g.ids, id), append(g.words, words), append(g.old, old)
	if g.kinds {
		g.batch.Kinds = append(g.batch.Kinds, k)
	}
	full := g.batch.Rows+len(g.ids) >= column.BatchRows
	if full || len(g.ids) > g.some {
		g.write()
		n := g.batch.TextBytes()
		full, g.some = full || n >= fullBytes, g.fitting(n)
	}
	if full && k != column.UpdateBefore {
		g.send()
	}
}

// fitting is how many rows like those of the batch, which have so many bytes of texts, may be gathered at once.
func (g *groups) fitting(texts int) int {
	left := fullBytes - texts
	if left <= 0 { // it goes
		left = fullBytes
	}
	return min(4*(g.some+1), column.BatchRows, left*g.batch.Rows/(texts+1))
}

// write puts what is gathered into the batch.
func (g *groups) write() {
	if len(g.ids) == 0 {
		return
	}
	for i := range g.keys {
		g.table.AppendColumn(g.batch.Cols[i], i, g.ids)
	}
	at := g.keys
	switch {
	case g.bounds != nil:
		g.bounds(g.words, g.batch.Cols[at], g.batch.Cols[at+1])
		at += 2
	case g.windowed:
		for range g.ids {
			g.batch.Cols[at].AppendInt(g.from)
			g.batch.Cols[at+1].AppendInt(g.to)
		}
		at += 2
	}
	g.accs.emit(g.table, g.words, g.batch, at)
	g.accs.emitSorted(g.beside, g.table, g.ids, g.old, g.batch, at)
	g.batch.Rows += len(g.ids)
	g.ids, g.words, g.old = g.ids[:0], g.words[:0], g.old[:0]
}

// finish sends what is left.
func (g *groups) finish() error {
	g.write()
	return g.emitter.finish()
}
