package clients

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestPairsBehindABatch: the two versions of a changed row are not parted, so that a batch may
// have a row more than others; with columns that hold NULLs, and one computed from them.
func TestPairsBehindABatch(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "&default_query_exec_mode=simple_protocol")
	exec := func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"src", "kept"} {
		exec(fmt.Sprintf(`CREATE STREAM %s (k STRING, v BIGINT, s STRING, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="%s", "topic.partitions"="1", "format"="json")`, name, name))
	}
	const keys = 3000
	write := func(first string, v int, text string) {
		rows := []string{}
		if first != "" {
			rows = append(rows, fmt.Sprintf("('%s', 1, 'n')", first))
		}
		for i := range keys {
			s := "NULL"
			if i%2 == 1 {
				s = "'" + text + "'"
			}
			rows = append(rows, fmt.Sprintf("('k%d', %d, %s)", i, v, s))
		}
		exec("INSERT INTO src VALUES " + strings.Join(rows, ", "))
	}
	write("", 1, "x")
	write("new", 2, "y") // one row that is new shifts the pairs by one
	exec(`CREATE STREAMJOB j AS ('insert into kept select k, v * 2, upper(s) from src where v > 0')`)
	eventually(t, "all rows in their newest version", func() bool {
		rows, text := 0, 0
		err := c.QueryRow(ctx, "SELECT count(*), count(s) FROM kept WHERE v = 4").Scan(&rows, &text)
		return err == nil && rows == keys && text == keys/2
	})
}
