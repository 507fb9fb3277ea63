//go:build bench

package bench

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/tests/process"
)

// TestIdleJobs prints what jobs cost that have nothing to do: 1,000 of them over ten topics,
// every other one of two stages and the rest with a Kafka sink, a checkpoint a minute each.
// SLIPWAY_BENCH_JOBS changes their number.
func TestIdleJobs(t *testing.T) {
	jobs, topics, period := 1000, 10, 30*time.Second
	if n, err := strconv.Atoi(os.Getenv("SLIPWAY_BENCH_JOBS")); err == nil {
		jobs = n
	}
	broker := startBroker(t)
	server := startServer(t, process.Binary(t), broker.Kafka, "server.console.listen=127.0.0.1:0")
	_, exec := connect(t, server)
	for i := range topics {
		createTopic(t, broker.Kafka, fmt.Sprintf("in%d", i))
		exec(fmt.Sprintf(`CREATE STREAM in%d (k BIGINT, v STRING) TBLPROPERTIES ("topic"="in%d", "format"="json")`, i, i))
	}
	createTopic(t, broker.Kafka, "out")
	exec(`CREATE STREAM out (k BIGINT, v STRING) TBLPROPERTIES ("topic"="out", "format"="json")`)
	exec(`CREATE TABLE hole (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole")`)
	for i := range jobs {
		query := fmt.Sprintf("insert into out select k, v from in%d where k > 0", i/2%topics)
		if i%2 == 1 {
			query = fmt.Sprintf("insert into hole select k, count(*) from in%d group by k", i/2%topics)
		}
		exec(fmt.Sprintf(`CREATE STREAMJOB idle%d AS ("%s") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="60000")`, i, query))
	}
	running := func() int { return strings.Count(metrics(t, server), `state="RUNNING"} 1`) }
	for deadline := time.Now().Add(2 * time.Minute); running() < jobs; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d jobs run", running())
		}
	}
	time.Sleep(20 * time.Second) // what the start leaves behind
	used := func(p *process.Process) time.Duration {
		d, err := p.CPU()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	before, brokerBefore := used(server), used(broker)
	time.Sleep(period)
	own, brokers := used(server)-before, used(broker)-brokerBefore
	resident, err := server.Resident()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%d idle jobs over %d topics: %.1f %% of a core (the broker in its own process %.1f %%), %.0f MB resident, %s goroutines\n",
		jobs, topics, 100*own.Seconds()/period.Seconds(), 100*brokers.Seconds()/period.Seconds(), float64(resident)/1e6,
		goroutines.FindStringSubmatch(metrics(t, server))[1])
}

var (
	goroutines     = regexp.MustCompile(`(?m)^go_goroutines (\d+)`)
	consoleAddress = regexp.MustCompile(`console=(\S+)`)
)

func metrics(t *testing.T, server *process.Process) string {
	t.Helper()
	r, err := http.Get("http://" + consoleAddress.FindStringSubmatch(server.Ready)[1] + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
