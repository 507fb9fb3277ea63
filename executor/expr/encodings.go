package expr

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"strconv"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Encodings and hashes: of the bytes of a text, or of BINARY.

func init() {
	kernels(map[string]kernel{
		"sha224": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			s := sha256.Sum224(vs[0].Bytes(i))
			return hex.AppendEncode(dst, s[:]), true
		}),
		"sha256": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			s := sha256.Sum256(vs[0].Bytes(i))
			return hex.AppendEncode(dst, s[:]), true
		}),
		"sha384": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			s := sha512.Sum384(vs[0].Bytes(i))
			return hex.AppendEncode(dst, s[:]), true
		}),
		"sha512": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			s := sha512.Sum512(vs[0].Bytes(i))
			return hex.AppendEncode(dst, s[:]), true
		}),
		"crc32": ofText(func(b []byte) int64 { return int64(crc32.ChecksumIEEE(b)) }),
		"unhex": text(unhex),
		"base64": bounded(sizeOfBase64, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			return base64.StdEncoding.AppendEncode(dst, vs[0].Bytes(i)), true
		}),
		"to_base64": bounded(sizeOfBase64, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
			return inLines(dst, vs[0].Bytes(i), false), true
		}),
		"from_base64": text(fromBase64), "url_encode": text(urlEncode), "url_decode": text(urlDecode), "encode": encode, "decode": decode,
	})
	simple["md5"] = text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		s := md5.Sum(vs[0].Bytes(i))
		return hex.AppendEncode(dst, s[:]), true
	})
	simple["sha1"] = text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		s := sha1.Sum(vs[0].Bytes(i))
		return hex.AppendEncode(dst, s[:]), true
	})
	simple["hex"] = hexOf
}

// hexOf is MySQL's: of a number its 64 bits, else the bytes.
func hexOf(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	off := len(out.Slab)
	if vs[0].Type.Physical() == types.PhysicalInt64 {
		out.Slab = strconv.AppendUint(out.Slab, uint64(vs[0].Ints[i]), 16)
	} else {
		if err := checkText(2 * int64(vs[0].Views[i].Len)); err != nil {
			return false, err
		}
		out.Slab = hex.AppendEncode(out.Slab, vs[0].Bytes(i))
	}
	out.Slab = capital(out.Slab, off)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// unhex is MySQL's: an odd first digit is a byte of its own, and what is no digit gives NULL.
func unhex(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	b := vs[0].Bytes(i)
	if len(b)%2 == 1 {
		d := digit(b[0])
		if d > 15 {
			return dst, false
		}
		dst, b = append(dst, byte(d)), b[1:]
	}
	for ; len(b) > 0; b = b[2:] {
		x, y := digit(b[0]), digit(b[1])
		if x > 15 || y > 15 {
			return dst, false
		}
		dst = append(dst, byte(x<<4|y))
	}
	return dst, true
}

func sizeOfBase64(vs []*column.Vector, i int) int64 {
	n := int64(base64.StdEncoding.EncodedLen(int(vs[0].Views[i].Len)))
	return n + n/lineOfBase64
}

// lineOfBase64 is how long a line is, by MIME.
const lineOfBase64 = 76

// inLines encodes with a newline between lines; behind the last one too, if it is full, where that is wanted.
func inLines(dst, b []byte, behind bool) []byte {
	const part = lineOfBase64 / 4 * 3
	for len(b) > part || behind && len(b) == part {
		dst = append(base64.StdEncoding.AppendEncode(dst, b[:part]), '\n')
		b = b[part:]
	}
	return base64.StdEncoding.AppendEncode(dst, b)
}

// fromBase64 is MySQL's: white space does not count, and what is none gives NULL.
func fromBase64(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	return decodeBase64(dst, vs[0].Bytes(i))
}

func decodeBase64(dst, b []byte) (_ []byte, ok bool) {
	var quad [4]byte
	n, ended := 0, false
	for _, c := range b {
		if c == ' ' || c >= '\t' && c <= '\r' {
			continue
		}
		if ended {
			return dst, false
		}
		quad[n], n = c, n+1
		if n < 4 {
			continue
		}
		var three [3]byte
		k, err := base64.StdEncoding.Decode(three[:], quad[:])
		if err != nil {
			return dst, false
		}
		dst, n, ended = append(dst, three[:k]...), 0, k < 3
	}
	return dst, n == 0
}

// urlEncode is what forms are sent in: blanks are +, all but letters, digits and .-*_ is %XX.
func urlEncode(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	const digits = "0123456789ABCDEF"
	for _, c := range vs[0].Bytes(i) {
		switch {
		case c == ' ':
			dst = append(dst, '+')
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '.', c == '-', c == '*', c == '_':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst, true
}

// urlDecode reads it; a % without two digits, and bytes that are no text, give NULL.
func urlDecode(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	off := len(dst)
	for b := vs[0].Bytes(i); len(b) > 0; b = b[1:] {
		switch {
		case b[0] == '+':
			dst = append(dst, ' ')
		case b[0] != '%':
			dst = append(dst, b[0])
		case len(b) < 3 || digit(b[1]) > 15 || digit(b[2]) > 15:
			return dst, false
		default:
			dst = append(dst, byte(digit(b[1])<<4|digit(b[2])))
			b = b[2:]
		}
	}
	return dst, utf8.Valid(dst[off:])
}

// encode and decode are PostgreSQL's, with its forms base64, hex and escape.

func encode(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, off := vs[0].Bytes(i), len(out.Slab)
	if err := checkText(int64(len(b))); err != nil {
		return false, err
	}
	switch string(vs[1].Bytes(i)) {
	case "base64":
		out.Slab = inLines(out.Slab, b, true)
	case "hex":
		out.Slab = hex.AppendEncode(out.Slab, b)
	case "escape":
		out.Slab = escaped(out.Slab, b)
	default:
		return false, unknownForm(vs[1].Bytes(i))
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, checkText(int64(len(out.Slab) - off))
}

func unknownForm(form []byte) error {
	return sqlerr.New(sqlerr.InvalidParameter, "unrecognized encoding: %q", form).WithHint("Known are base64, hex and escape.")
}

func escaped(dst, b []byte) []byte {
	for _, c := range b {
		switch {
		case c == 0 || c >= 0x80:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		case c == '\\':
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func decode(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, off, ok, code := vs[0].Bytes(i), len(out.Slab), false, sqlerr.InvalidParameter
	form := vs[1].Bytes(i)
	switch string(form) {
	case "base64":
		out.Slab, ok = decodeBase64(out.Slab, b)
	case "hex":
		out.Slab, ok = decodeHex(out.Slab, b)
	case "escape":
		out.Slab, ok = unescaped(out.Slab, b)
		code = sqlerr.InvalidText
	default:
		return false, unknownForm(form)
	}
	if !ok {
		return false, sqlerr.New(code, "decode: %.100q is no text in form %s", b, form)
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// decodeHex takes white space between bytes.
func decodeHex(dst, b []byte) ([]byte, bool) {
	for len(b) > 0 {
		if c := b[0]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			b = b[1:]
			continue
		}
		if len(b) < 2 || digit(b[0]) > 15 || digit(b[1]) > 15 {
			return dst, false
		}
		dst, b = append(dst, byte(digit(b[0])<<4|digit(b[1]))), b[2:]
	}
	return dst, true
}

func unescaped(dst, b []byte) ([]byte, bool) {
	for len(b) > 0 {
		switch {
		case b[0] != '\\':
			dst, b = append(dst, b[0]), b[1:]
		case len(b) >= 4 && b[1] >= '0' && b[1] <= '3' && b[2] >= '0' && b[2] <= '7' && b[3] >= '0' && b[3] <= '7':
			dst, b = append(dst, (b[1]-'0')<<6|(b[2]-'0')<<3|(b[3]-'0')), b[4:]
		case len(b) >= 2 && b[1] == '\\':
			dst, b = append(dst, '\\'), b[2:]
		default:
			return dst, false
		}
	}
	return dst, true
}
