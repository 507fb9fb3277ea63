package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"slipway/tests/process"
)

// HDFS is one name node and some data nodes.
type HDFS struct {
	Address  string // of the name node
	NameNode *Process
	Data     []*Process
}

var hadoopOpens = func() (flags []string) {
	flags = []string{"-XX:+IgnoreUnrecognizedVMOptions", "-Xmx256m", "-XX:+UseSerialGC"}
	for _, p := range strings.Fields("java.io java.lang java.lang.reflect java.math java.net java.text java.util java.util.concurrent java.util.zip sun.security.util sun.security.x509") {
		flags = append(flags, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	return flags
}()

// StartHDFS starts a file system that writes two replicas if it has two data nodes.
func StartHDFS(t testing.TB, dataNodes int) *HDFS {
	t.Helper()
	jars, err := classPath(hadoopBundle)
	if err != nil {
		unavailable(t, err)
	}
	dir, port := t.TempDir(), process.FreePort(t)
	h := &HDFS{Address: address(port)}
	args := func(conf, class string, more ...string) []string {
		return append(append(append([]string{}, hadoopOpens...), "-cp", conf+":"+jars, class), more...)
	}
	name := hadoopFolder(t, dir, "nn", port, min(2, dataNodes))
	const nameNode = "org.apache.hadoop.hdfs.server.namenode.NameNode"
	java(t, args(name, nameNode, "-format", "-force", "-nonInteractive")...)
	h.NameNode = &Process{t: t, name: "NameNode", log: filepath.Join(dir, "nn.log"), args: args(name, nameNode), up: func() error { return h.answers(0) }}
	h.NameNode.Start()
	t.Cleanup(h.NameNode.Kill)
	for i := range dataNodes {
		conf := hadoopFolder(t, dir, fmt.Sprintf("dn%d", i+1), port, min(2, dataNodes))
		p := &Process{t: t, name: fmt.Sprintf("DataNode %d", i+1), log: filepath.Join(dir, fmt.Sprintf("dn%d.log", i+1)),
			args: args(conf, "org.apache.hadoop.hdfs.server.datanode.DataNode"), up: func() error { return h.answers(i + 1) }}
		p.Start()
		t.Cleanup(p.Kill)
		h.Data = append(h.Data, p)
	}
	h.awaitWritable(t)
	return h
}

// hadoopLog is without what Hadoop dies of silently.
const hadoopLog = "log4j.rootLogger=INFO,A\nlog4j.appender.A=org.apache.log4j.ConsoleAppender\nlog4j.appender.A.layout=org.apache.log4j.PatternLayout\nlog4j.appender.A.layout.ConversionPattern=%d %p %c{1} %m%n\n"

// hadoopFolder makes the configuration folder of one process. The jars carry no web
// applications, so empty folders stand in for them.
func hadoopFolder(t testing.TB, dir, name string, port, replicas int) string {
	t.Helper()
	conf, data := filepath.Join(dir, "conf-"+name), filepath.Join(dir, "data")
	write(t, filepath.Join(conf, "webapps/hdfs"), ".keep", "")
	write(t, filepath.Join(conf, "webapps/datanode"), ".keep", "")
	write(t, conf, "log4j.properties", hadoopLog)
	write(t, conf, "core-site.xml", siteXML("fs.defaultFS", "hdfs://"+address(port), "hadoop.tmp.dir", filepath.Join(dir, "tmp-"+name)))
	write(t, conf, "hdfs-site.xml", siteXML(
		"dfs.replication", fmt.Sprint(replicas), "dfs.namenode.name.dir", "file://"+filepath.Join(data, "nn"), "dfs.datanode.data.dir", "file://"+filepath.Join(data, name),
		"dfs.namenode.http-address", "127.0.0.1:0", "dfs.datanode.address", "127.0.0.1:0", "dfs.datanode.http.address", "127.0.0.1:0", "dfs.datanode.ipc.address", "127.0.0.1:0",
		"dfs.namenode.safemode.extension", "0", "dfs.namenode.datanode.registration.ip-hostname-check", "false", "dfs.permissions.enabled", "false",
		"dfs.heartbeat.interval", "1", "dfs.namenode.heartbeat.recheck-interval", "1000"))
	return conf
}

func siteXML(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<configuration>")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "<property><name>%s</name><value>%s</value></property>", pairs[i], pairs[i+1])
	}
	return b.String() + "</configuration>"
}

// answers tells whether the name node is up and knows at least some data nodes.
func (h *HDFS) answers(dataNodes int) error {
	c, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{h.Address}, User: "test"})
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := c.StatFs()
	if err == nil && dataNodes > 0 && s.Capacity == 0 {
		err = fmt.Errorf("no data node has registered")
	}
	return err
}

// awaitWritable waits until a small file can be written: capacity alone comes too early.
func (h *HDFS) awaitWritable(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(startPatience)
	for i := 0; ; i++ {
		err := h.writeOnce(fmt.Sprintf("/.ready-%d", i))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("HDFS takes no files: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (h *HDFS) writeOnce(name string) error {
	c, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{h.Address}, User: "test"})
	if err != nil {
		return err
	}
	defer c.Close()
	return writeFile(c, name)
}

func writeFile(c *hdfs.Client, name string) error {
	w, err := c.Create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("x")); err != nil {
		return err
	}
	if err := w.Close(); err != nil && !hdfs.IsErrReplicating(err) {
		return err
	}
	return c.Remove(name)
}

// List gives the files below a directory, with a client of its own; none if it is not there.
func (h *HDFS) List(directory string) (out []string) {
	c, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{h.Address}, User: "test"})
	if err != nil {
		return []string{err.Error()}
	}
	defer c.Close()
	err = c.Walk(directory, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		out = append(out, err.Error())
	}
	return out
}
