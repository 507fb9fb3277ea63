//go:build bench

package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// TestManyJobs prints what checkpoints of many jobs cost ZooKeeper and HDFS: 200 jobs, a
// checkpoint a second each, for a minute. SLIPWAY_BENCH_JOBS changes their number.
func TestManyJobs(t *testing.T) {
	jobs, period := 200, time.Minute
	if n, err := strconv.Atoi(os.Getenv("SLIPWAY_BENCH_JOBS")); err == nil {
		jobs = n
	}
	ctx := context.Background()
	z, h := servers.StartZooKeeper(t), servers.StartHDFS(t, 1)
	broker := startBroker(t)
	server := startServer(t, process.Binary(t), broker.Kafka, "spark.morphling.recovery.mode=zookeeper", "spark.morphling.zookeeper.quorum="+z.Address,
		"spark.morphling.taskstate.checkpoint.directory=hdfs://"+h.Address+"/morphling/taskstate",
		"spark.morphling.completed.checkpoints.storage.dir=/morphling/completed")
	c, _ := connect(t, server)
	exec := func(sql string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
			_, err := c.Exec(ctx, sql)
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), "stands by") || time.Now().After(deadline) {
				t.Fatalf("%s: %v", sql, err)
			}
		}
	}
	exec(`CREATE TABLE made (k BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="20", "fields.k.max"="100")`)
	exec(`CREATE TABLE hole (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole")`)
	for i := range jobs {
		exec(fmt.Sprintf(`CREATE STREAMJOB many%d AS ("insert into hole select k, count(*) from made group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="1000")`, i))
	}
	time.Sleep(5 * time.Second)
	checkpoints, writes := completedCheckpoints(t, c), zxid(t, z.Address)
	began := time.Now()
	time.Sleep(period)
	took := time.Since(began)
	done, written := completedCheckpoints(t, c)-checkpoints, zxid(t, z.Address)-writes
	files := len(h.List("/morphling/completed")) + len(h.List("/morphling/taskstate"))
	fmt.Printf("%d jobs, %.0f s: %.1f checkpoints per second, %.2f ZooKeeper writes per checkpoint (%.0f per second), %d files of %d retained "+
		"checkpoints, expired %d\n",
		jobs, took.Seconds(), float64(done)/took.Seconds(), float64(written)/float64(done), float64(written)/took.Seconds(), files, 5*jobs,
		sumOf(t, c, "checkpoints expired"))
}

// completedCheckpoints is the sum of the jobs' newest checkpoint numbers.
func completedCheckpoints(t *testing.T, c *pgx.Conn) int { return sumOf(t, c, "last checkpoint") }

// sumOf adds up the leading number of a field of SHOW STREAMJOB over all jobs.
func sumOf(t *testing.T, c *pgx.Conn, field string) (sum int) {
	t.Helper()
	ctx := context.Background()
	read := func(sql string) (out [][]string) {
		rows, err := c.Query(ctx, sql)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			raw := rows.RawValues()
			out = append(out, []string{string(raw[0]), string(raw[1])})
		}
		return out
	}
	for _, j := range read("SHOW STREAMJOBS") {
		for _, f := range read("SHOW STREAMJOB " + j[0]) {
			n := 0
			if f[0] == field {
				fmt.Sscanf(f[1], "%d", &n)
				sum += n
			}
		}
	}
	return sum
}

// zxid is how many transactions a ZooKeeper server has applied.
func zxid(t *testing.T, address string) int64 {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "srvr")
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if text, ok := strings.CutPrefix(line, "Zxid: 0x"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(text), 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n & 0xFFFFFFFF
		}
	}
	t.Fatalf("srvr answered %s", b)
	return 0
}
