package expr

import (
	"runtime"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestLongResultsAreRefusedBeforeTheyAreComputed: a refusal costs no more memory than the arguments.
func TestLongResultsAreRefusedBeforeTheyAreComputed(t *testing.T) {
	million, thousand := str(strings.Repeat("a", 1_000_000)), str(strings.Repeat("b", 1000))
	for _, e := range []plan.Expr{
		call(t, "replace", million, str("a"), thousand), call(t, "repeat", million, bigint(1<<40)),
		call(t, "lpad", str("x"), bigint(1<<50), thousand), call(t, "rpad", str("x"), bigint(1<<24), str("é")),
		call(t, "concat", call(t, "repeat", thousand, bigint(9000)), call(t, "repeat", thousand, bigint(9000))),
		call(t, "concat_ws", str("-"), call(t, "repeat", thousand, bigint(9000)), call(t, "repeat", thousand, bigint(9000))),
		call(t, "hex", call(t, "repeat", thousand, bigint(9000))), call(t, "regexp_replace", str(strings.Repeat("a", 100_000)), str("a"), thousand),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := valueOf(e)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; got != "54000" || used > 384<<20 {
			t.Errorf("%.60s is %.20s and took %d MB", e, got, used>>20)
		}
	}
}

// TestBoundsAreExact: what just fits is computed.
func TestBoundsAreExact(t *testing.T) {
	for _, c := range []struct {
		want string
		e    plan.Expr
	}{
		{"16777216", call(t, "octet_length", call(t, "repeat", str("ab"), bigint(1<<23)))}, {"54000", call(t, "repeat", str("ab"), bigint(1<<23+1))},
		{"", call(t, "repeat", str("ab"), bigint(-1))}, {"", call(t, "repeat", str(""), bigint(1<<62))},
		{"16777216", call(t, "octet_length", call(t, "lpad", str("x"), bigint(1<<24), str("y")))},
		{"54000", call(t, "lpad", str("x"), bigint(1<<24+1), str("y"))}, {"éaéax", call(t, "lpad", str("x"), bigint(5), str("éa"))},
		{"NULL", call(t, "lpad", str("x"), bigint(-1), str("y"))}, {"", call(t, "rpad", str("x"), bigint(5), str(""))},
		{"xbxb", call(t, "replace", str("abab"), str("a"), str("x"))}, {"abab", call(t, "replace", str("abab"), str(""), str("x"))},
		{"bb", call(t, "replace", str("abab"), str("a"), str(""))},
		{"x-x-c", call(t, "regexp_replace", str("a-b-c"), str("[ab]"), str("x"))},
		{"b=a", call(t, "regexp_replace", str("a=b"), str("(.)=(.)"), str("$2=$1"))},
		{"-a-b-", call(t, "regexp_replace", str("ab"), str(""), str("-"))},
	} {
		if got := valueOf(c.e); got != c.want {
			t.Errorf("%.60s is %.40s, want %s", c.e, got, c.want)
		}
	}
}

// TestMemoryIsGivenBack: a batch of long texts does not leave its memory with the expression.
func TestMemoryIsGivenBack(t *testing.T) {
	text := types.Of(types.String)
	ev, err := Compile(&plan.Call{Func: "repeat", Args: []plan.Expr{&plan.Column{Typ: text}, bigint(4)}, Typ: text}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(types.Schema{{Name: "s", Type: text}})
	for round, n := range []int{2 << 20, 10, 10} {
		b.Reset()
		for range 4 {
			b.Cols[0].AppendBytes(make([]byte, n))
		}
		b.Rows = 4
		v, err := ev.Eval(b, nil)
		if err != nil {
			t.Fatal(err)
		}
		if round == 2 && (cap(v.Slab) > 4<<20 || cap(b.Cols[0].Slab) > 4<<20) {
			t.Errorf("%d and %d bytes are kept", cap(v.Slab), cap(b.Cols[0].Slab))
		}
	}
}

// TestManyLongTextsOfOneBatch: each is whole, or the batch is refused as too much.
func TestManyLongTextsOfOneBatch(t *testing.T) {
	text := types.Of(types.String)
	ev, err := Compile(&plan.Call{Func: "repeat", Args: []plan.Expr{&plan.Column{Typ: text}, bigint(8 << 20)}, Typ: text}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(types.Schema{{Name: "s", Type: text}})
	for range 12 {
		b.Cols[0].AppendBytes([]byte("a"))
	}
	b.Rows = 12
	if _, err := ev.Eval(b, nil); err != ErrTooMuch {
		t.Fatalf("twelve texts of 8 MB: %v", err)
	}
	v, err := ev.Eval(b, []int32{0, 3, 5, 9})
	if err != nil || len(v.Bytes(9)) != 8<<20 || len(v.Bytes(0)) != 8<<20 {
		t.Fatalf("four: %v, the last has %d bytes", err, len(v.Bytes(9)))
	}
}

// BenchmarkFloatProduct: what it costs to see that nothing has overflowed.
func BenchmarkFloatProduct(b *testing.B) {
	double := types.Of(types.Double)
	ev, err := Compile(&plan.Call{Func: "*", Args: []plan.Expr{&plan.Column{Typ: double}, &plan.Column{Index: 1, Typ: double}}, Typ: double}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	batch := column.NewBatch(types.Schema{{Name: "x", Type: double}, {Name: "y", Type: double}})
	for _, c := range batch.Cols {
		c.Grow(2048)
		for i := range c.Floats {
			c.Floats[i] = float64(i) + 0.5
		}
	}
	batch.Rows = 2048
	for b.Loop() {
		if _, err := ev.Eval(batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2048, "ns/row")
}
