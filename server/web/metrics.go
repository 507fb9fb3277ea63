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
	*definition
	read func(Job) (value float64, known bool)
}

func perJob(name, help string, kind prometheus.ValueType, read func(Job) (float64, bool)) metric {
	return metric{define(kind, "slipway_job_"+name, help, "job"), read}
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
	perJob("tasks", "Tasks of a running job.", prometheus.GaugeValue, func(j Job) (float64, bool) { return float64(j.Tasks), j.Runs }),
	perJob(
		"checkpoints_completed_total", "Checkpoints that completed since the server started.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.Checkpoints.Completed }),
	),
	perJob(
		"checkpoint_duration_seconds_total", "Time that completed checkpoints took, from their trigger to their commit; together.", prometheus.CounterValue,
		func(j Job) (float64, bool) { return j.Checkpoints.Took.Seconds(), true },
	),
	perJob(
		"checkpoint_bytes_total", "Bytes that completed checkpoints wrote.", prometheus.CounterValue,
		count(func(j Job) int64 { return j.Checkpoints.Bytes }),
	),
	perJob(
		"last_checkpoint_duration_seconds", "Time that the newest completed checkpoint took.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return j.Checkpoints.LastTook.Seconds(), j.Checkpoints.Completed > 0 },
	),
	perJob(
		"last_checkpoint_bytes", "Bytes that the newest completed checkpoint wrote.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return float64(j.Checkpoints.LastBytes), j.Checkpoints.Completed > 0 },
	),
	perJob(
		"transactions_open", "Transactions of the job's sinks that hold rows and are not committed.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return float64(j.OpenTransactions), j.Runs },
	),
	perJob(
		"oldest_transaction_seconds", "When the first row of the oldest open transaction was written, in seconds since 1970.", prometheus.GaugeValue,
		func(j Job) (float64, bool) { return moment(j.OldestTransaction) },
	),
}

var (
	stateDesc     = define(gauging, "slipway_job_state", "1 for the state the job is in.", "job", "state")
	lagDesc       = define(gauging, "slipway_job_lag_rows", "Rows of a split that the job has not read yet.", "job", "split")
	splitMarkDesc = define(
		gauging, "slipway_job_split_watermark_seconds",
		"The watermark of a split, in seconds since 1970; an idle one does not hold the job's back.", "job", "split",
	)
	connectionsDesc = define(gauging, "slipway_connections", "Open client connections.")
	statementsDesc  = define(counter, "slipway_sql_statements_total", "Statements of SQL clients since the server started.")
	errorsDesc      = define(counter, "slipway_sql_errors_total", "Statements that failed, by the class of the SQLSTATE (its first two characters).", "class")
	leadsDesc       = define(gauging, "slipway_leads", "1 on the server that runs the jobs, 0 on one that stands by.")
	memoryDesc      = define(gauging, "slipway_state_memory_bytes", "Memory of the keyed state of all jobs.")
	limitDesc       = define(gauging, "slipway_state_memory_limit_bytes", "server.memory.limit.")
)

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range definitions {
		ch <- d.desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	s := c.figures.Server()
	for _, j := range c.figures.Jobs() {
		collectJob(ch, j)
		collectParts(ch, j, s.SeriesLimit)
	}
	connectionsDesc.send(ch, float64(s.Connections))
	statementsDesc.send(ch, float64(s.Statements))
	for class, n := range s.Errors {
		errorsDesc.send(ch, float64(n), class)
	}
	leads := 0.0
	if s.Role == Leader {
		leads = 1
	}
	leadsDesc.send(ch, leads)
	memoryDesc.send(ch, float64(s.MemoryUsed))
	limitDesc.send(ch, float64(s.MemoryLimit))
}

func collectJob(ch chan<- prometheus.Metric, j Job) {
	for _, m := range jobMetrics {
		if v, known := m.read(j); known {
			m.send(ch, v, j.Name)
		}
	}
	stateDesc.send(ch, 1, j.Name, j.State)
	for class, n := range j.Failures {
		failuresDesc.send(ch, float64(n), j.Name, class)
	}
}
