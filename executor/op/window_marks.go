package op

import (
	"slices"
	"strconv"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// markWindows is MarkDistinct with a table of the values of each window, known by its last moment, which goes when it has ended.
type markWindows struct {
	*MarkDistinct
	at     int // column of the last moment
	time   eventTime
	env    *executor.Env
	ends   []int64 // last moments of the windows there are, sorted
	sels   map[int64][]int32
	timely []int32
}

func newMarkWindows(m *MarkDistinct, time int) *markWindows {
	return &markWindows{MarkDistinct: m, at: time, sels: map[int64][]int32{}}
}

// Open takes up the windows and the watermark of a restore.
func (m *markWindows) Open(env *executor.Env) error {
	m.env, m.store = env, env.State
	m.time.open(env)
	for _, name := range env.State.Tables() {
		if end, err := strconv.ParseInt(name, 10, 64); err == nil {
			m.ends = append(m.ends, end)
			if err := env.State.Table(name, m.layout).Fits(m.layout); err != nil {
				return err
			}
		}
	}
	slices.Sort(m.ends)
	return nil
}

// Process sends the batch on with its marks, but for rows that are late.
func (m *markWindows) Process(_ int, b *column.Batch, out executor.Output) error {
	m.divide(b)
	if len(m.timely) == 0 {
		return nil
	}
	m.begin(b)
	for end, sel := range m.sels {
		if len(sel) == 0 {
			continue
		}
		if err := m.markAll(m.values(end), b, sel); err != nil {
			return err
		}
	}
	return m.send(b, m.timely, out)
}

// divide sorts the rows of a batch by their windows.
func (m *markWindows) divide(b *column.Batch) {
	if len(m.sels) > 64 { // of windows long gone
		clear(m.sels)
	}
	for end := range m.sels {
		m.sels[end] = m.sels[end][:0]
	}
	m.timely = m.timely[:0]
	var left leftOut
	t := b.Cols[m.at]
	b.Each(func(r int) {
		switch {
		case t.Null(r):
			left.timeless++
		case m.time.passed(t.Ints[r]):
			left.late, left.end = left.late+1, t.Ints[r]+1
		default:
			m.timely = append(m.timely, int32(r))
			m.sels[t.Ints[r]] = append(m.sels[t.Ints[r]], int32(r))
		}
	})
	left.tell(m.env, m.time.at)
}

// values is the table of a window.
func (m *markWindows) values(end int64) *state.Table {
	if i, ok := slices.BinarySearch(m.ends, end); !ok {
		m.ends = slices.Insert(m.ends, i, end)
	}
	return m.store.Table(sliceName(end), m.layout)
}

// OnWatermark forgets the windows that have ended.
func (m *markWindows) OnWatermark(watermark int64, _ executor.Output) error {
	if !m.time.advance(watermark) {
		return nil
	}
	for len(m.ends) > 0 && m.time.passed(m.ends[0]) {
		m.store.Drop(sliceName(m.ends[0]))
		m.ends = m.ends[1:]
	}
	return nil
}
