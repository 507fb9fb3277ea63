package job

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// settling is a connector whose sinks' transactions are as a test says, by the sink's name.
type settling struct {
	nothing
	lost      map[string]bool
	recovered *[]string
}

func (s settling) NewCommitter(p *plan.Sink, _ *executor.Env) (executor.Committer, error) {
	return settled{name: p.Name, settling: s}, nil
}

type settled struct {
	executor.NoTransactions
	settling
	name string
}

func (s settled) Recover(_ context.Context, prepared [][]byte) error {
	*s.recovered = append(*s.recovered, s.name)
	if s.lost[s.name] && len(prepared[0]) > 0 && string(prepared[0]) != "null" {
		return executor.ErrAborted
	}
	return nil
}

func (settled) Commit(context.Context, [][]byte) error { return nil }
func (settled) Close() error                           { return nil }

// TestSinksAreSettledTogether: if the rows of the first sink are lost nothing of the others is made
// visible, and an older checkpoint may be tried; if those of a later one are, it is too late for that.
func TestSinksAreSettledTogether(t *testing.T) {
	columns := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}}
	flow := &plan.Dataflow{Stages: []plan.Stage{
		{ID: 0, Source: &plan.Source{Op: "s", Name: "default.in", Out: columns}},
		{ID: 1, Sink: &plan.Sink{Op: "a", Name: "default.a", Schema: columns}},
		{ID: 2, Sink: &plan.Sink{Op: "b", Name: "default.b", Schema: columns}},
	}, Edges: []plan.Edge{{From: 0, To: 1}, {From: 0, To: 2}}}
	type promise = []byte
	for name, c := range map[string]struct {
		lost      string
		a, b      promise
		settled   int
		aborted   bool
		permanent bool
	}{
		"both are there":            {a: promise("x"), b: promise("y"), settled: 2},
		"the first is lost":         {lost: "default.a", a: promise("x"), b: promise("y"), settled: 1, aborted: true},
		"the second is lost":        {lost: "default.b", a: promise("x"), b: promise("y"), settled: 2, aborted: true, permanent: true},
		"only the second had rows":  {lost: "default.b", a: promise("null"), b: promise("y"), settled: 2, aborted: true},
		"nothing was promised":      {lost: "default.b", settled: 2},
		"only the first had any":    {a: promise("x"), settled: 2},
		"the first had rows: are 0": {lost: "default.a", b: promise("y"), settled: 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := &checkpoint.Manifest{Checkpoint: 7, KeyGroups: state.KeyGroups, State: []checkpoint.OperatorState{
				{Operator: "s", Kind: checkpoint.SourcePosition}, promised("a", c.a), promised("b", c.b),
			}}
			var recovered []string
			k := settling{lost: map[string]bool{c.lost: true}, recovered: &recovered}
			j, err := New(t.Context(), flow, Options{Name: "j", Connectors: executor.Connectors{"": k}, Settings: &conf.Values{}, Cores: 1,
				Budget: &state.Budget{}, Restore: m, Log: slog.New(slog.DiscardHandler)})
			if err == nil {
				err = j.Close()
			}
			p, ok := errors.AsType[interface {
				error
				Permanent() bool
			}](err)
			if len(recovered) != c.settled || errors.Is(err, executor.ErrAborted) != c.aborted || (ok && p.Permanent()) != c.permanent {
				t.Errorf("settled %v: %v", recovered, err)
			}
		})
	}
}

func promised(operator string, b []byte) checkpoint.OperatorState {
	return checkpoint.OperatorState{Operator: operator, Kind: checkpoint.SinkPrepared,
		Sections: []checkpoint.Section{{Inline: b, Length: int64(len(b)), CRC: checkpoint.Checksum(b)}}}
}
