package check

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/cmd/node/nodetest"
	"slipway/conf"
)

// listen is a server that does something with each connection until the test ends.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // ends with the listener
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c) // ends with what it reads, or with the process
		}
	}()
	return l.Addr().String()
}

// silent takes what it is sent and says nothing.
func silent(c net.Conn) {
	b := make([]byte, 1024)
	for {
		if _, err := c.Read(b); err != nil {
			c.Close()
			return
		}
	}
}

// nonsense answers everything with a page.
func nonsense(c net.Conn) {
	b := make([]byte, 1024)
	_, _ = c.Read(b) // whatever it is
	_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" + strings.Repeat("x", 4096)))
	c.Close()
}

func findings(t *testing.T, patience time.Duration, sets ...string) map[string]Finding {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, append([]string{"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0"}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Finding{}
	for _, f := range Run(t.Context(), cfg, patience) {
		if seen, twice := out[f.Part]; !twice || seen.Status != Failed {
			out[f.Part] = f
		}
	}
	return out
}

// TestBadServers: brokers and ZooKeeper that refuse, hang and speak nonsense are each told, in the time that is given.
func TestBadServers(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := closed.Addr().String()
	closed.Close()
	for name, address := range map[string]string{"refuses": refusing, "hangs": listen(t, silent), "nonsense": listen(t, nonsense)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			f := findings(t, 2*time.Second, "kafka.broker.list=ann:planted@"+address, "spark.morphling.recovery.mode=zookeeper", "spark.morphling.zookeeper.quorum="+address,
				"spark.morphling.taskstate.checkpoint.directory=hdfs://"+address+"/state")
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			for _, part := range []string{"brokers", "zookeeper", "state directory"} {
				if f[part].Status != Failed || f[part].Advice == "" || strings.Contains(f[part].Text, "planted") {
					t.Errorf("%s: %+v", part, f[part])
				}
			}
		})
	}
}

// TestFolders: one that may be written, one that is none, one without rights; nothing is left behind.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{dir: OK, filepath.Join(dir, "not", "there", "yet"): OK, filepath.Join(dir, "file"): Failed, "/proc/nothing": Failed} {
		if f := findings(t, 5*time.Second, "server.data.directory="+where)["data directory"]; f.Status != want {
			t.Errorf("%s: %+v", where, f)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestPort: one that is free, one in use, one of another machine.
func TestPort(t *testing.T) {
	for address, want := range map[string]string{"127.0.0.1:0": OK, listen(t, silent): Failed, "192.0.2.1:4000": Failed, "nonsense": Failed} {
		if f := port("server.sql.listen", address); f.Status != want || want == Failed && f.Advice == "" {
			t.Errorf("%s: %+v", address, f)
		}
	}
}

// TestBrokers: the broker of a server that runs.
func TestBrokers(t *testing.T) {
	n := nodetest.Start(t)
	address := strings.TrimSuffix(strings.Fields(strings.SplitN(n.ReadyLine(), "kafka=", 2)[1])[0], ",")
	f := findings(t, 20*time.Second, "kafka.broker.list="+address)["brokers"]
	if f.Status == Failed || !strings.Contains(f.Text, "1 broker(s), Kafka ") {
		t.Errorf("%+v", f)
	}
}

// TestConfiguration: every mistake of a file with its line.
func TestConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slipway.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("server.log.levle: planted\nserver:\n  sql:\n    listen: 127.0.0.1:1\n  parallelism: many\nkafka.broker.list:\n - a\nspark.morphling.recovery.mode: standalone\n")
	var got bytes.Buffer
	if err := Print(&got, Configuration(path)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		path + `:1: unknown server property "server.log.levle"`, `Perhaps you meant "server.log.level"`, path + `:5: property "server.parallelism"`, path + ":6: ", path + ":8: ", "0 ok, 0 to know of, 4 failed",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &got)
		}
	}
	write("a: [1\nb: 2")
	if f := Configuration(path); len(f) != 1 || !strings.Contains(f[0].Text, "no YAML") {
		t.Errorf("no YAML: %+v", f)
	}
	write("server.log.level: info\n")
	if f := Configuration(path); len(f) != 0 {
		t.Errorf("without a mistake: %+v", f)
	}
	if f := Configuration(path + "x"); len(f) != 1 || f[0].Status != Failed {
		t.Errorf("without a file: %+v", f)
	}
}

// TestJSON: what programs read.
func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := PrintJSON(&b, []Finding{named("x", failed("do", "wrong"))}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		OK       bool
		Findings []Finding
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.OK || got.Findings[0] != (Finding{"x", Failed, "wrong", "do"}) {
		t.Errorf("%v %+v", err, got)
	}
}

// TestHangs: a part that heeds nobody is given up.
func TestHangs(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	f := bounded(context.Background(), part{"x", func(context.Context) []Finding { <-end; return nil }}, 50*time.Millisecond)
	if len(f) != 1 || f[0].Status != Failed || !strings.Contains(f[0].Text, "no answer within") {
		t.Errorf("%+v", f)
	}
}
