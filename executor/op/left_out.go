package op

import (
	"time"

	"slipway/executor"
	"slipway/executor/column"
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
		text := "rows came late and are dropped: their windows had ended"
		if env.Late != nil {
			text = "rows came late and are written to another stream: their windows had ended"
		}
		env.Dropped.Rows(text, "", l.late, "window_end", shown(l.end), "watermark", shown(watermark))
	}
}

func shown(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000")
}

// lateTo are the columns of late rows; nil: they are dropped.
type lateTo []int

// row writes a row of a batch elsewhere, all of whose windows had ended.
func (l lateTo) row(env *executor.Env, b *column.Batch, r int, end, watermark int64) error {
	if env.Late == nil || l == nil {
		return nil
	}
	one := [1]int32{int32(r)}
	return env.Late.Add(b, l, one[:], "late: its window ended at "+shown(end)+", and event time was at "+shown(watermark))
}
