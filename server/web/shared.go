package web

import (
	"bytes"
	"context"
	"hash/maphash"
	"net/http"
	"strconv"
	"sync"
	"time"

	"slipway/server/auth"
)

const (
	// sharedFor is how old an answer may be that several have: they look every second. One that took
	// longer than a hundredth of that is kept a hundred times as long as it took, so that it costs a
	// hundredth of a core however many look; sharedLongest at most.
	sharedFor     = time.Second
	sharedShare   = 100
	sharedLongest = 5 * time.Second
	// sharedWithin bounds the statement itself, which ends with nobody's request.
	sharedWithin = 20 * time.Second
	sharedMost   = 64 // answers that are kept
)

// asked is what makes two questions the same.
type asked struct {
	user          string
	owner         bool
	database, sql string
}

// shared is an answer that several have.
type shared struct {
	done  chan struct{} // closed when the rest is there
	until time.Time     // when it is no longer fresh
	body  []byte
	etag  string
}

func (s *shared) fresh(now time.Time) bool {
	select {
	case <-s.done:
		return now.Before(s.until)
	default:
		return true
	}
}

// answers holds what was answered within the last second.
type answers struct {
	mu   sync.Mutex
	held map[asked]*shared
	seed maphash.Seed
}

func newAnswers() *answers { return &answers{held: map[asked]*shared{}, seed: maphash.MakeSeed()} }

// get gives a fresh answer: one that is there, or under way, or else what run makes; with anew always that.
func (a *answers) get(ctx context.Context, q asked, anew bool, run func() []byte) (*shared, error) {
	a.mu.Lock()
	s := a.held[q]
	if s == nil || anew || !s.fresh(time.Now()) {
		s = &shared{done: make(chan struct{})}
		a.sweep()
		a.held[q] = s
		go func() { // ends with the statement, sharedWithin at the latest
			began := time.Now()
			s.body = run()
			s.etag = `"` + strconv.FormatUint(maphash.Bytes(a.seed, s.body), 36) + `"`
			s.until = time.Now().Add(keptFor(time.Since(began)))
			close(s.done)
		}()
	}
	a.mu.Unlock()
	select {
	case <-s.done:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keptFor is how long an answer is fresh that took so long.
func keptFor(took time.Duration) time.Duration {
	return min(max(sharedFor, sharedShare*took), sharedLongest)
}

// sweep forgets what is no longer fresh, and all if that is not enough: the next who ask have it made anew.
func (a *answers) sweep() {
	now := time.Now()
	for q, s := range a.held {
		if !s.fresh(now) {
			delete(a.held, q)
		}
	}
	if len(a.held) >= sharedMost {
		clear(a.held)
	}
}

// answerShared answers with what all who ask the same have; who has it already is told so.
func (c *Console) answerShared(w http.ResponseWriter, r *http.Request, id auth.Identity, q question) {
	s, err := c.answers.get(r.Context(), asked{id.User, id.Owner, q.Database, q.SQL}, q.Anew, func() []byte {
		ctx, cancel := context.WithTimeout(c.ctx, sharedWithin)
		defer cancel()
		var body bytes.Buffer
		c.ask(ctx, id, q, &stream{to: &body})
		return body.Bytes()
	})
	if err != nil { // nobody waits any more
		return
	}
	w.Header().Set("ETag", s.etag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == s.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	w.Write(s.body)
}
