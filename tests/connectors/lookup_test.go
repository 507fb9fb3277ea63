package connectors

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"slipway/tests/servers"
)

// field is a line of SHOW STREAMJOB.
func field(t *testing.T, c *pgx.Conn, job, name string) (value string) {
	t.Helper()
	rows, err := c.Query(t.Context(), "SHOW STREAMJOB "+job)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if list, err := rows.Values(); err == nil && list[0] == name {
			value, _ = list[1].(string)
		}
	}
	return value
}

func count(t *testing.T, c *pgx.Conn, job, name string) int {
	t.Helper()
	n, _ := strconv.Atoi(field(t, c, job, name))
	return n
}

// checkpoints is the number of the last one.
func checkpoints(t *testing.T, c *pgx.Conn) int {
	t.Helper()
	id, _, _ := strings.Cut(field(t, c, "j", "last checkpoint"), " ")
	n, _ := strconv.Atoi(id)
	return n
}

// until waits for what must come; no time decides, but that it comes at all.
func until(t *testing.T, c *pgx.Conn, job, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come: %s", what, query(t, c, "SHOW STREAMJOB "+job))
		}
	}
}

const wide = "postgresql"

// numbers fills a table of a thousand names.
func numbers(d *servers.Database) []string {
	if d.Kind == wide {
		return []string{
			"CREATE TABLE names (id bigint PRIMARY KEY, name text)", "INSERT INTO names SELECT i, 'name ' || i FROM generate_series(0, 999) AS i",
			"CREATE FUNCTION slowly() RETURNS int VOLATILE LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0.1)'",
			"CREATE VIEW slow AS SELECT id, name FROM names WHERE (SELECT slowly()) = 1",
		}
	}
	return []string{
		"CREATE TABLE names (id bigint PRIMARY KEY, name text)", "INSERT INTO names SELECT seq, CONCAT('name ', seq) FROM seq_0_to_999",
		"CREATE VIEW slow AS SELECT id, name FROM names WHERE SLEEP(0.001) = 0", // for each row
	}
}

const enrich = "SELECT o.n, u.name FROM orders o LEFT JOIN names FOR SYSTEM_TIME AS OF o.at AS u ON o.n % 1000 = u.id"

// TestDatabaseIsKilled: while a job asks it, and while it holds still; nothing is lost, nothing comes twice.
func TestDatabaseIsKilled(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		d.Exec(t, numbers(d)...)
		exec(t, c, outside(d, "names", "id BIGINT, name STRING", `, "lookup.cache.rows"="10", "lookup.attempts"="2", "lookup.timeout"="1s", "lookup.batch.size"="50"`))
		exec(t, c, `CREATE TABLE made (n BIGINT) TBLPROPERTIES ("connector"="datagen", "fields.n.kind"="sequence", "rows-per-second"="10000")`)
		exec(t, c, "CREATE VIEW orders AS SELECT n, PROCTIME() AS at FROM made")
		exec(t, c, `CREATE STREAM enriched (n BIGINT, name STRING) TBLPROPERTIES ("topic"="enriched", "format"="json")`)
		exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO enriched `+enrich+`") JOBPROPERTIES ("morphling.job.delivery.guarantee"="exactly_once",
			"morphling.job.checkpoint.interval"="100", "morphling.restart.strategy"="fixed-delay", "morphling.restart.strategy.attempts"="1000", "morphling.restart.strategy.delay"="100")`)
		failures := 0
		for _, fault := range []struct{ begin, end func() }{{d.Kill, func() { d.Start(t) }}, {d.Pause, d.Resume}} {
			before := checkpoints(t, c)
			until(t, c, "j", "a checkpoint with rows", func() bool { return count(t, c, "j", "rows out") > 3000 && checkpoints(t, c) > before+1 })
			fault.begin()
			until(t, c, "j", "a failure", func() bool { return count(t, c, "j", "restarts") > failures })
			fault.end()
			failures = count(t, c, "j", "restarts")
		}
		if said := field(t, c, "j", "last failure"); !strings.Contains(said, "looking rows up in default.names") || strings.Contains(said, servers.DatabasePassword) {
			t.Error(said)
		}
		until(t, c, "j", "rows behind it", func() bool { return count(t, c, "j", "rows out") > 3000 })
		exec(t, c, "STOP STREAMJOB j")
		got := query(t, c, "SELECT count(*), count(DISTINCT n), max(n) + 1, count(CASE WHEN name = CONCAT('name ', CAST(n % 1000 AS STRING)) THEN "+
			"1 END) FROM enriched")
		if one, _, _ := strings.Cut(got, " "); got != strings.TrimSuffix(strings.Repeat(one+" ", 4), " ") || len(one) < 4 {
			t.Errorf("rows, different ones, those that were made, right ones: %s", got)
		}
	})
}

// TestSlowDatabase: rows come on, no more are read than wait for their answers, and STOP does not
// wait for the rest.
func TestSlowDatabase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		d.Exec(t, numbers(d)...)
		exec(t, c, outside(d, "names", "id BIGINT, name STRING", `, "table-name"="slow", "lookup.cache.rows"="0", "lookup.requests"="2", "lookup.batch.size"="100"`))
		exec(t, c, `CREATE TABLE made (n BIGINT) TBLPROPERTIES ("connector"="datagen", "fields.n.kind"="sequence")`)
		exec(t, c, "CREATE VIEW orders AS SELECT n, PROCTIME() AS at FROM made")
		exec(t, c, `CREATE TABLE nowhere (n BIGINT, name STRING) TBLPROPERTIES ("connector"="blackhole")`)
		exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO nowhere `+enrich+`") JOBPROPERTIES ("morphling.job.checkpoint.interval"="100", "morphling.job.parallelism"="1")`)
		const batch = 2048
		until(t, c, "j", "progress", func() bool { return count(t, c, "j", "rows out") >= 2*batch })
		out := count(t, c, "j", "rows out")
		if in := count(t, c, "j", "rows in"); in > out+4*batch { // what came between the two looks besides
			t.Errorf("%d rows were read, %d given", in, out)
		}
		exec(t, c, "STOP STREAMJOB j")
		if state, failure := field(t, c, "j", "state"), field(t, c, "j", "last failure"); state != "STOPPED" || failure != "" {
			t.Errorf("%s: %s", state, failure)
		}
	})
}

// TestStopWhileTheDatabaseIsAway: a job that waits for it ends when it is told to.
func TestStopWhileTheDatabaseIsAway(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		d.Exec(t, numbers(d)...)
		exec(t, c, outside(d, "names", "id BIGINT, name STRING", `, "lookup.cache.rows"="0", "lookup.timeout"="500"`))
		exec(t, c, `CREATE TABLE made (n BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="1000")`)
		exec(t, c, "CREATE VIEW orders AS SELECT n, PROCTIME() AS at FROM made")
		exec(t, c, `CREATE TABLE nowhere (n BIGINT, name STRING) TBLPROPERTIES ("connector"="blackhole")`)
		exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO nowhere `+enrich+`")`)
		until(t, c, "j", "progress", func() bool { return count(t, c, "j", "rows out") > 0 })
		d.Pause()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Exec(ctx, "STOP STREAMJOB j"); err != nil {
			t.Error(err)
		}
		d.Resume()
		if state := field(t, c, "j", "state"); state != "STOPPED" {
			t.Error(state)
		}
	})
}

// TestLookupsAreCounted: a key is asked for once while it is kept, also if it is not there.
func TestLookupsAreCounted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		d.Exec(t, numbers(d)...)
		exec(t, c, outside(d, "names", "id BIGINT, name STRING", `, "lookup.cache.ttl"="1h"`))
		exec(t, c, `CREATE TABLE made (n BIGINT) TBLPROPERTIES ("connector"="datagen", "fields.n.min"="950", "fields.n.max"="1049")`)
		exec(t, c, "CREATE VIEW orders AS SELECT n, PROCTIME() AS at FROM made")
		exec(t, c, `CREATE TABLE nowhere (n BIGINT, name STRING) TBLPROPERTIES ("connector"="blackhole")`)
		job := strings.Replace(enrich, "o.n % 1000", "o.n", 1)
		exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO nowhere `+job+`") JOBPROPERTIES ("morphling.job.parallelism"="1")`)
		until(t, c, "j", "a hundred thousand lookups", func() bool { return count(t, c, "j", "lookups of keys that were known") > 100_000 })
		if asked := count(t, c, "j", "lookups of keys that were asked for"); asked != 100 {
			t.Errorf("a hundred keys were asked for %d times", asked)
		}
		plan := query(t, c, "EXPLAIN INSERT INTO nowhere "+job+" AND u.name = 'name 1' AND CHAR_LENGTH(u.name) > 2")
		for _, want := range []string{"left lookup join on n = id; default.names is asked for up to 100 keys a request, 10 requests at a time, 10000 rows kept " +
			"for 1h0m0s, where =(name#1, 'name 1'); if", "look up in default.names"} {
			if !strings.Contains(plan, want) || strings.Contains(plan, servers.DatabasePassword) {
				t.Errorf("%s\nwithout %s", plan, want)
			}
		}
		if text := query(t, c, "SHOW CREATE TABLE names"); strings.Contains(text, servers.DatabasePassword) || !strings.Contains(text, `"password"="******"`) {
			t.Error(text)
		}
	})
}
