package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode"
	"unicode/utf8"

	"slipway/executor/column"
)

// Hive's MASK and its like: capitals become X, small letters x, digits n, what else there is stays.

func init() {
	kernels(map[string]kernel{
		"mask": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			return appendMasked(dst, vs[0].Bytes(i), mask(vs, i), func(int, int) bool { return true }), true
		}),
		"mask_hash": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			s := sha256.Sum256(vs[0].Bytes(i))
			return hex.AppendEncode(dst, s[:]), true
		}),
		"mask_first_n":      maskSome(func(at, of, n int) bool { return at < n }),
		"mask_last_n":       maskSome(func(at, of, n int) bool { return at >= of-n }),
		"mask_show_first_n": maskSome(func(at, of, n int) bool { return at >= n }),
		"mask_show_last_n":  maskSome(func(at, of, n int) bool { return at < of-n }),
	})
}

// masking is what stands for a capital, a small letter, a digit, and anything else; "" leaves it.
type masking [4]string

var usualMask = masking{"X", "x", "n", ""}

// mask reads what the arguments behind the first say; of a text its first character counts.
func mask(vs []*column.Vector, i int) masking {
	m := usualMask
	for k, v := range vs[1:] {
		if b := v.Bytes(i); len(b) > 0 {
			_, n := utf8.DecodeRune(b)
			m[k] = string(b[:n])
		}
	}
	return m
}

// maskSome masks those characters, of so many, that some number says; 4 if it is not there.
func maskSome(masked func(at, of, n int) bool) kernel {
	return text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		b, n := vs[0].Bytes(i), int64(4)
		if len(vs) > 1 {
			n = vs[1].Ints[i]
		}
		n = min(max(n, 0), int64(len(b)))
		return appendMasked(dst, b, usualMask, func(at, of int) bool { return masked(at, of, int(n)) }), true
	})
}

func appendMasked(dst, b []byte, m masking, masked func(at, of int) bool) []byte {
	at, of := 0, utf8.RuneCount(b)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		by := ""
		if masked(at, of) {
			by = m.of(r)
		}
		if by == "" {
			dst = append(dst, b[:n]...)
		}
		dst, b, at = append(dst, by...), b[n:], at+1
	}
	return dst
}

func (m *masking) of(r rune) string {
	switch {
	case unicode.IsUpper(r):
		return m[0]
	case unicode.IsLower(r):
		return m[1]
	case unicode.IsDigit(r):
		return m[2]
	}
	return m[3]
}
