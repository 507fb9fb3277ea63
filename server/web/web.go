// Package web answers over HTTP: the console, one page that a person with a browser works with, and what a person with
// a pager and their programs ask for: /livez, /readyz, /healthz and /metrics. The console is a client of SQL like any other:
// its one endpoint, POST /api/query, runs statements in a session of pgwire's contract and streams the rows as JSON. The package knows
// no SQL. The only door to the Prometheus client library.
package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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
	Since              time.Time // in this state
	Failure            string    // of a failed job
	RowsIn, RowsOut    int64
	BytesIn, BytesOut  int64
	Late, Failed       int64
	Skipped            int64
	LookupHits         int64
	LookupMisses       int64
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
	Runs            bool
	Tasks           int64
	// Checkpoints are the completed ones since the server started.
	Checkpoints Checkpoints
	// Failures counts by class, since the server started.
	Failures          map[string]int64
	OpenTransactions  int64
	OldestTransaction time.Time // zero: there is none
	Stages            []Stage
	Operators         []Operator
}

// Checkpoints are those of a job that completed.
type Checkpoints struct {
	Completed, Bytes, LastBytes int64
	Took, LastTook              time.Duration
}

// Stage is what the tasks of a stage of a running job have spent their time with, together.
type Stage struct {
	Number              int
	Busy, Blocked, Idle time.Duration
	Skew                float64 // 0: none of them has got rows
}

// Operator is a source, an operator or a sink of a running job.
type Operator struct {
	Stage, Place          int
	Kind, Name            string // source, operator or sink
	In, Out               int64
	StateBytes, StateRows int64
}

// Server is the process's own figures.
type Server struct {
	Connections int64
	Statements  int64            // of SQL clients, since the server started
	Errors      map[string]int64 // of these, by the class of the SQLSTATE
	SeriesLimit int              // of the series of one job that are about its parts
	MemoryUsed  int64            // by state
	MemoryLimit int64
	Role        string // Leader or Standby
}

// Roles of a server.
const (
	Leader  = "leader"
	Standby = "standby"
)

// Check is one thing that a server needs in order to serve.
type Check struct {
	Name  string
	Fault string // why it is not there; empty: it is
}

// Figures is where the answers come from; called for each request, from any goroutine.
type Figures interface {
	Jobs() []Job
	Server() Server
	// Checks looks whether the server can serve; it ends with ctx.
	Checks(ctx context.Context) []Check
}

// Console is the HTTP listener.
type Console struct {
	options  Options
	listener net.Listener
	server   *http.Server
	done     chan struct{}
	ctx      context.Context // ends every statement when the console closes
	cancel   context.CancelFunc
	visits   *visits
	answers  *answers
	running  chan struct{} // a place for each query that runs
}

// Listen opens the console.
func Listen(o Options) (*Console, error) {
	l, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("opening the console at %s: %w", o.Address, err)
	}
	if o.TLS != nil {
		l = tls.NewListener(l, o.TLS)
	}
	c := newConsole(o)
	c.listener = l
	c.server = &http.Server{
		Handler: c.handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return c.ctx },
		ErrorLog:    slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // clients that leave; nobody is to be called
	}
	go func() { // ends with Close
		defer close(c.done)
		if err := c.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("the console has ended", "error", err)
		}
	}()
	return c, nil
}

func newConsole(o Options) *Console {
	c := &Console{options: o, done: make(chan struct{}), visits: newVisits(), answers: newAnswers(), running: make(chan struct{}, queriesMost)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Address is where the console listens.
func (c *Console) Address() string { return c.listener.Addr().String() }

// Close ends the listener and the statements that run, and waits for the requests under way, as far as ctx allows.
func (c *Console) Close(ctx context.Context) error {
	c.cancel()
	err := c.server.Shutdown(ctx)
	<-c.done
	return err
}

func (c *Console) handler() http.Handler {
	figures := c.options.Figures
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{figures}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", c.signedIn(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(r.Context(), w, figures) })
	mux.Handle("GET /healthz", c.signedIn(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { health(w, figures) })))
	mux.Handle("/debug/", guard(c.options.Access, c.owners(c.profiles())))
	mux.Handle("/", guard(c.options.Access, c.page()))
	return mux
}

// page is the console itself and what it asks.
func (c *Console) page() http.Handler {
	mux := http.NewServeMux()
	serveAssets(mux)
	mux.HandleFunc("GET /api/session", c.session)
	mux.HandleFunc("POST /api/sign-in", c.signIn)
	mux.HandleFunc("POST /api/sign-out", c.signOut)
	mux.HandleFunc("POST /api/query", c.query)
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// checkPatience bounds the checks of one request: who asks waits some seconds, mostly.
const checkPatience = 2 * time.Second

// ready is 200 when the server can serve, else 503 and what is not there.
func ready(ctx context.Context, w http.ResponseWriter, figures Figures) {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	body := struct {
		Status string            `json:"status"`
		Role   string            `json:"role"`
		Checks map[string]string `json:"checks"`
	}{Status: "ok", Role: figures.Server().Role, Checks: map[string]string{}}
	status := http.StatusOK
	for _, c := range figures.Checks(ctx) {
		body.Checks[c.Name] = "ok"
		if c.Fault != "" {
			body.Checks[c.Name], body.Status, status = c.Fault, "not ready", http.StatusServiceUnavailable
		}
	}
	answer(w, status, body)
}

// failed is the state that somebody should be called for.
const failed = "FAILED"

type jobHealth struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

type jobFailure struct {
	Name    string    `json:"name"`
	Since   time.Time `json:"since"`
	Failure string    `json:"failure"`
}

// health is 200 while no job has failed, else 503 and the failed ones. It is for whoever is
// called then, and not for what restarts processes: that would not cure a job.
func health(w http.ResponseWriter, figures Figures) {
	body := struct {
		Status string       `json:"status"`
		Role   string       `json:"role"`
		Failed []jobFailure `json:"failed"`
		Jobs   []jobHealth  `json:"jobs"`
	}{Status: "ok", Role: figures.Server().Role, Failed: []jobFailure{}, Jobs: []jobHealth{}}
	status := http.StatusOK
	for _, j := range figures.Jobs() {
		body.Jobs = append(body.Jobs, jobHealth{j.Name, j.State})
		if j.State == failed {
			body.Failed = append(body.Failed, jobFailure{j.Name, j.Since.UTC(), j.Failure})
			body.Status, status = "jobs have failed", http.StatusServiceUnavailable
		}
	}
	answer(w, status, body)
}
