package clients

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/kafkatest"
)

// outside starts a node over a broker of the test's.
func outside(t *testing.T, directory string, log *keptLog, sets ...string) (*kafkatest.Broker, *pgx.Conn) {
	t.Helper()
	b := kafkatest.Start(t)
	n, c := startIn(t, directory, log, append(sets, "kafka.broker.list="+b.Address)...)
	t.Cleanup(n.Kill)
	return b, c
}

func (l *keptLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// fields reads a table of two columns, as SHOW STREAMJOB gives.
func fields(t *testing.T, c *pgx.Conn, sql string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, row := range table(t, c, sql) {
		out[row[0]] = row[1]
	}
	return out
}

func table(t *testing.T, c *pgx.Conn, sql string) (out [][]string) {
	t.Helper()
	rows, err := c.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	for rows.Next() {
		var row []string
		for _, v := range rows.RawValues() {
			row = append(row, string(v))
		}
		out = append(out, row)
	}
	if rows.Err() != nil {
		t.Fatalf("%s: %v", sql, rows.Err())
	}
	return out
}

func fieldIs(t *testing.T, c *pgx.Conn, job, field, want string) {
	t.Helper()
	got := ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = fields(t, c, "SHOW STREAMJOB "+job)[field]; got == want {
			return
		}
	}
	t.Fatalf("%q of job %s is %q, want %q", field, job, got, want)
}

// TestSeedExample runs the vendor's example as it is printed, comments glued to values.
func TestSeedExample(t *testing.T) {
	b, c := outside(t, t.TempDir(), &keptLog{})
	b.Topic("demoxxll", 1)
	b.Topic("xl", 1)
	mustExec(t, c, `CREATE STREAM demoxxll (id INT, name STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' TBLPROPERTIES ("topic"="demoxxll", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	mustExec(t, c, `CREATE STREAM xl (id INT, name STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' TBLPROPERTIES ("topic"="xl")`)
	mustExec(t, c, `DROP STREAMJOB xlstreamjob;
CREATE STREAMJOB xlstreamjob AS("insert into xl select * from demoxxll")
jobproperties(
"morphling.result.auto.flush"="true",--自动Sink,只要有数据产生就立刻flush到目标表
"morphling.job.enable.auto.failover"="true",--是否开启失败任务自动恢复
"morphling.task.max.failures"="5",--任务失败重试次数
"morphling.job.enable.checkpoint"="true",--任务启用HA
"morphling.job.checkpoint.interval"="60000"--Checkpoint的频率。单位:毫秒
);`)
	b.Produce("demoxxll", 0, "1,张三", "2,李四")
	if got := kafkatest.Values(b.Consume("xl", 2)); got != "1,张三 2,李四" {
		t.Error(got)
	}
	if p := fields(t, c, "SHOW PROPERTIES FOR STREAMJOB xlstreamjob"); p["morphling.task.max.failures"] != "5" || p["morphling.job.checkpoint.interval"] != "60000" {
		t.Error(p)
	}
}

// TestShowStreamJob: what a job says of itself agrees with what went through it, on the
// SQL port and in the metrics.
func TestShowStreamJob(t *testing.T) {
	log := &keptLog{}
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), log, "kafka.broker.list="+b.Address, "server.console.listen=127.0.0.1:0")
	defer n.Kill()
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) TBLPROPERTIES ("topic"="in", "format"="json", "on.error"="skip", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	mustExec(t, c, `CREATE STREAM o (ws TIMESTAMP(3), n BIGINT) TBLPROPERTIES ("topic"="out", "format"="json")`)
	mustExec(t, c, `CREATE STREAMJOB j AS ("insert into o select window_start, count(*) from table(tumble(table i, descriptor(ts), interval '10' second)) group by window_start, window_end")
		JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="50")`)
	at := func(second int) string { return fmt.Sprintf(`{"k":1,"ts":"2026-01-01 00:00:%02d.000"}`, second) }
	b.Produce("in", 0, at(1), `{"k":"x"}`, at(3), at(31))
	fieldIs(t, c, "j", "watermark", "2026-01-01 00:00:30.000")
	b.Produce("in", 0, at(2))
	fieldIs(t, c, "j", "rows in", "5")
	fieldIs(t, c, "j", "rows late", "1")
	fieldIs(t, c, "j", "rows failed", "1")
	fieldIs(t, c, "j", "rows out", "1")
	fieldIs(t, c, "j", "state", "RUNNING")
	fieldIs(t, c, "j", "restarts", "0")
	fieldIs(t, c, "j", "lag of in-0", "0")
	fieldIs(t, c, "j", "watermark", "2026-01-01 00:00:30.000")
	eventually(t, "a checkpoint", func() bool { return fields(t, c, "SHOW STREAMJOB j")["last checkpoint"] != "" })
	page := get(t, "http://"+n.ConsoleAddress()+"/metrics")
	for _, want := range []string{`slipway_job_rows_in_total{job="default.j"} 5`, `slipway_job_rows_late_total{job="default.j"} 1`, `slipway_job_rows_failed_total{job="default.j"} 1`, `slipway_job_rows_out_total{job="default.j"} 1`} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	if health := get(t, "http://"+n.ConsoleAddress()+"/healthz"); !strings.Contains(health, "default.j") {
		t.Errorf("healthz says %s", health)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
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

const passThrough = `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
	CREATE STREAM o (k BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
	CREATE STREAMJOB j AS ("insert into o select k from i") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="50", "morphling.job.checkpoint.timeout"="1000", `

func record(k int) string { return fmt.Sprintf(`{"k":%d}`, k) }

// TestCheckpointExpires: a sink that cannot flush lets the checkpoint expire, with the
// line that operators look for and the task and phase that were late; the job runs on
// and the next checkpoint completes.
func TestCheckpointExpires(t *testing.T) {
	log := &keptLog{}
	b, c := outside(t, t.TempDir(), log)
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, passThrough+`"morphling.job.enable.auto.failover"="false")`)
	fieldIs(t, c, "j", "state", "RUNNING")
	fault := b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.NotLeaderForPartition, Count: -1})
	b.Produce("in", 0, record(1))
	eventually(t, "an expired checkpoint", func() bool { return log.contains("of job {default.j} expired before completing") })
	fault.Remove()
	eventually(t, "the table names it", func() bool {
		for _, row := range table(t, c, "SHOW CHECKPOINTS FOR STREAMJOB j") {
			if row[4] == "EXPIRED" && strings.Contains(row[8], "sink") && strings.Contains(row[8], "stage 0") {
				line := "Checkpoint[" + row[1] + "] of job {default.j} expired before completing"
				return log.contains(line)
			}
		}
		return false
	})
	expired := fields(t, c, "SHOW STREAMJOB j")["checkpoints expired"]
	before := fields(t, c, "SHOW STREAMJOB j")["last checkpoint"]
	eventually(t, "another one completes", func() bool { return fields(t, c, "SHOW STREAMJOB j")["last checkpoint"] != before })
	if expired == "0" {
		t.Error("no expired checkpoint is counted")
	}
	fieldIs(t, c, "j", "state", "RUNNING")
	if got := kafkatest.Values(b.Consume("out", 1)); got != record(1) {
		t.Error(got)
	}
}

// TestRestarts: a job is restarted as often as it may be, then it has failed and says
// why; what ends it for good is not tried again.
func TestRestarts(t *testing.T) {
	for _, k := range []struct {
		name, properties, restarts string
		records                    []string
		fault                      bool
	}{
		{"none", `"morphling.job.enable.auto.failover"="false")`, "0", nil, true},
		{"as often as max failures", `"morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="2", "morphling.restart.strategy.delay"="50")`, "2", nil, true},
		{"fixed delay", `"morphling.restart.strategy"="fixed-delay", "morphling.restart.strategy.attempts"="3", "morphling.restart.strategy.delay"="20")`, "3", nil, true},
		{"for good", `"morphling.restart.strategy"="fixed-delay", "morphling.restart.strategy.attempts"="3", "morphling.restart.strategy.delay"="20")`, "0", []string{`{"k":"no number"}`}, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			b, c := outside(t, t.TempDir(), &keptLog{})
			b.Topic("in", 1)
			b.Topic("out", 1)
			if k.fault {
				b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.TopicAuthorizationFailed, Count: -1})
			}
			b.Produce("in", 0, append(k.records, record(1))...)
			mustExec(t, c, passThrough+k.properties)
			fieldIs(t, c, "j", "state", "FAILED")
			fieldIs(t, c, "j", "restarts", k.restarts)
			if f := fields(t, c, "SHOW STREAMJOB j"); !strings.Contains(f["last failure"], "topic") {
				t.Errorf("the failure is %q", f["last failure"])
			}
		})
	}
}

// TestChangedState: state of another meaning is refused by the operator's name, with
// the way out; FRESH begins anew.
func TestChangedState(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b, c := outside(t, directory, log)
	b.Topic("in", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT, v BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE TABLE o (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole");
		CREATE VIEW w AS SELECT k, count(*) AS n FROM i GROUP BY k;
		CREATE STREAMJOB j AS ("insert into o select k, n from w") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="50")`)
	b.Produce("in", 0, `{"k":1,"v":1}`)
	eventually(t, "a checkpoint", func() bool { return fields(t, c, "SHOW STREAMJOB j")["last checkpoint"] != "" })
	mustExec(t, c, "STOP STREAMJOB j")
	mustExec(t, c, "CREATE OR REPLACE VIEW w AS SELECT k, max(v) AS n FROM i GROUP BY k")
	mustExec(t, c, "START STREAMJOB j")
	fieldIs(t, c, "j", "state", "FAILED")
	shown := fields(t, c, "SHOW STREAMJOB j")
	failure := shown["last failure"] + " " + shown["hint"]
	for _, want := range []string{"group-", "START STREAMJOB", "FRESH"} {
		if !strings.Contains(failure, want) {
			t.Errorf("the refusal %q does not say %q", failure, want)
		}
	}
	mustExec(t, c, "START STREAMJOB j FRESH")
	fieldIs(t, c, "j", "state", "RUNNING")
}

// TestComesBackByItself: after a crash of the server a job with auto failover runs
// again, one without does not.
func TestComesBackByItself(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b := kafkatest.Start(t)
	n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, passThrough+`"morphling.job.enable.auto.failover"="true")`)
	mustExec(t, c, `CREATE STREAMJOB without AS ("insert into o select k from i where k < 0") JOBPROPERTIES ("morphling.job.enable.auto.failover"="false")`)
	b.Produce("in", 0, record(1))
	b.Consume("out", 1)
	eventually(t, "a checkpoint behind the record", func() bool { return b.Committed("default.j", "in")[0] == 1 })
	n.Kill()
	b.Produce("in", 0, record(2))
	n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
	defer n.Kill()
	if got := kafkatest.Values(b.Consume("out", 2)); got != record(1)+" "+record(2) {
		t.Error(got)
	}
	fieldIs(t, c, "j", "state", "RUNNING")
	if f := fields(t, c, "SHOW STREAMJOB without"); f["state"] != "STOPPED" {
		t.Errorf("a job without auto failover is %s: %s", f["state"], f["last failure"])
	}
}

// TestNoSecretInAnyOutput plants secrets where users put them, and searches everything
// that comes out: answers, notices, errors, the log, the metrics, the health page.
func TestNoSecretInAnyOutput(t *testing.T) {
	const secret = "pLaNtEd"
	log := &keptLog{}
	b := kafkatest.Start(t)
	n, _ := startIn(t, t.TempDir(), log, "kafka.broker.list="+b.Address, "server.console.listen=127.0.0.1:0", "server.log.level=debug")
	defer n.Kill()
	b.Topic("in", 1)
	c := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
	var out strings.Builder
	for _, sql := range []string{
		`CREATE STREAM s (a INT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.security.protocol"="SASL_PLAINTEXT", "transwarp.consumer.sasl.username"="ann", "transwarp.consumer.sasl.password"="` + secret + `")`,
		`CREATE STREAM j (a INT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.security.protocol"="SASL_SSL", "transwarp.consumer.sasl.jaas.config"="x required username='a' password='` + secret + `';")`,
		`CREATE STREAM u (a INT) TBLPROPERTIES ("topic"="in", "format"="json", "kafka.broker.list"="ann:` + secret + `@127.0.0.1:1")`,
		`CREATE STREAM x (a INT) TBLPROPERTIES ("topic"="in", "transwarp.consumer.sasl.password"="` + secret + `", "transwarp.consumer.sasl.password"="` + secret + `")`,
		`CREATE STREAM x (a INT) TBLPROPERTIES ("topic"="in", "pasword"="` + secret + `")`,
		`CREATE STREAM x (a INT) TBLPROPERTIES ("topic"="in", "transwarp.consumer.sasl.password"="` + secret + `" oops)`,
		`CREATE TABLE nowhere (a INT) TBLPROPERTIES ("connector"="blackhole")`,
		`SELECT * FROM s LIMIT 1`, `SELECT * FROM j LIMIT 1`, `CREATE STREAMJOB js AS ("insert into nowhere select a from s") JOBPROPERTIES ("morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="1", "morphling.restart.strategy.delay"="20")`,
		`SHOW CREATE STREAM s`, `SHOW CREATE STREAM j`, `SHOW CREATE STREAM u`, `DESCRIBE s`, `SHOW STREAMS`, `SHOW STREAMJOBS`, `SHOW STREAMJOB js`, `SHOW PROPERTIES FOR STREAMJOB js`,
		`SHOW CREATE STREAMJOB js`, `EXPLAIN STREAMJOB js`, `EXPLAIN SELECT * FROM s`, `SHOW ALL`,
	} {
		fmt.Fprintln(&out, sql[:min(len(sql), 20)], "→", c.ask(sql))
	}
	eventually(t, "the job has failed", func() bool { return strings.Contains(c.ask("SHOW STREAMJOB js"), "state|FAILED") })
	out.WriteString(c.ask("SHOW STREAMJOB js") + get(t, "http://"+n.ConsoleAddress()+"/metrics") + get(t, "http://"+n.ConsoleAddress()+"/healthz") + log.String())
	if i := strings.Index(out.String(), secret); i >= 0 {
		t.Fatalf("a secret came out: …%s…", out.String()[max(0, i-200):i+len(secret)])
	}
	if !strings.Contains(out.String(), `"transwarp.consumer.sasl.password"="******"`) {
		t.Error("no answer shows the hidden password: the search looked at nothing")
	}
}

// TestTransactions: an exactly-once job's transactions are shown; one that was left open
// is ended by hand when the job does not run, and readers go on; DROP leaves none.
func TestTransactions(t *testing.T) {
	b, c := outside(t, t.TempDir(), &keptLog{})
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, passThrough+`"morphling.job.delivery.guarantee"="exactly_once")`)
	b.Produce("in", 0, record(1), record(2))
	if got := kafkatest.Values(b.Consume("out", 2)); got != record(1)+" "+record(2) {
		t.Fatal(got)
	}
	rows := table(t, c, "SHOW TRANSACTIONS FOR STREAMJOB j")
	if len(rows) == 0 || rows[0][0] != "default.j" || !strings.HasPrefix(rows[0][1], "slipway-") {
		t.Fatalf("the transactions are %v", rows)
	}
	_, err := c.Exec(context.Background(), "RESOLVE TRANSACTIONS FOR STREAMJOB j ABORT")
	if e, ok := err.(*pgconn.PgError); !ok || e.Code != "55000" {
		t.Errorf("resolving a running job's: %v", err)
	}
	mustExec(t, c, "STOP STREAMJOB j")
	left, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.TransactionalID(rows[0][1]), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	if err := left.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := left.ProduceSync(context.Background(), &kgo.Record{Topic: "out", Value: []byte("half")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	open := func() (n int) {
		for _, r := range table(t, c, "SHOW TRANSACTIONS") {
			if r[3] == "true" {
				n++
			}
		}
		return n
	}
	if n := open(); n != 1 {
		t.Errorf("%d transactions are shown open, want 1", n)
	}
	mustExec(t, c, "RESOLVE TRANSACTIONS FOR STREAMJOB j COMMIT") // no checkpoint names it: aborted
	if n := open(); n != 0 {
		t.Errorf("%d transactions are open behind RESOLVE", n)
	}
	if got := kafkatest.Values(b.Committable("out")); got != record(1)+" "+record(2) {
		t.Errorf("readers see %s", got)
	}
	mustExec(t, c, "DROP STREAMJOB j")
}

// TestMoveBetweenBackends: a running job goes with its state from files to Kafka and back;
// nothing is left behind, and no row is counted twice or not at all.
func TestMoveBetweenBackends(t *testing.T) {
	directory := t.TempDir()
	b, c := outside(t, directory, &keptLog{})
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select k, count(*) from i group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="30", "morphling.job.delivery.guarantee"="exactly_once")`)
	newest := func() string {
		all := b.Committable("out")
		if len(all) == 0 {
			return ""
		}
		return all[len(all)-1].Value
	}
	count := 0
	for _, to := range []string{"kafka", "local", "kafka"} {
		b.Produce("in", 0, record(1), record(1))
		count += 2
		want := fmt.Sprintf(`{"k":1,"n":%d}`, count)
		eventually(t, want, func() bool { return newest() == want })
		mustExec(t, c, `ALTER STREAMJOB j SET ("morphling.checkpoint.backend"="`+to+`")`)
		fieldIs(t, c, "j", "checkpoint backend", to)
		fieldIs(t, c, "j", "moving from backend", "")
	}
	b.Produce("in", 0, record(1))
	eventually(t, "the last", func() bool { return newest() == fmt.Sprintf(`{"k":1,"n":%d}`, count+1) })
	if got := len(b.Committable("out")); got > count+1 {
		t.Errorf("%d rows came out of %d changes", got, count+1)
	}
	left, err := filepath.Glob(filepath.Join(directory, "state", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in files: %v %v", left, err)
	}
	mustExec(t, c, "DROP STREAMJOB j")
}

// TestSavepoints: a named checkpoint survives retention and is what a start may go back to,
// once; STOP takes one on its way; DROP SAVEPOINT removes it.
func TestSavepoints(t *testing.T) {
	log := &keptLog{}
	b, c := outside(t, t.TempDir(), log, "server.log.level=debug")
	b.Topic("in", 1)
	b.Topic("out", 1)
	mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
		CREATE STREAM o (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select k, count(*) from i group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="30")`)
	b.Produce("in", 0, record(1), record(1), record(1))
	fieldIs(t, c, "j", "rows in", "3")
	mustExec(t, c, "SAVEPOINT STREAMJOB j AS 'three'")
	b.Produce("in", 0, record(1), record(1))
	fieldIs(t, c, "j", "rows in", "5")
	eventually(t, "ten checkpoints behind it", func() bool { return strings.Count(log.String(), "checkpoint completed") > 12 })
	names := func() (out []string) {
		for _, r := range table(t, c, "SHOW CHECKPOINTS FOR STREAMJOB j") {
			if r[2] == "savepoint" {
				out = append(out, r[3])
			}
		}
		return out
	}
	if got := names(); len(got) != 1 || got[0] != "three" {
		t.Fatalf("savepoints %v", got)
	}
	mustExec(t, c, "STOP STREAMJOB j WITH SAVEPOINT 'five'")
	if got := names(); len(got) != 2 || got[0] != "five" {
		t.Fatalf("savepoints %v", got)
	}
	newest := func() string {
		all := b.Committable("out")
		return all[len(all)-1].Value
	}
	before := len(b.Committable("out"))
	mustExec(t, c, "START STREAMJOB j FROM SAVEPOINT 'three'")
	eventually(t, "the last two are counted again", func() bool { return len(b.Committable("out")) > before && newest() == `{"k":1,"n":5}` })
	if !log.contains("kind=savepoint") {
		t.Error("the log does not say that a savepoint was restored")
	}
	mustExec(t, c, "STOP STREAMJOB j")
	mustExec(t, c, "START STREAMJOB j")
	b.Produce("in", 0, record(1))
	eventually(t, "the choice was for once", func() bool { return newest() == `{"k":1,"n":6}` })
	mustExec(t, c, "DROP SAVEPOINT 'three' FOR STREAMJOB j")
	mustExec(t, c, "STOP STREAMJOB j")
	mustExec(t, c, "DROP SAVEPOINT 'five' FOR STREAMJOB j")
	if got := names(); len(got) != 0 {
		t.Errorf("savepoints behind DROP: %v", got)
	}
	for sql, code := range map[string]string{"SAVEPOINT STREAMJOB j AS 'x'": "55000", "DROP SAVEPOINT 'three' FOR STREAMJOB j": "42704", "START STREAMJOB nosuch FROM SAVEPOINT 'x'": "42704"} {
		_, err := c.Exec(context.Background(), sql)
		if e, ok := err.(*pgconn.PgError); !ok || e.Code != code {
			t.Errorf("%s: %v, want %s", sql, err, code)
		}
	}
}

// TestRetained: five checkpoints are kept, and their files alone.
func TestRetained(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	n, c := startIn(t, directory, log, "server.log.level=debug")
	defer n.Kill()
	for _, sql := range strings.Split(countKeys, ";\n") {
		mustExec(t, c, sql)
	}
	eventually(t, "seven checkpoints", func() bool { return strings.Count(log.String(), "checkpoint completed") >= 7 })
	eventually(t, "five are listed", func() bool {
		return len(table(t, c, "SHOW CHECKPOINTS FOR STREAMJOB counting")) == 5
	})
	mustExec(t, c, "DROP STREAMJOB counting")
	left, err := filepath.Glob(filepath.Join(directory, "state", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("after DROP: %v %v", left, err)
	}
	if _, err := os.Stat(directory); err != nil {
		t.Error(err)
	}
}
