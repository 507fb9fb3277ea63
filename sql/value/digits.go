package value

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Whole numbers, eight digits at a time: how long a number is then costs no branch that the processor guesses wrong.

const (
	eightZeros = 0x3030303030303030 // "00000000"
	tenTo8     = 100_000_000
)

// digitsOf gives the digits of a number below ten to the eighth: eight bytes of 0 to 9, the first digit the lowest.
func digitsOf(n uint64) uint64 {
	x := n/10_000 | n%10_000<<32
	top := x * 10_486 >> 20 & 0x0000007f_0000007f // a hundredth of each half
	x = top | (x-100*top)<<16
	top = x * 103 >> 10 & 0x000f_000f_000f_000f // a tenth of each quarter
	return top | (x-10*top)<<8
}

// AppendInt writes a number in decimal.
func AppendInt(dst []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		dst, u = append(dst, '-'), -u
	}
	return appendUint(dst, u)
}

func appendUint(dst []byte, u uint64) []byte {
	if u >= tenTo8 {
		return appendEight(appendUint(dst, u/tenTo8), digitsOf(u%tenTo8), 8)
	}
	x := digitsOf(u)
	count := 8 - bits.TrailingZeros64(x|1<<56)/8
	return appendEight(dst, x>>(64-8*count), count)
}

// appendEight writes so many of eight digits, from the lowest byte.
func appendEight(dst []byte, x uint64, count int) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 8)[:at+8]
	binary.LittleEndian.PutUint64(dst[at:], x|eightZeros)
	return dst[:at+count]
}
