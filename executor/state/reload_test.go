package state

import "testing"

// reloaded is what a store of all key groups holds after a checkpoint of s and a restore.
func reloaded(t *testing.T, s *Store) *Store {
	t.Helper()
	f, err := s.Freeze(1)
	if err != nil {
		t.Fatal(err)
	}
	sections := &memorySections{}
	chain, _, err := f.Write(sections)
	if err != nil {
		t.Fatal(err)
	}
	out := NewStore(Range{0, KeyGroups}, &Budget{})
	if err := out.Load(sections.read, chain); err != nil {
		t.Fatal(err)
	}
	return out
}
