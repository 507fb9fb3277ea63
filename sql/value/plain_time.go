package value

import "encoding/binary"

// The common form of a time is read eight bytes at a time: without those of dateBlanks and clockBlanks (exclusive or),
// bytes of digits are 0 to 9 and those between them 0.
const (
	dateBlanks  = 0x2d30302d30303030 // "0000-00-", the first byte below
	clockBlanks = 0x30303a30303a3030 // "00:00:00"
	dateBetween = 0xff0000ff00000000
	clockOthers = 0x0000ff0000ff0000
	highBits    = 0x8080808080808080
	tenTo80     = 0x7676767676767676 // a byte of 10 and more gets its highest bit
)

// plainTime reads 2026-01-31 00:00:00[.fraction], without a zone, and cuts it to the digits.
func plainTime(b []byte, digits int) (micros int64, ok bool) {
	if len(b) < 19 || b[10] != ' ' && b[10] != 'T' {
		return 0, false
	}
	date := binary.LittleEndian.Uint64(b) ^ dateBlanks
	clock := binary.LittleEndian.Uint64(b[11:]) ^ clockBlanks
	day, ok := twoDigits(b[8:])
	if !ok || (date|clock|(date+tenTo80)|(clock+tenTo80))&highBits|date&dateBetween|clock&clockOthers != 0 {
		return 0, false
	}
	date, clock = pairs(date), pairs(clock)
	h, m, s := pairAt(clock, 0), pairAt(clock, 3), pairAt(clock, 6)
	days, ok := plainDay(uint32(pairAt(date, 0)*100+pairAt(date, 2)), uint32(pairAt(date, 5)), uint32(day))
	if !ok || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	micros = days*Day + h*Hour + m*Minute + s*Second
	if len(b) == 19 {
		return micros, true
	}
	f, n := fraction(b[20:])
	if micros += f; n > digits {
		micros = CutTime(micros, digits)
	}
	return micros, b[19] == '.' && 20+n == len(b)
}

// pairs makes of each byte a number of two digits, its own and that of the byte behind it.
func pairs(x uint64) uint64 { return x*10 + x>>8 }

func pairAt(x uint64, at int) int64 { return int64(x >> (8 * at) & 0xff) }

// plainDay is DateOf for years of four digits.
func plainDay(y, m, d uint32) (days int64, ok bool) {
	if y == 0 || m-1 > 11 || d == 0 || d > 28 && int64(d) > DaysIn(int64(y), int64(m)) {
		return 0, false
	}
	if m <= 2 {
		y, m = y-1, m+12
	}
	return int64(365*y+y/4-y/100+y/400+(153*m-457)/5+d) - 719469, true
}
