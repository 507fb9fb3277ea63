package expr

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Functions that take texts apart and put them together.

func init() {
	kernels(map[string]kernel{
		"starts_with": ofTexts(bytes.HasPrefix), "ends_with": ofTexts(bytes.HasSuffix),
		"btrim":      trimmed(true, true),
		"trim_both":  ofPart(func(b, part []byte) []byte { return trimPart(b, part, true, true) }),
		"trim_first": ofPart(func(b, part []byte) []byte { return trimPart(b, part, true, false) }), "trim_last": ofPart(func(b, part []byte) []byte { return trimPart(b, part, false, true) }),
		"split_part": splitPart, "substring_index": text(substringIndex), "translate": text(translate), "space": bounded(sizeOfSpace, space),
		"insert": bounded(sizeOfInsert, insert), "overlay": overlay, "initcap": text(initcap), "bit_length": count1(func(b []byte) int { return 8 * len(b) }), "ord": ofText(ord),
		"strcmp": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			out.Ints[i] = int64(bytes.Compare(vs[0].Bytes(i), vs[1].Bytes(i)))
			return true, nil
		},
		"find_in_set": findInSet, "chr": chr,
	})
	for name, k := range map[string]kernel{"field_of_list": fieldOfList, "elt": elt, "char": char} {
		withNulls[name] = k
	}
	simple["ltrim"], simple["rtrim"], simple["upper"], simple["lower"] = trimmed(true, false), trimmed(false, true), text(upper), text(lower)
}

func ofTexts(f func(a, b []byte) bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = f(vs[0].Bytes(i), vs[1].Bytes(i))
		return true, nil
	}
}

func ofText(f func(b []byte) int64) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = f(vs[0].Bytes(i))
		return true, nil
	}
}

// ofPart gives a part of a text.
func ofPart(f func(b, by []byte) []byte) kernel {
	return text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		return append(dst, f(vs[0].Bytes(i), vs[1].Bytes(i))...), true
	})
}

// upper and lower change the letters one by one; a letter that is none in UTF-8 stays as it is.
func upper(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	return eachLetter(dst, vs[0].Bytes(i), unicode.ToUpper), true
}

func lower(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	return eachLetter(dst, vs[0].Bytes(i), unicode.ToLower), true
}

func eachLetter(dst, b []byte, f func(rune) rune) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, b[0])
		} else {
			dst = utf8.AppendRune(dst, f(r))
		}
		b = b[n:]
	}
	return dst
}

// trimmed takes any of some characters, blanks unless they are said, away at the ends.
func trimmed(first, last bool) kernel {
	return text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		b := vs[0].Bytes(i)
		if len(vs) == 1 {
			return append(dst, trimPart(b, blank, first, last)...), true
		}
		among := charsOf(vs[1].Bytes(i), len(b))
		for first && len(b) > 0 {
			_, n := utf8.DecodeRune(b)
			if _, found := among.find(b[:n]); !found {
				break
			}
			b = b[n:]
		}
		for last && len(b) > 0 {
			_, n := utf8.DecodeLastRune(b)
			if _, found := among.find(b[len(b)-n:]); !found {
				break
			}
			b = b[:len(b)-n]
		}
		return append(dst, b...), true
	})
}

var blank = []byte(" ")

// chars are the characters of a text, in which those of another are looked for.
type chars struct {
	text []byte
	// places are those of each character, where there are so many of both that it pays.
	places map[string]int
}

// maxCharSteps bounds how many characters are compared before they are put into a map.
const maxCharSteps = 1 << 16

// charsOf makes them for as many questions.
func charsOf(text []byte, questions int) chars {
	c := chars{text: text}
	if times(int64(len(text)), int64(questions)) <= maxCharSteps {
		return c
	}
	c.places = map[string]int{}
	for n, at := 0, 0; at < len(text); n++ {
		_, size := utf8.DecodeRune(text[at:])
		if _, twice := c.places[string(text[at:at+size])]; !twice {
			c.places[string(text[at:at+size])] = n
		}
		at += size
	}
	return c
}

// find counts the characters before a certain one; -1 if it is not there.
func (c chars) find(one []byte) (before int, found bool) {
	if c.places != nil {
		if n, ok := c.places[string(one)]; ok {
			return n, true
		}
		return -1, false
	}
	rest := c.text
	for n := 0; len(rest) > 0; n++ {
		_, size := utf8.DecodeRune(rest)
		if bytes.Equal(rest[:size], one) {
			return n, true
		}
		rest = rest[size:]
	}
	return -1, false
}

// trimPart takes a part away at the ends as often as it stands there.
func trimPart(b, part []byte, first, last bool) []byte {
	if len(part) == 0 {
		return b
	}
	for first && bytes.HasPrefix(b, part) {
		b = b[len(part):]
	}
	for last && bytes.HasSuffix(b, part) {
		b = b[:len(b)-len(part)]
	}
	return b
}

// splitPart is PostgreSQL's: parts count from 1, from the end where the number is negative.
func splitPart(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, by, n := vs[0].Bytes(i), vs[1].Bytes(i), vs[2].Ints[i]
	if n == 0 {
		return false, sqlerr.New(sqlerr.InvalidParameter, "split_part: the number of the part must not be zero")
	}
	parts := int64(1)
	if len(by) > 0 && len(b) > 0 {
		parts += int64(bytes.Count(b, by))
	}
	if n < 0 {
		n += parts + 1
	}
	out.Views[i] = column.View{Off: uint32(len(out.Slab))}
	if n < 1 || n > parts {
		return true, nil
	}
	for ; n > 1; n-- {
		b = b[bytes.Index(b, by)+len(by):]
	}
	if at := bytes.Index(b, by); at >= 0 && len(by) > 0 {
		b = b[:at]
	}
	out.SetBytes(i, b)
	return true, nil
}

// substringIndex is MySQL's: what stands before the n-th place of a part, or behind it from the end.
func substringIndex(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	b, by, n := vs[0].Bytes(i), vs[1].Bytes(i), vs[2].Ints[i]
	if len(by) == 0 || n == 0 {
		return dst, true
	}
	if n > 0 {
		for at := 0; ; n-- {
			next := bytes.Index(b[at:], by)
			switch {
			case next < 0:
				return append(dst, b...), true
			case n == 1:
				return append(dst, b[:at+next]...), true
			}
			at += next + len(by)
		}
	}
	for end := len(b); ; n++ {
		at := bytes.LastIndex(b[:end], by)
		switch {
		case at < 0:
			return append(dst, b...), true
		case n == -1:
			return append(dst, b[at+len(by):]...), true
		}
		end = at
	}
}

// translate puts the character of a list that has the place of one in another list in its place, or nothing.
func translate(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	b, from, to := vs[0].Bytes(i), charsOf(vs[1].Bytes(i), len(vs[0].Bytes(i))), vs[2].Bytes(i)
	starts := startsOf(to, from.places != nil)
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		if at, found := from.find(b[:n]); !found {
			dst = append(dst, b[:n]...)
		} else {
			dst = append(dst, charAt(to, starts, at)...)
		}
		b = b[n:]
	}
	return dst, true
}

// startsOf lists where the characters of a text begin, if that is wanted.
func startsOf(text []byte, wanted bool) (list []int) {
	if !wanted {
		return nil
	}
	for at := 0; at < len(text); {
		list = append(list, at)
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return list
}

// charAt is a character by number; none behind the last.
func charAt(text []byte, starts []int, n int) []byte {
	at := len(text)
	if starts == nil {
		at = skip(text, int64(n))
	} else if n < len(starts) {
		at = starts[n]
	}
	_, size := utf8.DecodeRune(text[at:])
	return text[at : at+size]
}

func sizeOfSpace(vs []*column.Vector, i int) int64 { return times(1, vs[0].Ints[i]) }

func space(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	for n := vs[0].Ints[i]; n > 0; n-- {
		dst = append(dst, ' ')
	}
	return dst, true
}

func sizeOfInsert(vs []*column.Vector, i int) int64 {
	return int64(vs[0].Views[i].Len) + int64(vs[3].Views[i].Len)
}

// insert is MySQL's: a place that is not in the text changes nothing, and a length that is too great, or
// negative, takes the rest.
func insert(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	b, at, n := vs[0].Bytes(i), vs[1].Ints[i], vs[2].Ints[i]
	length := int64(utf8.RuneCount(b))
	if at < 1 || at > length {
		return append(dst, b...), true
	}
	if rest := length - at + 1; n < 0 || n > rest {
		n = rest
	}
	start := skip(b, at-1)
	dst = append(dst, b[:start]...)
	dst = append(dst, vs[3].Bytes(i)...)
	return append(dst, b[start+skip(b[start:], n):]...), true
}

// overlay is PostgreSQL's: s before the place, the new text, and s from n characters behind the place on.
func overlay(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	b, by, at := vs[0].Bytes(i), vs[1].Bytes(i), vs[2].Ints[i]
	n := int64(utf8.RuneCount(by))
	if len(vs) == 4 {
		n = vs[3].Ints[i]
	}
	if at <= 0 {
		return false, sqlerr.New("22011", "negative substring length not allowed")
	}
	rest := at + n
	if n > 0 && rest < at {
		return false, outOfRange(strconv.FormatInt(at, 10)+" + "+strconv.FormatInt(n, 10), types.Of(types.BigInt))
	}
	head, tail, off := b[:skip(b, at-1)], b[skip(b, max(rest, 1)-1):], len(out.Slab)
	if err := checkText(int64(len(head) + len(by) + len(tail))); err != nil {
		return false, err
	}
	out.Slab = append(append(append(out.Slab, head...), by...), tail...)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// initcap is PostgreSQL's: words are of letters and digits.
func initcap(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	inside := false
	return eachLetter(dst, vs[0].Bytes(i), func(r rune) rune {
		before := inside
		inside = unicode.IsLetter(r) || unicode.IsDigit(r)
		if before {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}), true
}

// ord is MySQL's: the bytes of the first character as one number.
func ord(b []byte) (n int64) {
	_, size := utf8.DecodeRune(b)
	for _, c := range b[:size] {
		n = n<<8 | int64(c)
	}
	return n
}

// findInSet counts the parts of a list up to one; 0 if it is not there, or holds a comma.
func findInSet(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	find, list := vs[0].Bytes(i), vs[1].Bytes(i)
	out.Ints[i] = 0
	if len(list) == 0 || bytes.IndexByte(find, ',') >= 0 {
		return true, nil
	}
	for n := int64(1); ; n++ {
		end := bytes.IndexByte(list, ',')
		part := list
		if end >= 0 {
			part = list[:end]
		}
		if bytes.Equal(part, find) {
			out.Ints[i] = n
			return true, nil
		}
		if end < 0 {
			return true, nil
		}
		list = list[end+1:]
	}
}

// chr is PostgreSQL's: the character of a code point.
func chr(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	n := vs[0].Ints[i]
	if n < 0 {
		return false, sqlerr.New(sqlerr.InvalidParameter, "chr: the number of a character must be positive")
	}
	if n == 0 || n > unicode.MaxRune || !utf8.ValidRune(rune(n)) {
		return false, sqlerr.New(sqlerr.ProgramLimit, "chr: %d is no character", n)
	}
	off := len(out.Slab)
	out.Slab = utf8.AppendRune(out.Slab, rune(n))
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// fieldOfList is MySQL's FIELD: the number of the first value that equals the first, 0 if it is NULL or none does.
func fieldOfList(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Ints[i] = 0
	if vs[0].Null(i) {
		return true, nil
	}
	for n, v := range vs[1:] {
		if !v.Null(i) && v.Compare(i, vs[0], i) == 0 {
			out.Ints[i] = int64(n) + 1
			break
		}
	}
	return true, nil
}

// elt is MySQL's: the value of a number.
func elt(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	n := vs[0].Ints[i]
	if n < 1 || n >= int64(len(vs)) || vs[n].Null(i) {
		return false, nil
	}
	out.SetBytes(i, vs[n].Bytes(i))
	return true, nil
}

// char is MySQL's CHAR(n, … USING utf8mb4): the bytes of numbers, NULL where they are no text.
func char(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	off := len(out.Slab)
	for _, v := range vs {
		if v.Null(i) {
			continue
		}
		n := uint32(v.Ints[i])
		for shift := 24; shift >= 0; shift -= 8 {
			if shift == 0 || n>>shift != 0 {
				out.Slab = append(out.Slab, byte(n>>shift))
			}
		}
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return utf8.Valid(out.Slab[off:]), nil
}
