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

// wideRows are of 70 columns.
func wideRows() (schema types.Schema, all []int) {
	for i := range 70 {
		schema, all = append(schema, types.Column{Name: fmt.Sprint("c", i), Type: types.Of(types.BigInt)}), append(all, i)
	}
	return schema, all
}

// wideBatch makes rows whose columns count from 1, and one of which is 0 or NULL: "-D 0 69" takes
// the row back of which the last column is 0, "+I NULL 63" gives one whose column 63 is NULL.
func wideBatch(t *testing.T, rows ...string) *column.Batch {
	t.Helper()
	schema, _ := wideRows()
	b := column.NewBatch(schema)
	for _, row := range rows {
		var kind, value string
		var at int
		if _, err := fmt.Sscan(row, &kind, &value, &at); err != nil {
			t.Fatal(err)
		}
		b.Kinds = append(b.Kinds, column.RowKind(slices.Index([]string{"+I", "-U", "+U", "-D"}, kind)))
		for i, v := range b.Cols {
			switch {
			case i != at:
				v.AppendInt(int64(i + 1))
			case value == "NULL":
				v.AppendNull()
			default:
				v.AppendInt(0)
			}
		}
		b.Rows++
	}
	return b
}

// oddOnes leaves of each emitted row its kind, the columns that do not count on, and those behind the 70th.
func oddOnes(emitted string) string {
	var out []string
	for line := range strings.Lines(emitted) {
		cells := strings.Fields(line)
		odd := cells[:1]
		for i, cell := range cells[1:] {
			if i >= 70 || cell != fmt.Sprintf("%q", fmt.Sprint(i+1)) {
				odd = append(odd, fmt.Sprintf("%d:%s", i, cell))
			}
		}
		out = append(out, strings.Join(odd, " "))
	}
	return strings.Join(out, "\n")
}

// TestWideKeys: a key of 70 columns is found again, and its NULLs are not 0.
func TestWideKeys(t *testing.T) {
	schema, all := wideRows()
	made := func(o executor.Operator, err error) executor.Operator {
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	count := plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}
	counted := append(slices.Clone(schema), types.Column{Name: "n", Type: count.Typ})
	given := []*column.Batch{
		wideBatch(t, "+I 0 63", "+I NULL 63", "+I 0 64", "+I NULL 64", "+I 0 69", "+I NULL 69"),
		wideBatch(t, "+I 0 63", "+I NULL 63", "+I 0 64", "+I NULL 64", "+I 0 69", "+I NULL 69"),
	}
	for _, c := range []struct {
		name    string
		op      executor.Operator
		batches []*column.Batch
		want    string
	}{
		{"GROUP BY", made(NewGroupAggregate(&plan.GroupAggregate{Op: "g", Keys: all, Aggs: []plan.Agg{count}, Final: true, Out: counted}, schema)), given,
			`+I 63:"0" 70:"2"
+I 63:NULL 70:"2"
+I 64:"0" 70:"2"
+I 64:NULL 70:"2"
+I 69:"0" 70:"2"
+I 69:NULL 70:"2"`},
		{"DISTINCT", made(NewGroupAggregate(&plan.GroupAggregate{Op: "d", Keys: all, Presence: true, Out: schema}, schema)), given,
			"+I 63:\"0\"\n+I 63:NULL\n+I 64:\"0\"\n+I 64:NULL\n+I 69:\"0\"\n+I 69:NULL"},
		{"FinalRows", NewFinalRows(&plan.FinalRows{Out: schema}), append(slices.Clone(given),
			wideBatch(t, "-D 0 63", "-D 0 63", "-D NULL 64", "-U NULL 64", "+U 0 64", "-D NULL 69")),
			"+I 63:NULL\n+I 63:NULL\n+I 64:\"0\"\n+I 64:\"0\"\n+I 64:\"0\"\n+I 69:\"0\"\n+I 69:\"0\"\n+I 69:NULL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := oddOnes(emitted(t, c.op, c.batches...)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
