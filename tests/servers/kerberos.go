package servers

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"slipway/tests/process"
)

var kdcBundle = bundle{"minikdc-" + hadoop, []artifact{{"org.apache.hadoop", "hadoop-minikdc", hadoop}}}

// SecureHDFS is a file system behind Kerberos whose tickets live for a minute.
type SecureHDFS struct {
	Address   string // of the name node
	KDC       *Process
	NameNode  *Process
	Data      *Process
	Krb5Conf  string
	Keytab    string // of all principals
	Principal string // of the client
	Service   string // the name node's
}

const realm = "EXAMPLE.COM"

// StartSecureHDFS starts a KDC, a name node and a data node.
func StartSecureHDFS(t testing.TB, ticketLifetime time.Duration) *SecureHDFS {
	t.Helper()
	jars, err := classPath(hadoopBundle)
	if err != nil {
		unavailable(t, err)
	}
	kdcJars, err := classPath(kdcBundle)
	if err != nil {
		unavailable(t, err)
	}
	dir := t.TempDir()
	h := &SecureHDFS{Krb5Conf: filepath.Join(dir, "kdc", "krb5.conf"), Keytab: filepath.Join(dir, "all.keytab"), Principal: "slipway@" + realm, Service: "nn/localhost"}
	kdcPort := process.FreePort(t)
	properties := write(t, dir, "kdc.properties", fmt.Sprintf("org.name=EXAMPLE\norg.domain=COM\nkdc.bind.address=localhost\nkdc.port=%d\ninstance=DefaultKrbServer\ntransport=TCP\nmax.ticket.lifetime=%d\nmax.renewable.lifetime=604800000\ndebug=false\n",
		kdcPort, ticketLifetime.Milliseconds()))
	if err := os.MkdirAll(filepath.Join(dir, "kdc"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.KDC = &Process{t: t, name: "KDC", log: filepath.Join(dir, "kdc.log"), up: func() error { return bothThere(h.Krb5Conf, h.Keytab, fmt.Sprintf("localhost:%d", kdcPort)) },
		args: []string{"-cp", kdcJars, "org.apache.hadoop.minikdc.MiniKdc", filepath.Join(dir, "kdc"), properties, h.Keytab, "nn/localhost", "dn/localhost", "HTTP/localhost", "slipway"}}
	h.KDC.Start()
	t.Cleanup(h.KDC.Kill)

	port := process.FreePort(t)
	h.Address = fmt.Sprintf("localhost:%d", port)
	conf := filepath.Join(dir, "conf")
	write(t, filepath.Join(conf, "webapps/hdfs"), ".keep", "")
	write(t, filepath.Join(conf, "webapps/datanode"), ".keep", "")
	write(t, conf, "log4j.properties", hadoopLog)
	write(t, conf, "core-site.xml", siteXML("fs.defaultFS", "hdfs://"+h.Address, "hadoop.tmp.dir", filepath.Join(dir, "tmp"), "hadoop.security.authentication", "kerberos",
		"hadoop.security.authorization", "false", "hadoop.security.token.service.use_ip", "false"))
	write(t, conf, "hdfs-site.xml", siteXML("dfs.replication", "1", "dfs.namenode.name.dir", "file://"+filepath.Join(dir, "nn"), "dfs.datanode.data.dir", "file://"+filepath.Join(dir, "dn"),
		"dfs.namenode.rpc-address", h.Address, "dfs.namenode.http-address", "localhost:0", "dfs.datanode.address", "localhost:0", "dfs.datanode.http.address", "localhost:0", "dfs.datanode.ipc.address", "localhost:0",
		"dfs.namenode.safemode.extension", "0", "dfs.namenode.datanode.registration.ip-hostname-check", "false", "dfs.permissions.enabled", "false", "dfs.heartbeat.interval", "1",
		"dfs.block.access.token.enable", "true", "ignore.secure.ports.for.testing", "true",
		"dfs.namenode.kerberos.principal", "nn/localhost@"+realm, "dfs.namenode.keytab.file", h.Keytab, "dfs.namenode.kerberos.internal.spnego.principal", "HTTP/localhost@"+realm,
		"dfs.datanode.kerberos.principal", "dn/localhost@"+realm, "dfs.datanode.keytab.file", h.Keytab, "dfs.web.authentication.kerberos.principal", "HTTP/localhost@"+realm, "dfs.web.authentication.kerberos.keytab", h.Keytab))
	args := func(class string, more ...string) []string {
		return append(append(append([]string{}, hadoopOpens...), "-Djava.security.krb5.conf="+h.Krb5Conf, "-cp", conf+":"+jars, class), more...)
	}
	java(t, args(nameNodeClass, "-format", "-force", "-nonInteractive")...)
	h.NameNode = &Process{t: t, name: "NameNode", log: filepath.Join(dir, "nn.log"), args: args(nameNodeClass), up: func() error { return dial(h.Address) }}
	h.NameNode.Start()
	t.Cleanup(h.NameNode.Kill)
	h.Data = &Process{t: t, name: "DataNode", log: filepath.Join(dir, "dn.log"), args: args("org.apache.hadoop.hdfs.server.datanode.DataNode"), up: func() error { return nil }}
	h.Data.Start()
	t.Cleanup(h.Data.Kill)
	h.awaitWritable(t)
	return h
}

func bothThere(krb5, keytab, kdc string) error {
	for _, f := range []string{krb5, keytab} {
		if _, err := os.Stat(f); err != nil {
			return err
		}
	}
	return dial(kdc)
}

func dial(address string) error {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		c.Close()
	}
	return err
}

// awaitWritable writes a file as the client.
func (h *SecureHDFS) awaitWritable(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(startPatience)
	for i := 0; ; i++ {
		err := h.writeOnce(fmt.Sprintf("/.ready-%d", i))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the secure HDFS takes no files: %v: %s", err, h.NameNode.logTail())
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func (h *SecureHDFS) writeOnce(name string) error {
	conf, err := config.Load(h.Krb5Conf)
	if err != nil {
		return err
	}
	keys, err := keytab.Load(h.Keytab)
	if err != nil {
		return err
	}
	k := client.NewWithKeytab("slipway", realm, keys, conf, client.DisablePAFXFAST(true))
	defer k.Destroy()
	if err := k.Login(); err != nil {
		return err
	}
	c, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{h.Address}, KerberosClient: k, KerberosServicePrincipleName: h.Service})
	if err != nil {
		return err
	}
	defer c.Close()
	return writeFile(c, name)
}
