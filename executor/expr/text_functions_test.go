package expr

import (
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// textBatch has texts, numbers and doubles, some of them NULL.
func textBatch(n int) (b *column.Batch, s, i, f plan.Expr) {
	schema := types.Schema{{Name: "s", Type: types.Of(types.String)}, {Name: "i", Type: types.Of(types.BigInt)}, {Name: "f", Type: types.Of(types.Double)}}
	b = column.NewBatch(schema)
	for k := range n {
		b.Cols[0].AppendBytes([]byte([]string{"Hello, wörld", "", "a,b,c", "10.0.0.1"}[k%4]))
		b.Cols[1].AppendInt(int64(k%7 - 2))
		b.Cols[2].AppendScalar(scalarOf(&plan.Const{Typ: schema[2].Type, Float: float64(k) / 8}))
		b.Rows++
	}
	b.Cols[0].SetNull(3)
	b.Cols[1].SetNull(5)
	col := func(k int) plan.Expr { return &plan.Column{Index: k, Name: schema[k].Name, Typ: schema[k].Type} }
	return b, col(0), col(1), col(2)
}

// TestTextsAllocateNothing: not per row.
func TestTextsAllocateNothing(t *testing.T) {
	b, s, i, f := textBatch(500)
	comma, most := str(","), 20
	if executortest.RaceDetector() { // those of package regexp
		most += b.Rows
	}
	for _, e := range []plan.Expr{
		call(t, "upper", s), call(t, "lower", s), call(t, "reverse", s), call(t, "ltrim", s, str("Ha")), call(t, "btrim", s), call(t, "initcap", s), call(t, "substring_index", s, comma, bigint(2)),
		call(t, "split_part", s, comma, bigint(2)), call(t, "translate", s, str("abc"), str("xy")), call(t, "insert", s, i, bigint(2), str("-")), call(t, "overlay", s, str("x"), bigint(2)),
		call(t, "find_in_set", str("b"), s), call(t, "field", s, str("a"), s), call(t, "elt", i, s, s), call(t, "levenshtein", s, str("hello")), call(t, "soundex", s), call(t, "quote", s),
		call(t, "quote_literal", s), call(t, "quote_ident", s), call(t, "format", f, bigint(2)), call(t, "hex", s), call(t, "hex", i), call(t, "unhex", str("616")), call(t, "md5", s),
		call(t, "sha256", s), call(t, "sha512", s), call(t, "crc32", s), call(t, "to_base64", s), call(t, "from_base64", s), call(t, "url_encode", s), call(t, "encode", s, str("hex")),
		call(t, "&", i, bigint(5)), call(t, "conv", s, bigint(10), bigint(16)), call(t, "bin", i), call(t, "log", f), call(t, "sind", f), call(t, "inet_aton", s), call(t, "inet_ntoa", i),
		call(t, "regexp_like", s, str("[a-c]")), call(t, "starts_with", s, str("H")), call(t, "strcmp", s, comma), call(t, "lpad", s, bigint(20)), call(t, "chr", bigint(8364)), call(t, "char", i, bigint(65)),
	} {
		ev, err := Compile(e, Options{})
		if err != nil {
			t.Fatal(err)
		}
		run := func() {
			if _, err := ev.Eval(b, nil); err != nil {
				t.Fatalf("%s: %v", e, err)
			}
		}
		run()
		if allocs := testing.AllocsPerRun(10, run); allocs > float64(most) {
			t.Errorf("%s: %v allocations for %d rows", e, allocs, b.Rows)
		}
	}
}

// TestLongArguments: no function takes the square of the lengths of its arguments, which would not end here.
func TestLongArguments(t *testing.T) {
	var b strings.Builder
	for r := rune(0x4e00); r < 0x4e00+20000; r++ {
		b.WriteRune(r)
	}
	chars := b.String()
	long := str(strings.Repeat("x", 4<<20) + chars)
	for _, e := range []plan.Expr{
		call(t, "translate", long, str(chars), str(chars)), call(t, "ltrim", long, str(chars+"x")), call(t, "find_in_set", str("b"), long), call(t, "soundex", long),
		call(t, "split_part", long, str("x"), bigint(-5)), call(t, "substring_index", long, str("x"), bigint(-3000000)), call(t, "levenshtein", long, long), call(t, "regexp_count", long, str("x*")),
		call(t, "regexp_substr", long, str("x"), bigint(1), bigint(1<<40)), call(t, "inet_aton", long), call(t, "host", long), call(t, "conv", long, bigint(36), bigint(2)),
		call(t, "space", bigint(1<<50)), call(t, "format", dbl(1e308), bigint(1<<40)), call(t, "width_bucket", dbl(1), dbl(0), dbl(2), bigint(1<<62)),
	} {
		valueOf(e)
	}
}
