package pgwire

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"slipway/sql/sqlerr"
)

// TestArrayParameters: what a driver sends in binary form is the text of the same array.
func TestArrayParameters(t *testing.T) {
	m := pgtype.NewMap()
	for _, c := range []struct {
		oid  uint32
		of   any
		want string
	}{
		{pgtype.Int4ArrayOID, []int32{1, -2}, `{"1","-2"}`}, {pgtype.Int8ArrayOID, []*int64{nil}, `{NULL}`}, {pgtype.Int8ArrayOID, []int64{}, `{}`},
		{pgtype.TextArrayOID, []string{`a "b"`, `c\d`, ``, `NULL`}, `{"a \"b\"","c\\d","","NULL"}`}, {pgtype.BoolArrayOID, []bool{true}, `{"true"}`},
		{pgtype.Float8ArrayOID, []float64{1.5}, `{"1.5"}`}, {pgtype.Int4ArrayOID, [][]int32{{1, 2}, {3, 4}}, `{{"1","2"},{"3","4"}}`},
		{pgtype.TextArrayOID, [][][]*string{{{nil}, {nil}}}, `{{{NULL},{NULL}}}`}, {pgtype.Int4ArrayOID, [][]int32{{}, {}}, `{}`},
	} {
		b, err := m.Encode(c.oid, pgtype.BinaryFormatCode, c.of, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fromBinary(b, c.oid); err != nil || got != c.want {
			t.Errorf("%v is %s, want %s (%v)", c.of, got, c.want, err)
		}
		for i := range len(b) { // cut short, and with something behind it
			if got, err := fromBinary(b[:i], c.oid); err == nil {
				t.Errorf("%v without its end is %s", c.of, got)
			}
		}
		if got, err := fromBinary(append(b, 0), c.oid); err == nil && got != "{}" {
			t.Errorf("%v with a byte too much is %s", c.of, got)
		}
	}
}

// FuzzArrayParameter: any bytes are an array or an error of the protocol.
func FuzzArrayParameter(f *testing.F) {
	b, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.BinaryFormatCode, []string{"a", "b"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := fromBinary(b, pgtype.TextArrayOID); err != nil {
			if _, ok := errors.AsType[*sqlerr.Error](err); !ok {
				t.Fatalf("%v is no error of ours", err)
			}
		}
	})
}
