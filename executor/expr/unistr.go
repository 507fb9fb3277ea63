package expr

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func init() {
	kernels(map[string]kernel{"unistr": unistr, "to_hex": toHex, "isfinite": isFinite})
}

// unicodeForms are what stands behind a backslash in UNISTR, and how many digits follow.
var unicodeForms = []struct {
	sign   string
	digits int
}{{"+", 6}, {"u", 4}, {"U", 8}, {"", 4}}

// unistr is PostgreSQL's: \0061, \+000061, \u0061 and \U00000061 are characters, \\ is a backslash.
func unistr(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, off := vs[0].Bytes(i), len(out.Slab)
	high := rune(0) // the first half of a pair
	for len(b) > 0 {
		at := bytes.IndexByte(b, '\\')
		if at < 0 {
			at = len(b)
		}
		plain := at > 0 || at+1 < len(b) && b[at+1] == '\\'
		if high != 0 && plain {
			return false, noPair()
		}
		out.Slab = append(out.Slab, b[:at]...)
		if b = b[at:]; len(b) == 0 {
			break
		}
		if len(b) > 1 && b[1] == '\\' {
			out.Slab, b = append(out.Slab, '\\'), b[2:]
			continue
		}
		c, n, err := escapedCharacter(b[1:])
		if err != nil {
			return false, err
		}
		if b = b[1+n:]; high != 0 {
			if c = utf16.DecodeRune(high, c); c == utf8.RuneError {
				return false, noPair()
			}
		}
		if high = 0; utf16.IsSurrogate(c) {
			if high = c; c >= 0xdc00 {
				return false, noPair()
			}
			continue
		}
		out.Slab = utf8.AppendRune(out.Slab, c)
	}
	if high != 0 {
		return false, noPair()
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

func noPair() error { return sqlerr.New(sqlerr.SyntaxError, "invalid Unicode surrogate pair") }

// escapedCharacter reads what stands behind a backslash, and says how many bytes that is.
func escapedCharacter(b []byte) (c rune, n int, err error) {
	for _, f := range unicodeForms {
		end := len(f.sign) + f.digits
		if len(b) < end || string(b[:len(f.sign)]) != f.sign {
			continue
		}
		x, err := strconv.ParseUint(string(b[len(f.sign):end]), 16, 32)
		if err != nil {
			continue
		}
		if x > utf8.MaxRune || x == 0 {
			return 0, 0, sqlerr.New(sqlerr.InvalidParameter, "invalid Unicode code point: %04X", x)
		}
		return rune(x), end, nil
	}
	return 0, 0, sqlerr.New(sqlerr.SyntaxError, "invalid Unicode escape").WithHint(`Unicode escapes must be \XXXX, \+XXXXXX, \uXXXX, or \UXXXXXXXX.`)
}

// toHex is PostgreSQL's: the digits of 32 bits or of 64.
func toHex(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x := uint64(vs[0].Ints[i])
	if vs[0].Type.Kind == types.Int {
		x = uint64(uint32(x))
	}
	off := len(out.Slab)
	out.Slab = strconv.AppendUint(out.Slab, x, 16)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// isFinite: there are no infinite times.
func isFinite(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Bools[i] = true
	return true, nil
}
