package op

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var big = types.Of(types.BigInt)

// nearMax makes a batch of numbers, some of which are too large to be added 1 to.
func nearMax(r *rand.Rand, rows, one int) (b *column.Batch, sound []int64, failing int64) {
	b = column.NewBatch(types.Schema{{Name: "v", Type: big}})
	for i := range rows {
		v := int64(i)
		if one > 0 && r.IntN(one) == 0 {
			v = math.MaxInt64
		}
		b.Cols[0].AppendInt(v)
		b.Rows++
		if r.IntN(3) > 0 {
			b.Sel = append(b.Sel, int32(i))
			if v == math.MaxInt64 {
				failing++
			} else {
				sound = append(sound, v)
			}
		}
	}
	return b, sound, failing
}

func plusOne() plan.Expr {
	return &plan.Call{Func: "+", Args: []plan.Expr{&plan.Column{Typ: big}, &plan.Const{Typ: big, Int: 1}}, Typ: big}
}

// TestFailingRowsAreLeftOut: exactly the rows that cannot be computed, in their order, and counted.
func TestFailingRowsAreLeftOut(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	for _, one := range []int{0, 1, 2, 300, 3000} {
		b, sound, failing := nearMax(r, 2048, one)
		p, err := NewProject(&plan.Project{Exprs: []plan.Expr{plusOne()}}, nil, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		f,
			err := NewFilter(&plan.Filter{Pred: &plan.Call{Func: ">", Args: []plan.Expr{plusOne(), &plan.Const{Typ: big, Int: 0}}, Typ: types.Of(types.Boolean)}}, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		e := env(nil)
		e.SkipRows = true
		if err := p.Open(e); err != nil {
			t.Fatal(err)
		}
		var got []int64
		take := func(by int64) outputFunc {
			return func(b *column.Batch) error {
				b.Each(func(i int) { got = append(got, b.Cols[0].Ints[i]-by) })
				return nil
			}
		}
		if err := p.Process(0, b, take(1)); err != nil {
			t.Fatal(err)
		}
		check(t, "project", got, sound, e.Counters.Failed.Load(), failing)
		e2 := env(nil)
		e2.SkipRows = true
		if err := f.Open(e2); err != nil {
			t.Fatal(err)
		}
		got = nil
		if err := f.Process(0, b, take(0)); err != nil {
			t.Fatal(err)
		}
		check(t, "filter", got, sound, e2.Counters.Failed.Load(), failing)
	}
}

func check(t *testing.T, what string, got, want []int64, failed, failing int64) {
	t.Helper()
	if failed != failing || len(got) != len(want) {
		t.Fatalf("%s: %d rows and %d failed, want %d and %d", what, len(got), failed, len(want), failing)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: row %d is %d, want %d", what, i, got[i], want[i])
		}
	}
}

// TestFailingRowFails: without on.error=skip the job stops, and the message names the values.
func TestFailingRowFails(t *testing.T) {
	b, _, _ := nearMax(rand.New(rand.NewPCG(1, 1)), 100, 2)
	p, err := NewProject(&plan.Project{Exprs: []plan.Expr{plusOne()}}, nil, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Open(env(nil)); err != nil {
		t.Fatal(err)
	}
	e := sqlerr.From(p.Process(0, b, outputFunc(func(*column.Batch) error { return nil })))
	if e.Code != sqlerr.OutOfRange || !strings.Contains(e.Message, "9223372036854775807 + 1") || !strings.Contains(e.Hint, "skip") {
		t.Fatalf("%s %s %s", e.Code, e.Message, e.Hint)
	}
}

// TestLongTextsLeaveInSeveralBatches: no batch that is copied later holds more than fits.
func TestLongTextsLeaveInSeveralBatches(t *testing.T) {
	text := types.Of(types.String)
	word := &plan.Const{Typ: text, Text: strings.Repeat("x", 1<<20)}
	b := column.NewBatch(types.Schema{{Name: "s", Type: text}})
	for range 200 {
		b.Cols[0].AppendBytes([]byte("ab"))
		b.Rows++
	}
	for what, e := range map[string]plan.Expr{"constant": word, "computed": &plan.Call{Func: "concat", Args: []plan.Expr{&plan.Column{Typ: text}, word}, Typ: text},
		"chosen": &plan.Case{Whens: []plan.When{{Cond: &plan.Call{Func: "=", Args: []plan.Expr{&plan.Column{Typ: text}, &plan.Const{Typ: text, Text: "ab"}}, Typ: types.Of(types.Boolean)}, Then: word}}, Typ: text}} {
		p, err := NewProject(&plan.Project{Exprs: []plan.Expr{e}}, nil, expr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, batches := 0, 0
		err = p.Process(0, b, outputFunc(func(b *column.Batch) error {
			bytes := 0
			b.Each(func(i int) { bytes += len(b.Cols[0].Bytes(i)) })
			if rows, batches = rows+b.Live(), batches+1; bytes > 80<<20 {
				t.Errorf("%s: a batch has %d bytes", what, bytes)
			}
			return nil
		}))
		if err != nil || rows != 200 || batches < 3 {
			t.Errorf("%s: %d rows in %d batches, %v", what, rows, batches, err)
		}
	}
}

// TestFailingVersionsOfARow: where one version cannot be computed, the old one is deleted
// or the new one inserted.
func TestFailingVersionsOfARow(t *testing.T) {
	b := column.NewBatch(types.Schema{{Name: "v", Type: big}})
	for _, v := range []int64{5, math.MaxInt64, math.MaxInt64, 7, 3, 1, 2} {
		b.Cols[0].AppendInt(v)
		b.Rows++
	}
	b.Kinds = []column.RowKind{column.UpdateBefore, column.UpdateAfter, column.UpdateBefore, column.UpdateAfter, column.Insert, column.UpdateBefore, column.UpdateAfter}
	p, err := NewProject(&plan.Project{Exprs: []plan.Expr{plusOne()}}, nil, expr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := env(nil)
	e.SkipRows = true
	if err := p.Open(e); err != nil {
		t.Fatal(err)
	}
	var got []string
	err = p.Process(0, b, outputFunc(func(b *column.Batch) error {
		b.Each(func(i int) { got = append(got, fmt.Sprint(b.Kind(i), b.Cols[0].Ints[i])) })
		return nil
	}))
	if want := "[-D6 +I8 +I4 -U2 +U3]"; err != nil || strings.ReplaceAll(fmt.Sprint(got), " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Fatalf("%v %v, want %s", got, err, want)
	}
}
