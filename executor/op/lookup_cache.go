package op

import (
	"time"

	"slipway/executor/column"
)

// lookedUp is what a table had for a key at a time.
type lookedUp struct {
	key   string
	batch *column.Batch
	at    time.Time
}

// lookupCache keeps what was found last, up to a number of rows (a key without rows counts as one)
// and for a time. With none it keeps what belongs to one batch.
type lookupCache struct {
	most  int
	ttl   time.Duration
	by    map[string]*lookedUp
	order []*lookedUp // the oldest first
}

func newLookupCache(most int, ttl time.Duration) lookupCache {
	return lookupCache{most: most, ttl: ttl, by: map[string]*lookedUp{}}
}

// of gives what is kept for a key; fresh: nothing is, and what is found is to be put there.
func (c *lookupCache) of(key []byte, now time.Time) (rows *lookedUp, fresh bool) {
	if e := c.by[string(key)]; e != nil && now.Sub(e.at) <= c.ttl {
		return e, false
	}
	e := &lookedUp{key: string(key), at: now}
	c.by[e.key] = e
	c.order = append(c.order, e)
	return e, true
}

// trim forgets the oldest behind a batch.
func (c *lookupCache) trim() {
	rows := 0
	for i := len(c.order) - 1; i >= 0; i-- {
		if rows += max(1, c.order[i].batch.Rows); rows <= c.most {
			continue
		}
		for _, e := range c.order[:i+1] {
			if c.by[e.key] == e {
				delete(c.by, e.key)
			}
		}
		c.order = append(c.order[:0], c.order[i+1:]...)
		return
	}
}
