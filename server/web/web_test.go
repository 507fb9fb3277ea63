package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

func (fixed) Server() Server {
	return Server{Connections: 5, MemoryUsed: 100, MemoryLimit: 1000, Role: "leader", SeriesLimit: 200}
}

func (fixed) Checks(context.Context) []Check { return []Check{{"broker", ""}, {"catalog", ""}} }

// ill has a job that failed and a broker that is away.
type ill struct{ fixed }

func (i ill) Jobs() []Job {
	return append(i.fixed.Jobs(), Job{Name: "default.bad", State: "FAILED", Since: time.Unix(1, 0), Failure: "no such column"})
}

func (ill) Checks(context.Context) []Check {
	return []Check{{"broker", "it does not answer"}, {"catalog", ""}}
}

// TestHealth: living, ready and healthy are three answers, and each says why not.
func TestHealth(t *testing.T) {
	for _, c := range []struct {
		figures Figures
		path    string
		status  int
		body    string
	}{
		{fixed{}, "/livez", 200, `{"status":"ok"}`},
		{fixed{}, "/readyz", 200, `{"status":"ok","role":"leader","checks":{"broker":"ok","catalog":"ok"}}`},
		{fixed{}, "/healthz", 200, `{"status":"ok","role":"leader","failed":[],"jobs":[{"name":"default.etl","state":"RUNNING"},{"name":"default.new","state":"CREATED"}]}`},
		{ill{}, "/livez", 200, `{"status":"ok"}`},
		{ill{}, "/readyz", 503, `{"status":"not ready","role":"leader","checks":{"broker":"it does not answer","catalog":"ok"}}`},
		{ill{}, "/healthz", 503, `{"status":"jobs have failed","role":"leader","failed":[{"name":"default.bad","since":"1970-01-01T00:00:01Z","failure":"no such column"}],` +
			`"jobs":[{"name":"default.etl","state":"RUNNING"},{"name":"default.new","state":"CREATED"},{"name":"default.bad","state":"FAILED"}]}`},
	} {
		w := httptest.NewRecorder()
		newConsole(Options{Figures: c.figures, Access: anybody{}}).handler().ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || got != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.path, w.Code, got, c.status, c.body)
		}
	}
}

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
	c, err := Listen(Options{Address: "127.0.0.1:0", Figures: fixed{}, Access: anybody{}, Log: slog.New(slog.DiscardHandler)})
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
		`slipway_leads 1`,
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
