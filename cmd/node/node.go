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
	"strings"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/localfs"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/connector/blackhole"
	"slipway/executor/connector/datagen"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/ha/local"
	"slipway/kafkaio"
	"slipway/kafkaio/embedded"
	"slipway/server/jobs"
	"slipway/server/pgwire"
	"slipway/server/session"
	"slipway/server/web"
	"slipway/sql"
	"slipway/sql/catalog"
)

// Version of Slipway.
const Version = "0.1.0"

// Node is a running server.
type Node struct {
	log        *slog.Logger
	broker     *embedded.Broker
	store      *local.Store
	supervisor *ha.Supervisor
	runner     *jobs.Runner
	budget     *state.Budget
	handler    *session.Handler
	wire       *pgwire.Server
	console    *web.Console
	brokers    string
}

// Start builds and starts a server. What was started before a failure is taken down.
func Start(ctx context.Context, cfg *conf.Values, log *slog.Logger) (n *Node, err error) {
	n = &Node{log: log, budget: &state.Budget{Limit: conf.MemoryBudget(cfg)}}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Stop(ctx))
			n = nil
		}
	}()
	if err := checkLoopback(cfg); err != nil {
		return n, err
	}
	zone, err := time.LoadLocation(conf.TimeZone.Get(cfg))
	if err != nil {
		return n, fmt.Errorf("server.timezone: %w", err)
	}
	if conf.RecoveryMode.Get(cfg) != "local" {
		return n, fmt.Errorf("%s=%s is not supported yet; use local", conf.RecoveryMode.Name(), conf.RecoveryMode.Get(cfg))
	}
	directory := conf.DataDirectory.Get(cfg)
	if n.store, err = local.Open(directory); err != nil {
		return n, err
	}
	declared, err := n.store.Catalog()
	if err != nil {
		return n, err
	}
	if err := n.startBroker(cfg, directory); err != nil {
		return n, err
	}
	storage, err := openStorage(conf.TaskStateDirectory.Get(cfg), directory)
	if err != nil {
		return n, err
	}
	compiler, connectors := n.connectors(cfg)
	n.runner = jobs.NewRunner(jobs.Options{Compiler: compiler, Catalog: declared, Connectors: connectors, Storage: storage, Metadata: n.store.Metadata(), Budget: n.budget,
		Cores: int(conf.Parallelism.Get(cfg)), TimeZone: zone, Log: log})
	n.supervisor = ha.NewSupervisor(ha.Options{Jobs: n.store, Metadata: n.store.Metadata(), Runner: n.runner, Policy: jobs.Policy, Explain: jobs.Explain, Log: log})
	if err := n.supervisor.Recover(ctx); err != nil {
		return n, err
	}
	return n, n.listen(cfg, compiler, declared)
}

func (n *Node) startBroker(cfg *conf.Values, directory string) (err error) {
	if n.brokers = conf.DefaultBrokers.Get(cfg); n.brokers != "" {
		return nil
	}
	if n.broker, err = embedded.Start(filepath.Join(directory, "broker"), conf.EmbeddedListen.Get(cfg)); err == nil {
		n.brokers = n.broker.Address()
	}
	return err
}

// openStorage opens what keeps task state.
func openStorage(where, data string) (checkpoint.Storage, error) {
	switch {
	case where == "":
		return localfs.New(filepath.Join(data, "state"))
	case strings.HasPrefix(where, "file://"):
		return localfs.New(strings.TrimPrefix(where, "file://"))
	case !strings.Contains(where, "://"):
		return localfs.New(where)
	}
	return nil, fmt.Errorf("%s=%s: only file:// is supported yet", conf.TaskStateDirectory.Name(), where)
}

// connectors registers what streams and tables can stand on.
func (n *Node) connectors(cfg *conf.Values) (*sql.Compiler, executor.Connectors) {
	kafka := &kafkaio.Connector{Brokers: n.brokers, CreateTopics: n.broker != nil}
	type both interface {
		executor.Connector
		catalog.Connector
	}
	compiler, connectors := &sql.Compiler{Connectors: map[string]catalog.Connector{}}, executor.Connectors{}
	for name, c := range map[string]both{"kafka": kafka, "datagen": datagen.Connector{}, "nexmark": datagen.Nexmark{}, "blackhole": &blackhole.Connector{}, "print": &blackhole.Connector{Print: true, Log: n.log}} {
		compiler.Connectors[name], connectors[name] = c, c
	}
	return compiler, connectors
}

func (n *Node) listen(cfg *conf.Values, compiler *sql.Compiler, declared catalog.Store) (err error) {
	n.handler = &session.Handler{Parts: session.Parts{Compiler: compiler, Catalog: declared, Supervisor: n.supervisor, Runner: n.runner, Metadata: n.store.Metadata(), Server: cfg, Log: n.log}}
	if address := conf.ConsoleListen.Get(cfg); address != "" {
		if n.console, err = web.Listen(address, n); err != nil {
			return err
		}
	}
	n.wire, err = pgwire.Listen(pgwire.Options{Address: conf.SQLListen.Get(cfg), MaxConnections: int(conf.MaxConnections.Get(cfg)), Version: Version, Log: n.log}, n.handler)
	if err == nil && conf.Demo.Get(cfg) {
		err = n.demo()
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
	if n.wire != nil {
		all = errors.Join(all, n.wire.Close(ctx))
	}
	if n.supervisor != nil {
		n.supervisor.Shutdown(ctx)
	}
	if n.console != nil {
		all = errors.Join(all, n.console.Close(ctx))
	}
	if n.broker != nil {
		all = errors.Join(all, n.broker.Close())
	}
	if n.store != nil {
		all = errors.Join(all, n.store.Close())
	}
	return all
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
	for _, s := range n.supervisor.List() {
		j := web.Job{Name: s.Job.FullName(), State: string(s.State), Restarts: s.Job.Restarts, LastCheckpoint: int64(s.LastCheckpoint), LastCheckpointAt: s.CheckpointedAt, Lag: map[string]int64{}}
		j.ExpiredCheckpoints, j.FailedCheckpoints = n.runner.History(s.Job.ID).Counts()
		if f, ok := n.runner.Status(s.Job.ID); ok {
			fill(&j, f)
		}
		out = append(out, j)
	}
	return out
}

func fill(j *web.Job, f job.Status) {
	j.RowsIn, j.RowsOut, j.BytesIn, j.BytesOut, j.Late, j.Failed, j.StateBytes = f.RowsIn, f.RowsOut, f.BytesIn, f.BytesOut, f.Late, f.Failed, f.StateBytes
	if f.Watermark != executor.NoWatermark && f.Watermark != executor.EndWatermark {
		j.Watermark = time.UnixMicro(f.Watermark)
	}
	for _, p := range f.Splits {
		if p.End >= 0 {
			j.Lag[p.Split] = max(0, p.End-p.Next)
		}
	}
}

// Server implements web.Figures.
func (n *Node) Server() web.Server {
	s := web.Server{MemoryUsed: n.budget.Used(), MemoryLimit: n.budget.Limit}
	if n.wire != nil {
		s.Connections = n.wire.Connections()
	}
	return s
}

// Broker is the embedded broker alone.
type Broker struct{ broker *embedded.Broker }

// StartBroker starts the embedded broker alone.
func StartBroker(_ context.Context, cfg *conf.Values, _ *slog.Logger) (*Broker, error) {
	if err := checkLoopback(cfg); err != nil {
		return nil, err
	}
	b, err := embedded.Start(filepath.Join(conf.DataDirectory.Get(cfg), "broker"), conf.EmbeddedListen.Get(cfg))
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
