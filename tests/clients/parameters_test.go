package clients

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestParametersAreReadAsLiterals: a bound text means what it means in a literal.
func TestParametersAreReadAsLiterals(t *testing.T) {
	c := openClient(t, "postgres://test@"+start(t).SQLAddress()+"/default?sslmode=disable")
	const boolean, bigint, integer, double, date, timestamp, numeric, float = 16, 20, 23, 701, 1082, 1114, 1700, 700
	for _, q := range []struct {
		sql  string
		oid  uint32
		text string
		want string
	}{
		{"SELECT $1", boolean, "y", "t"}, {"SELECT $1", boolean, " OFF ", "f"}, {"SELECT $1", boolean, "maybe", "22P02"}, {"SELECT true = $1", 0, "yes", "t"},
		{"SELECT $1", bigint, "1e3", "1000"}, {"SELECT $1", bigint, "8.5", "22003"}, {"SELECT $1", integer, "2147483648", "22003"},
		{"SELECT $1", integer, "1_000", "22P02"}, {"SELECT 5 > $1", 0, "1e3", "f"},
		{"SELECT $1", double, "1_000", "22P02"}, {"SELECT $1", double, "0x1p4", "22P02"}, {"SELECT $1", double, "1e-1000", "22003"},
		{"SELECT $1", double, "-infinity", "-Infinity"}, {"SELECT $1", float, "1e40", "22003"},
		{"SELECT $1 + 1", numeric, "1.05", "2.05"}, {"SELECT $1", numeric, "x", "22P02"}, {"SELECT $1", date, "2026-01-023", "22007"},
		{"SELECT $1", date, "10000-01-01", "22008"},
		{"SELECT $1", timestamp, "2026-01-02 10:00:00 Z", "2026-01-02 10:00:00.000000"},
		{"SELECT $1", timestamp, "2026-01-02 10:00:00+02", "2026-01-02 08:00:00.000000"}, {"SELECT $1", timestamp, "0000-01-01 00:00:00", "22008"},
		{"SELECT TIMESTAMP '2026-01-02 10:00:00' = $1", 0, "2026-01-02 12:00:00+02:00", "t"}, {"SELECT CAST($1 AS DATE)", 0, "2026-01-02garbage", "22007"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		r := c.conn.ExecParams(ctx, q.sql, [][]byte{[]byte(q.text)}, []uint32{q.oid}, nil, nil).Read()
		cancel()
		got := ""
		if e, ok := errors.AsType[*pgconn.PgError](r.Err); ok {
			got = e.Code
		} else if r.Err != nil {
			t.Fatal(q.sql, r.Err)
		} else {
			got = string(r.Rows[0][0])
		}
		if got != q.want {
			t.Errorf("%s with %q (%d): %s, want %s", q.sql, q.text, q.oid, got, q.want)
		}
	}
}

// TestParameterWithoutValue: a driver sends it as a text whose value is NULL, into a column of any type.
func TestParameterWithoutValue(t *testing.T) {
	c := openClient(t, "postgres://test@"+start(t).SQLAddress()+"/default?sslmode=disable")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	columns := []string{"j JSON", "d DATE", "b BOOLEAN", "n DECIMAL(5,2)", "i INT", "t TIMESTAMP", "x BINARY", "s STRING"}
	for _, column := range columns {
		name, _, _ := strings.Cut(column, " ")
		create := "CREATE STREAM of_" + name + " (" + column + `) TBLPROPERTIES ("topic"="of_` + name + `", "format"="json")`
		if _, err := c.conn.Exec(ctx, create).ReadAll(); err != nil {
			t.Fatal(err)
		}
		for _, oid := range []uint32{0, 25} {
			if r := c.conn.ExecParams(ctx, "INSERT INTO of_"+name+" VALUES ($1)", [][]byte{nil}, []uint32{oid}, nil, nil).Read(); r.Err != nil {
				t.Errorf("%s, parameter of type %d: %v", column, oid, r.Err)
			}
		}
	}
}

// TestArrayParameters: a driver gives and takes slices, in binary form.
func TestArrayParameters(t *testing.T) {
	c, ctx := connect(t, start(t), ""), context.Background()
	for _, q := range []struct {
		sql  string
		of   any
		want any
	}{
		{"SELECT 2 = ANY ($1::int[])", []int32{1, 2}, true},
		{"SELECT 'b' = ANY ($1)", []string{"a", `b`}, true},
		{"SELECT $1::bigint[] || 3", []int64{1, 2}, []any{int64(1), int64(2), int64(3)}},
		{"SELECT cardinality($1::text[])", []string{"a,b", `"`, `\`}, int64(3)},
		{"SELECT $1::text[]", []string{"a,b", `"`, `\`, "NULL", ""}, []any{"a,b", `"`, `\`, "NULL", ""}},
		{"SELECT ARRAY[1.5, NULL]::double precision[] = $1", []*float64{new(float64)}, false},
	} {
		var got any
		if err := c.QueryRow(ctx, q.sql, q.of).Scan(&got); err != nil || !reflect.DeepEqual(got, q.want) {
			t.Errorf("%s with %v: %v, want %v (%v)", q.sql, q.of, got, q.want, err)
		}
	}
}
