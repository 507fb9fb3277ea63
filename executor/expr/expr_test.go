package expr

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func bigint(n int64) plan.Expr { return &plan.Const{Typ: types.Of(types.BigInt), Int: n} }
func str(s string) plan.Expr   { return &plan.Const{Typ: types.Of(types.String), Text: s} }
func dbl(f float64) plan.Expr  { return &plan.Const{Typ: types.Of(types.Double), Float: f} }
func null() plan.Expr          { return &plan.Const{Null: true} }
func dec(s string, p, sc int) plan.Expr {
	return &plan.Cast{Arg: str(s), Typ: types.NewDecimal(p, sc)}
}
func ts(s string) plan.Expr { return &plan.Cast{Arg: str(s), Typ: types.NewTimestamp(3)} }

// call resolves a function as the analyzer does.
func call(t testing.TB, name string, args ...plan.Expr) plan.Expr {
	t.Helper()
	typs := make([]types.Type, len(args))
	for i, a := range args {
		typs[i] = a.Type()
	}
	sig, _, err := function.Resolve(name, typs)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a.Type() != sig.Args[i] {
			args[i] = &plan.Cast{Arg: a, Typ: sig.Args[i]}
		}
	}
	return &plan.Call{Func: sig.Name, Args: args, Typ: sig.Result}
}

// valueOf evaluates an expression without columns as text; NULL and errors are shown as such.
func valueOf(e plan.Expr) string {
	now := func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC) }
	ev, err := Compile(e, Options{Now: now})
	if err == nil {
		var v *column.Vector
		if v, err = ev.Eval(&column.Batch{Rows: 1}, nil); err == nil {
			if v.Null(0) {
				return "NULL"
			}
			return string(column.AppendText(nil, v, 0))
		}
	}
	return string(sqlerr.From(err).Code)
}

func TestFunctions(t *testing.T) {
	for _, c := range []struct {
		want string
		e    plan.Expr
	}{
		{"3", call(t, "+", bigint(1), bigint(2))}, {"22003", call(t, "+", bigint(1<<62), bigint(1<<62))}, {"22003", call(t, "*", bigint(1<<40), bigint(1<<40))},
		{"22003", call(t, "-", bigint(-1<<63), bigint(1))}, {"NULL", call(t, "+", bigint(1), null())}, {"NULL", call(t, "/", bigint(1), bigint(0))},
		{"0.3333333333333333", call(t, "/", bigint(1), bigint(3))}, {"-2", call(t, "div", bigint(-7), bigint(3))}, {"-1", call(t, "%", bigint(-7), bigint(3))},
		{"0.30", call(t, "+", dec("0.10", 10, 2), dec("0.20", 10, 2))}, {"0.908000", call(t, "*", dec("0.908", 4, 3), dec("1.000", 10, 3))},
		{"99999999999999999999.99", call(t, "+", dec("99999999999999999999.98", 38, 2), dec("0.01", 3, 2))},
		{"3.3333333333333333333333", call(t, "/", dec("10.00", 10, 2), bigint(3))}, {"0.50", call(t, "%", dec("5.50", 10, 2), bigint(1))}, {"2.5", call(t, "/", dbl(5), bigint(2))},
		{"true", call(t, "<", bigint(1), bigint(2))}, {"NULL", call(t, "=", bigint(1), null())}, {"true", call(t, "<=>", null(), null())}, {"false", call(t, "<=>", bigint(1), null())},
		{"true", call(t, "=", dec("1.50", 10, 2), dbl(1.5))}, {"NULL", call(t, "and", null(), call(t, "=", bigint(1), bigint(1)))},
		{"false", call(t, "and", null(), call(t, "=", bigint(1), bigint(2)))}, {"true", call(t, "or", null(), call(t, "=", bigint(1), bigint(1)))}, {"NULL", call(t, "xor", null(), call(t, "=", bigint(1), bigint(1)))},
		{"NULL", call(t, "not", null())}, {"true", call(t, "is_null", null())}, {"false", call(t, "is_true", null())},
		{"b", call(t, "coalesce", null(), str("b"), str("c"))}, {"3", call(t, "greatest", bigint(1), bigint(3))}, {"NULL", call(t, "least", bigint(1), null())},
		{"5", call(t, "abs", bigint(-5))}, {"2", call(t, "ceil", dec("1.20", 10, 2))}, {"-2", call(t, "floor", dec("-1.20", 10, 2))}, {"1.30", call(t, "round", dec("1.25", 10, 2), bigint(1))},
		{"-1.20", call(t, "truncate", dec("-1.29", 10, 2), bigint(1))}, {"1300", call(t, "round", bigint(1250), bigint(-2))}, {"-1", call(t, "sign", dbl(-2))}, {"NULL", call(t, "sqrt", dbl(-1))},
		{"1024", call(t, "power", bigint(2), bigint(10))}, {"ÄB", call(t, "upper", str("äb"))}, {"3", call(t, "char_length", str("中文字"))}, {"9", call(t, "octet_length", str("中文字"))},
		{"文字", call(t, "substring", str("中文字"), bigint(2))}, {"文", call(t, "substring", str("中文字"), bigint(-2), bigint(1))}, {"", call(t, "substring", str("abc"), bigint(0), bigint(2))},
		{"ab", call(t, "left", str("abc"), bigint(2))}, {"bc", call(t, "right", str("abc"), bigint(2))}, {"*-*a", call(t, "lpad", str("a"), bigint(4), str("*-"))}, {"abc", call(t, "rpad", str("abcd"), bigint(3), str("x"))},
		{"a-b", call(t, "concat_ws", str("-"), str("a"), null(), str("b"))}, {"NULL", call(t, "concat", str("a"), null())}, {"a5", call(t, "concat", str("a"), bigint(5))}, {"cba", call(t, "reverse", str("abc"))},
		{"2", call(t, "instr", str("xay"), str("a"))}, {"4", call(t, "locate", str("a"), str("xaya"), bigint(3))}, {"b", call(t, "split_index", str("a,b"), str(","), bigint(1))}, {"NULL", call(t, "split_index", str("a,b"), str(","), bigint(2))},
		{"true", call(t, "like", str("abc"), str("a%"))}, {"true", call(t, "like", str("abc"), str("_b_"))}, {"false", call(t, "like", str("axc"), str("a!_c"), str("!"))}, {"true", call(t, "ilike", str("ABC"), str("%bc"))},
		{"true", call(t, "like", str("a\nb"), str("a%b"))}, {"true", call(t, "regexp", str("abc"), str("^a.c$"))}, {"2201B", call(t, "regexp", str("abc"), str("("))}, {"12", call(t, "regexp_extract", str("a=12"), str("=([0-9]+)"), bigint(1))},
		{"x-x", call(t, "regexp_replace", str("1-2"), str("[0-9]"), str("x"))}, {"7", call(t, "json_value", str(`{"a":{"b":[5,7]}}`), str("$.a.b[1]"))}, {"900150983cd24fb0d6963f7d28e17f72", call(t, "md5", str("abc"))},
		{"2024", call(t, "year", ts("2024-02-29 10:11:12"))}, {"60", call(t, "dayofyear", ts("2024-02-29"))}, {"5", call(t, "dayofweek", ts("2024-02-29"))}, {"3", call(t, "weekday", ts("2024-02-29"))}, {"1", call(t, "quarter", ts("2024-02-29"))},
		{"2024-03-31 00:00:00.000", call(t, "add_months", ts("2024-01-31"), bigint(2))}, {"2024-02-29 00:00:00.000", call(t, "add_months", ts("2024-01-31"), bigint(1))},
		{"29", call(t, "datediff", ts("2024-03-01"), ts("2024-02-01"))}, {"1", call(t, "timestampdiff", str("month"), ts("2024-01-31"), ts("2024-03-01"))}, {"2024-02-01 00:00:00.000", call(t, "date_trunc", str("month"), ts("2024-02-29"))},
		{"2024/02/29 10:11", call(t, "date_format", ts("2024-02-29 10:11:12"), str("%Y/%m/%d %H:%i"))}, {"20240229", call(t, "date_format", ts("2024-02-29"), str("yyyyMMdd"))}, {"22007", call(t, "to_date", str("2024-02-30"))},
		{"1970-01-01 00:00:00", call(t, "from_unixtime", bigint(0))}, {"86400", call(t, "unix_timestamp", ts("1970-01-02"))}, {"2026-03-04 05:06:07.008", call(t, "current_timestamp")},
		{"22P02", &plan.Cast{Arg: str("x"), Typ: types.Of(types.BigInt)}}, {"NULL", &plan.Cast{Arg: str("x"), Typ: types.Of(types.BigInt), Try: true}}, {"22003", &plan.Cast{Arg: bigint(300), Typ: types.Of(types.TinyInt)}},
		{"3", &plan.Cast{Arg: dec("2.50", 10, 2), Typ: types.Of(types.BigInt)}}, {"22001", &plan.Cast{Arg: str("abcd"), Typ: types.Of(types.Varchar).WithLength(3)}}, {"2.0", &plan.Cast{Arg: bigint(2), Typ: types.NewDecimal(3, 1)}},
		{"22003", &plan.Cast{Arg: bigint(200), Typ: types.NewDecimal(3, 1)}}, {"1e+20", &plan.Cast{Arg: str("1e20"), Typ: types.Of(types.Double)}},
	} {
		if got := valueOf(c.e); got != c.want {
			t.Errorf("%s is %s, want %s", c.e, got, c.want)
		}
	}
}

// samples are argument lists with which each function can be resolved.
var samples = [][]plan.Expr{{}, {bigint(2)}, {str("1")}, {ts("2024-01-01")}, {bigint(1), bigint(2)}, {str("a"), str("b")}, {str("a"), bigint(1)},
	{str("a"), bigint(1), str("b")}, {str("a"), str("b"), str("c")}, {str("a"), str("b"), bigint(1)}, {ts("2024-01-01"), bigint(1)},
	{ts("2024-01-01"), &plan.Const{Typ: types.Of(types.Duration), Int: 1}}, {str("day"), ts("2024-01-01")}, {str("day"), ts("2024-01-01"), ts("2024-01-01")}, {ts("2024-01-01"), str("%Y")},
	{&plan.Const{Typ: types.Of(types.Boolean)}}, {&plan.Const{Typ: types.Of(types.Boolean)}, &plan.Const{Typ: types.Of(types.Boolean)}}, {ts("2024-01-01"), ts("2024-01-01")}, {str("2024-01-01")},
	{nothing(bigs)}, {nothing(bigs), nothing(bigs)}, {nothing(bigs), bigint(1), bigint(2)}, {nothing(bigs), bigint(1)}, {bigint(1), nothing(bigs)}, {nothing(bigs), str(",")}, {nothing(types.NewMap(types.Of(types.String), bigs))},
	{str("a"), bigint(10), bigint(16)}, {str("a"), bigint(1), bigint(1), str("b")}, {dbl(1), dbl(0), dbl(2), bigint(4)},
	{&plan.Const{Typ: types.Of(types.Binary)}}, {&plan.Const{Typ: types.Of(types.Binary)}, bigint(0)}, {&plan.Const{Typ: types.Of(types.Binary)}, bigint(0), bigint(0)},
	{bigint(1), bigint(1), bigint(1)}, {bigint(1), bigint(1), bigint(1), bigint(1), bigint(1), bigint(1)}, {ts("2024-01-01"), str("a"), str("b")},
	{nothing(types.NewArray(types.NewStruct(types.Field{Name: "name", Type: types.Of(types.String)}, types.Field{Name: "value", Type: types.Of(types.BigInt)})))},
	{str("a"), nothing(types.NewArray(types.Of(types.String)))}, {nothing(place)}, {nothing(place), nothing(place)}, {dbl(1), dbl(2)}, {nothing(span), ts("2024-01-01"), ts("2024-01-01")}, {nothing(span)}, {nothing(span), nothing(span)}, {nothing(span), bigint(2)}, {ts("2024-01-01"), nothing(span)}, {nothing(types.Of(types.Date)), nothing(types.NewTime(3))},
	{nothing(types.NewTime(3)), str("%H")}}

var span = types.Of(types.Interval)

var place = types.NewStruct(types.Field{Name: "x", Type: types.Of(types.Double)}, types.Field{Name: "y", Type: types.Of(types.Double)})

var bigs = types.NewArray(types.Of(types.BigInt))

func nothing(t types.Type) plan.Expr { return &plan.Const{Typ: t, Null: true} }

func TestEveryFunctionHasAKernel(t *testing.T) {
	for _, name := range function.Names(function.Scalar) {
		found := false
		for _, args := range samples {
			typs := make([]types.Type, len(args))
			for i, a := range args {
				typs[i] = a.Type()
			}
			if _, _, err := function.Resolve(name, typs); err != nil {
				continue
			}
			found = true
			_, err := Compile(call(t, name, append([]plan.Expr{}, args...)...), Options{})
			if err != nil && strings.Contains(err.Error(), "has no kernel") {
				t.Errorf("%s has no kernel", name)
			}
		}
		if !found {
			t.Errorf("no sample fits %s", name)
		}
	}
}

func batchOf(n int) *column.Batch {
	b := column.NewBatch(types.Schema{{Name: "a", Type: types.Of(types.BigInt)}, {Name: "b", Type: types.Of(types.BigInt)}})
	for i := range n {
		b.Cols[0].AppendInt(int64(i%100 - 50))
		if i%5 == 0 {
			b.Cols[1].AppendNull()
		} else {
			b.Cols[1].AppendInt(int64(i%7 - 3))
		}
		b.Rows++
	}
	return b
}

var colA, colB = &plan.Column{Index: 0, Name: "a", Typ: types.Of(types.BigInt)}, &plan.Column{Index: 1, Name: "b", Typ: types.Of(types.BigInt)}

// TestGuards: a branch is computed for its own rows only, a filter's later part only
// for the rows that the earlier left, and rows outside the selection raise no error.
func TestGuards(t *testing.T) {
	huge := call(t, "*", bigint(1<<62), colA) // overflows for most rows
	guarded := &plan.Case{Typ: types.Of(types.BigInt), Whens: []plan.When{{Cond: call(t, "=", colA, bigint(1)), Then: huge}}, Else: bigint(0)}
	ev, err := Compile(guarded, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ev.Eval(batchOf(1000), nil); err != nil {
		t.Fatalf("a guarded branch failed: %v", err)
	}
	p, err := CompileFilter(call(t, "and", call(t, "=", colA, bigint(1)), call(t, ">", huge, bigint(0))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	sel, err := p.Select(batchOf(1000), nil)
	if err != nil || len(sel) != 10 {
		t.Fatalf("%d rows, %v", len(sel), err)
	}
	ev, err = Compile(huge, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ev.Eval(batchOf(1000), nil); sqlerr.From(err).Code != sqlerr.OutOfRange {
		t.Fatalf("an unguarded overflow gave %v", err)
	}
	if _, err := ev.Eval(batchOf(1000), []int32{50, 51}); err != nil {
		t.Fatalf("rows outside the selection failed: %v", err)
	}
}

// TestFilterAgainstRows compares the vectorised filter with a row by row reading.
func TestFilterAgainstRows(t *testing.T) {
	e := call(t, "or", call(t, "and", call(t, ">", colA, bigint(0)), call(t, "<", colB, bigint(1))), call(t, "is_null", colB))
	p, err := CompileFilter(e, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 63, 64, 65, 2048, 4096} {
		b := batchOf(n)
		sel, err := p.Select(b, b.Sel)
		if err != nil {
			t.Fatal(err)
		}
		var want []int32
		for i := range n {
			if null := i%5 == 0; null || i%100-50 > 0 && i%7-3 < 1 {
				want = append(want, int32(i))
			}
		}
		if fmt.Sprint(append([]int32{}, sel...)) != fmt.Sprint(append([]int32{}, want...)) {
			t.Fatalf("%d rows: %v, want %v", n, sel, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	b := batchOf(2048)
	e := call(t, "+", call(t, "*", colA, bigint(3)), colB)
	ev, err := Compile(e, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := CompileFilter(call(t, "=", call(t, "%", colA, bigint(7)), bigint(0)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(20, func() {
		if _, err := ev.Eval(b, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Select(b, b.Sel); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Fatalf("%v allocations per batch", n)
	}
}

func BenchmarkQ1(b *testing.B) {
	batch := batchOf(2048)
	ev, err := Compile(call(b, "*", dec("0.908", 4, 3), colA), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ev.Eval(batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2048, "ns/row")
}

func BenchmarkQ2(b *testing.B) {
	batch := batchOf(2048)
	p, err := CompileFilter(call(b, "=", call(b, "%", colA, bigint(123)), bigint(0)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Select(batch, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2048, "ns/row")
}
