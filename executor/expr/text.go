package expr

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"math"
	"regexp"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// text makes a kernel of a function that appends its result.
func text(f func(dst []byte, vs []*column.Vector, i int) ([]byte, bool)) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		off := len(out.Slab)
		b, present := f(out.Slab, vs, i)
		out.Slab = b
		if err := checkText(int64(len(b) - off)); err != nil {
			return false, err
		}
		out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(b) - off)}
		return present, nil
	}
}

func whole1(f func(b []byte) []byte) kernel {
	return text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		return append(dst, f(vs[0].Bytes(i))...), true
	})
}

func count1(f func(b []byte) int) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = int64(f(vs[0].Bytes(i)))
		return true, nil
	}
}

// simple is every function of a few lines.
var simple = map[string]kernel{
	"number_of_pairs":    numberOfPairs,
	"count_of_sketch":    countOfSketch,
	"quantile_of_sketch": quantileOfSketch,

	"trim":         whole1(func(b []byte) []byte { return bytes.Trim(b, " ") }),
	"reverse":      text(reversed),
	"sha2":         text(sha2),
	"char_length":  count1(utf8.RuneCount),
	"octet_length": count1(func(b []byte) int { return len(b) }),
	"ascii": count1(func(b []byte) int {
		if len(b) == 0 {
			return 0
		}
		return int(b[0])
	}),
	"concat": bounded(sizeOfConcat, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		for _, v := range vs {
			dst = append(dst, v.Bytes(i)...)
		}
		return dst, true
	}),
	"substring": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		n := int64(math.MaxInt32)
		if len(vs) == 3 {
			n = vs[2].Ints[i]
		}
		return append(dst, substring(vs[0].Bytes(i), vs[1].Ints[i], n)...), true
	}),
	"left": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		return append(dst, substring(vs[0].Bytes(i), 1, vs[1].Ints[i])...), true
	}),
	"right": text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		b, n := vs[0].Bytes(i), vs[1].Ints[i]
		if n <= 0 {
			return dst, true
		}
		return append(dst, substring(b, max(1, int64(utf8.RuneCount(b))-n+1), n)...), true
	}),
	"repeat": bounded(sizeOfRepeat, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		b := vs[0].Bytes(i)
		for n := vs[1].Ints[i]; n > 0 && len(b) > 0; n-- {
			dst = append(dst, b...)
		}
		return dst, true
	}),
	"lpad": bounded(sizeOfPad, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) { return pad(dst, vs, i, true) }),
	"rpad": bounded(sizeOfPad, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) { return pad(dst, vs, i, false) }),
	"replace": bounded(sizeOfReplace, func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		if len(vs[1].Bytes(i)) == 0 {
			return append(dst, vs[0].Bytes(i)...), true
		}
		return append(dst, bytes.ReplaceAll(vs[0].Bytes(i), vs[1].Bytes(i), vs[2].Bytes(i))...), true
	}),
	"instr": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = locate(vs[0].Bytes(i), vs[1].Bytes(i), 1)
		return true, nil
	},
	"locate": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		from := int64(1)
		if len(vs) == 3 {
			from = vs[2].Ints[i]
		}
		out.Ints[i] = locate(vs[1].Bytes(i), vs[0].Bytes(i), from)
		return true, nil
	},
	"power": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		x, y := vs[0].Floats[i], vs[1].Floats[i]
		out.Floats[i] = math.Pow(x, y)
		return floatResult("power", out.Floats[i], x, y)
	},
	"pi": func(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Floats[i] = math.Pi
		return true, nil
	},
}

func reversed(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	for b := vs[0].Bytes(i); len(b) > 0; {
		_, n := utf8.DecodeLastRune(b)
		dst = append(dst, b[len(b)-n:]...)
		b = b[:len(b)-n]
	}
	return dst, true
}

func sha2(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	b := vs[0].Bytes(i)
	switch vs[1].Ints[i] {
	case 224:
		s := sha256.Sum224(b)
		return hex.AppendEncode(dst, s[:]), true
	case 0, 256:
		s := sha256.Sum256(b)
		return hex.AppendEncode(dst, s[:]), true
	case 384:
		s := sha512.Sum384(b)
		return hex.AppendEncode(dst, s[:]), true
	case 512:
		s := sha512.Sum512(b)
		return hex.AppendEncode(dst, s[:]), true
	}
	return dst, false
}

// substring counts characters from 1, or from the end if from is negative (MySQL).
func substring(b []byte, from, n int64) []byte {
	length := int64(utf8.RuneCount(b))
	if from < 0 {
		from = length + from + 1
	}
	if from < 1 || from > length || n <= 0 {
		return nil
	}
	start := skip(b, from-1)
	rest := b[start:]
	return rest[:skip(rest, min(n, length))]
}

// skip gives the byte offset behind n characters.
func skip(b []byte, n int64) int {
	at := 0
	for ; n > 0 && at < len(b); n-- {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

// fillOf is what a text is filled up with.
func fillOf(vs []*column.Vector, i int) []byte {
	if len(vs) == 3 {
		return vs[2].Bytes(i)
	}
	return blank
}

func pad(dst []byte, vs []*column.Vector, i int, left bool) ([]byte, bool) {
	b, n, fill := vs[0].Bytes(i), vs[1].Ints[i], fillOf(vs, i)
	have := int64(utf8.RuneCount(b))
	if n < 0 {
		return dst, false
	}
	if have >= n {
		return append(dst, b[:skip(b, n)]...), true
	}
	if len(fill) == 0 {
		return dst, true // as MySQL: an empty fill gives an empty text
	}
	if !left {
		dst = append(dst, b...)
	}
	for missing := n - have; missing > 0; {
		part := fill[:skip(fill, missing)]
		dst = append(dst, part...)
		missing -= int64(utf8.RuneCount(part))
	}
	if left {
		dst = append(dst, b...)
	}
	return dst, true
}

func locate(b, find []byte, from int64) int64 {
	if from < 1 {
		return 0
	}
	start := skip(b, from-1)
	if start > len(b) || from > int64(utf8.RuneCount(b))+1 {
		return 0
	}
	at := bytes.Index(b[start:], find)
	if at < 0 {
		return 0
	}
	return int64(utf8.RuneCount(b[:start+at])) + 1
}

// joined is CONCAT_WS: NULL arguments are left out, a NULL separator gives NULL.
type joined struct {
	args []Evaluator
	out  scratch
}

func (k *joined) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	vs, err := evalAll(k.args, b, sel)
	if err != nil {
		return nil, err
	}
	out := k.out.ready(b.Rows)
	return out, rows(b, sel, out, vs[:1], func(i int) error {
		off, by, first := len(out.Slab), vs[0].Bytes(i), true
		for _, v := range vs[1:] {
			if v.Null(i) {
				continue
			}
			if !first {
				out.Slab = append(out.Slab, by...)
			}
			first = false
			if err := checkText(int64(len(out.Slab) - off + int(v.Views[i].Len))); err != nil {
				return err
			}
			out.Slab = append(out.Slab, v.Bytes(i)...)
		}
		out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
		return checkSlab(out)
	})
}

// compileRegexp uses Go's RE2: linear in time, without back references.
func compileRegexp(e *plan.Call, args []Evaluator) (Evaluator, error) {
	cache := map[string]*literalRegexp{}
	get := func(pattern []byte) (*literalRegexp, error) {
		if re := cache[string(pattern)]; re != nil {
			return re, nil
		}
		re, err := newLiteralRegexp(string(pattern))
		if err != nil {
			return nil, sqlerr.New("2201B", "invalid regular expression: %v", err)
		}
		if len(cache) > 100 {
			clear(cache)
		}
		cache[string(pattern)] = re
		return re, nil
	}
	if p, ok := constantText(args[1]); ok {
		if _, err := get([]byte(p)); err != nil {
			return nil, err
		}
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		re, err := get(vs[1].Bytes(i))
		if err != nil {
			return false, err
		}
		switch e.Func {
		case "regexp":
			out.Bools[i] = re.match(vs[0].Bytes(i))
			return true, nil
		case "regexp_replace":
			err := replaceAll(out, i, re.Regexp, vs[0].Bytes(i), vs[2].Bytes(i))
			return err == nil, err
		}
		group := int64(1)
		if len(vs) == 3 {
			group = vs[2].Ints[i]
		}
		m, present := re.group(vs[0].Bytes(i), group)
		if present {
			out.SetBytes(i, m)
		}
		return present, nil
	}), nil
}

// maxExpansions bounds the replacements by a text that takes groups of the match.
const maxExpansions = 1 << 20

// replaceAll puts a text for every match; it stops when the result grows too long.
func replaceAll(out *column.Vector, i int, re *regexp.Regexp, b, by []byte) error {
	off, at := len(out.Slab), 0
	matches := re.FindAllSubmatchIndex(b, maxExpansions+1)
	if len(matches) > maxExpansions {
		return sqlerr.New(sqlerr.ProgramLimit, "regexp_replace finds more than %d matches in one text", maxExpansions)
	}
	for _, m := range matches {
		out.Slab = append(out.Slab, b[at:m[0]]...)
		out.Slab = re.Expand(out.Slab, by, b, m)
		at = m[1]
		if err := checkText(int64(len(out.Slab) - off)); err != nil {
			return err
		}
	}
	out.Slab = append(out.Slab, b[at:]...)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return checkText(int64(len(out.Slab) - off))
}
