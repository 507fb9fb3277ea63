package expr

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Functions that write texts and numbers in another form, or compare how they sound and are spelt.

func init() {
	kernels(map[string]kernel{
		"quote_literal": text(quoteLiteral), "quote_ident": text(quoteIdent), "soundex": text(soundex), "levenshtein": levenshtein, "format": format,
	})
	withNulls["quote"] = text(quote)
}

// quoteLiteral is PostgreSQL's: a text as a literal of its SQL.
func quoteLiteral(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	return appendLiteral(dst, vs[0].Bytes(i)), true
}

func appendLiteral(dst, b []byte) []byte {
	if bytes.IndexByte(b, '\\') >= 0 {
		dst = append(dst, 'E')
	}
	dst = append(dst, '\'')
	for _, c := range b {
		if c == '\'' || c == '\\' {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, '\'')
}

// quoteIdent is PostgreSQL's: a name as its SQL takes it, in quotes where it must be.
func quoteIdent(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	return appendIdent(dst, vs[0].Bytes(i)), true
}

func appendIdent(dst, b []byte) []byte {
	if isPlainName(b) {
		return append(dst, b...)
	}
	dst = append(dst, '"')
	for _, c := range b {
		if c == '"' {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func isPlainName(b []byte) bool {
	if len(b) == 0 || b[0] >= '0' && b[0] <= '9' {
		return false
	}
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return !postgresWords[string(b)]
}

// quote is MySQL's: a text as a literal of its SQL, NULL as the word.
func quote(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	if vs[0].Null(i) {
		return append(dst, "NULL"...), true
	}
	dst = append(dst, '\'')
	for _, c := range vs[0].Bytes(i) {
		switch c {
		case 0:
			dst = append(dst, `\0`...)
		case 26:
			dst = append(dst, `\Z`...)
		case '\'', '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\''), true
}

const soundexCodes = "01230120022455012623010202"

// soundex is MySQL's: as long as the text has sounds, at least four; letters beyond A to Z are vowels.
func soundex(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	off, last := len(dst), byte(0)
	for b := vs[0].Bytes(i); len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if (r < 'A' || r > 'Z') && r < 0xC0 {
			continue
		}
		code := byte('0')
		if r <= 'Z' {
			code = soundexCodes[r-'A']
		}
		switch {
		case len(dst) == off:
			dst, last = utf8.AppendRune(dst, r), code
		case code != '0' && code != last:
			dst, last = append(dst, code), code
		}
	}
	for n := utf8.RuneCount(dst[off:]); n > 0 && n < 4; n++ {
		dst = append(dst, '0')
	}
	return dst, true
}

// maxLevenshtein bounds the product of two lengths.
const maxLevenshtein = 1 << 24

// levenshtein counts the characters to put in, take out or change, which make one text of the other.
func levenshtein(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	a, b := vs[0].Bytes(i), vs[1].Bytes(i)
	m, n := utf8.RuneCount(a), utf8.RuneCount(b)
	if times(int64(m), int64(n)) > maxLevenshtein {
		return false, sqlerr.New(sqlerr.ProgramLimit, "levenshtein: texts of %d and %d characters are too long", m, n)
	}
	var few [256]int32
	row := few[:]
	if n+1 > len(row) {
		row = make([]int32, n+1)
	}
	for j := range n + 1 {
		row[j] = int32(j)
	}
	for k := int32(1); len(a) > 0; k++ {
		c, size := utf8.DecodeRune(a)
		a = a[size:]
		before := row[0]
		row[0] = k
		for j, at := 1, 0; j <= n; j++ {
			d, size := utf8.DecodeRune(b[at:])
			at += size
			cost := before
			if c != d {
				cost++
			}
			before = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	out.Ints[i] = int64(row[n])
	return true, nil
}

// maxFormat is how many digits behind the point FORMAT gives at most.
const maxFormat = 38

// format is MySQL's: a number with commas between thousands, rounded at a number of digits.
func format(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	digits := int(min(max(vs[1].Ints[i], 0), maxFormat))
	var few [64]byte
	b := few[:0]
	if vs[0].Type.Physical() == types.PhysicalFloat64 {
		x := vs[0].Floats[i]
		if !finite(x) {
			out.SetBytes(i, value.AppendFloat(b, x, 64))
			return true, nil
		}
		b = ofDigits(b, atDigits(x, float64(digits), math.RoundToEven), digits)
	} else {
		b = exactDigits(b, wide128(vs[0], i), scaleOf(vs[0].Type), digits)
	}
	off := len(out.Slab)
	out.Slab = thousands(out.Slab, b)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// exactDigits writes a scaled integer with digits behind the point.
func exactDigits(b []byte, v column.Int128, scale, digits int) []byte {
	if digits < scale {
		v, _ = v.Rescale(scale, digits)
		scale = digits
	}
	b = value.AppendDecimal128(b, v, scale)
	if digits > scale && scale == 0 {
		b = append(b, '.')
	}
	for ; scale < digits; scale++ {
		b = append(b, '0')
	}
	return b
}

// ofDigits writes a number with digits behind the point; behind those that tell it from others are zeros.
func ofDigits(b []byte, x float64, digits int) []byte {
	b = strconv.AppendFloat(b, x+0, 'f', -1, 64) // -0 + 0 is 0
	point := bytes.IndexByte(b, '.')
	switch {
	case point < 0 && digits == 0:
		return b
	case point < 0:
		point, b = len(b), append(b, '.')
	}
	if have := len(b) - point - 1; have > digits {
		return strconv.AppendFloat(b[:0], x, 'f', digits, 64)
	}
	for len(b)-point-1 < digits {
		b = append(b, '0')
	}
	return b
}

// thousands appends a number with commas.
func thousands(dst, b []byte) []byte {
	if len(b) > 0 && b[0] == '-' {
		dst, b = append(dst, '-'), b[1:]
	}
	whole := bytes.IndexByte(b, '.')
	if whole < 0 {
		whole = len(b)
	}
	for k, c := range b[:whole] {
		if k > 0 && (whole-k)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return append(dst, b[whole:]...)
}
