package servers

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/tests/process"
)

// HDFSPair is a file system with two name nodes, of which one is active, and a data node.
// Their journal is a shared folder.
type HDFSPair struct {
	t         testing.TB
	Addresses []string
	Names     []*Process
	Data      *Process
	conf      []string // configuration folder of each name node
	jars      string
	active    int
}

const nameService = "ns1"

// StartHDFSPair starts it, the first name node active.
func StartHDFSPair(t testing.TB) *HDFSPair {
	t.Helper()
	jars, err := classPath(hadoopBundle)
	if err != nil {
		unavailable(t, err)
	}
	dir := t.TempDir()
	h := &HDFSPair{t: t, jars: jars}
	ports := []int{process.FreePort(t), process.FreePort(t)}
	http := []int{process.FreePort(t), process.FreePort(t)}
	for _, p := range ports {
		h.Addresses = append(h.Addresses, address(p))
	}
	conf := func(name string, own ...string) string {
		folder := filepath.Join(dir, "conf-"+name)
		write(t, filepath.Join(folder, "webapps/hdfs"), ".keep", "")
		write(t, filepath.Join(folder, "webapps/datanode"), ".keep", "")
		write(t, folder, "log4j.properties", hadoopLog)
		write(t, folder, "core-site.xml", siteXML("fs.defaultFS", "hdfs://"+nameService, "hadoop.tmp.dir", filepath.Join(dir, "tmp-"+name)))
		write(t, folder, "hdfs-site.xml", siteXML(append([]string{
			"dfs.nameservices", nameService, "dfs.ha.namenodes." + nameService, "nn1,nn2",
			"dfs.namenode.rpc-address." + nameService + ".nn1", h.Addresses[0], "dfs.namenode.rpc-address." + nameService + ".nn2", h.Addresses[1],
			"dfs.namenode.http-address." + nameService + ".nn1", address(http[0]), "dfs.namenode.http-address." + nameService + ".nn2", address(http[1]),
			"dfs.client.failover.proxy.provider." + nameService, "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
			"dfs.namenode.shared.edits.dir", "file://" + filepath.Join(dir, "shared"), "dfs.ha.fencing.methods", "shell(/bin/true)", "dfs.ha.automatic-failover.enabled", "false",
			"dfs.replication", "1", "dfs.datanode.data.dir", "file://" + filepath.Join(dir, "data-"+name), "dfs.datanode.address", "127.0.0.1:0", "dfs.datanode.http.address", "127.0.0.1:0",
			"dfs.datanode.ipc.address", "127.0.0.1:0", "dfs.namenode.safemode.extension", "0", "dfs.namenode.datanode.registration.ip-hostname-check", "false",
			"dfs.permissions.enabled", "false", "dfs.heartbeat.interval", "1", "dfs.namenode.heartbeat.recheck-interval", "1000"}, own...)...))
		return folder
	}
	for i := range 2 {
		id := fmt.Sprintf("nn%d", i+1)
		h.conf = append(h.conf, conf(id, "dfs.ha.namenode.id", id, "dfs.namenode.name.dir", "file://"+filepath.Join(dir, "name-"+id)))
	}
	h.nameNode(0, dir, "-format", "-force", "-nonInteractive")
	h.nameNode(1, dir, "-bootstrapStandby", "-force", "-nonInteractive")
	h.Data = &Process{t: t, name: "DataNode", log: filepath.Join(dir, "dn.log"), up: func() error { return nil },
		args: h.java(conf("dn"), "org.apache.hadoop.hdfs.server.datanode.DataNode")}
	h.Data.Start()
	t.Cleanup(h.Data.Kill)
	h.admin("-transitionToActive", "nn1")
	(&HDFS{Address: h.Addresses[0]}).awaitWritable(t)
	return h
}

const nameNodeClass = "org.apache.hadoop.hdfs.server.namenode.NameNode"

func (h *HDFSPair) java(conf, class string, more ...string) []string {
	return append(append(append([]string{}, hadoopOpens...), "-cp", conf+":"+h.jars, class), more...)
}

// nameNode prepares a name node's folder and starts it.
func (h *HDFSPair) nameNode(i int, dir string, prepare ...string) {
	h.t.Helper()
	java(h.t, h.java(h.conf[i], nameNodeClass, prepare...)...)
	p := &Process{t: h.t, name: fmt.Sprintf("NameNode %d", i+1), log: filepath.Join(dir, fmt.Sprintf("nn%d.log", i+1)), args: h.java(h.conf[i], nameNodeClass), up: func() error { return dial(h.Addresses[i]) }}
	p.Start()
	h.t.Cleanup(p.Kill)
	h.Names = append(h.Names, p)
}

// admin runs the tool of fail-over, which asks before it forces.
func (h *HDFSPair) admin(args ...string) {
	h.t.Helper()
	cmd := exec.Command("java", h.java(h.conf[0], "org.apache.hadoop.hdfs.tools.DFSHAAdmin", args...)...)
	cmd.Stdin = strings.NewReader("Y\nY\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("DFSHAAdmin %v: %v: %s", args, err, lastLines(string(out), 10))
	}
}

// FailOver kills the active name node and makes the other one active.
func (h *HDFSPair) FailOver() {
	h.t.Helper()
	h.Names[h.active].Kill()
	h.active = 1 - h.active
	h.admin("-transitionToActive", "--forceactive", fmt.Sprintf("nn%d", h.active+1))
	(&HDFS{Address: h.Addresses[h.active]}).awaitWritable(h.t)
}
