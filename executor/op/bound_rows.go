package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// boundRows are rows that are kept with the bounds of the sessions that they were given with, of which those whose bounds are
// others now are taken back and given again.
type boundRows struct {
	kept  *state.OrderedMap
	out   emitter
	given []givenRow
}

// givenRow is a row that is to be given so many times.
type givenRow struct {
	id     int32
	copies int64
}

// The words of a row: how often it was given, in the half that is the operator's, and the bounds.
const (
	givenCount = 0
	givenStart = 1
	givenEnd   = 2
)

// newBoundRows makes those that come out with some columns, of which the last two are the bounds.
func newBoundRows(out types.Schema) boundRows {
	return boundRows{out: emitter{batch: column.NewBatch(out), kinds: true}}
}

// copies is how often a row was given.
func (s *boundRows) copies(id int32) int64 {
	return int64(s.kept.Acc(id)[givenCount] & (1<<touchedAt - 1))
}

// retract takes copies of a row back as they were given.
func (s *boundRows) retract(id int32, copies int64) {
	w := s.kept.Write(id)
	for range copies {
		s.emit(id, w, column.Delete)
	}
	w[givenCount] -= uint64(copies)
}

func (s *boundRows) emit(id int32, w []uint64, k column.RowKind) {
	one, width := [1]int32{id}, len(s.out.batch.Cols)-windowBounds
	for c := range width {
		s.kept.AppendColumn(s.out.batch.Cols[c], c, one[:])
	}
	s.out.batch.Cols[width].AppendInt(int64(w[givenStart]))
	s.out.batch.Cols[width+1].AppendInt(int64(w[givenEnd]))
	s.out.row(k)
}

// bound takes a row back that was given with other bounds, and notes that it is to be given; now is a stamp of the time.
func (s *boundRows) bound(id int32, start, end, now uint64) {
	copies, w := s.copies(id), s.kept.Acc(id)
	if w[givenStart] != start || w[givenEnd] != end {
		s.retract(id, copies)
		copies = 0
	}
	count := s.kept.Count(id)
	if copies == count && now == 0 {
		return
	}
	w = s.kept.Write(id)
	w[givenCount], w[givenStart], w[givenEnd] = now|uint64(count), start, end
	if copies < count {
		s.given = append(s.given, givenRow{id, count - copies})
	}
}

// giveAll gives what bound has noted.
func (s *boundRows) giveAll() {
	for _, g := range s.given {
		w := s.kept.Acc(g.id)
		for range g.copies {
			s.emit(g.id, w, column.Insert)
		}
	}
	s.given = s.given[:0]
}
