package state

// RemoveBelow removes the rows of a key whose sort keys are below the bound, and appends their
// numbers, first to last, until there are limit. They can be read until the next Apply, Prune
// or ExpireBelow.
func (o *OrderedMap) RemoveBelow(key int32, b Bound, removed []int32, limit int) []int32 {
	prefix := o.prefixOf(&b)
	for id := o.First(key); id != Absent && len(removed) < limit && o.against(id+1, &b, prefix) < 0; {
		next := o.Next(id)
		o.Remove(id)
		removed = append(removed, id)
		id = next
	}
	return removed
}

// ExpireBelow removes the rows of all keys whose sort keys, of an int64 column, are below the
// bound, and appends their numbers until there are limit: while there are, there may be more.
// Those of one key follow one another, the key with the least sort key comes first. They can be
// read until the next Apply, Prune or ExpireBelow.
func (o *OrderedMap) ExpireBelow(bound int64, removed []int32, limit int) ([]int32, error) {
	o.Prune()
	if o.expiry == nil {
		if err := o.watch(); err != nil {
			return removed, err
		}
	}
	for h := o.expiry; h.len() > 0 && h.items[0].at < bound && len(removed) < limit; {
		key := h.items[0].id
		if at := o.SortInt(o.First(key)); at > h.items[0].at {
			h.move(key, at)
		} else {
			removed = o.RemoveBelow(key, Bound{Int: bound}, removed, limit)
		}
	}
	return removed, nil
}

// watch begins to keep the keys in order of their first rows.
func (o *OrderedMap) watch() error {
	o.expiry = &dueHeap{mem: &o.mem}
	for key := range o.keys.list {
		if o.keys.list[key].rows == 0 {
			continue
		}
		if err := o.putIn(int32(key), o.First(int32(key))); err != nil {
			return err
		}
	}
	return nil
}

// putIn tells expiry of a row that is new under a key. Of rows that go it is not told: the
// time of a key in it may be before the key's first row.
func (o *OrderedMap) putIn(key, id int32) error {
	if o.expiry == nil {
		return nil
	}
	switch at, d := o.SortInt(id), o.expiry.find(key); {
	case d == nil:
		return o.expiry.push(dueItem{at: at, tie: o.keys.list[key].hash, id: key})
	case at < d.at:
		o.expiry.move(key, at)
	}
	return nil
}
