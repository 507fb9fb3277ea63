package clients

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// typeQuestion is what drivers ask about types that they do not know: those of the numbers, and the types of their items.
const typeQuestion = `WITH RECURSIVE tree (oid, ns, name, kind, element, delimiter, depth) AS (
	SELECT t.oid, n.nspname, t.typname, t.typtype, CASE WHEN t.typinput = 'array_in'::regproc THEN t.typelem END, t.typdelim, 0
	FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY($1::oid[])
	UNION ALL
	SELECT e.oid, n.nspname, e.typname, e.typtype, NULL, e.typdelim, tree.depth + 1
	FROM tree JOIN pg_catalog.pg_type e ON e.oid = tree.element JOIN pg_catalog.pg_namespace n ON n.oid = e.typnamespace
) SELECT DISTINCT oid, ns, name, kind, element, delimiter, depth FROM tree ORDER BY depth DESC, oid`

// TestTypeQuestion: a driver that asks with a list of numbers in binary form gets its answer in that form.
func TestTypeQuestion(t *testing.T) {
	c := connect(t, start(t), "").PgConn()
	oids := []uint32{1007, 1009, 23, 4_000_000_000}
	list := binary.BigEndian.AppendUint32(nil, 1)
	for _, n := range []uint32{0, 26, uint32(len(oids)), 1} {
		list = binary.BigEndian.AppendUint32(list, n)
	}
	for _, oid := range oids {
		list = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(list, 4), oid)
	}
	d, err := c.Prepare(t.Context(), "types", typeQuestion, nil)
	if err != nil || len(d.ParamOIDs) != 1 || d.ParamOIDs[0] != 1028 {
		t.Fatalf("it is described as %v, %v", d, err)
	}
	r := c.ExecPrepared(t.Context(), "types", [][]byte{list}, []int16{1}, []int16{1}).Read()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var got string
	for _, row := range r.Rows {
		element := "none"
		if row[4] != nil {
			element = fmt.Sprint(binary.BigEndian.Uint32(row[4]))
		}
		got += fmt.Sprintf("%d %s %s %s %s%s %d; ", binary.BigEndian.Uint32(row[0]), row[1], row[2], row[3], element, row[5], binary.BigEndian.Uint32(row[6]))
	}
	const want = "23 pg_catalog int4 b none, 1; 25 pg_catalog text b none, 1; 23 pg_catalog int4 b none, 0; 1007 pg_catalog _int4 b 23, 0; 1009 pg_catalog _text b 25, 0; "
	if got != want {
		t.Errorf("it is answered with\n%s, want\n%s", got, want)
	}
	answers, err := c.Exec(t.Context(), "SELECT current_setting('jit') AS cur, set_config('jit', 'on', false) AS new; SELECT current_setting('jit')").ReadAll()
	if err != nil || fmt.Sprintf("%s %s", answers[0].Rows, answers[1].Rows) != "[[off on]] [[on]]" {
		t.Errorf("a setting is %v, %v", answers, err)
	}
}

// TestQuestionsOfTypes: pgJDBC asks of INTERVAL, of arrays of it and of rows what they are called, and what is in them.
func TestQuestionsOfTypes(t *testing.T) {
	c := connect(t, start(t), "").PgConn()
	const from = " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid"
	const inSchemas = `SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type
		LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns
			join (select s.r, (current_schemas(false))[s.r] as nspname from generate_series(1, array_upper(current_schemas(false), 1)) as s(r)) as r using (nspname)
		) as sp ON sp.nspoid = typnamespace WHERE pg_type.oid = $1 ORDER BY sp.r, pg_type.oid DESC`
	for _, q := range []struct{ text, of, want string }{
		{"SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname" + from + " WHERE t.oid = $1",
			"1186", "[t pg_catalog interval]"},
		{"SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname" + from + " WHERE t.oid = $1", "2287", "[t pg_catalog _record]"},
		{inSchemas, "1187",
			"[t b _interval 1187]"},
		{inSchemas, "2249",
			"[f p record 2249]"},
		{"SELECT e.typdelim" + from + ", pg_catalog.pg_type e WHERE t.oid = $1 and t.typelem = e.oid", "1187", "[,]"},
		{"SELECT e.typdelim" + from + ", pg_catalog.pg_type e WHERE t.oid = $1 and t.typelem = e.oid", "1186", ""},
		{"SELECT e.oid, n.nspname = ANY(current_schemas(true)), n.nspname, e.typname" + from + " JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE t.oid = $1", "1187", "[1186 t pg_catalog interval]"},
		{"SELECT t.typarray, arr.typname" + from + " JOIN pg_catalog.pg_type arr ON arr.oid = t.typarray WHERE t.typname = $1", "interval", "[1187 _interval]"},
		{"SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname" + from + " WHERE t.oid = $1", "99999", ""},
	} {
		oid, cast := uint32(20), "::int4" // as which pgJDBC declares numbers of types
		if q.of == "interval" {
			oid, cast = 25, ""
		}
		if d, err := c.Prepare(t.Context(), "", q.text, []uint32{oid}); err != nil || d.ParamOIDs[0] != oid {
			t.Errorf("%s: is described as %v, %v", q.text, d, err)
		}
		r := c.ExecParams(t.Context(), q.text, [][]byte{[]byte(q.of)}, []uint32{oid}, nil, nil).Read()
		if r.Err != nil {
			t.Fatalf("%s: %v", q.text, r.Err)
		}
		got := ""
		for _, row := range r.Rows {
			got += fmt.Sprintf("%s", row)
		}
		if got != q.want {
			t.Errorf("%s of %s: %s, want %s", q.text, q.of, got, q.want)
		}
		simple := strings.Replace(q.text, "$1", "('"+q.of+"'"+cast+")", 1)
		if all, err := c.Exec(t.Context(), simple).ReadAll(); err != nil || (len(all[0].Rows) > 0) != (q.want != "") {
			t.Errorf("%s: %v", simple, err)
		}
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
