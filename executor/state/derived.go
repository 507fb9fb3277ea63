package state

import (
	"unsafe"

	"slipway/executor/memory"
)

// derived counts the memory of what is made from a table's rows and never written: indexes,
// chains, trees and heaps. It is charged to the budget like the rows themselves.
type derived struct {
	store *Store
	bytes int64
}

// grow gives a list of at least n elements, zero where none was before. Capacity grows by half, so that
// appending costs a constant share of a copy.
func grow[T any](d *derived, list []T, n int) ([]T, error) {
	if n <= len(list) {
		return list, nil
	}
	if n <= cap(list) {
		return list[:n], nil
	}
	var one T
	size := max(64, n+n/2)
	more := int64(size-cap(list)) * int64(unsafe.Sizeof(one))
	if err := d.store.Reserve(more); err != nil {
		return list, err
	}
	d.bytes += more
	bigger := memory.LargePaged(make([]T, n, size))
	copy(bigger, list)
	return bigger, nil
}

// release gives everything back to the budget.
func (d *derived) release() {
	d.store.release(d.bytes)
	d.bytes = 0
}
