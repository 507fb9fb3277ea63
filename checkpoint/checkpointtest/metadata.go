package checkpointtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"slipway/checkpoint"
)

// Metadata runs the suite against fresh stores; reopen gives the same store as a
// new process would find it.
func Metadata(t *testing.T, open func(t *testing.T) (store checkpoint.MetadataStore, reopen func() checkpoint.MetadataStore)) {
	t.Run("what was added is listed, newest first, also by a new process", func(t *testing.T) {
		s, reopen := open(t)
		c := claim(t, s, "j")
		for id := checkpoint.ID(1); id <= 12; id++ {
			add(t, c, id)
		}
		if err := c.Remove(ctx, 3, 4, 99); err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint(ids(t, claim(t, reopen(), "j"))), "[12 11 10 9 8 7 6 5 2 1]")
	})
	t.Run("a manifest comes back as it was", func(t *testing.T) {
		s, _ := open(t)
		c := claim(t, s, "j")
		want := manifest(7)
		if err := c.Add(ctx, want); err != nil {
			t.Fatal(err)
		}
		list, err := c.List(ctx)
		if err != nil || len(list) != 1 || list[0].Damaged != nil {
			t.Fatalf("%+v %v", list, err)
		}
		equal(t, fmt.Sprintf("%+v", *list[0].Manifest), fmt.Sprintf("%+v", *want))
	})
	t.Run("adding the same checkpoint again is one checkpoint", func(t *testing.T) {
		s, _ := open(t)
		c := claim(t, s, "j")
		add(t, c, 1)
		add(t, c, 1)
		equal(t, fmt.Sprint(ids(t, c)), "[1]")
	})
	t.Run("what a checkpoint displaces is gone with the same act, also when it is told twice", func(t *testing.T) {
		s, reopen := open(t)
		c := claim(t, s, "j")
		for id := checkpoint.ID(1); id <= 4; id++ {
			add(t, c, id)
		}
		for range 2 {
			if err := c.Add(ctx, manifest(5), 1, 3, 99); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, fmt.Sprint(ids(t, claim(t, reopen(), "j"))), "[5 4 2]")
		if err := c.Add(ctx, manifest(6), 2); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("the old owner added a checkpoint: %v", err)
		}
		equal(t, fmt.Sprint(ids(t, claim(t, s, "j"))), "[5 4 2]")
	})
	t.Run("a new claim shuts the old one out", func(t *testing.T) {
		s, reopen := open(t)
		old := claim(t, s, "j")
		add(t, old, 1)
		fresh := claim(t, reopen(), "j")
		if fresh.Epoch() <= old.Epoch() {
			t.Fatalf("epoch went from %d to %d", old.Epoch(), fresh.Epoch())
		}
		if err := old.Remove(ctx); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("the old owner does not hear that its claim is over: %v", err)
		}
		if err := old.Add(ctx, manifest(2)); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("the old owner added a checkpoint: %v", err)
		}
		if err := old.Remove(ctx, 1); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("the old owner removed a checkpoint: %v", err)
		}
		equal(t, fmt.Sprint(ids(t, fresh)), "[1]")
	})
	t.Run("jobs do not touch one another", func(t *testing.T) {
		s, _ := open(t)
		a, b := claim(t, s, "a"), claim(t, s, "b")
		add(t, a, 1)
		add(t, b, 5)
		if err := s.Drop(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint(ids(t, b)), "[5]")
	})
	t.Run("drop leaves nothing, shuts the owner out, and may be repeated", func(t *testing.T) {
		s, _ := open(t)
		c := claim(t, s, "j")
		add(t, c, 1)
		for range 2 {
			if err := s.Drop(ctx, "j"); err != nil {
				t.Fatal(err)
			}
		}
		if list, err := s.Peek(ctx, "j"); err != nil || len(list) != 0 {
			t.Fatalf("%v %v", list, err)
		}
		if err := c.Add(ctx, manifest(2)); !errors.Is(err, checkpoint.ErrFenced) {
			t.Fatalf("a dropped job's owner added a checkpoint: %v", err)
		}
	})
	t.Run("peek does not claim", func(t *testing.T) {
		s, _ := open(t)
		c := claim(t, s, "j")
		add(t, c, 1)
		if list, err := s.Peek(ctx, "j"); err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		add(t, c, 2)
	})
}

func claim(t *testing.T, s checkpoint.MetadataStore, job string) checkpoint.CompletedStore {
	t.Helper()
	c, err := s.Claim(ctx, job)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func manifest(id checkpoint.ID) *checkpoint.Manifest {
	return &checkpoint.Manifest{
		Version: 1, Job: "j", Checkpoint: id, Kind: checkpoint.Periodic, KeyGroups: 128, Bytes: 10,
		Triggered: time.Unix(100, 0).UTC(), Completed: time.Unix(101, 5000).UTC(),
		State: []checkpoint.OperatorState{{Operator: "op", Subtask: 1, Kind: checkpoint.KeyedState, Schema: "s", Sections: []checkpoint.Section{
			{Inline: []byte{0, 1, 255}, Length: 3, CRC: 9}, {File: "j/chk-1", Offset: 7, Length: 1 << 40, CRC: 1 << 31}}}},
	}
}

func add(t *testing.T, c checkpoint.CompletedStore, id checkpoint.ID) {
	t.Helper()
	if err := c.Add(ctx, manifest(id)); err != nil {
		t.Fatal(err)
	}
}

func ids(t *testing.T, c checkpoint.CompletedStore) []checkpoint.ID {
	t.Helper()
	list, err := c.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out []checkpoint.ID
	for _, e := range list {
		out = append(out, e.ID)
	}
	return out
}
