package pgwire

import (
	"encoding/binary"
	"fmt"
	"time"

	"slipway/sql/sqlerr"
)

// timeText is a TIME in binary form, microseconds since midnight, as text.
func timeText(b []byte) (string, error) {
	micros := int64(binary.BigEndian.Uint64(b))
	if micros < 0 || micros >= microsOfDay { // also 24:00:00, which PostgreSQL has
		return "", sqlerr.New(sqlerr.InvalidDatetime, "a parameter's time of day is not within a day")
	}
	return pgEpoch.Add(time.Duration(micros) * time.Microsecond).Format("15:04:05.999999"), nil
}

// intervalText is an INTERVAL in binary form as text.
func intervalText(b []byte) string {
	micros := int64(binary.BigEndian.Uint64(b))
	days, months := int32(binary.BigEndian.Uint32(b[8:])), int32(binary.BigEndian.Uint32(b[12:]))
	return fmt.Sprintf("%d mons %d days %d us", months, days, micros)
}
