package op

import (
	"bytes"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// givenResults are the results of groups as bytes of their state rows, as they were given: what is kept beside a group has changed
// since, so that they cannot be computed again.
type givenResults struct {
	accs  *accumulators
	codec *column.RowCodec
	now   *column.Batch // results of some groups as they are
	words [][]uint64
	as    []int32 // of each -1: as it is
	room  []byte
}

// newGivenResults is of accumulators whose results are the last columns of an output.
func newGivenResults(accs *accumulators, out types.Schema) *givenResults {
	results := out[len(out)-len(accs.list):]
	list := make([]types.Type, len(results))
	for i, c := range results {
		list[i] = c.Type
	}
	return &givenResults{accs: accs, codec: column.NewRowCodec(list), now: column.NewBatch(results)}
}

// read computes the results of some groups of a table; they are valid until the next call.
func (g *givenResults) read(t *state.Table, at *beside, ids []int32) {
	g.now.Reset()
	g.words, g.as = g.words[:0], g.as[:0]
	for _, id := range ids {
		g.words, g.as = append(g.words, t.Acc(id)), append(g.as, -1)
	}
	g.accs.emit(t, g.words, g.now, 0)
	g.accs.emitSorted(at, t, ids, g.as, g.now, 0)
	g.now.Rows = len(ids)
}

// text is the results of row r of those read as bytes, until the next call.
func (g *givenResults) text(r int) []byte {
	g.room = g.codec.Append(g.room[:0], g.now.Cols, r)
	return g.room
}

// same tells that row r of those read is as it was given.
func (g *givenResults) same(given []byte, r int) bool { return bytes.Equal(given, g.text(r)) }

// append appends row r of those read to some columns.
func (g *givenResults) append(cols []*column.Vector, r int) {
	one := [1]int32{int32(r)}
	for i, v := range cols {
		v.AppendRows(g.now.Cols[i], one[:], g.now.Rows)
	}
}

// appendGiven appends what was given to some columns.
func (g *givenResults) appendGiven(cols []*column.Vector, given []byte) error {
	_, err := g.codec.Read(cols, given)
	return err
}
