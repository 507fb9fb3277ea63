package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/localfs"
	"slipway/cmd/node"
	"slipway/conf"
	"slipway/ha/zookeeper/probe"
	"slipway/kafkaio/client"
)

// partsOf lists what the settings name.
func partsOf(cfg *conf.Values) []part {
	var parts []part
	add := func(name string, look func(context.Context) []Finding) { parts = append(parts, part{name, look}) }
	for _, key := range []conf.StringKey{conf.SQLListen, conf.ConsoleListen, conf.EmbeddedListen} {
		if address := key.Get(cfg); address != "" && (key != conf.EmbeddedListen || conf.DefaultBrokers.Get(cfg) == "") {
			add("port "+address, func(context.Context) []Finding { return []Finding{port(key.Name(), address)} })
		}
	}
	data := conf.DataDirectory.Get(cfg)
	add("data directory", func(ctx context.Context) []Finding {
		return storage(ctx, func() (checkpoint.ClosingStorage, error) { return openFolder(data) }, conf.DataDirectory.Name(), data)
	})
	for _, key := range []conf.StringKey{conf.TaskStateDirectory, conf.CompletedDirectory} {
		if where := key.Get(cfg); where != "" {
			add("state directory", func(ctx context.Context) []Finding {
				return storage(ctx, func() (checkpoint.ClosingStorage, error) { return node.OpenStorage(ctx, cfg, key, where) }, key.Name(), where)
			})
		}
	}
	if brokers := conf.DefaultBrokers.Get(cfg); brokers != "" {
		add("brokers", func(ctx context.Context) []Finding { return kafka(ctx, brokers) })
	}
	if conf.RecoveryMode.Get(cfg) == "zookeeper" {
		add("zookeeper", func(ctx context.Context) []Finding { return quorum(ctx, cfg) })
	}
	return append(parts, part{"files", func(context.Context) []Finding { return []Finding{files()} }}, part{"clock", func(context.Context) []Finding { return []Finding{clock()} }})
}

// port tells whether a server could listen.
func port(key, address string) Finding {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return failed("A server that runs already, or another program: ss -ltnp tells. Port 0 takes any free one.", "%s is in use (%s)", address, key)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return failed("Give an address of this machine; ip addr lists them.", "%s is no address of this machine (%s)", address, key)
	case errors.Is(err, syscall.EACCES):
		return failed("Ports below 1024 need the right to them.", "%s may not be listened on (%s)", address, key)
	case err != nil:
		return failed("It reads host:port.", "%s=%s: %v", key, address, err)
	}
	_ = l.Close() // nobody came
	return ok("free (%s)", key)
}

// openFolder opens a folder as it is: a check makes none.
func openFolder(path string) (checkpoint.ClosingStorage, error) {
	for p := path; ; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err == nil {
			if !info.IsDir() {
				return nil, fmt.Errorf("%s is no folder", p)
			}
			return localfs.New(p)
		} else if !os.IsNotExist(err) || p == filepath.Dir(p) {
			return nil, err
		}
	}
}

const (
	scarce    = 1 << 30 // bytes free that are too few for a server with state
	probeText = "slipway check"
)

// storage tells whether files can be written, found, read and removed, and how much there is room for.
func storage(ctx context.Context, open func() (checkpoint.ClosingStorage, error), key, where string) []Finding {
	s, err := open()
	if err != nil {
		return []Finding{failed("Is it the right path, and may this user ("+userName()+") use it?", "%s=%s: %v", key, where, err)}
	}
	defer s.Close()
	if err := writeProbe(ctx, s); err != nil {
		return []Finding{failed("The user "+userName()+" needs to write, rename, read and remove files there.", "%s=%s: %v", key, where, err)}
	}
	out := []Finding{ok("%s can be written, renamed, read and removed in (%s)", conf.Redact(where), key)}
	if f, measures := s.(interface {
		Free(context.Context) (uint64, error)
	}); measures {
		out = append(out, room(ctx, f.Free))
	}
	return out
}

func userName() string { return fmt.Sprintf("uid %d", os.Getuid()) }

func room(ctx context.Context, free func(context.Context) (uint64, error)) Finding {
	n, err := free(ctx)
	switch {
	case err != nil:
		return warning("", "how much is free cannot be read: %v", err)
	case n < scarce:
		return warning("Checkpoints fail when it is full, and jobs with them.", "%d MB are free", n>>20)
	}
	return ok("%.1f GB are free", float64(n)/(1<<30))
}

// writeProbe writes a file as state is written: under another name first.
func writeProbe(ctx context.Context, s checkpoint.Storage) error {
	folder := fmt.Sprintf("slipway-check-%d-%d", os.Getpid(), time.Now().UnixNano())
	name := folder + "/probe"
	f, err := s.Create(ctx, name)
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	defer s.RemoveAll(ctx, folder) // Remove has said what is wrong
	if _, err := io.WriteString(f, probeText); err != nil {
		return errors.Join(fmt.Errorf("writing: %w", err), f.Abort())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing and renaming: %w", err)
	}
	r, err := s.Open(ctx, name, 0, int64(len(probeText)))
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	text, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if string(text) != probeText {
		return fmt.Errorf("reading: %q was written and %q is there", probeText, text)
	}
	if err := s.Remove(ctx, name); err != nil {
		return fmt.Errorf("removing: %w", err)
	}
	return nil
}

// kafka tells what the brokers are, whether each can be reached, and what is missing.
func kafka(ctx context.Context, brokers string) (out []Finding) {
	for _, address := range strings.Split(brokers, ",") {
		if f := dial(ctx, strings.TrimSpace(address), "kafka.broker.list"); f.Status != OK {
			out = append(out, f)
		}
	}
	options, err := client.Options(brokers, nil)
	if err != nil {
		return append(out, failed("", "%v", err))
	}
	c, err := client.New(options...)
	if err != nil {
		return append(out, failed("", "%v", err))
	}
	defer c.Close()
	facts, err := client.Look(ctx, c)
	if err != nil {
		return append(out, failed("Is that a Kafka broker, and is its listener one without TLS? Only PLAINTEXT listeners answer to kafka.broker.list.", "%v", err))
	}
	out = append(out, ok("cluster %s, %d broker(s), Kafka %s", facts.ID, len(facts.Brokers), facts.Version))
	for _, address := range facts.Brokers {
		if f := dial(ctx, address, "the brokers give this address out (advertised.listeners)"); f.Status != OK {
			out = append(out, f)
		}
	}
	for _, m := range facts.Missing {
		out = append(out, warning("kafka-acls --add gives a right; jobs without exactly_once do not need that of transactions.", "%s", m))
	}
	return out
}

// dialPatience bounds one connection: a broker that is not there shall not hide the next one.
const dialPatience = 3 * time.Second

func dial(ctx context.Context, address, from string) Finding {
	d := net.Dialer{Timeout: dialPatience}
	c, err := d.DialContext(ctx, "tcp", conf.Redact(address)[strings.LastIndex(conf.Redact(address), "@")+1:])
	if err != nil {
		return failed("Does the name resolve here, is the port right, does a firewall stand between?", "%s cannot be reached (%s): %v", address, from, err)
	}
	_ = c.Close() // it was there
	return ok("%s", address)
}

// skew is how far clocks may be apart: event times and the age of transactions are compared over machines.
const skew = 2 * time.Second

func quorum(ctx context.Context, cfg *conf.Values) []Finding {
	quorum := conf.ZooKeeperQuorum.Get(cfg)
	if quorum == "" {
		return []Finding{failed("Set it to host:port,host:port,… of the quorum.", "%s=zookeeper needs %s", conf.RecoveryMode.Name(), conf.ZooKeeperQuorum.Name())}
	}
	p, err := probe.Look(ctx, probe.Options{
		Quorum: strings.Split(quorum, ","), Path: conf.ZooKeeperRoot.Get(cfg) + "/" + conf.ZooKeeperNamespace.Get(cfg), Session: conf.ZooKeeperSession.Get(cfg),
	})
	if err != nil {
		return []Finding{failed("Are these ZooKeeper's client ports, does the quorum have a majority (echo srvr | nc host 2181), may one write there?", "%s: %v", quorum, err)}
	}
	out := []Finding{ok("session at %s; nodes can be made and removed below /%s", p.Server, strings.Trim(conf.ZooKeeperRoot.Get(cfg), "/"))}
	if p.Ahead.Abs() > skew {
		out = append(out, warning("Run NTP on both machines.", "its clock differs from the one here by %v", p.Ahead))
	}
	return out
}

// fewFiles is a limit of open files that brokers' connections and state files come near to.
const fewFiles = 4096

func files() Finding {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return warning("", "the limit of open files cannot be read: %v", err)
	}
	if l.Max < fewFiles {
		return warning("ulimit -Hn, or LimitNOFILE of the unit, raises it.", "at most %d files may be open", l.Max)
	}
	return ok("%d files may be open", l.Max)
}

func clock() Finding {
	now := time.Now()
	if now.Year() < 2025 {
		return failed("Set it: event times and transactions hang on it.", "it says %s", now.Format(time.RFC3339))
	}
	if synchronized() {
		return ok("%s, synchronized", now.Format(time.RFC3339))
	}
	return warning("timedatectl tells; a container takes the clock of its machine.", "%s, and the system does not know it to be synchronized (NTP)", now.Format(time.RFC3339))
}
