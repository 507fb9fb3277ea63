package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"slipway/conf"
	"slipway/ha"
	"slipway/ha/local"
	"slipway/ha/zookeeper"
	"slipway/server/jobs"
	"slipway/sql/catalog"
)

// stores are what a recovery mode provides.
type stores struct {
	jobs     ha.JobStore
	catalog  catalog.Store
	backends jobs.Backends
	// campaign waits until this server leads; the context it returns ends with the term.
	campaign func(ctx context.Context, address string) (context.Context, error)
	// leader is where the leader's clients connect; empty if nobody knows.
	leader func() string
	// look looks for a sign of life of the leader, heard tells of the last one.
	look   func() error
	heard  func() (address string, at time.Time)
	closes []func() error // in the order of opening
}

func (s *stores) close() error {
	var all error
	for i := len(s.closes) - 1; i >= 0; i-- {
		all = errors.Join(all, s.closes[i]())
	}
	return all
}

// openStores opens those of the recovery mode.
func openStores(ctx context.Context, cfg *conf.Values, log *slog.Logger) (s *stores, err error) {
	s = &stores{}
	if conf.RecoveryMode.Get(cfg) == "zookeeper" {
		err = s.openZooKeeper(ctx, cfg, log)
	} else {
		err = s.openLocal(ctx, cfg)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// openLocal is the mode of a single server: it leads at once and for good.
func (s *stores) openLocal(ctx context.Context, cfg *conf.Values) error {
	directory := conf.DataDirectory.Get(cfg)
	store, err := local.Open(directory)
	if err != nil {
		return err
	}
	s.closes = append(s.closes, store.Close)
	if s.catalog, err = store.Catalog(); err != nil {
		return err
	}
	s.jobs, s.leader = store, func() string { return "" }
	s.campaign = func(ctx context.Context, _ string) (context.Context, error) { return ctx, nil }
	return s.addLocal(ctx, cfg, store)
}

// addLocal makes the backend `local`: files, and metadata in the data directory.
func (s *stores) addLocal(ctx context.Context, cfg *conf.Values, store *local.Store) error {
	files, err := s.openStorage(ctx, cfg, conf.TaskStateDirectory, conf.TaskStateDirectory.Get(cfg), filepath.Join(conf.DataDirectory.Get(cfg), "state"))
	if err != nil {
		return err
	}
	s.backends = jobs.Backends{Default: "local", ByName: map[string]jobs.Backend{"local": {Storage: files, Metadata: store.Metadata()}}}
	return nil
}

// openZooKeeper is the mode of several servers on one quorum: one leads.
func (s *stores) openZooKeeper(ctx context.Context, cfg *conf.Values, log *slog.Logger) error {
	if err := zooKeeperNeeds(cfg); err != nil {
		return err
	}
	conn, err := zookeeper.Connect(zookeeper.Options{
		Quorum:         strings.Split(conf.ZooKeeperQuorum.Get(cfg), ","),
		Root:           conf.ZooKeeperRoot.Get(cfg),
		Namespace:      conf.ZooKeeperNamespace.Get(cfg),
		CheckpointPath: conf.ZooKeeperCheckpoints.Get(cfg),
		JobPath:        conf.SubmittedJobPath.Get(cfg),
		SessionTimeout: conf.ZooKeeperSession.Get(cfg),
		Log:            log,
	})
	if err != nil {
		return err
	}
	s.closes = append(s.closes, func() error { conn.Close(); return nil })
	declared, err := zookeeper.OpenCatalog(conn)
	if err != nil {
		return err
	}
	s.closes = append(s.closes, func() error { declared.Close(); return nil })
	s.jobs, s.catalog = zookeeper.NewJobs(conn), declared
	s.standBy(conn, declared)
	return s.addZooKeeper(ctx, cfg, conn)
}

// zooKeeperNeeds tells which setting is missing for several servers on one quorum.
func zooKeeperNeeds(cfg *conf.Values) error {
	for _, n := range []struct {
		key conf.StringKey
		why string
	}{
		{conf.ZooKeeperQuorum, ""},
		{conf.DefaultBrokers, ": the embedded broker belongs to one server"},
		{conf.TaskStateDirectory, ", a directory that every server reaches"},
	} {
		if n.key.Get(cfg) == "" {
			return fmt.Errorf("%s=zookeeper needs %s%s", conf.RecoveryMode.Name(), n.key.Name(), n.why)
		}
	}
	return nil
}

// addZooKeeper makes the backend `zookeeper`: files that all servers reach, and metadata in
// the quorum.
func (s *stores) addZooKeeper(ctx context.Context, cfg *conf.Values, conn *zookeeper.Conn) error {
	tasks := conf.TaskStateDirectory.Get(cfg)
	state, err := s.openStorage(ctx, cfg, conf.TaskStateDirectory, tasks, "")
	if err != nil {
		return err
	}
	manifests := state
	if where := conf.CompletedDirectory.Get(cfg); where != "" {
		if manifests, err = s.openStorage(ctx, cfg, conf.CompletedDirectory, inDefaultFileSystem(where, tasks), ""); err != nil {
			return err
		}
	}
	s.backends = jobs.Backends{
		Default: "zookeeper",
		ByName:  map[string]jobs.Backend{"zookeeper": {Storage: state, Metadata: zookeeper.NewMetadata(conn, manifests, conn.LeaderVersion)}},
	}
	return nil
}

// standBy says how this server comes to lead, and what it knows of who does.
func (s *stores) standBy(conn *zookeeper.Conn, declared *zookeeper.Catalog) {
	s.campaign = func(ctx context.Context, address string) (context.Context, error) {
		term, err := conn.Campaign(ctx, address)
		if err == nil {
			err = declared.EnsureDefault(ctx)
		}
		return term, err
	}
	s.look, s.heard = conn.Look, conn.Heard
	s.leader = func() string {
		l, err := conn.Leader()
		if err != nil {
			return ""
		}
		return l.Address
	}
}

// inDefaultFileSystem: a path without a scheme lies where the task state does.
func inDefaultFileSystem(where, tasks string) string {
	scheme, rest, ok := strings.Cut(tasks, "://")
	if strings.Contains(where, "://") || !ok {
		return where
	}
	authority, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + authority + "/" + strings.TrimPrefix(where, "/")
}
