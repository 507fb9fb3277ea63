package op

import (
	"encoding/binary"

	"slipway/executor"
)

// eventTime is how far event time has come for an operator. It is kept, so that behind a
// restore what had been given is not given again, and what had been late is late.
type eventTime struct {
	env *executor.Env
	at  int64
}

func (e *eventTime) open(env *executor.Env) {
	e.env, e.at = env, executor.NoWatermark
	for _, v := range env.State.Former(watermarkValue) {
		if len(v) == 8 {
			e.at = max(e.at, int64(binary.LittleEndian.Uint64(v)))
		}
	}
	e.keep()
	if reached := &env.Counters.Watermark; e.at > reached.Load() {
		reached.Store(e.at)
	}
}

func (e *eventTime) keep() {
	e.env.State.SetValue(watermarkValue, binary.LittleEndian.AppendUint64(nil, uint64(e.at)))
}

// advance tells whether a watermark is news.
func (e *eventTime) advance(w int64) bool {
	if w <= e.at {
		return false
	}
	e.at = w
	e.keep()
	return true
}

// passed tells whether the watermark is behind a time: no row at it is in time any more.
func (e *eventTime) passed(t int64) bool { return t < e.at }
