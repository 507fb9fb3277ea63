package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// nothing is a connector with nothing behind it.
type nothing struct{ executor.Connector }

func (nothing) Splits(context.Context, *plan.Source) (int, error)                  { return 2, nil }
func (nothing) NewSource(*plan.Source) (executor.Source, error)                    { return nil, nil }
func (nothing) NewSink(*plan.Sink) (executor.Sink, error)                          { return nil, nil }
func (nothing) NewCommitter(*plan.Sink, *executor.Env) (executor.Committer, error) { return nil, nil }

// inlined is a section writer whose sections ride in the manifest.
type inlined struct{}

func (inlined) Section(write func(w io.Writer) error) (checkpoint.Section, error) {
	var b bytes.Buffer
	err := write(&b)
	return checkpoint.Section{Inline: b.Bytes(), Length: int64(b.Len()), CRC: checkpoint.Checksum(b.Bytes())}, err
}

// groupsOf gives a chain of two sections with the groups of one of two tasks.
func groupsOf(t *testing.T, sub int, keys types.Schema) (chain []checkpoint.Section) {
	s := state.NewStore(state.GroupsOf(sub, 2), &state.Budget{})
	table := s.Table("groups", state.Layout{Keys: []types.Type{keys[0].Type}, Words: 3})
	for id := checkpoint.ID(6); id <= 7; id++ {
		b := column.NewBatch(keys)
		for b.Rows < 10_000/int(id*id-35) {
			b.Cols[0].AppendInt(int64(b.Rows))
			b.Rows++
		}
		var sel []int32
		hashes := column.HashColumns(nil, b, []int{0})
		for i, h := range hashes {
			if state.GroupsOf(sub, 2).Contains(state.Group(h)) {
				sel = append(sel, int32(i))
			}
		}
		ids, _, err := table.Upsert(b, []int{0}, hashes, sel, []uint64{0, 0, 0}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range ids {
			table.Write(row)[0]++
		}
		f, err := s.Freeze(id)
		if err != nil {
			t.Fatal(err)
		}
		if chain, _, err = f.Write(inlined{}); err != nil {
			t.Fatal(err)
		}
		s.Confirm(id)
	}
	if len(chain) != 2 {
		t.Fatalf("a chain of %d", len(chain))
	}
	return chain
}

// TestDamagedStateHoldsNothing: of a checkpoint whose second task's state is damaged nothing stays
// in the budget of the process: the checkpoint before it is tried next.
func TestDamagedStateHoldsNothing(t *testing.T) {
	flow := counting()
	flow.Edges = []plan.Edge{{From: 0, To: 1, By: plan.Hash, Keys: []int{0}}}
	flow.Stages[1].Sink.Schema = flow.Stages[0].Source.Out
	group := flow.Stages[1].Ops[0].(*plan.GroupAggregate)
	m := &checkpoint.Manifest{Checkpoint: 7, KeyGroups: state.KeyGroups, State: []checkpoint.OperatorState{{Operator: "s", Kind: checkpoint.SourcePosition}}}
	for sub := range 2 {
		chain := groupsOf(t, sub, group.Out[:1])
		chain[0].CRC += uint32(sub) // that only the second task comes to read
		m.State = append(m.State, checkpoint.OperatorState{Operator: "g", Kind: checkpoint.KeyedState, Subtask: sub, Schema: group.StateSchema(), Sections: chain})
	}
	budget := &state.Budget{}
	_, err := New(t.Context(), flow, Options{Name: "j", Connectors: executor.Connectors{"": nothing{}}, Settings: &conf.Values{}, Cores: 2,
		Budget: budget, Restore: m, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, checkpoint.ErrCorrupt) {
		t.Fatalf("it was restored: %v", err)
	}
	if n := budget.Used(); n != 0 {
		t.Errorf("%d bytes are held for nothing", n)
	}
}
