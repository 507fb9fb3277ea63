package task

import (
	"sync"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
)

// watermarkGenerator derives a source task's watermark: per split the greatest time seen less
// the delay, of which the least counts; a split that has been silent for a while,
// and is not merely behind, does not hold it back.
type watermarkGenerator struct {
	spec        *plan.WatermarkSpec
	times       *column.Vector // of the batch at hand, where they are no column of it
	splits      map[int]*splitMark
	unreadSince map[int]time.Time // when splits had rows left, or nobody knew, last
	sent        int64
	sentAt      time.Time
	began       time.Time
	lastRow     time.Time // of the last row
	fresh       bool      // rows came since the watermark was looked at
	next        time.Time // of arrival times: when a watermark is due though no row came
	wake        time.Time // when the watermark is to be looked at though no row came; zero: never
	idle        bool      // all splits are idle, and that was said
	idleUntold  bool
	shown       struct {
		sync.Mutex
		marks map[int]SplitMark
	}
}

// SplitMark is how far one split's event time has come.
type SplitMark struct {
	Watermark int64
	Idle      bool      // it is silent and does not hold the others back
	At        time.Time // when its last row came
}

func (g *watermarkGenerator) show(split int, m SplitMark) {
	g.shown.Lock()
	defer g.shown.Unlock()
	if g.shown.marks == nil {
		g.shown.marks = map[int]SplitMark{}
	}
	g.shown.marks[split] = m
}

// SplitMark tells how far a split of this task's source has come; ok is false if no row
// with a time came from it. Callable from any goroutine.
func (t *Task) SplitMark(split int) (m SplitMark, ok bool) {
	g := t.watermarks
	g.shown.Lock()
	defer g.shown.Unlock()
	m, ok = g.shown.marks[split]
	return m, ok
}

type splitMark struct {
	greatest int64
	at       time.Time // of the last row
}

const (
	// watermarkEvery bounds how often a watermark goes out while rows flow: each makes
	// partial aggregates empty themselves.
	watermarkEvery = 20 * time.Millisecond
	// lookBehind is how often a split with rows left is looked at, within the time in which
	// it would count as idle: that begins when it was seen so last.
	lookBehind = 20
)

func newWatermarkGenerator(spec *plan.WatermarkSpec) *watermarkGenerator {
	now := time.Now()
	return &watermarkGenerator{spec: spec, splits: map[int]*splitMark{}, unreadSince: map[int]time.Time{}, sent: executor.NoWatermark, began: now, lastRow: now}
}

func (g *watermarkGenerator) observe(b *column.Batch, now time.Time) {
	g.lastRow, g.fresh = now, true
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
	v := g.times
	if v == nil {
		v = b.Cols[g.spec.Column]
	}
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

// due gives a watermark that should go out now, and sets wake to when it is to be asked
// again; progress lists the source's splits.
func (g *watermarkGenerator) due(now time.Time, progress func() []executor.SplitProgress) (int64, bool) {
	g.wake = time.Time{}
	if g.spec == nil {
		return 0, false
	}
	soonest := g.next
	if g.fresh {
		soonest = earliest(soonest, g.sentAt.Add(watermarkEvery))
	}
	if now.Before(soonest) {
		g.wake = soonest
		return 0, false
	}
	g.fresh = false
	w := g.current(now, progress)
	if w <= g.sent {
		return 0, false
	}
	g.sent, g.sentAt = w, now
	return w, true
}

func (g *watermarkGenerator) current(now time.Time, progress func() []executor.SplitProgress) int64 {
	if g.spec.Arrival {
		g.next = g.nextArrival(now)
		g.wake = g.next
		return now.UnixMicro() - int64(g.spec.Delay/time.Microsecond)
	}
	unheard := false // a split that was never heard of may hold anything
	for _, p := range progress() {
		if p.End < 0 || p.End > p.Next {
			g.unreadSince[p.Index] = now
			g.wake = earliest(g.wake, now.Add(max(watermarkEvery, g.spec.IdleAfter/lookBehind)))
		}
		if g.splits[p.Index] == nil && !g.silent(p.Index, g.began, now) {
			unheard = true
		}
	}
	low, any := int64(executor.EndWatermark), false
	for i, s := range g.splits {
		idle := g.silent(i, s.at, now)
		if s.greatest == executor.NoWatermark {
			continue
		}
		g.show(i, SplitMark{s.greatest - int64(g.spec.Delay/time.Microsecond), idle, s.at})
		if !idle {
			low, any = min(low, s.greatest), true
		}
	}
	if unheard {
		return executor.NoWatermark
	}
	if !any {
		g.idleUntold = !g.idle
		g.idle = true
		return executor.NoWatermark
	}
	return low - int64(g.spec.Delay/time.Microsecond)
}

// silent tells whether a split has given nothing for long since a time. What it has left, or
// what brokers that are away may have, is our silence and not the stream's; and when they
// are back, who writes to them needs time to find them.
func (g *watermarkGenerator) silent(split int, since, now time.Time) bool {
	if last := g.unreadSince[split]; last.After(since) {
		since = last
	}
	if now.Sub(since) > g.spec.IdleAfter {
		return true
	}
	g.wake = earliest(g.wake, since.Add(g.spec.IdleAfter+1))
	return false
}

// nextArrival is when a watermark of arrival times goes out though no row comes: often while
// windows of the last rows may be short; then when the clock passes what windows end at.
func (g *watermarkGenerator) nextArrival(now time.Time) time.Time {
	step := time.Second
	switch silence := now.Sub(g.lastRow); {
	case silence < 2*time.Second:
		return now.Add(watermarkEvery)
	case silence < time.Minute:
		step = 100 * time.Millisecond
	}
	passed := now.UnixMicro() - int64(g.spec.Delay/time.Microsecond)
	return now.Add(step - time.Duration(passed)*time.Microsecond%step)
}

// wentIdle tells once that all splits have become idle.
func (g *watermarkGenerator) wentIdle() bool {
	said := g.idleUntold
	g.idleUntold = false
	return said
}
