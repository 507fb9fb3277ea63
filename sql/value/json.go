package value

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// ReadJSON takes a text that is JSON by RFC 8259, as it is but for the blanks around it.
func ReadJSON(b []byte) ([]byte, Fault) {
	b = trim(b)
	if !json.Valid(b) {
		return nil, Malformed
	}
	return b, OK
}

// AppendJSONString writes a JSON string; the common one is copied as it is.
func AppendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, "\uFFFD"...)
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return append(dst, '"')
}

// isPlain tells a text of ASCII that JSON has no escapes for. Eight bytes at a time: a byte below the blank, and one that is 0
// when a quote or a backslash is taken from it by exclusive or, gets its highest bit by a subtraction.
func isPlain(s []byte) bool {
	const ones = 0x0101010101010101
	for len(s) >= 8 {
		x := binary.LittleEndian.Uint64(s)
		if (x|(x-' '*ones)|((x^'"'*ones)-ones)|((x^'\\'*ones)-ones))&highBits != 0 {
			return false
		}
		s = s[8:]
	}
	for _, c := range s {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
