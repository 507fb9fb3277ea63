package kafkaio

import (
	"maps"
	"sync"
)

// groupID names what several sources commit together: a job may read a topic more than once, as in a
// join with itself, and each of its sources commits for the same group.
type groupID struct{ job, group, topic string }

// groups are the sources of this connector that are open, by what they commit for.
type groups struct {
	mu sync.Mutex
	of map[groupID]*group
}

// group is how far each of some sources is. A partition that several of them read is committed up to
// the least, so that nothing counts as read, and no later start begins behind it, that one of them
// has not read.
type group struct {
	sources int // open; guarded by groups.mu

	mu   sync.Mutex
	next map[*source]map[int32]int64
}

// join adds a source that begins at next. It leaves when it is closed; what it has read goes on
// counting until the last one has left.
func (g *groups) join(id groupID, s *source, next map[int32]int64) (joined *group, leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = map[groupID]*group{}
	}
	joined = g.of[id]
	if joined == nil {
		joined = &group{next: map[*source]map[int32]int64{}}
		g.of[id] = joined
	}
	joined.sources++
	joined.read(s, next)
	return joined, func() { g.leave(id) }
}

func (g *groups) leave(id groupID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of[id].sources--; g.of[id].sources == 0 {
		delete(g.of, id)
	}
}

// read notes how far a source is, and says what all have read of its partitions.
func (g *group) read(s *source, next map[int32]int64) map[int32]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next[s] = next
	least := maps.Clone(next)
	for _, other := range g.next {
		for p, n := range other {
			if at, reads := least[p]; reads {
				least[p] = min(at, n)
			}
		}
	}
	return least
}
