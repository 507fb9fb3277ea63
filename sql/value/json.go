package value

import (
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
	plain := true
	for _, c := range s {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	dst = append(dst, '"')
	if plain {
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
