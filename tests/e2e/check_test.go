package e2e

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// TestCheckCommand: slipway check reaches a real broker, ZooKeeper and HDFS, finds nothing wrong with them and leaves nothing there.
func TestCheckCommand(t *testing.T) {
	k, z, h := servers.StartKafka(t, servers.Kafka4), servers.StartZooKeeper(t), servers.StartHDFS(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"check", "--json", "--timeout", "60s"}
	for _, s := range []string{"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list=" + k.Address,
		"spark.morphling.recovery.mode=zookeeper", "spark.morphling.zookeeper.quorum=" + z.Address, "spark.morphling.taskstate.checkpoint.directory=hdfs://" + h.Address + "/slipway"} {
		args = append(args, "--set", s)
	}
	out, err := exec.CommandContext(ctx, process.Binary(t), args...).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var report struct {
		Findings []struct{ Part, Status, Text string }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]string{"brokers": "Kafka v4", "zookeeper": "session at " + z.Address, "state directory": "can be written, renamed, read and removed in"} {
		found := ""
		for _, f := range report.Findings {
			if f.Part == part {
				found += f.Status + " " + f.Text + "\n"
			}
		}
		if !strings.Contains(found, want) || strings.Contains(found, "failed") || strings.Contains(found, "warning") {
			t.Errorf("%s: %swant %q", part, found, want)
		}
	}
	if left := h.List("/slipway"); len(left) != 0 {
		t.Errorf("left in HDFS: %q", left)
	}
}
