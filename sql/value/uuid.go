package value

import "encoding/binary"

// A UUID is its 16 bytes as a number of 128 bits. The first bit is turned, so that the order of signed numbers, which
// columns of such have, is that of the bytes.

const firstBit = -1 << 63

// UUIDOf packs 16 bytes.
func UUIDOf(b []byte) Int128 {
	return Int128{Hi: int64(binary.BigEndian.Uint64(b)) ^ firstBit, Lo: binary.BigEndian.Uint64(b[8:])}
}

// AppendUUIDBytes appends the 16 bytes.
func AppendUUIDBytes(dst []byte, v Int128) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(v.Hi^firstBit)), v.Lo)
}

const lowerHex = "0123456789abcdef"

// AppendUUID writes 36 characters, with small letters.
func AppendUUID(dst []byte, v Int128) []byte {
	var raw [16]byte
	for i, b := range AppendUUIDBytes(raw[:0], v) {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, lowerHex[b>>4], lowerHex[b&15])
	}
	return dst
}

// ReadUUID reads what PostgreSQL does: 32 digits of either case, with or without a hyphen behind each four of them, and
// with or without braces around all.
func ReadUUID(text []byte) (Int128, Fault) {
	if n := len(text); n > 1 && text[0] == '{' && text[n-1] == '}' {
		text = text[1 : n-1]
	}
	var raw [16]byte
	for i := range raw {
		if len(text) < 2 {
			return Int128{}, Malformed
		}
		high, low := hexDigit(text[0]), hexDigit(text[1])
		if high > 15 || low > 15 {
			return Int128{}, Malformed
		}
		raw[i], text = high<<4|low, text[2:]
		if i%2 == 1 && i < 15 && len(text) > 0 && text[0] == '-' {
			text = text[1:]
		}
	}
	if len(text) > 0 {
		return Int128{}, Malformed
	}
	return UUIDOf(raw[:]), OK
}

// hexDigit gives 16 of what is none.
func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
