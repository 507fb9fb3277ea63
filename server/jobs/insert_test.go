package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/sql/ast"
)

// insert runs INSERT … VALUES as a session does.
func (b *bench) insert(text string) error {
	b.t.Helper()
	list, err := b.runner.Compiler.Parse(text)
	if err != nil {
		b.t.Fatal(err)
	}
	target, rows, err := b.runner.Compiler.Values(b.runner.Catalog.Snapshot(), "default", list[0].(*ast.Insert), nil, nil)
	if err != nil {
		return err
	}
	_, err = b.queries().Insert(b.t.Context(), target, rows, time.UTC)
	return err
}

func (b *bench) queries() *Queries {
	return &Queries{Connectors: b.runner.Connectors, Budget: b.runner.Budget, Cores: b.runner.Cores, Log: b.runner.Log}
}

// TestInsertIsCommitted: a sink that makes rows visible when it commits has them visible
// when INSERT … VALUES has answered.
func TestInsertIsCommitted(t *testing.T) {
	b := newBench(t, "")
	if err := b.insert("INSERT INTO o VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	if got := len(b.seen()); got != 3 {
		t.Errorf("%d rows are visible behind INSERT, want 3", got)
	}
	if n := b.w.Open(); n != 0 {
		t.Errorf("%d transactions are open behind INSERT", n)
	}
	var calls []string
	b.w.Do(func() { b.w.Fault = func(call string) error { calls = append(calls, call); return nil } })
	if err := b.insert("INSERT INTO o VALUES (4)"); err != nil || strings.Join(calls, " ") != "write prepare commit" {
		t.Errorf("INSERT called %v: %v", calls, err)
	}
	if err := b.insert("INSERT INTO o VALUES (6), ('7'), (8), (9223372036854775807 + length('x'))"); err == nil || len(b.seen()) != 4 {
		t.Errorf("a wrong last row answered %v and left %v", err, b.seen())
	}
	lost := errors.New("disk full")
	b.w.Do(func() {
		b.w.Fault = func(call string) error {
			if call == "commit" {
				return lost
			}
			return nil
		}
	})
	if err := b.insert("INSERT INTO o VALUES (5)"); !errors.Is(err, lost) {
		t.Errorf("a commit that failed answered %v", err)
	}
}
