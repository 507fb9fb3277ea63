package servers

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"slipway/tests/process"
)

// ZooKeeper is one real server.
type ZooKeeper struct {
	*Process
	Address string
}

// StartZooKeeper starts a standalone server.
func StartZooKeeper(t testing.TB) *ZooKeeper {
	t.Helper()
	jars, err := classPath(zooKeeperBundle)
	if err != nil {
		unavailable(t, err)
	}
	dir, port := t.TempDir(), process.FreePort(t)
	config := write(t, dir, "zoo.cfg", fmt.Sprintf(`tickTime=500
initLimit=10
syncLimit=5
dataDir=%s
clientPort=%d
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=*
minSessionTimeout=1000
maxSessionTimeout=60000
maxClientCnxns=0
forceSync=no
`, filepath.Join(dir, "data"), port))
	z := &ZooKeeper{Address: address(port)}
	z.Process = &Process{t: t, name: "ZooKeeper", log: filepath.Join(dir, "out.log"), up: func() error { return ruok(z.Address) },
		args: []string{"-Xmx256m", "-XX:+UseSerialGC", "-Dzookeeper.jmx.log4j.disable=true", "-cp", jars, "org.apache.zookeeper.server.quorum.QuorumPeerMain", config}}
	z.Start()
	t.Cleanup(z.Kill)
	return z
}

func ruok(address string) error {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprint(c, "ruok")
	if answer, _ := bufio.NewReader(c).ReadString(0); answer != "imok" {
		return fmt.Errorf("it answers %q", answer)
	}
	return nil
}
