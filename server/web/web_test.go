package web

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

type fixed struct{}

func (fixed) Jobs() []Job {
	return []Job{
		{Name: "default.etl", State: "RUNNING", RowsIn: 12, RowsOut: 7, Late: 3, Failed: 2, Restarts: 1, LastCheckpoint: 179,
			Watermark: time.UnixMilli(1500), Lag: map[string]int64{"topic-3": 41}},
		{Name: "default.new", State: "CREATED"},
	}
}

func (fixed) Server() Server { return Server{Connections: 5, MemoryUsed: 100, MemoryLimit: 1000} }

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v %s", resp.StatusCode, err, b)
	}
	return string(b)
}

func TestConsole(t *testing.T) {
	c, err := Listen("127.0.0.1:0", fixed{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	metrics := get(t, "http://"+c.Address()+"/metrics")
	for _, line := range []string{
		`slipway_job_rows_in_total{job="default.etl"} 12`,
		`slipway_job_rows_late_total{job="default.etl"} 3`,
		`slipway_job_watermark_seconds{job="default.etl"} 1.5`,
		`slipway_job_last_checkpoint_id{job="default.etl"} 179`,
		`slipway_job_lag_rows{job="default.etl",split="topic-3"} 41`,
		`slipway_job_state{job="default.new",state="CREATED"} 1`,
		`slipway_connections 5`,
		`slipway_state_memory_limit_bytes 1000`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if strings.Contains(metrics, `slipway_job_watermark_seconds{job="default.new"}`) {
		t.Error("an unknown watermark is shown")
	}
	if got := get(t, "http://"+c.Address()+"/healthz"); !strings.Contains(got, `{"name":"default.etl","state":"RUNNING"}`) {
		t.Errorf("healthz says %s", got)
	}
}
