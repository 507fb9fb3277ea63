//go:build bench

package bench

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"slipway/tests/nexmark"
	"slipway/tests/process"
)

// engine is a running server with Nexmark's streams declared.
type engine struct {
	*testing.T
	name    string
	process *process.Process
	client  *pgx.Conn
	broker  string
}

// outcome is what a run took, and the keyed state at its end.
type outcome struct {
	cost
	stateBytes, stateRows int64
}

func (o outcome) perRow() float64 { return float64(o.stateBytes) / float64(max(1, o.stateRows)) }

func cheaper(a, b outcome) outcome {
	if a.cpu == 0 || b.cpu < a.cpu {
		return b
	}
	return a
}

func startEngine(t *testing.T, broker, name, binary string) *engine {
	t.Helper()
	p := startServer(t, binary, broker)
	c, _ := connect(t, p)
	e := &engine{T: t, name: name, process: p, client: c, broker: broker}
	for table, columns := range map[string]string{"person": nexmark.PersonColumns, "auction": nexmark.AuctionColumns, "bid": nexmark.BidColumns,
		"side_input": nexmark.SideColumns} {
		more := ""
		if table == "side_input" {
			more = nexmark.SideProperties
		}
		e.exec(fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"=%q, "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest"%s)`, table,
			columns, table, more))
	}
	return e
}

func (e *engine) exec(sql string) {
	e.Helper()
	if _, err := e.client.Exec(context.Background(), sql); err != nil {
		e.Fatalf("%s: %v", sql, err)
	}
}

// lines are the rows of a statement, their columns with a tab between them.
func (e *engine) lines(sql string) []string {
	e.Helper()
	rows, err := e.client.Query(context.Background(), sql)
	if err != nil {
		e.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var cells []string
		for _, v := range rows.RawValues() {
			cells = append(cells, string(v))
		}
		out = append(out, strings.Join(cells, "\t"))
	}
	return out
}

// run has the server answer a query over all that is there, and stops it behind its last row: the final
// checkpoint is in the cost. Changes without a key are counted and thrown away.
func (e *engine) run(q nexmark.Query, round, records int64) outcome {
	e.Helper()
	name := fmt.Sprintf("%s_%s_%d", q.Name, e.name, round)
	if q.Keyless {
		e.exec(fmt.Sprintf(`CREATE TABLE out_%s (%s) TBLPROPERTIES ("connector"="blackhole", "sink.changelog"="append")`, name, q.Sink))
	} else {
		createTopic(e.T, e.broker, "out_"+name)
		e.exec(fmt.Sprintf(`CREATE STREAM out_%s (%s) TBLPROPERTIES ("topic"="out_%s", "format"="json")`, name, q.Sink, name))
	}
	before, began := e.cpu(), time.Now()
	e.exec(fmt.Sprintf(`CREATE STREAMJOB n_%s AS ($$insert into out_%s %s$$) JOBPROPERTIES ("morphling.job.checkpoint.interval"="10000", "morphling.job.parallelism"="1")`, name, name, q.SQL))
	for deadline := began.Add(5 * time.Minute); !e.hasRead("n_"+name, records); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			e.Fatalf("%s has not read %d records:\n%s", q.Name, records, strings.Join(e.lines("SHOW STREAMJOB n_"+name), "\n"))
		}
	}
	out := outcome{cost: cost{records: records, wall: time.Since(began)}}
	out.stateBytes, out.stateRows = e.state("n_" + name)
	e.exec("STOP STREAMJOB n_" + name)
	out.cpu = e.cpu() - before
	e.exec("DROP STREAMJOB n_" + name)
	return out
}

func (e *engine) cpu() time.Duration {
	e.Helper()
	d, err := e.process.CPU()
	if err != nil {
		e.Fatal(err)
	}
	return d
}

// hasRead says whether a job's sources stand at the ends of their partitions, with so many records behind them.
func (e *engine) hasRead(job string, records int64) bool {
	e.Helper()
	in, splits := int64(0), 0
	for _, line := range e.lines("SHOW STREAMJOB " + job) {
		property, value, _ := strings.Cut(line, "\t")
		switch {
		case property == "rows in":
			in, _ = strconv.ParseInt(value, 10, 64)
		case property == "state" && value == "FAILED":
			e.Fatalf("%s has failed:\n%s", job, strings.Join(e.lines("SHOW STREAMJOB "+job), "\n"))
		case strings.HasPrefix(property, "lag of"):
			if value != "0" {
				return false
			}
			splits++
		}
	}
	return splits > 0 && in >= records
}

var stateNote = regexp.MustCompile(`state (\d+) bytes in (\d+) rows`)

// state is the bytes and the rows of all of a job's operators.
func (e *engine) state(job string) (bytes, rows int64) {
	e.Helper()
	for _, line := range e.lines("EXPLAIN ANALYZE STREAMJOB " + job) {
		for _, m := range stateNote.FindAllStringSubmatch(line, -1) {
			b, _ := strconv.ParseInt(m[1], 10, 64)
			r, _ := strconv.ParseInt(m[2], 10, 64)
			bytes, rows = bytes+b, rows+r
		}
	}
	return bytes, rows
}
