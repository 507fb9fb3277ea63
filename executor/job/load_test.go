package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// meeting is a storage whose readers of a file get nothing before all readers of it have come.
type meeting struct {
	checkpoint.Storage
	files   map[string][]byte
	readers map[string]*sync.WaitGroup
}

// expect makes the readers of each file wait for one another: so many.
func (m *meeting) expect(readers int) {
	m.readers = map[string]*sync.WaitGroup{}
	for file := range m.files {
		m.readers[file] = &sync.WaitGroup{}
		m.readers[file].Add(readers)
	}
}

func (m *meeting) Open(_ context.Context, name string, _, _ int64) (io.ReadCloser, error) {
	if all := m.readers[name]; all != nil {
		all.Done()
		all.Wait()
	}
	return io.NopCloser(bytes.NewReader(m.files[name])), nil
}

// restoring is a job of two tasks with state, and a checkpoint of it whose files are in a storage.
func restoring(t *testing.T) (*plan.Dataflow, *checkpoint.Manifest, *meeting) {
	flow := counting()
	flow.Edges = []plan.Edge{{From: 0, To: 1, By: plan.Hash, Keys: []int{0}}}
	flow.Stages[1].Sink.Schema = flow.Stages[0].Source.Out
	group := flow.Stages[1].Ops[0].(*plan.GroupAggregate)
	m := &checkpoint.Manifest{Checkpoint: 7, KeyGroups: state.KeyGroups, State: []checkpoint.OperatorState{{Operator: "s", Kind: checkpoint.SourcePosition}}}
	storage := &meeting{files: map[string][]byte{}}
	for sub, file := range []string{"a", "b"} {
		last := groupsOf(t, sub, group.Out[:1])[:1]
		storage.files[file] = last[0].Inline
		last[0].Inline, last[0].File = nil, file
		m.State = append(m.State, checkpoint.OperatorState{Operator: "g", Kind: checkpoint.KeyedState, Subtask: sub, Schema: group.StateSchema(), Sections: last})
	}
	return flow, m, storage
}

// TestTasksLoadTogether: with two cores the stores of two tasks are read at the same time, and each
// gets what it owns; the storage would wait for ever for one that reads alone.
func TestTasksLoadTogether(t *testing.T) {
	flow, m, storage := restoring(t)
	synctest.Test(t, func(t *testing.T) {
		storage.expect(2)
		j, err := New(t.Context(), flow, Options{Name: "j", Connectors: executor.Connectors{"": nothing{}}, Settings: &conf.Values{}, Cores: 2,
			Budget: &state.Budget{}, Restore: m, Storage: storage, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, s := range j.stores {
			rows += s.Table("groups", state.Layout{}).Len()
		}
		if rows != 10_000 {
			t.Errorf("%d groups of 10000 are there", rows)
		}
		j.closeStores()
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestFirstFailureOfLoading: what is told is why loading failed, not that others were ended by it.
func TestFirstFailureOfLoading(t *testing.T) {
	flow, m, storage := restoring(t)
	m.State[2].Sections[0].CRC++
	_, err := New(t.Context(), flow, Options{Name: "j", Connectors: executor.Connectors{"": nothing{}}, Settings: &conf.Values{}, Cores: 2,
		Budget: &state.Budget{}, Restore: m, Storage: storage, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, checkpoint.ErrCorrupt) {
		t.Errorf("loading a damaged file gives %v", err)
	}
}
