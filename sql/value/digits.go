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

var powersOf10 = [9]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, tenTo8}

// ReadDigits reads the digits that b begins with, and says how many there are; of more than 18 the number is not right.
func ReadDigits(b []byte) (n int64, count int) {
	for len(b)-count >= 8 {
		part, length := eightDigits(binary.LittleEndian.Uint64(b[count:]))
		n = n*powersOf10[length] + part
		if count += length; length < 8 {
			return n, count
		}
	}
	for count < len(b) && b[count]-'0' <= 9 {
		n = n*10 + int64(b[count]-'0')
		count++
	}
	return n, count
}

// CountDigits says how many digits b begins with.
func CountDigits(b []byte) (count int) {
	for len(b)-count >= 8 {
		length := leadingDigits(binary.LittleEndian.Uint64(b[count:]) ^ eightZeros)
		if count += length; length < 8 {
			return count
		}
	}
	for count < len(b) && b[count]-'0' <= 9 {
		count++
	}
	return count
}

// leadingDigits counts the bytes of 0 to 9 from the lowest.
func leadingDigits(x uint64) int {
	return bits.TrailingZeros64((x|(x+tenTo80))&highBits) / 8 // a carry goes only to bytes behind one that is no digit
}

// eightDigits reads the digits in front of the first byte, from the lowest, that is none.
func eightDigits(x uint64) (n int64, count int) {
	x ^= eightZeros
	count = leadingDigits(x)
	x = pairs(x << (64 - 8*count)) // zeros in front
	const firsts = 0x000000ff_000000ff
	return int64(((x&firsts)*(100+1_000_000<<32) + (x>>16&firsts)*(1+10_000<<32)) >> 32), count
}

// digitsOf is the reverse for a number below ten to the eighth: eight bytes of 0 to 9, the first digit the lowest.
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
