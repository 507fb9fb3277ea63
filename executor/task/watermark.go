package task

import (
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
)

// generator derives a source task's watermark: per split the greatest time seen less
// the delay, of which the least counts; a split that has been silent for a while,
// and is not merely behind, does not hold it back.
type generator struct {
	spec   *plan.WatermarkSpec
	splits map[int]*splitMark
	behind map[int]time.Time // when splits had rows left, or nobody knew, last
	sent   int64
	sentAt time.Time
	began  time.Time
	idle   bool // all splits are idle, and that was said
	say    bool
}

type splitMark struct {
	greatest int64
	at       time.Time // of the last row
}

// watermarkEvery bounds how often a watermark goes out while rows flow: each makes
// partial aggregates empty themselves.
const watermarkEvery = 20 * time.Millisecond

func newGenerator(spec *plan.WatermarkSpec) *generator {
	return &generator{spec: spec, splits: map[int]*splitMark{}, behind: map[int]time.Time{}, sent: executor.NoWatermark, began: time.Now()}
}

func (g *generator) observe(b *column.Batch, now time.Time) {
	if g.spec == nil || g.spec.Arrival {
		return
	}
	s := g.splits[b.Split]
	if s == nil {
		s = &splitMark{greatest: executor.NoWatermark}
		g.splits[b.Split] = s
	}
	if g.idle { // the whole stream was silent: the others are as likely to go on as this one
		for _, other := range g.splits {
			other.at = now
		}
	}
	s.at = now
	g.idle = false
	v := b.Cols[g.spec.Column]
	if b.Sel == nil && v.Valid == nil {
		for _, t := range v.Ints[:b.Rows] {
			s.greatest = max(s.greatest, t)
		}
		return
	}
	b.Each(func(r int) {
		if !v.Null(r) {
			s.greatest = max(s.greatest, v.Ints[r])
		}
	})
}

// due gives a watermark that should go out now. quiet means that the source had
// nothing; progress lists the source's splits.
func (g *generator) due(now time.Time, quiet bool, progress func() []executor.SplitProgress) (int64, bool) {
	if g.spec == nil || !quiet && now.Sub(g.sentAt) < watermarkEvery {
		return 0, false
	}
	w := g.current(now, progress)
	if w <= g.sent {
		return 0, false
	}
	g.sent, g.sentAt = w, now
	return w, true
}

func (g *generator) current(now time.Time, progress func() []executor.SplitProgress) int64 {
	if g.spec.Arrival {
		return now.UnixMicro() - int64(g.spec.Delay/time.Microsecond)
	}
	for _, p := range progress() {
		if p.End < 0 || p.End > p.Next {
			g.behind[p.Index] = now
		}
		if g.splits[p.Index] == nil && !g.silent(p.Index, g.began, now) {
			return executor.NoWatermark // a split that was never heard of may hold anything
		}
	}
	low, any := int64(executor.EndWatermark), false
	for i, s := range g.splits {
		if g.silent(i, s.at, now) {
			continue
		}
		if s.greatest != executor.NoWatermark {
			low, any = min(low, s.greatest), true
		}
	}
	if !any {
		g.say = !g.idle
		g.idle = true
		return executor.NoWatermark
	}
	return low - int64(g.spec.Delay/time.Microsecond)
}

// silent tells whether a split has given nothing for long since a time. What it has left, or
// what brokers that are away may have, is our silence and not the stream's; and when they
// are back, who writes to them needs time to find them.
func (g *generator) silent(split int, since, now time.Time) bool {
	if last := g.behind[split]; last.After(since) {
		since = last
	}
	return now.Sub(since) > g.spec.IdleAfter
}

// wentIdle tells once that all splits have become idle.
func (g *generator) wentIdle() bool {
	said := g.say
	g.say = false
	return said
}
