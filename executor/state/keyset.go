package state

import "slipway/executor/column"

// keySet holds the hashes of the keys of one batch. Keys of one hash count as the same: a batch
// of due timers then ends before it is full.
type keySet struct {
	round uint32
	slots []uint64 // round << 32 | hash; those of former rounds are empty
}

const keySlots = 4 * column.BatchRows

func (s *keySet) clear() {
	if s.round++; s.round == 0 || s.slots == nil {
		s.round, s.slots = 1, make([]uint64, keySlots)
	}
}

// add is false if the hash is there already.
func (s *keySet) add(hash uint32) bool {
	e := uint64(s.round)<<32 | uint64(hash)
	for slot := hash % keySlots; ; slot = (slot + 1) % keySlots {
		if s.slots[slot] == e {
			return false
		}
		if uint32(s.slots[slot]>>32) != s.round {
			s.slots[slot] = e
			return true
		}
	}
}
