package op

import (
	"time"

	"slipway/executor/column"
)

// lookedUp is what a table had for a key at a time.
type lookedUp struct {
	key string
	// known: there was an answer. Until then it is not forgotten.
	known bool
	rows  *column.Batch // nil: none
	at    time.Time     // when it was asked for

	older, newer *lookedUp // by use, of those that are kept
	turn         int       // of LookupJoin, in which
	first        int32     // is its first row among those of the right side
}

// size is how many rows it counts as.
func (e *lookedUp) size() int {
	if e.rows == nil {
		return 1
	}
	return e.rows.Rows
}

// lookupCache keeps what was found, up to a number of rows (a key without rows counts as one): what
// was used last, for a time. With none it keeps what is being asked for.
type lookupCache struct {
	most   int
	ttl    time.Duration
	absent bool // keys without rows are kept too
	by     map[string]*lookedUp
	rows   int
	oldest *lookedUp
	newest *lookedUp
}

func newLookupCache(most int, ttl time.Duration, absent bool) lookupCache {
	return lookupCache{most: most, ttl: ttl, absent: absent, by: map[string]*lookedUp{}}
}

// of gives what is kept for a key; fresh: nothing is, and what is found is to be put there.
func (c *lookupCache) of(key []byte, now time.Time) (e *lookedUp, fresh bool) {
	if e = c.by[string(key)]; e != nil {
		if !e.known {
			return e, false
		}
		c.unlink(e)
		if now.Sub(e.at) <= c.ttl {
			c.link(e)
			return e, false
		}
	}
	e = &lookedUp{key: string(key), at: now}
	c.by[e.key] = e
	return e, true
}

// answered notes that there is an answer, and forgets what was not used for longest.
func (c *lookupCache) answered(e *lookedUp) {
	e.known = true
	if e.rows == nil && !c.absent {
		delete(c.by, e.key)
		return
	}
	c.link(e)
	for c.rows > c.most {
		delete(c.by, c.oldest.key)
		c.unlink(c.oldest)
	}
}

// link makes an entry the newest.
func (c *lookupCache) link(e *lookedUp) {
	if e.older = c.newest; e.older == nil {
		c.oldest = e
	} else {
		e.older.newer = e
	}
	c.newest, e.newer = e, nil
	c.rows += e.size()
}

func (c *lookupCache) unlink(e *lookedUp) {
	if e.older == nil {
		c.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
	if e.newer == nil {
		c.newest = e.older
	} else {
		e.newer.older = e.older
	}
	e.older, e.newer = nil, nil
	c.rows -= e.size()
}
