package expr

import (
	"time"

	"slipway/executor/column"
	"slipway/sql/value"
)

// Moments and the clocks of a zone.

// wallClock gives what clocks in a zone show at a moment, as microseconds without zone.
func wallClock(moment int64, zone *time.Location) int64 {
	if zone == nil {
		return moment
	}
	_, offset := time.UnixMicro(moment).In(zone).Zone()
	return moment + int64(offset)*column.Second
}

// momentOf gives the moment at which clocks in a zone show a time. A time that they show twice is the one with
// the standard offset that comes second, one that they never show is counted with the offset before the
// change: both as PostgreSQL does.
func momentOf(clock int64, zone *time.Location) int64 {
	if zone == nil {
		return clock
	}
	_, before := time.UnixMicro(clock - column.Day).In(zone).Zone()
	_, after := time.UnixMicro(clock + column.Day).In(zone).Zone()
	first, second := clock-int64(before)*column.Second, clock-int64(after)*column.Second
	if before == after {
		return first
	}
	switch right := wallClock(second, zone) == clock; {
	case right && (wallClock(first, zone) != clock || second > first):
		return second
	}
	return first
}

// addInZone adds months and days by the calendar of the zone, and the time to the moment.
func addInZone(moment int64, v value.Interval, zone *time.Location) (sum int64, ok bool) {
	if v.Months != 0 || v.Days != 0 {
		clock, ok := value.AddInterval(wallClock(moment, zone), value.Interval{Months: v.Months, Days: v.Days})
		if !ok {
			return 0, false
		}
		moment = momentOf(clock, zone)
	}
	return value.AddInterval(moment, value.Interval{Micros: v.Micros})
}
