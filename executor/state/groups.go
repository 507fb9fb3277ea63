package state

// InGroups moves hashes of rows into the key groups of those of their keys, and keeps their upper
// bits below: rows of a table that belong to a key of another table go where it goes.
func InGroups(hashes, keys []uint64) { inGroups(hashes, keys) }

// Fits tells whether the table, as it was restored, has the layout that its operator wants; else
// the error is a *LayoutError.
func (t *Table) Fits(l Layout) error { return t.has(l) }
