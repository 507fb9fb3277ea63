package monitoring

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

func parse(expr string) (parser.Expr, error) { return parser.ParseExpr(expr) }

// begin is the time of the first sample of each series; now that at which rules are evaluated.
var (
	begin = time.Unix(1_000_000, 0)
	now   = begin.Add(time.Hour)
)

// series is a metric and its value by the minute, up to now.
type series struct {
	labels labels.Labels
	value  func(minute int) float64
}

func of(value func(int) float64, pairs ...string) series {
	return series{labels.FromStrings(append(pairs, "instance", "a:1")...), value}
}

func steady(v float64) func(int) float64 { return func(int) float64 { return v } }

func growing(each float64) func(int) float64 {
	return func(minute int) float64 { return each * float64(minute) }
}

// ago is a moment, in seconds since 1970, of so long before now.
func ago(d time.Duration) func(int) float64 { return steady(float64(now.Add(-d).Unix())) }

// stored are series as the engine asks for them.
type stored []series

func (s stored) Querier(_, _ int64) (storage.Querier, error) { return s, nil }

func (stored) Close() error { return nil }

func (stored) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (stored) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (s stored) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{}
next:
	for _, x := range s {
		for _, m := range matchers {
			if !m.Matches(x.labels.Get(m.Name)) {
				continue next
			}
		}
		var list []chunks.Sample
		for minute := range 61 {
			list = append(list, sample{begin.Add(time.Duration(minute) * time.Minute).UnixMilli(), x.value(minute)})
		}
		set.all = append(set.all, storage.NewListSeries(x.labels, list))
	}
	return set
}

type seriesSet struct {
	all []storage.Series
	i   int
}

func (s *seriesSet) Next() bool                        { s.i++; return s.i <= len(s.all) }
func (s *seriesSet) At() storage.Series                { return s.all[s.i-1] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

type sample struct {
	t int64
	v float64
}

func (s sample) T() int64                      { return s.t }
func (s sample) F() float64                    { return s.v }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

const name = "__name__"

// TestRulesFire: each alert is there for what it is about, and not for what is well.
func TestRulesFire(t *testing.T) {
	j := func(value func(int) float64, metric string, more ...string) series {
		return of(value, append([]string{name, metric, "job", "db.j"}, more...)...)
	}
	cases := map[string]struct{ fires, quiet stored }{
		"SlipwayDown":      {stored{of(steady(0), name, "up", "service", "slipway")}, stored{of(steady(1), name, "up", "service", "slipway"), of(steady(0), name, "up", "service", "other")}},
		"SlipwayNoLeader":  {stored{of(steady(0), name, "slipway_leads")}, stored{of(steady(0), name, "slipway_leads"), of(steady(1), name, "slipway_leads", "of", "another")}},
		"SlipwayJobFailed": {stored{j(steady(1), "slipway_job_state", "state", "FAILED")}, stored{j(steady(1), "slipway_job_state", "state", "RUNNING")}},
		"SlipwayJobRestarts": {
			stored{j(growing(0.2), "slipway_job_failures_total", "class", "broker"), j(growing(0.2), "slipway_job_failures_total", "class", "data")},
			stored{j(growing(0.1), "slipway_job_failures_total", "class", "broker")},
		},
		"SlipwayLagGrows": {
			stored{j(growing(500), "slipway_job_lag_rows", "split", "in-0")},
			stored{j(func(m int) float64 { return 1e6 - 1000*float64(m) }, "slipway_job_lag_rows", "split", "in-0")},
		},
		"SlipwayNoCheckpoint": {
			stored{j(ago(time.Hour), "slipway_job_last_checkpoint_seconds"), j(steady(1), "slipway_job_state", "state", "RUNNING")},
			stored{j(ago(time.Hour), "slipway_job_last_checkpoint_seconds"), j(steady(1), "slipway_job_state", "state", "STOPPED")},
		},
		"SlipwayCheckpointsFail": {
			stored{j(growing(0.1), "slipway_job_checkpoints_expired_total"), j(growing(0.1), "slipway_job_checkpoints_failed_total")},
			stored{j(steady(40), "slipway_job_checkpoints_expired_total"), j(steady(40), "slipway_job_checkpoints_failed_total")},
		},
		"SlipwayWatermarkStands": {
			stored{j(steady(1e9), "slipway_job_watermark_seconds"), j(growing(100), "slipway_job_rows_in_total")},
			stored{j(steady(1e9), "slipway_job_watermark_seconds"), j(steady(100), "slipway_job_rows_in_total")},
		},
		"SlipwayTransactionOld": {
			stored{j(ago(20*time.Minute), "slipway_job_oldest_transaction_seconds")},
			stored{j(ago(time.Minute), "slipway_job_oldest_transaction_seconds")},
		},
		"SlipwayMemoryNearLimit": {
			stored{of(steady(95), name, "slipway_state_memory_bytes"), of(steady(100), name, "slipway_state_memory_limit_bytes")},
			stored{of(steady(85), name, "slipway_state_memory_bytes"), of(steady(100), name, "slipway_state_memory_limit_bytes")},
		},
		"SlipwaySeriesLeftOut": {stored{j(steady(3), "slipway_job_series_left_out")}, stored{j(steady(0), "slipway_job_series_left_out")}},
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	defer engine.Close()
	for _, r := range rules(t) {
		k, ok := cases[r.Alert]
		if !ok {
			t.Errorf("nothing tries %s", r.Alert)
			continue
		}
		if n := evaluated(t, engine, k.fires, r.Expr); n != 1 {
			t.Errorf("%s fires %d times for what it is about, want once", r.Alert, n)
		}
		if n := evaluated(t, engine, k.quiet, r.Expr); n != 0 {
			t.Errorf("%s fires for what is well", r.Alert)
		}
	}
	if len(cases) != len(rules(t)) {
		t.Errorf("%d cases, %d rules", len(cases), len(rules(t)))
	}
}

// evaluated is how many series an expression gives now.
func evaluated(t *testing.T, engine *promql.Engine, s stored, expr string) int {
	t.Helper()
	q, err := engine.NewInstantQuery(context.Background(), s, nil, expr, now)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	v, err := q.Exec(context.Background()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return len(v)
}
