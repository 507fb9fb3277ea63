package op

import (
	"time"

	"slipway/executor"
)

// leftOut counts the rows of one batch that no window takes.
type leftOut struct {
	timeless int64 // event time is NULL
	late     int64 // all windows had ended
	end      int64 // of the last window of one of the late ones
}

// tell adds to the counters and to the log, once for the batch.
func (l *leftOut) tell(env *executor.Env, watermark int64) {
	if l.timeless > 0 {
		env.Counters.Failed.Add(l.timeless)
		env.Dropped.Rows("rows without an event time are left out of windows", "", l.timeless)
	}
	if l.late > 0 {
		env.Counters.Late.Add(l.late)
		env.Dropped.Rows("rows came late and are dropped: their windows had ended", "", l.late, "window_end", shown(l.end), "watermark", shown(watermark))
	}
}

func shown(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000")
}
