package op

import (
	"cmp"
	"time"

	"slipway/executor"
	"slipway/executor/column"
)

// leftOut counts the rows of one batch that come without a time, or too late.
type leftOut struct {
	timeless int64  // event time is NULL
	late     int64  // event time had passed them
	end      int64  // what it had passed of one of the late ones
	by       lateBy // what that is
}

// lateBy is what of a row event time has passed when it comes late.
type lateBy struct{ reason, log, name string }

var (
	windowEnded = lateBy{"its window ended at ", "their windows had ended", "window_end"}
	timePassed  = lateBy{"its time was ", "the watermark had passed them", "time"}
)

// tell adds to the counters and to the log, once for the batch.
func (l *leftOut) tell(env *executor.Env, watermark int64) {
	if l.timeless > 0 {
		env.Counters.Failed.Add(l.timeless)
		env.Dropped.Rows("rows without an event time are left out of windows", "", l.timeless)
	}
	if l.late > 0 {
		env.Counters.Late.Add(l.late)
		by := cmp.Or(l.by, windowEnded)
		text := "rows came late and are dropped: " + by.log
		if env.Late != nil {
			text = "rows came late and are written to another stream: " + by.log
		}
		env.Dropped.Rows(text, "", l.late, by.name, shown(l.end), "watermark", shown(watermark))
	}
}

func shown(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000")
}

// lateTo are the columns of late rows; nil: they are dropped.
type lateTo []int

// row writes a row of a batch elsewhere, all of whose windows had ended.
func (l lateTo) row(env *executor.Env, b *column.Batch, r int, end, watermark int64) error {
	return l.rowBy(windowEnded, env, b, r, end, watermark)
}

// rowBy writes a row of a batch elsewhere, of which the watermark had passed at.
func (l lateTo) rowBy(by lateBy, env *executor.Env, b *column.Batch, r int, at, watermark int64) error {
	if env.Late == nil || l == nil {
		return nil
	}
	one := [1]int32{int32(r)}
	return env.Late.Add(b, l, one[:], "late: "+by.reason+shown(at)+", and event time was at "+shown(watermark))
}

// rows leaves rows of a batch out, of which the watermark had passed the times.
func (l lateTo) rows(by lateBy, env *executor.Env, b *column.Batch, rows []int32, times []int64, watermark int64) (err error) {
	left := leftOut{late: int64(len(rows)), by: by}
	for _, r := range rows {
		left.end = times[r]
		err = cmp.Or(err, l.rowBy(by, env, b, int(r), left.end, watermark))
	}
	left.tell(env, watermark)
	return err
}
