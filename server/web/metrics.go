package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// collector reads the figures anew at each scrape: nothing is counted twice, and a
// dropped job disappears by itself.
type collector struct{ figures Figures }

// metric is one figure of a job.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(Job) (value float64, known bool)
}

func perJob(name, help string, kind prometheus.ValueType, read func(Job) (float64, bool)) metric {
	return metric{prometheus.NewDesc("slipway_job_"+name, help, []string{"job"}, nil), kind, read}
}

func count(read func(Job) int64) func(Job) (float64, bool) {
	return func(j Job) (float64, bool) { return float64(read(j)), true }
}

func moment(t time.Time) (float64, bool) { return float64(t.UnixMilli()) / 1000, !t.IsZero() }

var jobMetrics = []metric{
	perJob("rows_in_total", "Rows read from the job's sources since it was started.", prometheus.CounterValue, count(func(j Job) int64 { return j.RowsIn })),
	perJob("rows_out_total", "Rows written to the job's sinks since it was started.", prometheus.CounterValue, count(func(j Job) int64 { return j.RowsOut })),
	perJob("bytes_in_total", "Bytes read from the job's sources since it was started.", prometheus.CounterValue, count(func(j Job) int64 { return j.BytesIn })),
	perJob("bytes_out_total", "Bytes written to the job's sinks since it was started.", prometheus.CounterValue, count(func(j Job) int64 { return j.BytesOut })),
	perJob("rows_late_total", "Rows dropped because all their windows had ended.", prometheus.CounterValue, count(func(j Job) int64 { return j.Late })),
	perJob("rows_failed_total", "Rows skipped by on.error.", prometheus.CounterValue, count(func(j Job) int64 { return j.Failed })),
	perJob(
		"rows_skipped_total", "Records without a value, of streams without PRIMARY KEY.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.Skipped }),
	),
	perJob(
		"lookup_hits_total", "Rows of lookup joins whose key was known, or asked for already.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.LookupHits }),
	),
	perJob(
		"lookup_misses_total", "Keys that lookup joins asked tables outside for.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.LookupMisses }),
	),
	perJob("state_bytes", "Memory of the job's keyed state.", prometheus.GaugeValue, count(func(j Job) int64 { return j.StateBytes })),
	perJob("restarts_total", "Restarts after failures since START STREAMJOB.", prometheus.CounterValue, count(func(j Job) int64 { return j.Restarts })),
	perJob(
		"watermark_seconds", "The watermark that the job has reached, in seconds since 1970: windows up to it are closed.",
		prometheus.GaugeValue, func(j Job) (float64, bool) { return moment(j.Watermark) },
	),
	perJob(
		"last_checkpoint_id", "The newest completed checkpoint.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return float64(j.LastCheckpoint), j.LastCheckpoint > 0 },
	),
	perJob(
		"last_checkpoint_seconds", "When the newest checkpoint completed, in seconds since 1970.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return moment(j.LastCheckpointAt) },
	),
	perJob(
		"checkpoints_expired_total", "Checkpoints that expired before completing.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.ExpiredCheckpoints }),
	),
	perJob(
		"checkpoints_failed_total", "Checkpoints that a task could not write.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.FailedCheckpoints }),
	),
}

var (
	stateDesc     = prometheus.NewDesc("slipway_job_state", "1 for the state the job is in.", []string{"job", "state"}, nil)
	lagDesc       = prometheus.NewDesc("slipway_job_lag_rows", "Rows of a split that the job has not read yet.", []string{"job", "split"}, nil)
	splitMarkDesc = prometheus.NewDesc(
		"slipway_job_split_watermark_seconds",
		"The watermark of a split, in seconds since 1970; an idle one does not hold the job's back.", []string{"job", "split"},
		nil,
	)
	connectionsDesc = prometheus.NewDesc("slipway_connections", "Open client connections.", nil, nil)
	leadsDesc       = prometheus.NewDesc("slipway_leads", "1 on the server that runs the jobs, 0 on one that stands by.", nil, nil)
	memoryDesc      = prometheus.NewDesc("slipway_state_memory_bytes", "Memory of the keyed state of all jobs.", nil, nil)
	limitDesc       = prometheus.NewDesc("slipway_state_memory_limit_bytes", "server.memory.limit.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range jobMetrics {
		ch <- m.desc
	}
	for _, d := range []*prometheus.Desc{stateDesc, lagDesc, splitMarkDesc, connectionsDesc, leadsDesc, memoryDesc, limitDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	for _, j := range c.figures.Jobs() {
		collectJob(ch, j)
	}
	s := c.figures.Server()
	gauge(ch, connectionsDesc, float64(s.Connections))
	leads := 0.0
	if s.Role == Leader {
		leads = 1
	}
	gauge(ch, leadsDesc, leads)
	gauge(ch, memoryDesc, float64(s.MemoryUsed))
	gauge(ch, limitDesc, float64(s.MemoryLimit))
}

func collectJob(ch chan<- prometheus.Metric, j Job) {
	for _, m := range jobMetrics {
		if v, known := m.read(j); known {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, v, j.Name)
		}
	}
	gauge(ch, stateDesc, 1, j.Name, j.State)
	for split, lag := range j.Lag {
		gauge(ch, lagDesc, float64(lag), j.Name, split)
	}
	for split, mark := range j.SplitWatermarks {
		seconds, _ := moment(mark)
		gauge(ch, splitMarkDesc, seconds, j.Name, split)
	}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}
