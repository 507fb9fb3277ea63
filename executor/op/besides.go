package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
)

// besides are what is kept beside the tables of slices or windows, each of which is known by a time.
type besides struct {
	accs *accumulators
	of   map[int64]*beside
}

func newBesides(accs *accumulators) *besides { return &besides{accs, map[int64]*beside{}} }

// at is what is kept beside one of them, nil if nothing is.
func (s *besides) at(store *state.Store, time int64) (at *beside, err error) {
	if !s.accs.apart() {
		return nil, nil
	}
	if at = s.of[time]; at == nil {
		at, err = s.accs.openBeside(store, sliceName(time))
		s.of[time] = at
	}
	return at, err
}

// enter takes rows whose groups in a table are found into what is kept beside these, before update.
func (s *besides) enter(store *state.Store, time int64, table *state.Table, k *keyed, b *column.Batch, sel []int32) error {
	at, err := s.at(store, time)
	if at == nil || err != nil {
		return err
	}
	return s.accs.enter(at, table, k, b, sel)
}

// drop forgets one of them.
func (s *besides) drop(store *state.Store, time int64) {
	s.accs.dropBeside(s.of[time], store, sliceName(time))
	delete(s.of, time)
}
