package task

import (
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// clock makes batches of one row and asks for watermarks at times of its own.
type clock struct {
	t      *testing.T
	g      *watermarkGenerator
	now    time.Time
	splits []executor.SplitProgress
}

func newClock(t *testing.T, splits int) *clock {
	c := &clock{t: t, g: newWatermarkGenerator(&plan.WatermarkSpec{Column: 0, IdleAfter: 5 * time.Second}), now: time.Now()}
	for i := range splits {
		c.splits = append(c.splits, executor.SplitProgress{Index: i})
	}
	return c
}

func (c *clock) row(split int, at int64) {
	b := column.NewBatch(types.Schema{{Name: "ts", Type: types.NewTimestamp(6)}})
	b.Cols[0].AppendInt(at)
	b.Rows, b.Split = 1, split
	c.g.observe(b, c.now)
}

func (c *clock) after(d time.Duration) { c.now = c.now.Add(d) }

// want checks the watermark; executor.NoWatermark for none.
func (c *clock) want(what string, want int64) {
	c.t.Helper()
	got := c.g.current(c.now, func() []executor.SplitProgress { return c.splits })
	if got != want {
		c.t.Errorf("%s: the watermark is %d, want %d", what, got, want)
	}
}

func TestSlowestSplitHolds(t *testing.T) {
	c := newClock(t, 2)
	c.row(0, 100)
	c.want("a split not heard of", executor.NoWatermark)
	c.row(1, 40)
	c.want("the slower one", 40)
	c.row(1, 300)
	c.want("the slower one now", 100)
}

func TestIdleSplitLetsGo(t *testing.T) {
	c := newClock(t, 2)
	c.row(0, 100)
	c.row(1, 40)
	c.after(6 * time.Second)
	c.row(0, 200)
	c.want("the other has been silent", 200)
}

// TestSilenceWithRowsLeft: a split whose rows are there but were not read, or of which
// nobody knows, is not idle.
func TestSilenceWithRowsLeft(t *testing.T) {
	for _, end := range []int64{9, -1} {
		c := newClock(t, 2)
		c.row(0, 100)
		c.row(1, 40)
		c.splits[1].Next, c.splits[1].End = 5, end
		c.after(6 * time.Second)
		c.row(0, 200)
		c.want("rows are left", 40)
	}
}

// TestSilenceBehindAnOutage: a split whose brokers were away has its time from when they are
// back: who writes to it could not before, and needs a moment to find them. So has one that
// was never heard of.
func TestSilenceBehindAnOutage(t *testing.T) {
	for _, heard := range []bool{true, false} {
		c := newClock(t, 2)
		c.row(0, 100)
		want := int64(executor.NoWatermark)
		if heard {
			c.row(1, 40)
			want = 40
		}
		c.splits[1].End = -1
		for range 4 {
			c.after(5 * time.Second)
			c.row(0, 200)
			c.want("its brokers are away", want)
		}
		c.splits[1].End = 0
		c.after(4 * time.Second)
		c.row(0, 300)
		c.want("they are back", want)
		c.after(2 * time.Second)
		c.row(0, 400)
		c.want("and it is silent", 400)
	}
}

// TestWholeStreamWasSilent: when all were idle and one goes on, the others get their
// time again: they were silent for the same reason.
func TestWholeStreamWasSilent(t *testing.T) {
	c := newClock(t, 2)
	c.row(0, 100)
	c.row(1, 40)
	c.after(20 * time.Second)
	c.want("all are idle", executor.NoWatermark)
	c.row(0, 200)
	c.want("the other has its time again", 40)
	c.after(6 * time.Second)
	c.row(0, 300)
	c.want("and then no more", 300)
}
