package value

import "bytes"

// An interval is written in PostgreSQL's ways: numbers with units and a time (1 year 2 mons 3 days
// 04:05:06, 1y2mon, @ 1 day ago), by the standard (1-2, 3 04:05:06), or by ISO 8601 (P1Y2M3DT4H5M6.7S).

// part is a unit: so many months, days or microseconds. Each may be named once.
type intervalPart struct {
	months, days, micros int64
	bit                  uint32
}

// intervalParts are the units by the names they go by.
var intervalParts = func() map[string]intervalPart {
	m := map[string]intervalPart{}
	for i, u := range []struct {
		months, days, micros int64
		names                []string
	}{
		{0, 0, 1, []string{"us", "usec", "usecs", "usecond", "useconds", "microsecond", "microseconds", "microsecon"}},
		{0, 0, Millisecond, []string{"ms", "msec", "msecs", "msecond", "mseconds", "millisecond", "milliseconds", "millisecon"}},
		{0, 0, Second, []string{"s", "sec", "secs", "second", "seconds"}},
		{0, 0, Minute, []string{"m", "min", "mins", "minute", "minutes"}},
		{0, 0, Hour, []string{"h", "hr", "hrs", "hour", "hours"}},
		{0, 1, 0, []string{"d", "day", "days"}},
		{0, 7, 0, []string{"w", "week", "weeks"}},
		{1, 0, 0, []string{"mon", "mons", "month", "months"}},
		{3, 0, 0, []string{"quarter", "quarters"}},
		{12, 0, 0, []string{"y", "yr", "yrs", "year", "years"}},
		{120, 0, 0, []string{"dec", "decs", "decade", "decades"}},
		{1200, 0, 0, []string{"c", "cent", "century", "centuries"}},
		{12000, 0, 0, []string{"mil", "mils", "millennium", "millennia"}},
	} {
		for _, n := range u.names {
			m[n] = intervalPart{u.months, u.days, u.micros, 1 << i}
		}
	}
	return m
}()

// clockBits are the units that a time of day stands for.
const clockBits = 1<<2 | 1<<3 | 1<<4

// ReadInterval reads an interval.
func ReadInterval(b []byte) (v Interval, f Fault) {
	b = trim(b)
	if len(b) > 1 && (b[0] == 'P' || b[0] == 'p') {
		return readISOInterval(b[1:])
	}
	r := intervalReader{}
	if len(b) > 0 && b[0] == '@' {
		b = trim(b[1:])
	}
	words, ago := bytes.Fields(b), false
	if n := len(words); n > 1 && equalFold(words[n-1], "ago") {
		words, ago = words[:n-1], true
	}
	if len(words) == 0 {
		return v, Malformed
	}
	for len(words) > 0 {
		if words, f = r.word(words); f != OK {
			return v, f
		}
	}
	if ago {
		r.sum = r.sum.Neg()
	}
	_, ok := r.sum.Pack()
	return r.sum, orOutOfRange(ok)
}

func orOutOfRange(ok bool) Fault {
	if ok {
		return OK
	}
	return OutOfRange
}

// intervalReader adds up what is read.
type intervalReader struct {
	sum  Interval
	seen uint32
}

// word reads the next word, or two of them, and gives those that follow.
func (r *intervalReader) word(words [][]byte) ([][]byte, Fault) {
	w := words[0]
	if bytes.IndexByte(w, ':') > 0 {
		return words[1:], r.clock(w)
	}
	if y, m, ok := yearMonth(w); ok {
		if f := r.add(intervalPart{months: 12, bit: 1 << 9}, y); f != OK {
			return nil, f
		}
		return words[1:], r.add(intervalPart{months: 1, bit: 1 << 7}, m)
	}
	n := numberEnd(w)
	if n == 0 {
		return nil, Malformed
	}
	amount, unit, rest := w[:n], w[n:], words[1:]
	if len(unit) > 0 {
		return rest, r.glued(amount, unit)
	}
	switch {
	case len(rest) == 0:
		return rest, r.addText(amount, "second")
	case bytes.IndexByte(rest[0], ':') > 0: // 3 04:05:06: days in front of a time
		return rest, r.addText(amount, "day")
	}
	return rest[1:], r.addText(amount, string(rest[0]))
}

// glued reads 1y2mon from the first unit on.
func (r *intervalReader) glued(amount, rest []byte) Fault {
	for {
		n := 0
		for n < len(rest) && (rest[n] < '0' || rest[n] > '9') && rest[n] != '-' && rest[n] != '+' && rest[n] != '.' {
			n++
		}
		if f := r.addText(amount, string(rest[:n])); f != OK || n == len(rest) {
			return f
		}
		rest = rest[n:]
		if n = numberEnd(rest); n == 0 || n == len(rest) {
			return Malformed
		}
		amount, rest = rest[:n], rest[n:]
	}
}

func (r *intervalReader) clock(w []byte) Fault {
	if bytes.IndexByte(w, '.') > 0 && bytes.Count(w, []byte(":")) == 1 { // minutes and seconds
		at := 0
		if w[0] == '-' || w[0] == '+' {
			at = 1
		}
		w = append(append(append([]byte{}, w[:at]...), "0:"...), w[at:]...)
	}
	micros, f := readClockDuration(w)
	if f != OK {
		return f
	}
	if r.seen&clockBits != 0 {
		return Malformed
	}
	r.seen |= clockBits
	sum, ok := r.sum.Add(Interval{Micros: micros})
	r.sum = sum
	return orOutOfRange(ok)
}

func (r *intervalReader) addText(amount []byte, unit string) Fault {
	p, ok := intervalParts[string(bytes.ToLower([]byte(unit)))]
	if !ok {
		return Malformed
	}
	return r.add(p, amount)
}

// add adds a number of units. Of a number with a fraction the rest is brought to the next units: half a
// year is 6 months, half a month 15 days, half a day 12 hours.
func (r *intervalReader) add(p intervalPart, amount []byte) Fault {
	if r.seen&p.bit != 0 {
		return Malformed
	}
	r.seen |= p.bit
	const digits = 12
	n, f := ReadDecimal(amount, 38, digits)
	if f != OK {
		return f
	}
	one := WidePow10[digits]
	whole, rest := n.QuoRem(one)
	count, fits := whole.Int64()
	part, ok := partOf(p, count, rest, one)
	sum, inside := r.sum.Add(part)
	r.sum = sum
	return orOutOfRange(fits && ok && inside)
}

// partOf is count units and rest/one of a unit.
func partOf(p intervalPart, count int64, rest, one Int128) (v Interval, ok bool) {
	const most = 1 << 40 // of months and days: they must fit into 32 bits in the end
	if p.micros != 0 {
		n, ok1 := MulQuo(FromInt64(count), FromInt64(p.micros), FromInt64(1))
		m, ok2 := MulQuo(rest, FromInt64(p.micros), one)
		n, ok3 := n.Add(m)
		v.Micros, ok = n.Int64()
		return v, ok && ok1 && ok2 && ok3
	}
	if count > most || count < -most {
		return v, false
	}
	v = Interval{Months: count * p.months, Days: count * p.days}
	per, days := p.months, FromInt64(p.days)
	if per != 0 {
		all, _ := MulQuo(rest, FromInt64(per), FromInt64(1))
		var m Int128
		m, rest = all.QuoRem(one)
		n, _ := m.Int64()
		if v.Months += n; per > 1 {
			v.Months += roundedUp(rest, one)
			return v, true
		}
		days = FromInt64(monthDays30)
	}
	all, _ := MulQuo(rest, days, FromInt64(1))
	d, rest := all.QuoRem(one)
	n, _ := d.Int64()
	v.Days += n
	micros, _ := MulQuo(rest, FromInt64(Day), one)
	v.Micros, ok = micros.Int64()
	return v, ok
}

// roundedUp is 1 or -1 where rest/one is more than a half: parts of a year are whole months.
func roundedUp(rest, one Int128) int64 {
	twice, _ := rest.Add(rest)
	switch {
	case twice.Cmp(one) > 0:
		return 1
	case twice.Cmp(one.Neg()) < 0:
		return -1
	}
	return 0
}

// yearMonth reads [±]years-months.
func yearMonth(w []byte) (years, months []byte, ok bool) {
	at := bytes.IndexByte(w[1:], '-') + 1
	if at < 1 || numberEnd(w) != at {
		return nil, nil, false
	}
	years, months = w[:at], w[at+1:]
	if len(months) == 0 || len(months) > 2 || months[0] == '+' || months[0] == '-' || numberEnd(months) != len(months) {
		return nil, nil, false
	}
	if m, _, _ := digitRun(months, 2); m > 11 {
		return nil, nil, false
	}
	if w[0] == '-' {
		months = append([]byte{'-'}, months...)
	}
	return years, months, true
}

// numberEnd is how long the number is with which b begins: [±]digits[.digits].
func numberEnd(b []byte) int {
	n := 0
	if n < len(b) && (b[n] == '-' || b[n] == '+') {
		n++
	}
	digits := 0
	for ; n < len(b) && (b[n] >= '0' && b[n] <= '9' || b[n] == '.'); n++ {
		if b[n] != '.' {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	return n
}

// isoUnits are the letters of ISO 8601 before and behind the T.
var isoUnits = [2]map[byte]string{
	{'Y': "year", 'M': "month", 'W': "week", 'D': "day"},
	{'H': "hour", 'M': "minute", 'S': "second"},
}

func readISOInterval(b []byte) (v Interval, f Fault) {
	r, behind, numbers := intervalReader{}, 0, 0
	for len(b) > 0 {
		if b[0]|0x20 == 't' && behind == 0 {
			behind, b = 1, b[1:]
			continue
		}
		n := numberEnd(b)
		if n == 0 || n == len(b) {
			return v, Malformed
		}
		unit, ok := isoUnits[behind][b[n]&^0x20]
		if !ok {
			return v, Malformed
		}
		if f := r.addText(b[:n], unit); f != OK {
			return v, f
		}
		b, numbers = b[n+1:], numbers+1
	}
	if numbers == 0 {
		return v, Malformed
	}
	_, ok := r.sum.Pack()
	return r.sum, orOutOfRange(ok)
}
