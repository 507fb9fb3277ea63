package job

import (
	"testing"
	"time"

	"slipway/executor/task"
	"slipway/sql/plan"
)

func TestShares(t *testing.T) {
	for _, k := range []struct {
		name    string
		was, is task.Spent
		want    Shares
	}{
		{"nothing has passed", task.Spent{Running: 5}, task.Spent{Running: 5}, Shares{}},
		{"it worked all the time", task.Spent{}, task.Spent{Running: 10}, Shares{Busy: 1}},
		{"each has its part", task.Spent{Running: 10, Idle: 4, Blocked: 1}, task.Spent{Running: 30, Idle: 9, Blocked: 11}, Shares{Busy: 0.25, Idle: 0.25, Blocked: 0.5}},
		{"the parts were read a moment later", task.Spent{}, task.Spent{Running: 10, Idle: 11, Blocked: 2}, Shares{Idle: 1}},
	} {
		if got := shares(k.was, k.is); got != k.want {
			t.Errorf("%s: %+v, want %+v", k.name, got, k.want)
		}
	}
}

// TestMeter: what is measured is measured against the call before the last one.
func TestMeter(t *testing.T) {
	m, begin := meter{}, time.Unix(1000, 0)
	for i, want := range []int{0, 0, 5, 10} {
		m.add(sample{at: begin.Add(time.Duration(5*i) * time.Second), tasks: []counted{}})
		if got := m.base().at.Sub(begin); got != time.Duration(want)*time.Second {
			t.Errorf("behind call %d it is measured from %s, want %d s", i, got, want)
		}
	}
}

func TestSkew(t *testing.T) {
	for want, in := range map[float64][]int64{0: {0, 0}, 1: {7, 7, 7}, 2: {0, 10}, 1.5: {3, 1}} {
		s := StageStatus{}
		for _, n := range in {
			s.Each = append(s.Each, TaskStatus{In: n})
		}
		if got := s.Skew(); got != want {
			t.Errorf("of %v it is %g, want %g", in, got, want)
		}
	}
}

// TestLimits: the stage that others wait for is the one behind the last that is blocked.
func TestLimits(t *testing.T) {
	flow := &plan.Dataflow{Edges: []plan.Edge{{From: 0, To: 1}, {From: 1, To: 2}}}
	for _, k := range []struct {
		name string
		of   [3]Shares
		want [3]bool
	}{
		{"nobody waits", [3]Shares{{Busy: 1}, {Busy: 0.9, Idle: 0.1}, {Idle: 1}}, [3]bool{}},
		{"the last one is slow", [3]Shares{{Busy: 0.1, Blocked: 0.9}, {Busy: 0.2, Blocked: 0.8}, {Busy: 1}}, [3]bool{2: true}},
		{"the middle one is slow", [3]Shares{{Busy: 0.1, Blocked: 0.9}, {Busy: 0.95, Blocked: 0.05}, {Busy: 0.1, Idle: 0.9}}, [3]bool{1: true}},
		{"a barrier is awaited", [3]Shares{{Idle: 0.5, Blocked: 0.5}, {Idle: 1}, {Idle: 1}}, [3]bool{}},
	} {
		stages := make([]StageStatus, 3)
		for i := range stages {
			stages[i].Shares = k.of[i]
		}
		if got := Limits(flow, stages); [3]bool(got) != k.want {
			t.Errorf("%s: %v, want %v", k.name, got, k.want)
		}
	}
}
