package session

import (
	"reflect"
	"testing"

	"slipway/sql/parser"
)

// TestDeclares: what changes something is known as such, so that a server that stands by
// refuses it; what only looks is not.
func TestDeclares(t *testing.T) {
	for text, want := range map[string]bool{
		`CREATE STREAM s (a INT) TBLPROPERTIES ("topic"="t")`: true, `CREATE VIEW v AS SELECT 1`: true, `DROP STREAM s`: true, `CREATE DATABASE d`: true, `DROP DATABASE d`: true,
		`ALTER STREAM s SET ("a"="b")`: true, `ALTER TABLE s SET ("a"="b")`: true, `ALTER STREAM s RENAME TO r`: true, `ALTER VIEW s RENAME TO r`: true,
		`ALTER STREAMJOB j SET ("a"="b")`: true, `ALTER STREAMJOB j RENAME TO k`: true, `CREATE STREAMJOB j AS ("insert into a select b from c")`: true, `DROP STREAMJOB j`: true,
		`START STREAMJOB j`: true, `STOP STREAMJOB j`: true, `START STREAMJOBS`: true, `STOP STREAMJOBS`: true, `SAVEPOINT STREAMJOB j`: true, `DROP SAVEPOINT 's' FOR STREAMJOB j`: true,
		`RESOLVE TRANSACTIONS FOR STREAMJOB j ABORT`: true, `CREATE APPLICATION a`: true, `DROP APPLICATION a`: true, `INSERT INTO s VALUES (1)`: true, `INSERT INTO s SELECT a FROM b`: true,
		`SELECT 1`: false, `SHOW STREAMS`: false, `SHOW CREATE STREAM s`: false, `DESCRIBE s`: false, `EXPLAIN STREAMJOB j`: false, `SET timezone = 'UTC'`: false, `BEGIN`: false, `USE d`: false,
	} {
		st, err := parser.ParseOne(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := statements[reflect.TypeOf(st)].changes; got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}
