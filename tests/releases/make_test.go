//go:build release

package releases

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"slipway/tests/servers"
)

// TestMake makes the set of a release with its own binary: SLIPWAY_RELEASE names it,
// SLIPWAY_RELEASE_BINARY is its path; without one this tree is built.
func TestMake(t *testing.T) {
	dir := folder(t)
	for _, mode := range []string{"local", "zookeeper"} {
		t.Run(mode, func(t *testing.T) {
			(&maker{t: t, mode: mode, dir: t.TempDir(), binary: os.Getenv("SLIPWAY_RELEASE_BINARY")}).run(filepath.Join(dir, mode))
		})
	}
}

// folder is where the set goes.
func folder(t *testing.T) string {
	t.Helper()
	release := os.Getenv("SLIPWAY_RELEASE")
	if release == "" {
		t.Fatal("SLIPWAY_RELEASE is not set: the name of the set")
	}
	dir := filepath.Join("testdata", release)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

type maker struct {
	t                 *testing.T
	mode, dir, binary string
	zk                *servers.ZooKeeper
	broker, server    *server
	lots              int
}

// TestMakeRecords makes the set of what checkpoint backend kafka writes: the records of its two
// topics on a real broker.
func TestMakeRecords(t *testing.T) {
	dir := folder(t)
	k := servers.StartKafka(t, servers.Kafka4)
	m := &maker{t: t, mode: recordsMode, dir: t.TempDir(), binary: os.Getenv("SLIPWAY_RELEASE_BINARY")}
	m.server = begin(t, m.binary, t.TempDir(), "server", "server", "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list="+k.Address)
	m.server.kafka = k.Address
	m.declare(&set{Relations: map[string][]string{}})
	m.feed(m.lot())
	m.server.must("SAVEPOINT STREAMJOB savepointed 'half'")
	m.feed(m.lot())
	m.server.must("STOP STREAMJOB savepointed")
	m.feed(m.lot())
	if err := m.server.Stop(); err != nil {
		t.Fatal(err)
	}
	err := saveRecords(m.dir, m.server.stored("slipway_checkpoint_metadata", "slipway_checkpoint_state"))
	if err == nil {
		err = pack(filepath.Join(dir, recordsMode+".tar.gz"), m.dir)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, recordsMode+".json"), []byte(`{"mode": "`+recordsMode+`"}`+"\n"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// inRecords are the jobs of that set: state that fits into a manifest, that does not, and a
// savepoint.
var inRecords = []string{"sums", "many", "savepointed"}

// settle is how long lots of input have, to be in several checkpoints.
const settle = 4 * time.Second

func (m *maker) run(file string) {
	if m.mode != "local" {
		m.zk = servers.StartZooKeeper(m.t)
	}
	m.start()
	want := set{Mode: m.mode, Relations: map[string][]string{}, Results: map[string][]string{}}
	sinks := m.declare(&want)
	m.feed(m.lot())
	m.server.must("SAVEPOINT STREAMJOB savepointed 'half'")
	m.feed(m.lot())
	m.server.must("STOP STREAMJOB savepointed")
	m.server.must("STOP STREAMJOB once")
	m.feed(m.lot())
	m.stop()
	if err := pack(file+".tar.gz", m.dir); err != nil {
		m.t.Fatal(err)
	}
	m.start()
	want.Then = []string{"START STREAMJOB savepointed FROM SAVEPOINT 'half'", "START STREAMJOB once"}
	for _, sql := range want.Then {
		m.server.must(sql)
	}
	time.Sleep(settle)
	want.More = append(m.lot(), m.ends()...)
	m.feed(want.More)
	time.Sleep(15 * time.Second) // windows of arrival time
	for _, topic := range sinks {
		want.Results[topic] = m.server.results(topic)
	}
	b, err := json.MarshalIndent(want, "", " ")
	if err == nil {
		err = os.WriteFile(file+".json", b, 0o644)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.stop()
}

func (m *maker) start() {
	if m.mode == "local" {
		m.server = startLocal(m.t, m.binary, m.dir)
		return
	}
	m.broker, m.server = startOnQuorum(m.t, m.binary, m.dir, m.zk.Address)
}

func (m *maker) stop() {
	for _, s := range []*server{m.server, m.broker} {
		if s == nil {
			continue
		}
		if err := s.Stop(); err != nil {
			m.t.Fatal(err)
		}
	}
	if m.zk != nil {
		saveNodes(m.t, m.zk, m.dir)
	}
}

// declare runs the statements and notes what they declare; it gives the sinks' topics.
func (m *maker) declare(want *set) (sinks []string) {
	b, err := os.ReadFile("testdata/statements.sql")
	if err != nil {
		m.t.Fatal(err)
	}
	m.topics(string(b))
	for _, sql := range strings.Split(strings.TrimSpace(string(b)), ";\n") {
		sql = strings.TrimSuffix(sql, ";")
		words := strings.Fields(sql)
		if m.mode == recordsMode && words[1] == "STREAMJOB" {
			if !slices.Contains(inRecords, words[2]) {
				continue
			}
			sql = strings.Replace(sql, `"morphling.job.enable.checkpoint"="true"`, `"morphling.job.enable.checkpoint"="true", "morphling.checkpoint.backend"="kafka"`, 1)
		}
		if _, err := m.server.ask(sql); err != nil && words[1] != "DATABASE" {
			m.t.Fatalf("%s: %v", sql, err)
		}
		switch name := words[2]; words[1] {
		case "STREAM", "TABLE", "VIEW":
			want.Relations[name] = m.server.columns(name)
			if strings.HasPrefix(name, "o_") || strings.HasPrefix(name, "by_") || strings.HasPrefix(name, "w_") {
				sinks = append(sinks, name)
			}
		case "STREAMJOB":
			want.Jobs = append(want.Jobs, name)
		}
	}
	eventually(m.t, "every job runs", func() bool {
		now, _ := m.server.jobs()
		return !slices.ContainsFunc(want.Jobs, func(j string) bool { return now[j] != "RUNNING" && now[j] != "FINISHED" })
	})
	time.Sleep(settle) // sources are at the ends of their topics, and a checkpoint says so
	return sinks
}

// topics makes what the declarations name: brokers other than the embedded one do not.
func (m *maker) topics(statements string) {
	var names []string
	for _, found := range regexp.MustCompile(`"topic"="(\w+)"`).FindAllStringSubmatch(statements, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	names = slices.Compact(names)
	made, err := kadm.NewClient(m.server.client()).CreateTopics(context.Background(), 2, 1, nil, names...)
	if err == nil {
		err = made.Error()
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *maker) feed(list []message) {
	m.server.produce(list)
	time.Sleep(settle)
}

// lot makes the next thirty rows of every input: ten seconds of event time.
func (m *maker) lot() (out []message) {
	words := []string{"red", "green", "blue", "鱼"}
	orNull := func(n int, text string) string {
		if n%7 == 3 {
			return "null"
		}
		return text
	}
	for i := range 30 {
		n := m.lots*30 + i
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 333 * time.Millisecond)
		k := fmt.Sprintf("%q", words[n*n%4])
		out = append(out, message{"src", int32(n % 2), fmt.Sprintf(`{"id":%d,"k":%s,"x":%t,"t":%d,"m":%d,"i":%d,"b":%d,"g":%g,"f":%g,"d":%d.25,"w":%d.0625,"s":%q,"v":%q,"c":%q,"y":%q,"dt":%q,"ts":%q,"ts6":%q,"j":{"n":%d}}`,
			n, orNull(n, k), n%3 == 0, n%5-2, n%6*1000, n%9-3, (n%4-1)*10_000_000_000, float64(n%5)/4, float64(n%3)/8, n%6, (n%5)*1_000_000_007,
			strings.Repeat("s", n%5), words[n%3], words[n%2][:3], words[n%3],
			at.AddDate(0, 0, n%4).Format(time.DateOnly), at.Format("2006-01-02 15:04:05.000"), at.Truncate(4*time.Second).Format("2006-01-02 15:04:05.000000"), n)},
			message{"side", int32(n % 2), fmt.Sprintf(`{"id":%d,"k":%s}`, n, k)},
			message{"lined", int32(n % 2), fmt.Sprintf("%d;%s", n, words[n%3])},
			message{"timed", int32(n % 2), fmt.Sprintf(`{"k":%s,"at":%d}`, k, at.UnixMilli())},
			message{"arrivals", int32(n % 2), fmt.Sprintf(`{"k":%s}`, k)})
	}
	if m.lots++; m.lots <= 3 {
		for i := range 150 { // state that does not fit into a manifest
			out = append(out, message{"src", int32(i % 2), fmt.Sprintf(`{"id":%d,"ts":"2026-01-01 00:00:00.000","s":"%d"}`, 100_000*m.lots+i*7, i)})
		}
	}
	return out
}

// ends are rows far behind the others: they close every window.
func (m *maker) ends() (out []message) {
	for p := range int32(2) {
		out = append(out, message{"src", p, `{"id":-1,"k":"end","ts":"2026-02-01 00:00:00.000"}`}, message{"timed", p, `{"k":"end","at":1769904000000}`})
	}
	return out
}
