package clients

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"slipway/kafkaio/kafkatest"
)

// manyRows is an INSERT of n rows of three columns.
func manyRows(n int, last string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO t (id, name, d) VALUES ")
	for i := range n {
		fmt.Fprintf(&b, "(%d, 'the name of row %d', %d.25), ", i, i, i)
	}
	return b.String() + last
}

// TestManyRows: one statement takes as many rows as fit into a message; what is wrong with
// the last of them is found before the first is written.
func TestManyRows(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("t", 1)
	n, c := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	defer n.Kill()
	mustExec(t, c, `CREATE STREAM t (id BIGINT, name STRING, d DECIMAL(18,2)) TBLPROPERTIES ("topic"="t", "format"="json")`)
	const rows = 100_000
	for last, code := range map[string]string{"(1, 'x', nosuch)": "42703", "(1, 'x')": "42601", "(1, 'x', 'y')": "22P02", "(1, 'x', 2": "42601", "(1, 'x', 2) RETURNING id": "0A000",
		"(1, 'x', 2) ORDER BY 1": "42601", "(1, 'x', (2))) ": "42601"} {
		_, err := c.Exec(context.Background(), manyRows(rows/5, last))
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("… %s answered %v, want %s", last, err, code)
		}
	}
	tag, err := c.Exec(context.Background(), manyRows(rows, "(-1, NULL, $$2$$), (DEFAULT, upper('x'), 1 + 1)"), pgx.QueryExecModeSimpleProtocol)
	if err != nil || tag.String() != fmt.Sprintf("INSERT 0 %d", rows+2) {
		t.Fatalf("%s: %v", tag, err)
	}
	got := b.Consume("t", rows+2)
	if len(got) != rows+2 {
		t.Fatalf("%d records", len(got))
	}
	for at, want := range map[int]string{0: `{"id":0,"name":"the name of row 0","d":0.25}`, rows - 1: `{"id":99999,"name":"the name of row 99999","d":99999.25}`,
		rows: `{"id":-1,"name":null,"d":2.00}`, rows + 1: `{"id":null,"name":"X","d":2.00}`} {
		if got[at].Value != want {
			t.Errorf("record %d is %s, want %s", at, got[at].Value, want)
		}
	}
	tag, err = c.Exec(context.Background(), manyRows(rows, "($1, $2, 7)"), pgx.QueryExecModeExec, int64(5), "a parameter")
	if err != nil || tag.String() != fmt.Sprintf("INSERT 0 %d", rows+1) {
		t.Fatalf("%s: %v", tag, err)
	}
	if got := b.Consume("t", 2*rows+3); got[len(got)-1].Value != `{"id":5,"name":"a parameter","d":7.00}` {
		t.Errorf("the last record is %s", got[len(got)-1].Value)
	}
}
