package value

// A time is written 2026-01-31 00:00:00[.fraction], with T for the blank, the day also as 20260131 or 260131, without the
// seconds or without the time, and may be followed by a zone: Z, UTC, +08:00, +0800,
// +08, with or without blanks before it. A zone brings the time to UTC.

// ReadDate reads a date. A time and a zone behind it must be right and are left out.
func ReadDate(b []byte) (days int64, f Fault) {
	b = trim(b)
	if days, ok := plainDate(b); ok {
		return days, OK
	}
	days, rest, f := readDay(b)
	if f == Malformed || len(rest) == 0 {
		return days, f
	}
	if validZone(rest) { // 2026-01-31 +08, as JDBC writes a date
		return days, f
	}
	if _, zone, ok := readClock(rest); !ok || !validZone(zone) {
		return 0, Malformed
	}
	return days, f
}

// ReadTimestamp reads a time as microseconds since 1970; fractional digits beyond the
// wanted ones are cut.
func ReadTimestamp(b []byte, digits int) (micros int64, f Fault) {
	plain := b
	if n := len(b); n > 19 && b[n-1] == 'Z' {
		plain = b[:n-1]
	}
	if micros, ok := plainTime(plain, digits); ok {
		return micros, OK
	}
	return anyTime(b, digits)
}

// anyTime reads a time in any form.
func anyTime(b []byte, digits int) (micros int64, f Fault) {
	days, rest, f := readDay(trim(b))
	if f == Malformed {
		return 0, f
	}
	micros = days * Day
	if len(rest) > 0 {
		clock, zone, ok := readClock(rest)
		if !ok {
			return 0, Malformed
		}
		offset, ok := readZone(zone)
		if !ok {
			return 0, Malformed
		}
		micros += clock - offset
	}
	if f == OutOfRange || !TimeInRange(micros) {
		return 0, OutOfRange
	}
	return CutTime(micros, digits), OK
}

func twoDigits(b []byte) (int64, bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	return int64(hi)*10 + int64(lo), hi <= 9 && lo <= 9
}

// plainDate is the common form of a date: 2026-01-31.
func plainDate(b []byte) (days int64, ok bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, ok1 := twoDigits(b)
	y2, ok2 := twoDigits(b[2:])
	m, ok3 := twoDigits(b[5:])
	d, ok4 := twoDigits(b[8:])
	if !(ok1 && ok2 && ok3 && ok4) {
		return 0, false
	}
	return DateOf(y1*100+y2, m, d)
}

// readDay reads year-month-day; rest is what follows. A year that is written rightly but
// lies outside the range is OutOfRange.
func readDay(b []byte) (days int64, rest []byte, f Fault) {
	y, rest, n := digitRun(b, 9)
	if (n == 6 || n == 8) && (len(rest) == 0 || rest[0] == ' ' || rest[0] == 'T') {
		return packedDay(y, n, rest)
	}
	if n < 4 || len(rest) == 0 || rest[0] != '-' {
		return 0, nil, Malformed
	}
	m, rest, n := digitRun(rest[1:], 2)
	if n == 0 || len(rest) == 0 || rest[0] != '-' {
		return 0, nil, Malformed
	}
	d, rest, n := digitRun(rest[1:], 2)
	if n == 0 || len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		return 0, nil, Malformed
	}
	if m < 1 || m > 12 || d < 1 || d > DaysIn(y, m) {
		return 0, nil, Malformed
	}
	days, ok := DateOf(y, m, d)
	if !ok {
		return 0, rest, OutOfRange
	}
	return days, rest, OK
}

// packedDay is a day of eight digits, 20260131, or of six, 260131: years up to 69 are of this century.
func packedDay(v int64, n int, rest []byte) (days int64, _ []byte, f Fault) {
	y := v / 10000
	switch {
	case n == 6 && y < 70:
		y += 2000
	case n == 6:
		y += 1900
	}
	days, ok := DateOf(y, v/100%100, v%100)
	if !ok {
		return 0, nil, Malformed
	}
	return days, rest, OK
}

// digitRun reads up to limit digits: the number, what follows, how many there were.
func digitRun(b []byte, limit int) (v int64, rest []byte, n int) {
	for n < len(b) && n < limit && b[n] >= '0' && b[n] <= '9' {
		v = v*10 + int64(b[n]-'0')
		n++
	}
	return v, b[n:], n
}

// ReadTime reads the time of a day as microseconds since midnight: hh:mm[:ss[.fraction]].
// Fractional digits beyond the wanted ones are cut. A zone behind it says nothing, as in PostgreSQL: drivers send one
// with every time of day.
func ReadTime(b []byte, digits int) (micros int64, f Fault) {
	micros, rest, ok := readHours(trim(b))
	if !ok || !validZone(rest) {
		return 0, Malformed
	}
	return CutTime(micros, digits), OK
}

// readClock reads the time of a day behind a blank or a T.
func readClock(b []byte) (micros int64, rest []byte, ok bool) {
	if b[0] == 'T' || b[0] == 't' {
		b = b[1:]
	} else if b = afterBlanks(b); b == nil {
		return 0, nil, false
	}
	return readHours(b)
}

// readHours reads hh:mm[:ss[.fraction]]; rest is what follows.
func readHours(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, nil, false
	}
	h, ok1 := twoDigits(b)
	m, ok2 := twoDigits(b[3:])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, nil, false
	}
	micros, b = h*Hour+m*Minute, b[5:]
	if len(b) == 0 || b[0] != ':' {
		return micros, b, true
	}
	if len(b) < 3 {
		return 0, nil, false
	}
	s, ok := twoDigits(b[1:])
	if !ok || s > 59 {
		return 0, nil, false
	}
	micros, b = micros+s*Second, b[3:]
	if len(b) > 0 && b[0] == '.' {
		f, n := fraction(b[1:])
		micros, b = micros+f, b[1+n:]
	}
	return micros, b, true
}

// afterBlanks drops blanks, of which there must be one.
func afterBlanks(b []byte) []byte {
	rest := b
	for len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	if len(rest) == len(b) {
		return nil
	}
	return rest
}

// fraction reads digits as microseconds.
func fraction(b []byte) (micros int64, n int) {
	unit := int64(100_000)
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		micros += int64(b[n]-'0') * unit
		unit /= 10
		n++
	}
	return micros, n
}

func validZone(b []byte) bool {
	_, ok := readZone(b)
	return ok
}

// readZone reads what may stand behind a time.
func readZone(b []byte) (micros int64, ok bool) {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	switch {
	case len(b) == 0 || equalFold(b, "z") || equalFold(b, "utc") || equalFold(b, "gmt"):
		return 0, true
	case len(b) < 3 || b[0] != '+' && b[0] != '-':
		return 0, false
	}
	h, ok := twoDigits(b[1:])
	m := int64(0)
	rest := b[3:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
		ok = ok && len(rest) == 2
	}
	if len(rest) == 2 {
		var ok2 bool
		m, ok2 = twoDigits(rest)
		ok = ok && ok2
	} else if len(rest) != 0 {
		return 0, false
	}
	micros = h*Hour + m*Minute
	if b[0] == '-' {
		micros = -micros
	}
	return micros, ok && h <= 18 && m <= 59
}
