package clients

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestTypeQuestion: asyncpg asks what types arrays are of, with a list of numbers in binary form, and gets them in that form.
func TestTypeQuestion(t *testing.T) {
	c := connect(t, start(t), "").PgConn()
	const question = "WITH RECURSIVE typeinfo_tree(\n oid, ns, name, kind) AS (SELECT 1 FROM pg_catalog.pg_type WHERE ti.oid = any($1::oid[])) SELECT * FROM typeinfo_tree"
	oids := []uint32{1007, 1009, 23, 4_000_000_000}
	list := binary.BigEndian.AppendUint32(nil, 1)
	for _, n := range []uint32{0, 26, uint32(len(oids)), 1} {
		list = binary.BigEndian.AppendUint32(list, n)
	}
	for _, oid := range oids {
		list = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(list, 4), oid)
	}
	d, err := c.Prepare(t.Context(), "types", question, nil)
	if err != nil || len(d.ParamOIDs) != 1 || d.ParamOIDs[0] != 1028 {
		t.Fatalf("it is described as %v, %v", d, err)
	}
	r := c.ExecPrepared(t.Context(), "types", [][]byte{list}, []int16{1}, []int16{1}).Read()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var got string
	for _, row := range r.Rows {
		got += fmt.Sprintf("%d %s %s %d%s %v;", binary.BigEndian.Uint64(row[0]), row[1], row[2], binary.BigEndian.Uint64(row[5]), row[6], row[4] == nil)
	}
	if want := "1007 pg_catalog _int4 23, true;1009 pg_catalog _text 25, true;"; got != want {
		t.Errorf("it is answered with %s, want %s", got, want)
	}
	_, err = c.Exec(t.Context(), "\n SELECT\n current_setting('jit') AS cur,\n set_config('jit', 'off', false) AS new").ReadAll()
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "42704" {
		t.Errorf("a setting of PostgreSQL's: %v", err)
	}
}

// TestEmptyArrays: an empty array has no dimensions, and is one of any.
func TestEmptyArrays(t *testing.T) {
	c := connect(t, start(t), "")
	mustExec(t, c, `CREATE STREAM t (id INT, a INT[], b INT[][]) TBLPROPERTIES ("topic"="t", "format"="json")`)
	mustExec(t, c, "INSERT INTO t VALUES (1, '{}', '{}')")
	if _, err := c.Exec(t.Context(), "INSERT INTO t VALUES ($1, $2, $3)", 2, []int32{}, []int32{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "INSERT INTO t VALUES ($1, $2, $3)", 3, [][]int32{}, [][]int32{{}}); err != nil {
		t.Fatal(err)
	}
	const query = "SELECT array_agg(id ORDER BY id), count(*) FROM t WHERE a = CAST($1 AS INT[]) AND b = CAST($2 AS INT[][])"
	var ids []int32
	var n int
	if err := c.QueryRow(t.Context(), query, []int32{}, []int32{}).Scan(&ids, &n); err != nil || fmt.Sprint(ids, n) != "[1 2 3] 3" {
		t.Errorf("found are %v, %v", ids, err)
	}
}
