package clients

import (
	"context"
	"runtime"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestQueriesLeaveNothing: SELECTs that ended, were cut short, failed, and cursors that
// were closed leave no goroutine behind.
func TestQueriesLeaveNothing(t *testing.T) {
	n := start(t)
	c := connect(t, n, "&default_query_exec_mode=simple_protocol")
	mustExec(t, c, `CREATE STREAM t (id INT, g STRING) TBLPROPERTIES ("topic"="t", "format"="json"); INSERT INTO t VALUES (1,'a'), (2,'b'), (3,'a');
		CREATE STREAM bad (id INT) TBLPROPERTIES ("topic"="t2", "format"="json"); CREATE STREAM raw (id STRING) TBLPROPERTIES ("topic"="t2", "format"="raw"); INSERT INTO raw VALUES ('x');
		CREATE TABLE ticks (id BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="0"); SET slipway.select.rows = 2`)
	round := func() {
		mustExec(t, c, `SELECT g, count(*) FROM t GROUP BY g ORDER BY 2; SELECT id FROM t ORDER BY id; SELECT id FROM t LIMIT 1; SELECT id FROM ticks;
			DECLARE c CURSOR WITH HOLD FOR SELECT g, count(*) FROM t GROUP BY g; FETCH ALL FROM c; FETCH 1 FROM c; CLOSE c; SELECT id FROM t LIMIT 1 EMIT CHANGES`)
		if _, err := c.Exec(context.Background(), "SELECT count(*) FROM bad", pgx.QueryExecModeSimpleProtocol); err == nil {
			t.Error("a bad record was read")
		}
	}
	for range 3 {
		round()
	}
	before := runtime.NumGoroutine()
	for range 30 {
		round()
	}
	eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before+10 })
}
