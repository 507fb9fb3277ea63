package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/checkpoint"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
)

// redeclare puts another relation in the place of one.
func (b *bench) redeclare(name, ddl string) {
	b.t.Helper()
	store := b.runner.Catalog
	if _, err := store.Apply(b.t.Context(), catalog.Change{DropRelation: "default." + name}); err != nil {
		b.t.Fatal(err)
	}
	list, err := b.runner.Compiler.Parse(ddl)
	if err != nil {
		b.t.Fatal(err)
	}
	r, _, err := b.runner.Compiler.Relation(store.Snapshot(), "default", list[0].(*ast.CreateRelation))
	if err == nil {
		_, err = store.Apply(b.t.Context(), catalog.Change{PutRelation: r, NeedOID: true})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// refused starts the job and wants a lasting refusal with 55000.
func (b *bench) refused(words ...string) {
	b.t.Helper()
	err := b.start().wait()
	p, permanent := errors.AsType[interface {
		error
		ha.Permanent
	}](err)
	if !permanent || !p.Permanent() || sqlerr.From(err).Code != sqlerr.ObjectNotReady {
		b.t.Errorf("the job ended with %v", err)
	}
	for _, w := range words {
		if !strings.Contains(fmt.Sprint(err), w) {
			b.t.Errorf("%v does not name %q", err, w)
		}
	}
}

const byKey = "insert into k select cast(v as bigint), count(*) from a group by v"

func runToCheckpoint(b *bench) {
	b.t.Helper()
	b.w.Add("a", numbers(1, 100)...)
	a := b.start()
	b.eventually("a checkpoint", func() bool { return len(b.seen()) == 100 && b.completed() > 0 })
	a.crash()
}

// TestOtherKeyType: the same text over a column of another type does not take the former
// state for its own.
func TestOtherKeyType(t *testing.T) {
	b := newBench(t, byKey)
	runToCheckpoint(b)
	b.redeclare("a", `CREATE TABLE a (v DECIMAL(10,2)) TBLPROPERTIES ("connector"="fake", "topic"="a")`)
	b.refused("group-", "BIGINT", "DECIMAL(10,2)")
}

// TestKeyGroups: state that is cut otherwise is refused; a manifest that does not say is of
// the time when it was cut as now.
func TestKeyGroups(t *testing.T) {
	b := newBench(t, byKey)
	runToCheckpoint(b)
	held := b.manifests()
	if n := held[0].KeyGroups; n != state.KeyGroups {
		t.Errorf("the manifest says %d key groups", n)
	}
	for _, m := range held {
		m.KeyGroups = 64
	}
	b.refused("64 key groups", "128")
	for _, m := range held {
		m.KeyGroups = 0
	}
	b.w.Add("a", 101)
	a := b.start()
	b.eventually("the job goes on", func() bool { return len(b.seen()) == 101 })
	a.crash()
}

// TestNewerFormat: positions and prepared transactions of a newer server are refused.
func TestNewerFormat(t *testing.T) {
	b := newBench(t, pass)
	runToCheckpoint(b)
	for _, m := range b.manifests() {
		for i := range m.State {
			if o := &m.State[i]; o.Format != checkpoint.StateFormat {
				t.Errorf("%s of %s says format %d", o.Kind, o.Operator, o.Format)
			}
			m.State[i].Format = 2
		}
	}
	b.refused("source-", "format 2")
}

// manifests are those of the store itself.
func (b *bench) manifests() []*checkpoint.Manifest {
	b.t.Helper()
	list, err := b.meta.Peek(context.Background(), b.job.ID)
	if err != nil || len(list) == 0 {
		b.t.Fatalf("%d checkpoints, %v", len(list), err)
	}
	return list
}
