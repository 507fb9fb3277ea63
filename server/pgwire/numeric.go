package pgwire

import (
	"encoding/binary"
	"strings"
)

// Bounds of a NUMERIC in binary form: far beyond what a DECIMAL takes, far below what PostgreSQL sends.
const (
	maxGroups = 64
	maxScale  = 256
)

// numericText reads NUMERIC's binary form: groups of four decimal digits, the first of them
// worth 10000^weight. False for NaN, Infinity and what is malformed.
func numericText(b []byte) (string, bool) {
	if len(b) < 8 {
		return "", false
	}
	groups := int(binary.BigEndian.Uint16(b))
	weight := int(int16(binary.BigEndian.Uint16(b[2:])))
	sign, scale := binary.BigEndian.Uint16(b[4:]), int(binary.BigEndian.Uint16(b[6:]))
	if len(b) != 8+2*groups || groups > maxGroups || weight >= maxGroups || weight < -maxGroups || scale > maxScale || sign != 0 && sign != 0x4000 {
		return "", false
	}
	group := func(i int) int {
		if i < 0 || i >= groups {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[8+2*i:]))
	}
	out := []byte{'0'}
	for i := 0; i <= weight; i++ {
		out = appendGroup(out, group(i))
	}
	point := len(out)
	for i := weight + 1; len(out)-point < scale; i++ {
		out = appendGroup(out, group(i))
	}
	text := strings.TrimLeft(string(out[:point]), "0")
	if text == "" {
		text = "0"
	}
	if scale > 0 {
		text += "." + string(out[point:point+scale])
	}
	if sign != 0 {
		text = "-" + text
	}
	return text, true
}

func appendGroup(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/1000%10), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}
