package executortest

import (
	"fmt"
	"slices"
	"strings"

	"slipway/executor/column"
)

// Applied is the multiset of rows that a changelog amounts to. As an executor.Output it applies
// what an operator emits, and refuses what no changelog may say.
type Applied struct {
	// Before: the old version of a changed row stands directly in front of the new one, in one
	// batch. Otherwise there are no old versions: a new one replaces the row of its Key, and a
	// delete tells the key.
	Before bool
	Key    []int
	// Upsert: an insert may replace a row as well, and what is deleted need not be there.
	Upsert bool

	counts map[string]int
	byKey  map[string][]string // of Key, if there are no old versions
	rows   int
}

// Emit applies a batch.
func (a *Applied) Emit(b *column.Batch) (err error) {
	if a.counts == nil {
		a.counts, a.byKey = map[string]int{}, map[string][]string{}
	}
	last := column.Insert
	b.Each(func(i int) {
		if err != nil {
			return
		}
		kind := b.Kind(i)
		row := TupleOf(b, i)
		if err = a.order(last, kind); err == nil {
			err = a.apply(kind, row)
		}
		if err != nil {
			err = fmt.Errorf("%s %s: %w", kind, row, err)
		}
		last = kind
	})
	if err == nil && last == column.UpdateBefore {
		err = fmt.Errorf("a batch ends behind an old version")
	}
	return err
}

func (a *Applied) order(last, kind column.RowKind) error {
	switch {
	case kind == column.UpdateBefore && !a.Before:
		return fmt.Errorf("nobody asked for old versions")
	case a.Before && (last == column.UpdateBefore) != (kind == column.UpdateAfter):
		return fmt.Errorf("it stands behind %s", last)
	}
	return nil
}

func (a *Applied) apply(kind column.RowKind, row Tuple) error {
	switch {
	case a.Upsert:
		if len(a.byKey[a.keyOf(row)]) > 0 {
			_ = a.removeKey(a.keyOf(row))
		}
		if kind == column.Delete {
			return nil
		}
	case !a.Before && kind != column.Insert:
		if err := a.removeKey(a.keyOf(row)); err != nil || kind == column.Delete {
			return err
		}
	case kind.Retracts():
		return a.remove(row.String(), a.keyOf(row))
	}
	a.counts[row.String()]++
	a.rows++
	if !a.Before {
		a.byKey[a.keyOf(row)] = append(a.byKey[a.keyOf(row)], row.String())
	}
	return nil
}

func (a *Applied) removeKey(key string) error {
	former := a.byKey[key]
	if len(former) != 1 {
		return fmt.Errorf("%d rows have its key: %s", len(former), strings.Join(former, " "))
	}
	return a.remove(former[0], key)
}

func (a *Applied) remove(text, key string) error {
	if a.counts[text] == 0 {
		return fmt.Errorf("it takes back %s, which is not there", text)
	}
	if a.counts[text]--; a.counts[text] == 0 {
		delete(a.counts, text)
	}
	a.rows--
	if !a.Before {
		at := slices.Index(a.byKey[key], text)
		a.byKey[key] = slices.Delete(a.byKey[key], at, at+1)
	}
	return nil
}

func (a *Applied) keyOf(t Tuple) string {
	var key Tuple
	for _, c := range a.Key {
		key = append(key, t[c])
	}
	return key.String()
}

// Differs says how the rows differ from those that are wanted, in any order; "" if they do not.
func (a *Applied) Differs(want []Tuple) string {
	left := map[string]int{}
	for _, t := range want {
		left[t.String()]++
	}
	var lines []string
	for text, n := range a.counts {
		if n != left[text] {
			lines = append(lines, fmt.Sprintf("%s: %d times, want %d", text, n, left[text]))
		}
		delete(left, text)
	}
	for text, n := range left {
		lines = append(lines, fmt.Sprintf("%s: not there, want %d", text, n))
	}
	slices.Sort(lines)
	if len(lines) > 20 {
		lines = append(lines[:20], fmt.Sprintf("and %d more", len(lines)-20))
	}
	return strings.Join(lines, "\n")
}
