// Package web answers over HTTP what a person with a pager wants to know: /healthz
// and /metrics. It reads figures, it changes nothing. The only door to the
// Prometheus client library.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Job is one job's figures at one moment.
type Job struct {
	Name               string
	State              string
	RowsIn, RowsOut    int64
	BytesIn, BytesOut  int64
	Late, Failed       int64
	Skipped            int64
	StateBytes         int64
	Restarts           int64
	Watermark          time.Time // zero: none yet
	LastCheckpoint     int64     // id, 0: none yet
	LastCheckpointAt   time.Time
	ExpiredCheckpoints int64
	FailedCheckpoints  int64
	// Lag is the rows not yet read, by split ("topic-3"); unknown ones are left out.
	Lag map[string]int64
	// SplitWatermarks are the splits' own; those that have none are left out.
	SplitWatermarks map[string]time.Time
}

// Server is the process's own figures.
type Server struct {
	Connections int64
	MemoryUsed  int64 // by state
	MemoryLimit int64
}

// Figures is where the answers come from; called for each request, from any goroutine.
type Figures interface {
	Jobs() []Job
	Server() Server
}

// Console is the HTTP listener.
type Console struct {
	listener net.Listener
	server   *http.Server
	done     chan struct{}
}

// Listen opens the console at a loopback address.
func Listen(address string, figures Figures) (*Console, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("opening the console at %s: %w", address, err)
	}
	c := &Console{listener: l, done: make(chan struct{}), server: &http.Server{Handler: handler(figures), ReadHeaderTimeout: 5 * time.Second}}
	go func() { // ends with Close
		defer close(c.done)
		if err := c.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return
		}
	}()
	return c, nil
}

// Address is where the console listens.
func (c *Console) Address() string { return c.listener.Addr().String() }

// Close ends the listener and waits for the requests under way, as far as ctx allows.
func (c *Console) Close(ctx context.Context) error {
	err := c.server.Shutdown(ctx)
	<-c.done
	return err
}

func handler(figures Figures) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{figures}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { health(w, figures.Jobs()) })
	return mux
}

// health is 200 while the server answers. A failed job does not make the server
// unhealthy, since restarting the server would not cure it; the body names it.
func health(w http.ResponseWriter, jobs []Job) {
	type jobHealth struct {
		Name  string `json:"name"`
		State string `json:"state"`
	}
	body := struct {
		Status string      `json:"status"`
		Jobs   []jobHealth `json:"jobs"`
	}{Status: "ok", Jobs: []jobHealth{}}
	for _, j := range jobs {
		body.Jobs = append(body.Jobs, jobHealth{j.Name, j.State})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body)
}
