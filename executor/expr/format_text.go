package expr

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
)

// FORMAT of a text is PostgreSQL's: %s is a value, %I a name, %L a literal, %% a sign, with %2$s for the second value, and
// with a width, %10s or %-10s or %*s.

func init() {
	withNulls["format_text"] = formatText
}

// formatSpec is what stands behind a per cent sign.
type formatSpec struct {
	position int // of the value, counted from 1; 0: the next one
	width    int
	// widthArgument: the width is an argument, widthPosition, or the next one.
	widthArgument bool
	widthPosition int
	left          bool // blanks stand behind
	verb          byte
}

func badFormat(text string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidParameter, text, args...)
}

// formatText is a row of FORMAT.
func formatText(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	off, last := len(out.Slab), 0
	for rest := string(vs[0].Bytes(i)); ; {
		plain, behind, found := strings.Cut(rest, "%")
		out.Slab = append(out.Slab, plain...)
		if !found {
			break
		}
		s, behind, err := readSpec(behind)
		if err != nil {
			return false, err
		}
		if rest = behind; s.verb == '%' {
			out.Slab = append(out.Slab, '%')
			continue
		}
		if last, err = s.append(vs, out, i, last, off); err != nil {
			return false, err
		}
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, checkText(int64(len(out.Slab) - off))
}

// readSpec reads [position$][-][width]verb.
func readSpec(s string) (spec formatSpec, rest string, err error) {
	if n, behind, digits, err := formatNumber(s); err != nil {
		return spec, "", err
	} else if digits && strings.HasPrefix(behind, "$") {
		if spec.position, s = n, behind[1:]; n == 0 {
			return spec, "", badFormat("format specifies argument 0, but arguments are numbered from 1")
		}
	}
	for strings.HasPrefix(s, "-") {
		spec.left, s = true, s[1:]
	}
	if s, err = spec.readWidth(s); err != nil {
		return spec, "", err
	}
	if s == "" {
		return spec, "", badFormat("unterminated format() type specifier").WithHint("For a single %%, write %%%%.")
	}
	spec.verb = s[0]
	if strings.IndexByte("sIL%", spec.verb) < 0 {
		_, n := utf8.DecodeRuneInString(s)
		return spec, "", badFormat("unrecognized format() type specifier %q", s[:n])
	}
	return spec, s[1:], nil
}

// readWidth reads 10, * or *2$.
func (spec *formatSpec) readWidth(s string) (rest string, err error) {
	if !strings.HasPrefix(s, "*") {
		spec.width, s, _, err = formatNumber(s)
		return s, err
	}
	spec.widthArgument = true
	n, behind, digits, err := formatNumber(s[1:])
	switch {
	case err != nil || !digits:
		return s[1:], err
	case !strings.HasPrefix(behind, "$"):
		return "", badFormat("width argument position must be ended by \"$\"")
	case n == 0:
		return "", badFormat("format specifies argument 0, but arguments are numbered from 1")
	}
	spec.widthPosition = n
	return behind[1:], nil
}

func formatNumber(s string) (n int, rest string, digits bool, err error) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 {
		return 0, s, false, nil
	}
	wide, err := strconv.ParseInt(s[:end], 10, 32)
	if err != nil {
		return 0, "", true, sqlerr.New(sqlerr.OutOfRange, "number is out of range in format()")
	}
	return int(wide), s[end:], true, nil
}

// append writes a value, and gives the number of the argument that was taken last.
func (spec *formatSpec) append(vs []*column.Vector, out *column.Vector, i, last, off int) (int, error) {
	width, left := spec.width, spec.left
	if spec.widthArgument {
		if last++; spec.widthPosition > 0 {
			last = spec.widthPosition
		}
		var err error
		if width, err = widthAt(vs, i, last); err != nil {
			return last, err
		}
		if width < 0 {
			width, left = -width, true
		}
	}
	if last++; spec.position > 0 {
		last = spec.position
	}
	if last >= len(vs) {
		return last, badFormat("too few arguments for format()")
	}
	if err := checkText(int64(len(out.Slab)-off) + int64(width)); err != nil {
		return last, err
	}
	from := len(out.Slab)
	if err := spec.value(vs[last], out, i); err != nil {
		return last, err
	}
	fillUp(out, from, width, left)
	return last, checkText(int64(len(out.Slab) - off))
}

// widthAt reads a width out of an argument; NULL is none.
func widthAt(vs []*column.Vector, i, n int) (int, error) {
	if n >= len(vs) {
		return 0, badFormat("too few arguments for format()")
	}
	if vs[n].Null(i) {
		return 0, nil
	}
	text := strings.TrimSpace(string(vs[n].Bytes(i)))
	end := len(text)
	for k, c := range text {
		if (c < '0' || c > '9') && (k > 0 || c != '-' && c != '+') {
			end = k
			break
		}
	}
	width, err := strconv.ParseInt(text[:end], 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange), width == math.MinInt32:
		return 0, sqlerr.New(sqlerr.OutOfRange, "value %q is out of range for type integer", text)
	case err != nil, end < len(text):
		return 0, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type integer: %q", text)
	}
	return int(width), nil
}

// value writes a value as the verb says.
func (spec *formatSpec) value(v, out *column.Vector, i int) error {
	switch {
	case v.Null(i) && spec.verb == 'I':
		return sqlerr.New("22004", "null values cannot be formatted as an SQL identifier")
	case v.Null(i) && spec.verb == 'L':
		out.Slab = append(out.Slab, "NULL"...)
	case v.Null(i):
	case spec.verb == 'I':
		out.Slab = appendIdent(out.Slab, v.Bytes(i))
	case spec.verb == 'L':
		out.Slab = appendLiteral(out.Slab, v.Bytes(i))
	default:
		out.Slab = append(out.Slab, v.Bytes(i)...)
	}
	return nil
}

// fillUp brings what was written from a byte on to a number of characters.
func fillUp(out *column.Vector, from, width int, left bool) {
	missing := width - utf8.RuneCount(out.Slab[from:])
	if missing <= 0 {
		return
	}
	n := len(out.Slab)
	for range missing {
		out.Slab = append(out.Slab, ' ')
	}
	if !left {
		copy(out.Slab[from+missing:], out.Slab[from:n])
		for k := range missing {
			out.Slab[from+k] = ' '
		}
	}
}
