package hdfs_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/hdfs"
	"slipway/tests/servers"
)

func open(t *testing.T, o hdfs.Options) *hdfs.Store {
	t.Helper()
	s, err := hdfs.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestFailOver: the suite passes before and behind a fail-over, also on a store that was
// open all the time and went on writing.
func TestFailOver(t *testing.T) {
	h := servers.StartHDFSPair(t)
	var n atomic.Int64
	suite := func(t *testing.T) {
		checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
			return open(t, hdfs.Options{Addresses: h.Addresses, User: "slipway", Root: fmt.Sprintf("/store-%d", n.Add(1))})
		})
	}
	s := open(t, hdfs.Options{Addresses: h.Addresses, User: "slipway", Root: "/all-the-time"})
	checkpointtest.Write(t, s, "job/before", "before")
	var written atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // ends with stop
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if writeFile(s, fmt.Sprintf("job/%05d", i)) == nil {
				written.Add(1)
			}
		}
	}()
	await(t, "files before the fail-over", func() bool { return written.Load() >= 5 })
	h.FailOver()
	before := written.Load()
	await(t, "files behind the fail-over", func() bool { return written.Load() >= before+20 })
	close(stop)
	<-stopped
	names, err := s.List(context.Background(), "job/")
	if err != nil || int64(len(names)) < written.Load()+1 {
		t.Fatalf("%d files of %d and one, %v", len(names), written.Load(), err)
	}
	t.Logf("%d files were written around the fail-over", written.Load())
	t.Run("behind the fail-over", suite)
}

// await waits for a fact, and fails when it does not come within a minute.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s within a minute", what)
		}
	}
}

func writeFile(s checkpoint.Storage, name string) error {
	f, err := s.Create(context.Background(), name)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte(name)); err != nil {
		f.Abort()
		return err
	}
	return f.Close()
}

// ticketLifetime is short, so that tickets run out under an open store.
const ticketLifetime = time.Minute

// TestKerberos: the suite passes behind Kerberos, and a store that is open for longer than
// its ticket lives goes on.
func TestKerberos(t *testing.T) {
	h := servers.StartSecureHDFS(t, ticketLifetime)
	k := &hdfs.Kerberos{Principal: h.Principal, Keytab: h.Keytab, Krb5Conf: h.Krb5Conf, Service: h.Service}
	began := time.Now()
	s := open(t, hdfs.Options{Addresses: []string{h.Address}, Root: "/all-the-time", Kerberos: k})
	var n atomic.Int64
	t.Run("suite", func(t *testing.T) {
		checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
			return open(t, hdfs.Options{Addresses: []string{h.Address}, Root: fmt.Sprintf("/store-%d", n.Add(1)), Kerberos: k})
		})
	})
	for i := 0; time.Since(began) < ticketLifetime+15*time.Second; i++ {
		if err := writeFile(s, fmt.Sprintf("job/%05d", i)); err != nil {
			t.Fatalf("%.0f s behind the sign-in: %v", time.Since(began).Seconds(), err)
		}
		time.Sleep(500 * time.Millisecond)
	}
	wrong := *k
	wrong.Principal = "nobody@EXAMPLE.COM"
	if _, err := hdfs.New(t.Context(), hdfs.Options{Addresses: []string{h.Address}, Root: "/x", Kerberos: &wrong}); err == nil {
		t.Error("a principal that has no key was let in")
	}
}
