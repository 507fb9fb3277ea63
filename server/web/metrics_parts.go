package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Series about the parts of a job (partitions, stages, operators, sinks) are bounded by job: a scrape of a thousand jobs
// stays one. What is left out is counted.

var (
	sinkDesc          = define(counter, "slipway_sink_rows_total", "Rows written to a sink since the job was started.", "job", "stage", "sink")
	operatorInDesc    = define(counter, "slipway_operator_rows_in_total", "Rows that came to an operator since the job was started.", "job", "stage", "place", "operator")
	operatorOutDesc   = define(counter, "slipway_operator_rows_out_total", "Rows that left an operator since the job was started.", "job", "stage", "place", "operator")
	operatorStateDesc = define(gauging, "slipway_operator_state_bytes", "Memory of an operator's keyed state.", "job", "stage", "place", "operator")
	busyDesc          = define(counter, "slipway_stage_busy_seconds_total", "Time in which the tasks of a stage worked, or waited for what is outside; together.", "job", "stage")
	blockedDesc       = define(counter, "slipway_stage_blocked_seconds_total", "Time in which the tasks of a stage waited for what is behind them; together.", "job", "stage")
	idleDesc          = define(counter, "slipway_stage_idle_seconds_total", "Time in which the tasks of a stage had nothing to do; together.", "job", "stage")
	skewDesc          = define(gauging, "slipway_stage_skew_ratio", "Rows of the task of a stage that got most, over the mean of its tasks.", "job", "stage")
	leftOutDesc       = define(gauging, "slipway_job_series_left_out", "Series about parts of the job beyond server.metrics.series.", "job")
	failuresDesc      = define(counter, "slipway_job_failures_total", "Failures by class since the server started.", "job", "class")
)

// parts sends the series about the parts of one job, as many as are allowed.
type parts struct {
	ch            chan<- prometheus.Metric
	job           string
	left, leftOut int
}

func (p *parts) add(d *definition, v float64, labels ...string) {
	if p.left == 0 {
		p.leftOut++
		return
	}
	p.left--
	d.send(p.ch, v, append([]string{p.job}, labels...)...)
}

// collectParts sends what concerns partitions first, then stages and sinks: what a pager needs.
func collectParts(ch chan<- prometheus.Metric, j Job, limit int) {
	p := &parts{ch: ch, job: j.Name, left: limit}
	for _, split := range slices.Sorted(maps.Keys(j.Lag)) {
		p.add(lagDesc, float64(j.Lag[split]), split)
	}
	for _, split := range slices.Sorted(maps.Keys(j.SplitWatermarks)) {
		seconds, _ := moment(j.SplitWatermarks[split])
		p.add(splitMarkDesc, seconds, split)
	}
	for _, s := range j.Stages {
		p.stage(s)
	}
	// Sinks before operators, whose series are many.
	for _, o := range slices.SortedStableFunc(slices.Values(j.Operators), func(a, b Operator) int { return cmp.Compare(b.rank(), a.rank()) }) {
		p.operator(o)
	}
	leftOutDesc.send(ch, float64(p.leftOut), j.Name)
}

func (p *parts) stage(s Stage) {
	stage := strconv.Itoa(s.Number)
	p.add(busyDesc, s.Busy.Seconds(), stage)
	p.add(blockedDesc, s.Blocked.Seconds(), stage)
	p.add(idleDesc, s.Idle.Seconds(), stage)
	if s.Skew > 0 {
		p.add(skewDesc, s.Skew, stage)
	}
}

func (o Operator) rank() int {
	if o.Kind == "sink" {
		return 1
	}
	return 0
}

// longestName is how much of an operator's name is a label, in bytes.
const longestName = 80

func (p *parts) operator(o Operator) {
	stage, place, name := strconv.Itoa(o.Stage), strconv.Itoa(o.Place), o.Name
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "") + "…"
	}
	switch o.Kind {
	case "sink":
		p.add(sinkDesc, float64(o.In), stage, o.Name)
	case "operator":
		p.add(operatorInDesc, float64(o.In), stage, place, name)
		p.add(operatorOutDesc, float64(o.Out), stage, place, name)
		if o.StateRows > 0 {
			p.add(operatorStateDesc, float64(o.StateBytes), stage, place, name)
		}
	}
}
