// Package node builds every part of a server from its settings and takes them down
// again in reverse. Tests start it too.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/kafkaio"
	"slipway/kafkaio/client"
	"slipway/kafkaio/embedded"
	"slipway/kafkaio/metadata"
	"slipway/server/auth"
	"slipway/server/events"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/server/secrets"
	"slipway/server/session"
	"slipway/server/traces"
	"slipway/server/web"
	"slipway/sql"
	"slipway/sql/plan"
)

// Version of Slipway.
const Version = "0.1.0"

// Node is a running server: a leader, which runs jobs, or one that stands by.
type Node struct {
	cfg      *conf.Values
	log      *slog.Logger
	broker   *embedded.Broker
	stores   *stores
	security security
	compiler *sql.Compiler
	runner   *jobs.Runner
	queries  *jobs.Queries
	budget   *state.Budget
	handler  *session.Handler
	wire     *pgwire.Server
	console  *web.Console
	brokers  string
	kafka    *kafkaio.Connector // of those brokers
	serving  atomic.Bool        // clients are taken, and the end has not begun
	events   *events.Log
	traces   *traces.Tracer // nil: off
	secrets  *secrets.Vault
	targets  auth.Targets
	parts    atomic.Pointer[parts] // what sessions work with: changes with the role
	stop     context.CancelFunc    // ends the campaign
	terms    sync.WaitGroup        // the campaign's goroutine
}

// Start builds and starts a server, which has more connectors than its own if some are given.
// What was started before a failure is taken down.
func Start(ctx context.Context, cfg *conf.Values, log *slog.Logger, more ...executor.Connector) (n *Node, err error) {
	n = &Node{cfg: cfg, log: log, budget: newBudget(conf.MemoryBudget(cfg)), events: &events.Log{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Stop(ctx))
			n = nil
		}
	}()
	if err := checkBroker(cfg); err != nil {
		return n, err
	}
	zone, err := time.LoadLocation(conf.TimeZone.Get(cfg))
	if err != nil {
		return n, fmt.Errorf("server.timezone: %w", err)
	}
	if n.traces, err = traces.New(ctx, traces.Options{
		Endpoint: conf.TraceEndpoint.Get(cfg), Share: float64(conf.TraceSample.Get(cfg)) / 100, Version: Version, Log: log,
	}); err != nil {
		return n, err
	}
	if n.stores, err = openStores(ctx, cfg, log); err != nil {
		return n, err
	}
	if n.security, err = secure(cfg, n.stores.catalog, log); err != nil {
		return n, err
	}
	if err := n.startBroker(cfg, conf.DataDirectory.Get(cfg), log); err != nil {
		return n, err
	}
	n.addKafka(cfg)
	n.kafka = &kafkaio.Connector{Brokers: n.brokers, SignIn: n.signIn, CreateTopics: n.broker != nil, Log: n.log}
	if n.targets, err = auth.ParseTargets(conf.AllowedTargets.Get(cfg)); err != nil {
		return n, err
	}
	if n.secrets, err = vault(cfg, n.stores.catalog, log); err != nil {
		return n, err
	}
	connectors := executor.NewConnectors(n.opening(append(connectors(n.kafka, n.log), more...))...)
	n.compiler = &sql.Compiler{Connectors: connectors.Declared()}
	n.runner = jobs.NewRunner(jobs.Options{
		Compiler: n.compiler, Catalog: n.stores.catalog, Connectors: connectors, Backends: n.stores.backends, Budget: n.budget,
		Cores: int(conf.Parallelism.Get(cfg)), TimeZone: zone, Log: log, Events: n.events, Traces: n.traces,
	})
	n.queries = &jobs.Queries{Connectors: connectors, Budget: n.budget, Memory: conf.QueryMemory.Get(cfg), Cores: n.runner.Cores, Log: log}
	if conf.RecoveryMode.Get(cfg) == "local" {
		return n, n.startAlone(ctx)
	}
	return n, n.startAmongOthers()
}

func (n *Node) startBroker(cfg *conf.Values, directory string, log *slog.Logger) (err error) {
	if n.brokers = conf.DefaultBrokers.Get(cfg); n.brokers != "" {
		return nil
	}
	if n.broker, err = embedded.Start(filepath.Join(directory, "broker"), conf.EmbeddedListen.Get(cfg), log); err == nil {
		n.brokers = n.broker.Address()
	}
	return err
}

// statePartitions of the topic of task state.
const statePartitions = 4

// addKafka makes the backend `kafka`, which connects when a job first uses it.
func (n *Node) addKafka(cfg *conf.Values) {
	options := func() ([]client.Opt, error) {
		properties, err := n.signIn()
		if err != nil {
			return nil, err
		}
		return client.Options(n.brokers, properties)
	}
	store := metadata.New(metadata.Options{Kafka: options, Prefix: conf.CheckpointTopics.Get(cfg), StatePartitions: statePartitions})
	n.stores.closes = append(n.stores.closes, store.Close)
	n.stores.backends.ByName["kafka"] = jobs.Backend{Storage: store.Storage(), Metadata: store.Metadata()}
}

func (n *Node) listen() (err error) {
	n.handler = &session.Handler{Parts: func() session.Parts { return n.parts.Load().Parts }}
	if address := conf.ConsoleListen.Get(n.cfg); address != "" {
		if err := n.openConsole(address); err != nil {
			return err
		}
	}
	defer func() { n.serving.Store(err == nil) }()
	n.wire, err = pgwire.Listen(pgwire.Options{
		Address: conf.SQLListen.Get(n.cfg), MaxConnections: int(conf.MaxConnections.Get(n.cfg)), MaxPerAddress: int(conf.MaxPerAddress.Get(n.cfg)),
		Version: Version, Log: n.log, Auth: n.security.signIn, TLS: n.security.tls, RequireTLS: n.security.require, Trace: n.traced(),
	}, n.handler)
	if err == nil && n.security.users.Empty() {
		n.log.Info("there are no users: every client on this machine is the owner; CREATE USER name SUPERUSER PASSWORD … makes the first, and from then on clients sign in")
	}
	return err
}

// SQLAddress is where PostgreSQL clients connect.
func (n *Node) SQLAddress() string { return n.wire.Address() }

// ConsoleAddress is where metrics and health are read; "off" without a console.
func (n *Node) ConsoleAddress() string {
	if n.console == nil {
		return "off"
	}
	return n.console.Address()
}

// ReadyLine is what is printed when the server is ready.
func (n *Node) ReadyLine() string {
	return fmt.Sprintf("slipway ready sql=%s console=%s kafka=%s pid=%d", n.SQLAddress(), n.ConsoleAddress(), n.brokers, os.Getpid())
}

// Stop ends everything in reverse: clients, jobs behind their final checkpoints, stores.
func (n *Node) Stop(ctx context.Context) error {
	var all error
	n.serving.Store(false)
	if n.wire != nil {
		all = errors.Join(all, n.wire.Close(ctx))
	}
	if p := n.parts.Load(); p != nil {
		p.Supervisor.Shutdown(ctx)
	}
	if n.stop != nil {
		n.stop()
		n.terms.Wait()
	}
	if n.console != nil {
		all = errors.Join(all, n.console.Close(ctx))
	}
	if n.broker != nil {
		all = errors.Join(all, n.broker.Close())
	}
	if err := n.traces.Close(ctx); err != nil {
		n.log.Warn("the last spans were not sent", "error", conf.Redact(err.Error()))
	}
	if n.stores != nil {
		all = errors.Join(all, n.stores.close())
	}
	return errors.Join(all, n.security.audit.Close())
}

// Kill ends a node without final checkpoints: what tests use for a crash.
func (n *Node) Kill() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.Stop(ctx)
}

// Jobs implements web.Figures.
func (n *Node) Jobs() []web.Job {
	var out []web.Job
	for _, s := range n.parts.Load().Supervisor.List() {
		j := web.Job{
			Name:             s.Job.FullName(),
			State:            string(s.State),
			Since:            s.Since,
			Failure:          conf.Redact(s.Job.LastFailure),
			Restarts:         s.Job.Restarts,
			LastCheckpoint:   int64(s.LastCheckpoint),
			LastCheckpointAt: s.CheckpointedAt,
			Lag:              map[string]int64{},
			SplitWatermarks:  map[string]time.Time{},
		}
		h := n.runner.History(s.Job.ID)
		j.ExpiredCheckpoints, j.FailedCheckpoints = h.Counts()
		done := h.Totals()
		j.Checkpoints = web.Checkpoints{Completed: done.Completed, Bytes: done.Bytes, Took: done.Duration, LastBytes: done.Last.Bytes, LastTook: done.Last.Duration}
		j.Failures = n.runner.Failures(s.Job.ID)
		if f, ok := n.runner.Status(s.Job.ID); ok {
			fill(&j, f)
		}
		out = append(out, j)
	}
	return out
}

func fill(j *web.Job, f job.Status) {
	j.Runs, j.Tasks, j.OpenTransactions, j.OldestTransaction = true, int64(f.Tasks), f.OpenTransactions, f.OldestTransaction
	fillParts(j, f)
	j.LookupHits, j.LookupMisses = f.LookupHits, f.LookupMisses
	j.RowsIn, j.RowsOut, j.BytesIn, j.BytesOut, j.Late, j.Failed, j.Skipped, j.StateBytes = f.RowsIn, f.RowsOut, f.BytesIn, f.BytesOut, f.Late, f.Failed, f.Skipped, f.StateBytes
	if f.Watermark != executor.NoWatermark && f.Watermark != executor.EndWatermark {
		j.Watermark = time.UnixMicro(f.Watermark)
	}
	for _, p := range f.Splits {
		if p.End >= 0 {
			j.Lag[p.Split] = max(0, p.End-p.Next)
		}
		if p.Watermark != executor.NoWatermark {
			j.SplitWatermarks[p.Split] = time.UnixMicro(p.Watermark)
		}
	}
}

// fillParts gives the figures of a running job's stages, and of what they consist of.
func fillParts(j *web.Job, f job.Status) {
	for i := range f.Stages {
		s := &f.Stages[i]
		work := max(0, s.Spent.Running-s.Spent.Idle-s.Spent.Blocked)
		j.Stages = append(j.Stages, web.Stage{Number: i, Busy: work, Blocked: s.Spent.Blocked, Idle: s.Spent.Idle, Skew: s.Skew()})
	}
	for _, l := range sql.Lines(f.Flow) {
		o := web.Operator{Stage: l.Stage, Place: l.Place, Kind: l.Kind, Name: l.Text}
		s := &f.Stages[l.Stage]
		o.In, o.Out = s.Out, s.Out
		if l.Kind == "sink" {
			o.Name = f.Flow.Stages[l.Stage].Sink.Name
		}
		if at := l.Place - sourced(f.Flow, l.Stage); l.Kind == "operator" {
			x := s.Operators[at]
			o.In, o.Out, o.StateBytes, o.StateRows = x.In, x.Out, x.StateBytes, x.StateRows
		}
		j.Operators = append(j.Operators, o)
	}
}

// sourced is how many places a source takes in a stage.
func sourced(f *plan.Dataflow, stage int) int {
	if f.Stages[stage].Source != nil {
		return 1
	}
	return 0
}

// Server implements web.Figures.
func (n *Node) Server() web.Server {
	s := web.Server{Role: n.role(), MemoryUsed: n.budget.Used(), MemoryLimit: n.budget.Limit, SeriesLimit: int(conf.MetricsSeries.Get(n.cfg))}
	if n.wire != nil {
		s.Statements, s.Errors = n.wire.Statements(), n.wire.Errors()
		s.Connections = n.wire.Connections()
	}
	return s
}

// Broker is the embedded broker alone.
type Broker struct{ broker *embedded.Broker }

// StartBroker starts the embedded broker alone.
func StartBroker(_ context.Context, cfg *conf.Values, log *slog.Logger) (*Broker, error) {
	if err := checkBroker(cfg); err != nil {
		return nil, err
	}
	b, err := embedded.Start(filepath.Join(conf.DataDirectory.Get(cfg), "broker"), conf.EmbeddedListen.Get(cfg), log)
	if err != nil {
		return nil, err
	}
	return &Broker{b}, nil
}

// ReadyLine is what is printed when the broker is ready.
func (b *Broker) ReadyLine() string {
	return fmt.Sprintf("slipway broker ready kafka=%s pid=%d", b.broker.Address(), os.Getpid())
}

// Stop ends the broker.
func (b *Broker) Stop(context.Context) error { return b.broker.Close() }
