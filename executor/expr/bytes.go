package expr

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// Functions of the bytes of BINARY, and of UUIDs as bytes.

func init() {
	kernels(map[string]kernel{
		"get_byte":     getByte,
		"set_byte":     setByte,
		"convert_from": convertFrom,
		"convert_to":   convertTo,
		"is_uuid": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			_, out.Bools[i] = uuidBytes(vs[0].Bytes(i))
			return true, nil
		},
		"uuid_to_bin": uuidToBin,
		"bin_to_uuid": binToUUID,
	})
}

// byteAt checks the number of a byte.
func byteAt(b []byte, n int64) error {
	if n < 0 || n >= int64(len(b)) {
		return sqlerr.New(sqlerr.ArraySubscript, "byte %d is not there, the value has bytes 0 to %d", n, len(b)-1)
	}
	return nil
}

func getByte(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, n := vs[0].Bytes(i), vs[1].Ints[i]
	if err := byteAt(b, n); err != nil {
		return false, err
	}
	out.Ints[i] = int64(b[n])
	return true, nil
}

// setByte takes the lowest eight bits of the new value, as PostgreSQL does.
func setByte(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, n := vs[0].Bytes(i), vs[1].Ints[i]
	if err := byteAt(b, n); err != nil {
		return false, err
	}
	off := len(out.Slab)
	out.Slab = append(out.Slab, b...)
	out.Slab[off+int(n)] = byte(vs[2].Ints[i])
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(b))}
	return true, nil
}

// latin tells an encoding of one byte a character from UTF-8.
func latin(name []byte) (bool, error) {
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(string(name))) {
	case "utf8", "unicode":
		return false, nil
	case "latin1", "iso88591":
		return true, nil
	}
	return false, sqlerr.New(sqlerr.InvalidParameter, "the encoding %.40q is not known", name).WithHint("UTF8 and LATIN1 are.")
}

func convertFrom(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	one, err := latin(vs[1].Bytes(i))
	if err != nil {
		return false, err
	}
	b, off := vs[0].Bytes(i), len(out.Slab)
	switch {
	case one:
		for _, c := range b {
			out.Slab = utf8.AppendRune(out.Slab, rune(c))
		}
	case !utf8.Valid(b):
		return false, sqlerr.New(sqlerr.InvalidCharacter, "the bytes are no UTF-8")
	default:
		out.Slab = append(out.Slab, b...)
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

func convertTo(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	one, err := latin(vs[1].Bytes(i))
	if err != nil {
		return false, err
	}
	b, off := vs[0].Bytes(i), len(out.Slab)
	if !one {
		out.Slab = append(out.Slab, b...)
	}
	for len(b) > 0 && one {
		r, n := utf8.DecodeRune(b)
		if r > 0xff {
			return false, sqlerr.New(sqlerr.Untranslatable, "%q has no place in LATIN1", r)
		}
		out.Slab, b = append(out.Slab, byte(r)), b[n:]
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// uuidBytes reads a UUID as MySQL does: 32 digits, or with dashes, these perhaps in braces.
func uuidBytes(b []byte) (out [16]byte, ok bool) {
	s := string(b)
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return out, false
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if len(s) != 32 {
		return out, false
	}
	_, err := hex.Decode(out[:], []byte(s))
	return out, err == nil
}

// swaps tells that the parts of the time change places, so that later UUIDs are greater.
func swaps(vs []*column.Vector, i int) bool { return len(vs) > 1 && vs[1].Ints[i] != 0 }

func uuidToBin(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	u, ok := uuidBytes(vs[0].Bytes(i))
	if !ok {
		return false, sqlerr.New(sqlerr.InvalidText, "%.60q is no UUID", vs[0].Bytes(i))
	}
	if swaps(vs, i) {
		u = [16]byte(append(append(append(append([]byte(nil), u[6:8]...), u[4:6]...), u[:4]...), u[8:]...))
	}
	off := len(out.Slab)
	out.Slab = append(out.Slab, u[:]...)
	out.Views[i] = column.View{Off: uint32(off), Len: 16}
	return true, nil
}

func binToUUID(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	u := vs[0].Bytes(i)
	if len(u) != 16 {
		return false, sqlerr.New(sqlerr.InvalidText, "a UUID has 16 bytes, not %d", len(u))
	}
	if swaps(vs, i) {
		u = append(append(append(append([]byte(nil), u[4:8]...), u[2:4]...), u[:2]...), u[8:]...)
	}
	off := len(out.Slab)
	for k, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if k > 0 {
			out.Slab = append(out.Slab, '-')
		}
		out.Slab = hex.AppendEncode(out.Slab, part)
	}
	out.Views[i] = column.View{Off: uint32(off), Len: 36}
	return true, nil
}
