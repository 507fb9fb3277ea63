package pgwire

import (
	"maps"
	"sync"
	"sync/atomic"

	"slipway/sql/sqlerr"
)

// counts are what clients have had run since the server started.
type counts struct {
	statements atomic.Int64
	mu         sync.Mutex
	errors     map[string]int64 // by class
}

// Statements is how many have begun, Errors how many have failed by the class of their SQLSTATE, its first two characters.
func (s *Server) Statements() int64 { return s.counts.statements.Load() }

// Errors is how many statements and messages have been answered with an error, by the first two characters of the SQLSTATE.
func (s *Server) Errors() map[string]int64 {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	return maps.Clone(s.counts.errors)
}

func (c *counts) failed(code sqlerr.Code) {
	if len(code) < 2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.errors == nil {
		c.errors = map[string]int64{}
	}
	c.errors[string(code)[:2]]++
}
