package kafkaio

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestOrigin: with each row come the bytes of its record and its place, if that is asked for, also behind a record that
// cannot be read.
func TestOrigin(t *testing.T) {
	for name, values := range map[string][]string{"json": {id(1), `{"id":"many"}`, id(3)}, "delimited": {"1", "many", "3"}} {
		b := kafkatest.Start(t)
		b.Topic("in", 2)
		b.Send("in", kafkatest.Record{Partition: 1, Key: "a\xff", Value: values[0]}, kafkatest.Record{Partition: 1, Value: values[1]},
			kafkatest.Record{Partition: 1, Value: values[2]})
		p := sourcePlan("in", conf.Format.Name(), name, conf.OnError.Name(), "skip")
		p.Origin = []int{plan.DivertedOffset, plan.DivertedKey, plan.DivertedKeyText, plan.DivertedTopic, plan.DivertedValue,
			plan.DivertedPartition, plan.DivertedValueText}
		p.ArrivalColumn, p.Out = "at", append(slices.Clone(p.Out), types.Column{Name: "at", Type: types.NewTimestamp(3)})
		for _, o := range p.Origin {
			p.Out = append(p.Out, plan.DivertedColumns()[o])
		}
		got := originsOf(t, openSource(t, b, p), 2)
		want := []string{fmt.Sprintf(`(1, 0, "a\xff", "a%s", "in", %q, 1, %q)`, "\uFFFD", values[0], values[0]),
			fmt.Sprintf(`(3, 2, NULL, NULL, "in", %q, 1, %q)`, values[2], values[2])}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// originsOf reads n rows, and leaves the arrival out.
func originsOf(t *testing.T, s *source, n int) (got []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(got) < n {
		b, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			select {
			case <-s.Ready():
			case <-ctx.Done():
			}
			continue
		}
		timeless := &column.Batch{Rows: b.Rows, Cols: slices.Delete(slices.Clone(b.Cols), 1, 2)}
		b.Each(func(i int) { got = append(got, executortest.TupleOf(timeless, i).String()) })
	}
	return got
}
