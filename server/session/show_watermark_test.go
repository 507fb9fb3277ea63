package session

import (
	"strings"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/job"
	"slipway/sql/plan"
)

func TestNextEnd(t *testing.T) {
	const ms = int64(time.Millisecond / time.Microsecond)
	tumble := plan.Window{Kind: plan.Tumble, Size: 10 * time.Second, Slide: 10 * time.Second}
	hop := plan.Window{Kind: plan.Hop, Size: 10 * time.Second, Slide: 4 * time.Second}
	offset := plan.Window{Kind: plan.Tumble, Size: 10 * time.Second, Slide: 10 * time.Second, Offset: 3 * time.Second}
	for _, k := range []struct {
		w         plan.Window
		mark, end int64 // ms
	}{{tumble, 0, 10000}, {tumble, 9999, 10000}, {tumble, 10000, 20000}, {tumble, -1, 0}, {tumble, -10000, 0}, {hop, 10000, 14000}, {hop, 9000, 10000}, {offset, 10000, 13000}, {offset, 13000, 23000}} {
		if got := nextEnd(k.w, k.mark*ms); got != k.end*ms {
			t.Errorf("%s: behind %d ms the next end is %d, want %d", k.w, k.mark, got/ms, k.end)
		}
	}
}

// TestHolders: a stage waits for the least of what it reads, for what nothing has come from first, and not for what is idle.
func TestHolders(t *testing.T) {
	source := func(delay time.Duration) plan.Stage {
		return plan.Stage{Source: &plan.Source{Watermark: &plan.WatermarkSpec{Delay: delay}}}
	}
	flow := &plan.Dataflow{Stages: []plan.Stage{source(0), source(0), {}, {}}, Edges: []plan.Edge{{From: 0, To: 2}, {From: 1, To: 3}}}
	split := func(stage int, name string, mark int64, idle bool) job.Split {
		return job.Split{SplitProgress: executor.SplitProgress{Split: name}, Stage: stage, Watermark: mark, Idle: idle}
	}
	for _, k := range []struct {
		name   string
		splits []job.Split
		want   string
	}{
		{"the least", []job.Split{split(0, "a", 5, false), split(0, "b", 3, false), split(0, "c", 3, false)}, "b c"},
		{"not an idle one", []job.Split{split(0, "a", 5, false), split(0, "b", 3, true)}, "a"},
		{"not one of another input", []job.Split{split(0, "a", 5, false), split(1, "b", 3, false)}, "a"},
		{"first one that gave nothing", []job.Split{split(0, "a", 5, false), split(0, "b", executor.NoWatermark, false)}, "b"},
		{"nothing of what is silent", []job.Split{split(0, "a", 5, true)}, ""},
	} {
		var got []string
		for _, p := range holders(job.Status{Flow: flow, Splits: k.splits}, 2) {
			got = append(got, p.Split)
		}
		if strings.Join(got, " ") != k.want {
			t.Errorf("%s: %v, want %s", k.name, got, k.want)
		}
	}
}
