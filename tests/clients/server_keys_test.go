package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serverKeys are the server's settings that the dialect names, each with another value than its default.
var serverKeys = []string{
	"spark.morphling.recovery.mode=zookeeper", "spark.morphling.taskstate.backend=filesystem",
	"spark.morphling.taskstate.checkpoint.directory=hdfs://xxx/checkpoints",
	"spark.morphling.completed.checkpoints.storage.dir=/morphling/completedcheckpoints", "spark.morphling.zookeeper.quorum=zk1:2181,zk2:2181",
	"spark.morphling.zookeeper.root.path=/other",
	"spark.morphling.zookeeper.namespace=/slipstream1", "spark.morphling.zookeeper.checkpoints.path=/points", "spark.morphling.submitted.job.path=/jobs",
	"server.data.directory=/tmp/x", "server.sql.listen=127.0.0.1:1", "server.console.listen=127.0.0.1:2",
	"kafka.broker.list=k1:9092,k2:9092", "server.embedded.broker.listen=127.0.0.1:3",
	"server.parallelism=3", "server.memory.limit=2GB", "server.timezone=Asia/Shanghai", "server.log.level=debug", "server.log.format=json", "server.demo=true",
}

// TestServerKeys: each stands in the file, flat and nested, in the environment and as --set.
func TestServerKeys(t *testing.T) {
	var flat, nested, environment, flags []string
	for _, k := range serverKeys {
		key, value, _ := strings.Cut(k, "=")
		head, rest, _ := strings.Cut(key, ".")
		flat, nested = append(flat, key+": "+value), append(nested, head+":\n  "+rest+": "+value)
		environment = append(environment, "SLIPWAY_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))+"="+value)
		flags = append(flags, "--set", k)
	}
	file := filepath.Join(t.TempDir(), "flat.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(flat, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	for origin, c := range map[string]struct{ env, args []string }{
		"file": {nil, []string{"config", "--config", file}}, "environment": {environment, []string{"config"}}, "flag": {nil, append([]string{"config"}, flags...)},
	} {
		code, out, errs := slipway(t, c.env, c.args...)
		if code != 0 || errs != "" {
			t.Errorf("by %s: exit code %d, %s", origin, code, errs)
		}
		for _, k := range serverKeys {
			if !strings.Contains(out, k+"  # "+origin+"\n") {
				t.Errorf("by %s: %s is not in force\n%s", origin, k, out)
			}
		}
	}
	for _, n := range nested { // a mapping cannot have a key twice: one by one
		if err := os.WriteFile(file, []byte(n), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, errs := slipway(t, nil, "config", "--config", file); code != 0 || !strings.Contains(out, "  # file\n") {
			t.Errorf("%s: exit code %d, %s", n, code, errs)
		}
	}
}

// TestVendorServerKeys: keys of the vendor's server that have no counterpart are taken, and it is said that they mean nothing.
func TestVendorServerKeys(t *testing.T) {
	for _, k := range []string{
		"spark.morphling.zookeeper.connect.timeout=5000", "spark.morphling.zookeeper.max.retries=3", "spark.morphling.zookeeper.retry.wait=5000",
		"ngmr.engine.mode=morphling", "ngmr.memsegment.size=32768", "ngmr.network.num.buffers=10240",
	} {
		key, _, _ := strings.Cut(k, "=")
		if code, _, errs := slipway(t, nil, "config", "--set", k); code != 0 || !strings.Contains(errs, key) || !strings.Contains(errs, "has no meaning here and is ignored") {
			t.Errorf("%s: exit code %d, %s", k, code, errs)
		}
	}
	code, out, errs := slipway(t, nil, "config", "--set", "spark.morphling.zookeeper.session.timeout=20000")
	if code != 0 || !strings.Contains(out, "server.zookeeper.session.timeout=20000  # flag") || !strings.Contains(errs, "server.zookeeper.session.timeout") {
		t.Errorf("the session's timeout: exit code %d\n%s%s", code, out, errs)
	}
}
