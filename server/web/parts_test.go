package web

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// many has a job with more parts than series are allowed.
type many struct {
	fixed
	limit int
}

func (m many) Server() Server { return Server{SeriesLimit: m.limit} }

func (many) Jobs() []Job {
	j := Job{Name: "d.j", Runs: true, Lag: map[string]int64{}, Stages: []Stage{{Number: 0, Busy: time.Second}}}
	for i := range 10 {
		j.Lag[fmt.Sprintf("t-%02d", i)] = 1
		j.Operators = append(j.Operators, Operator{Place: i, Kind: "operator", Name: strings.Repeat("é", 100), In: 1, Out: 1})
	}
	j.Operators = append(j.Operators, Operator{Place: 10, Kind: "sink", Name: "d.o", In: 7})
	return []Job{j}
}

// TestSeriesAreBounded: of the parts of a job so many series are sent as are allowed, partitions first, then stages, sinks and
// operators, and the rest is counted.
func TestSeriesAreBounded(t *testing.T) {
	for _, k := range []struct {
		limit                         int
		partitions, stages, sinks, op int
	}{{100, 10, 3, 1, 20}, {14, 10, 3, 1, 0}, {12, 10, 2, 0, 0}, {3, 3, 0, 0, 0}, {0, 0, 0, 0, 0}} {
		c, err := Listen(Options{Address: "127.0.0.1:0", Figures: many{limit: k.limit}, Access: anybody{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		page := get(t, "http://"+c.Address()+"/metrics")
		c.server.Close()
		all := 34
		sent := k.partitions + k.stages + k.sinks + k.op
		got := [4]int{strings.Count(page, "\nslipway_job_lag_rows{"), strings.Count(page, "\nslipway_stage_"), strings.Count(page, "\nslipway_sink_"), strings.Count(page, "\nslipway_operator_")}
		if want := [4]int{k.partitions, k.stages, k.sinks, k.op}; got != want {
			t.Errorf("with %d allowed there are %v, want %v", k.limit, got, want)
		}
		if line := fmt.Sprintf("slipway_job_series_left_out{job=%q} %d\n", "d.j", all-sent); !strings.Contains(page, line) {
			t.Errorf("with %d allowed there is no line %s", k.limit, line)
		}
	}
}
