// Package embedded runs a Kafka broker inside the process, for development: any
// Kafka client reaches it. It is the only door to that library (franz-go's kfake).
//
// Limits: a single broker that keeps everything on one goroutine; killed with -9 it
// keeps records and offsets but aborts open transactions.
package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Broker is a running broker.
type Broker struct {
	cluster *kfake.Cluster
	lock    *os.File
	address string
}

// Start opens the broker at a loopback address (port 0: any free one) over a data
// directory of its own. The log says when it cannot write there.
func Start(directory, address string, log *slog.Logger) (*Broker, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making the broker's data directory: %w", err)
	}
	lock, err := takeLock(filepath.Join(directory, "broker.lock"))
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("broker address %q: %w", address, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("broker address %q: %w", address, err)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(n), kfake.DataDir(filepath.Join(directory, "log")), kfake.DefaultNumPartitions(2),
		kfake.AllowAutoTopicCreation(), kfake.MaxVersions(versions()), kfake.WithLogger(&persistLog{log: log}),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) {
			return net.Listen(network, net.JoinHostPort(host, port))
		}))
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("starting the embedded broker at %s: %w", address, err)
	}
	boundByPartition(cluster)
	return &Broker{cluster: cluster, lock: lock, address: cluster.ListenAddrs()[0]}, nil
}

// boundByPartition lifts the bound on a whole answer to a fetch: where the library's broker stops
// for it, it leaves out which transactions of the last partition were aborted, and their rows are
// read as if they were committed. The bound of each partition is kept.
//
// What controls requests remembers every connection that made one, so it is replaced now and then.
func boundByPartition(cluster *kfake.Cluster) {
	requests := 0
	cluster.ControlKey(kmsg.Fetch.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		r.(*kmsg.FetchRequest).MaxBytes = math.MaxInt32
		if requests++; requests == requestsPerControl {
			cluster.DropControl()
			boundByPartition(cluster)
		}
		return nil, nil, false
	})
}

const requestsPerControl = 1000

// versions are those of the library's broker, but for one: from version 5 on its answer
// to CreateTopics lacks the list of configurations, on which Kafka's Java client trips.
// It offers transactions in their newer form, so the requests that make one up must come in
// the versions of that form.
func versions() *kversion.Versions {
	v := kversion.Tip()
	v.SetMaxKeyVersion(kmsg.CreateTopics.Int16(), 4)
	v.SetMaxKeyVersion(kmsg.Produce.Int16(), 12)
	v.SetMaxKeyVersion(kmsg.EndTxn.Int16(), 5)
	v.SetMaxKeyVersion(kmsg.TxnOffsetCommit.Int16(), 5)
	return v
}

// takeLock keeps a second broker off the directory and names the first.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner := make([]byte, 32)
		k, _ := f.ReadAt(owner, 0)
		f.Close()
		return nil, fmt.Errorf("the broker's data directory %s is in use by process %s", filepath.Dir(path), owner[:k])
	}
	err = errors.Join(f.Truncate(0), func() error { _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); return err }())
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Address is host:port.
func (b *Broker) Address() string { return b.address }

// Close writes everything out and ends the broker.
func (b *Broker) Close() error {
	b.cluster.Close()
	return b.lock.Close()
}
