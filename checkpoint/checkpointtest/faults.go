package checkpointtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"slipway/checkpoint"
)

// Injector arms one fault: the n-th message to the outside is lost, with its connection,
// before or behind being acted on, or it is held back for longer than its sender waits. It
// returns a function that disarms it and tells whether it was met.
type Injector func(n int) (met func() bool)

// patience bounds an operation that meets a fault.
const patience = 40 * time.Second

// MetadataFaults plays the life of a job's checkpoints with a fault at the first message,
// the second, and so on, until one is not met. Whatever was acknowledged is there
// afterwards, whatever was not is there whole or not at all.
func MetadataFaults(t *testing.T, most int, open func(t *testing.T) (store checkpoint.MetadataStore, reopen func() checkpoint.MetadataStore, inject Injector)) {
	for n := 1; n <= most; n++ {
		met := false
		t.Run(fmt.Sprintf("fault at message %d", n), func(t *testing.T) {
			store, reopen, inject := open(t)
			disarm := inject(n)
			acknowledged, offered := live(store)
			met = disarm()
			verify(t, reopen(), acknowledged, offered)
		})
		if t.Failed() {
			return
		}
		if !met {
			t.Logf("a fault at %d messages in turn", n-1)
			return
		}
	}
	t.Logf("a fault at %d messages in turn", most)
}

// live adds four checkpoints, the last in place of the second, and removes the first, which may then be there or not if that
// fails. A claim that failed is made again, as a job that is restarted does.
func live(store checkpoint.MetadataStore) (acknowledged, offered []checkpoint.ID) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var c checkpoint.CompletedStore
	for id := checkpoint.ID(1); id <= 4 && ctx.Err() == nil; {
		if c == nil {
			var err error
			if c, err = store.Claim(ctx, "j"); err != nil {
				c = nil
				continue
			}
		}
		if !slices.Contains(offered, id) {
			offered = append(offered, id)
		}
		err := c.Add(ctx, manifest(id), displacedBy(id)...)
		switch {
		case err == nil:
			acknowledged = append(acknowledged, id)
			id++
		case errors.Is(err, checkpoint.ErrFenced):
			c.Close()
			c = nil
		}
	}
	if c != nil {
		_ = c.Remove(ctx, 1) // where it fails, nobody knows whether it was made
		acknowledged = slices.DeleteFunc(acknowledged, func(id checkpoint.ID) bool { return id == 1 })
		c.Close()
	}
	return acknowledged, offered
}

// displacedBy is what an Add of live displaces: the fourth the second.
func displacedBy(id checkpoint.ID) []checkpoint.ID {
	if id == 4 {
		return []checkpoint.ID{2}
	}
	return nil
}

func verify(t *testing.T, store checkpoint.MetadataStore, acknowledged, offered []checkpoint.ID) {
	t.Helper()
	if !slices.Contains(acknowledged, 4) {
		t.Fatalf("only %v were acknowledged: the store did not get over the fault", acknowledged)
	}
	c := claim(t, store, "j")
	list, err := c.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var there []checkpoint.ID
	for _, e := range list {
		if e.Damaged != nil {
			t.Errorf("checkpoint %d is damaged: %v", e.ID, e.Damaged)
		}
		there = append(there, e.ID)
	}
	if slices.Contains(there, 2) {
		t.Errorf("checkpoint 2 was displaced by 4 and is there: %v", there)
	}
	for _, id := range acknowledged {
		if id != 2 && !slices.Contains(there, id) {
			t.Errorf("checkpoint %d was acknowledged and is not there: %v", id, there)
		}
	}
	for _, id := range there {
		if !slices.Contains(offered, id) {
			t.Errorf("checkpoint %d was never offered", id)
		}
	}
	add(t, c, 9)
}

// StorageFaults writes, reads and removes files with a fault at the first message, the
// second, and so on. A file that was closed is whole, one that failed is not visible or
// whole, and a new name always works in the end.
func StorageFaults(t *testing.T, most int, open func(t *testing.T) (store checkpoint.Storage, reopen func() checkpoint.Storage, inject Injector)) {
	for n := 1; n <= most; n++ {
		met := false
		t.Run(fmt.Sprintf("fault at message %d", n), func(t *testing.T) {
			store, reopen, inject := open(t)
			disarm := inject(n)
			closed := writeSome(store)
			met = disarm()
			readSome(t, reopen(), closed)
		})
		if t.Failed() {
			return
		}
		if !met {
			t.Logf("a fault at %d messages in turn", n-1)
			return
		}
	}
	t.Logf("a fault at %d messages in turn", most)
}

func body(name string) string { return fmt.Sprintf("the bytes of %s", name) }

// writeSome writes three files, each under new names until it is closed.
func writeSome(s checkpoint.Storage) (closed []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for i := range 3 {
		for try := 0; ctx.Err() == nil; try++ {
			name := fmt.Sprintf("job/f%d-%d", i, try)
			if writeOne(ctx, s, name) == nil {
				closed = append(closed, name)
				break
			}
		}
	}
	return closed
}

func writeOne(ctx context.Context, s checkpoint.Storage, name string) error {
	f, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, body(name)); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Close()
}

func readSome(t *testing.T, s checkpoint.Storage, closed []string) {
	t.Helper()
	if len(closed) != 3 {
		t.Fatalf("only %v were closed: the store did not get over the fault", closed)
	}
	names, err := s.List(ctx, "job/")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range closed {
		if !slices.Contains(names, name) {
			t.Errorf("%s was closed and is not listed: %v", name, names)
		}
	}
	for _, name := range names {
		if got := read(t, s, name, 0, 1<<20); got != body(name) {
			t.Errorf("%s holds %q", name, got)
		}
	}
}
