package op

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var nestedRows = types.Schema{{Name: "id", Type: types.Of(types.BigInt)},
	{Name: "v", Type: types.NewArray(types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Double)}, types.Field{Name: "b", Type: types.Of(types.String)}))}}

// nestedBatch makes rows of "kind id JSON"; no JSON is NULL.
func nestedBatch(t *testing.T, rows ...string) *column.Batch {
	t.Helper()
	b := column.NewBatch(nestedRows)
	for i, row := range rows {
		kind, id, text := row[:2], int64(row[3]-'0'), strings.TrimSpace(row[4:])
		b.Kinds = append(b.Kinds, column.RowKind(slices.Index([]string{"+I", "-U", "+U", "-D"}, kind)))
		b.Cols[0].AppendInt(id)
		if text == "" {
			b.Cols[1].AppendNull()
		} else if b.Cols[1].Grow(i + 1); b.Cols[1].SetText(i, []byte(text)) != nil {
			t.Fatal(text)
		}
		b.Rows++
	}
	return b
}

type lines struct{ got []string }

func (l *lines) Emit(b *column.Batch) error {
	b.Each(func(i int) { l.got = append(l.got, fmt.Sprint(b.Kind(i), " ", rowText(b, i))) })
	return nil
}

// emitted gives what an operator emits for batches and the end of the input.
func emitted(t *testing.T, o executor.Operator, batches ...*column.Batch) string {
	t.Helper()
	out := &lines{}
	if err := o.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := o.Process(0, b, out); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.OnWatermark(executor.EndWatermark, out); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.Join(out.got, "\n"), `\"`, `'`)
}

// TestNestedRows: operators that keep rows keep nested values too.
func TestNestedRows(t *testing.T) {
	changes := []*column.Batch{
		nestedBatch(t, `+I 1 [{"a":1,"b":"x"}]`, `+I 2 []`, `+I 3`),
		nestedBatch(t, `+I 1 [{"a":1,"b":"x"}]`, `+U 2 [null]`, `-D 3`, `+U 1 [{"a":-0,"b":"x"}]`),
		nestedBatch(t, `+U 1 [{"a":0,"b":"x"}]`, `+U 2`),
	}
	normalize := NewChangelogNormalize(&plan.ChangelogNormalize{Keys: []int{0}, EmitBefore: true, Out: nestedRows})
	if got, want := emitted(t, normalize, changes...), `+I "1" "[{'a':1,'b':'x'}]"
+I "2" "[]"
+I "3" NULL
-U "2" "[]"
+U "2" "[null]"
-D "3" NULL
-U "1" "[{'a':1,'b':'x'}]"
+U "1" "[{'a':-0,'b':'x'}]"
-U "1" "[{'a':-0,'b':'x'}]"
+U "1" "[{'a':0,'b':'x'}]"
-U "2" "[null]"
+U "2" NULL`; got != want {
		t.Errorf("changes:\n%s\nwant\n%s", got, want)
	}
	final := NewFinalRows(&plan.FinalRows{Out: nestedRows})
	taken := nestedBatch(t, `+I 1 [{"a":1,"b":"x"}]`, `+I 1 [{"a":1,"b":null}]`, `-U 1 [{"a":1,"b":"x"}]`, `+I 2`, `+I 2 [null]`, `-D 2 [null]`)
	if got, want := emitted(t, final, taken), "+I \"1\" \"[{'a':1,'b':null}]\"\n+I \"2\" NULL"; got != want {
		t.Errorf("rows that are left:\n%s\nwant\n%s", got, want)
	}
	in := nestedBatch(t, `+I 1 [{"a":1,"b":"x"}]`, `+I 2 [{"a":"NaN","b":""}]`, `+I 3`, `+I 4 []`, `+I 5 [{"a":1,"b":"a"},null]`, `+I 6 [null]`)
	in.Kinds = nil
	sort := NewSort(&plan.Sort{Keys: []plan.SortKey{{Column: 1, Desc: true}}, Out: nestedRows})
	if got, want := emitted(t, sort, in), `+I "6" "[null]"
+I "2" "[{'a':'NaN','b':''}]"
+I "1" "[{'a':1,'b':'x'}]"
+I "5" "[{'a':1,'b':'a'},null]"
+I "4" "[]"
+I "3" NULL`; got != want {
		t.Errorf("in order:\n%s\nwant\n%s", got, want)
	}
	for kind, want := range map[plan.AggKind]string{plan.Min: `"[]"`, plan.Max: `"[null]"`} {
		aggs := []plan.Agg{{Kind: kind, Arg: 1, Filter: -1, Typ: nestedRows[1].Type}}
		group, err := NewGroupAggregate(&plan.GroupAggregate{Aggs: aggs, Final: true, Out: nestedRows[1:]}, nestedRows)
		if err != nil {
			t.Fatal(err)
		}
		if got := emitted(t, group, in); got != "+I "+want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
}
