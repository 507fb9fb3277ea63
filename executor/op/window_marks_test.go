package op

import (
	"testing"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestMarksInWindows: of the rows that are not late the first with each value of a window is marked, over restores at another
// parallelism; late rows are counted, and behind the last window there is no state.
func TestMarksInWindows(t *testing.T) {
	p := &plan.MarkDistinct{Keys: []int{0}, Args: []int{2}, Filters: []int{-1}, Windows: true, Time: 1,
		Out: append(timedIn[:3:3], types.Column{Name: "first", Type: types.Of(types.Boolean)})}
	d := &timedRun{t: t, r: executortest.Random(t), hash: []int{0, 2}, times: []int{1}, watermark: executor.NoWatermark, passed: executor.NoWatermark}
	d.new = func() (executor.Operator, error) { return NewMarkDistinct(p, timedIn), nil }
	d.late = func(_ int, at int64) bool { return at < d.watermark }
	d.start(nil)
	for step := range int64(200) {
		var rows []executortest.Tuple
		for range d.r.IntN(12) {
			rows = append(rows, timedRow(d.r, step*timedStep))
		}
		d.send(0, rows)
		switch d.r.IntN(7) {
		case 0, 1, 2:
			d.mark((step-int64(d.r.IntN(6)))*timedStep - d.r.Int64N(2))
		case 3:
			d.restore()
		}
	}
	d.mark(1000 * timedStep)
	for _, s := range d.tasks {
		if n := s.store.Rows(); n != 0 {
			t.Errorf("%d rows of state are left", n)
		}
		d.count(s)
		d.must(s.op.Close())
	}
	seen, want := map[string]bool{}, []string(nil)
	for _, row := range d.rows[0] {
		if text := row.String(); row[1] != nil {
			want = append(want, "+I "+append(row[:3:3], !seen[text]).String())
			seen[text] = true
		}
	}
	d.compare(want)
}
