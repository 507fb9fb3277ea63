package op

import (
	"strings"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// emittedTexts notes the batches that come out.
type emittedTexts struct{ rows, texts []int }

func (e *emittedTexts) Emit(b *column.Batch) error {
	e.rows, e.texts = append(e.rows, b.Rows), append(e.texts, b.TextBytes())
	return nil
}

// TestLongTextsFillBatches: rows of long texts leave in several batches, not a thousand at once; short ones do.
func TestLongTextsFillBatches(t *testing.T) {
	for _, c := range []struct{ bytes, rows, most int }{{1 << 20, 40, 8 << 20}, {10, 3 * column.BatchRows, 10 * column.BatchRows}} {
		out := &emittedTexts{}
		e := emitter{batch: column.NewBatch(types.Schema{{Name: "s", Type: types.Of(types.String)}}), out: out}
		text := []byte(strings.Repeat("x", c.bytes))
		for range c.rows {
			e.batch.Cols[0].AppendBytes(text)
			e.row(column.Insert)
		}
		if err := e.finish(); err != nil {
			t.Fatal(err)
		}
		checkEmitted(t, out, c.rows, c.most)
		if c.bytes == 10 && len(out.rows) != 3 {
			t.Errorf("%d batches", len(out.rows))
		}
	}
}

func checkEmitted(t *testing.T, out *emittedTexts, rows, most int) {
	t.Helper()
	for i, n := range out.rows {
		if rows -= n; out.texts[i] > most {
			t.Errorf("batch %d has %d bytes of texts", i, out.texts[i])
		}
	}
	if rows != 0 {
		t.Errorf("%d rows are missing", rows)
	}
}

// TestPartialAggregateOfLongTexts: groups of long keys are given when there are some megabytes of them, however few they are.
func TestPartialAggregateOfLongTexts(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.String)}}
	p := &plan.PartialAggregate{Keys: []int{0}, Aggs: []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: bigOf}}, Out: types.Schema{schema[0], {Name: "n", Type: bigOf}}}
	a, err := NewPartialAggregate(p, schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Open(env(state.NewStore(state.GroupsOf(0, 1), &state.Budget{}))); err != nil {
		t.Fatal(err)
	}
	out := &emittedTexts{}
	var to executor.Output = out
	for i := range 60 {
		b := column.NewBatch(schema)
		b.Cols[0].AppendBytes([]byte(strings.Repeat(string(rune('!'+i)), 1<<20)))
		b.Rows = 1
		if err := a.Process(0, b, to); err != nil {
			t.Fatal(err)
		}
		if held := a.table.TextBytes(); held > maxPartialTexts {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if err := a.Flush(to); err != nil {
		t.Fatal(err)
	}
	checkEmitted(t, out, 60, 10<<20)
}
