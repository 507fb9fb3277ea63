package clients

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestNestedValues: a driver reads arrays and rows in binary form, into its own and into Go's types, and sends them.
func TestNestedValues(t *testing.T) {
	n := start(t)
	c := connect(t, n, "")
	mustExec(t, c, `CREATE STREAM t (id INT, a INT[][], s STRUCT<x: INT, y: STRING>, m MAP<STRING, INT>) TBLPROPERTIES ("topic"="t", "format"="json")`)
	type row struct {
		X *int32
		Y string
	}
	for _, args := range [][]any{{1, [][]int32{{1, 2}, {3, 4}}, map[string]any{"x": 7, "y": "a b"}, map[string]int{"k": 1}}, {2, nil, nil, nil}} {
		if _, err := c.Exec(t.Context(), "INSERT INTO t VALUES ($1, $2, $3, $4)", args...); err != nil {
			t.Fatal(err)
		}
	}
	var a [][]int32
	var s row
	var m map[string]int
	if err := c.QueryRow(t.Context(), "SELECT a, s, m FROM t WHERE a = $1 OR s = $2", [][]int32{{1, 2}, {3, 4}}, map[string]any{"x": 8, "y": ""}).Scan(&a, &s, &m); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %v %v %v", a, *s.X, s.Y, m); got != "[[1 2] [3 4]] 7 a b map[k:1]" {
		t.Errorf("it is read as %s", got)
	}
	// Where nobody says of what type it is to be, the driver gives all elements of several dimensions in one list.
	for sql, want := range map[string]string{
		"SELECT s FROM t WHERE id = 1":                               "[[7 a b]]",
		"SELECT s, a FROM t WHERE id = 2":                            "[<nil> <nil>]",
		"SELECT ARRAY[s, NULL], ROW(a, m) FROM t WHERE id = 1":       "[[[7 a b] <nil>] [[1 2 3 4] map[k:1]]]",
		"SELECT ARRAY[[1, NULL], [2, 3]], ARRAY[m] FROM t LIMIT 1":   "[[1 <nil> 2 3] [map[k:1]]]",
		"SELECT ARRAY(SELECT id FROM t ORDER BY id DESC), ARRAY[[]]": "[[2 1] []]",
	} {
		if got := values(t, c, sql); got != want {
			t.Errorf("%s is read as %s, want %s", sql, got, want)
		}
	}
	mustExec(t, c, "SET slipway.struct.form = json")
	if got := values(t, c, "SELECT s AS j FROM t WHERE id = 1"); got != "[map[x:7 y:a b]]" {
		t.Errorf("as JSON it is read as %s", got)
	}
}

func values(t *testing.T, c *pgx.Conn, sql string) string {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d rows, %v", sql, len(list), err)
	}
	return fmt.Sprint(list[0])
}
