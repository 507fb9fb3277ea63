package expr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// PRINTF of Hive, by the templates of Java's Formatter.

func init() { withNulls["printf"] = printf }

// placeholder is one of a template: %[argument$][flags][width][.precision]letter.
var placeholder = regexp.MustCompile(`%(?:(\d+)\$)?([-+ 0,#(]*)(\d+)?(?:\.(\d+))?(.)`)

func printf(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if vs[0].Null(i) {
		return false, nil
	}
	b := vs[0].Bytes(i)
	if err := checkTemplate(b); err != nil {
		return false, err
	}
	off, next, from := len(out.Slab), 1, 0
	for _, m := range placeholder.FindAllSubmatchIndex(b, -1) {
		out.Slab = append(out.Slab, b[from:m[0]]...)
		from = m[1]
		c := converted{argument: next, flags: string(b[m[4]:m[5]]), width: numberIn(b, m[6], m[7]), precision: numberIn(b, m[8], m[9]), letter: b[m[10]]}
		if m[2] >= 0 {
			c.argument = numberIn(b, m[2], m[3])
		} else if c.letter != '%' && c.letter != 'n' {
			next++
		}
		text, err := c.of(vs, i)
		if err != nil {
			return false, err
		}
		if out.Slab = append(out.Slab, text...); len(out.Slab)-off > maxText {
			return false, checkText(int64(len(out.Slab) - off))
		}
	}
	out.Slab = append(out.Slab, b[from:]...)
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
	return true, nil
}

// numberIn is that at a place of a text; -1 if there is none.
func numberIn(b []byte, from, to int) int {
	if from < 0 {
		return -1
	}
	n, err := strconv.Atoi(string(b[from:to]))
	if err != nil {
		return 1 << 30
	}
	return n
}

type converted struct {
	argument, width, precision int
	flags                      string
	letter                     byte
}

func (c *converted) wrong(what string) error {
	return sqlerr.New(sqlerr.InvalidParameter, "printf: %%%c %s", c.letter, what).WithHint("It reads the templates of Java: %%s, %%d, %%.2f, %%x, %%e, %%b, %%c, %%%%.")
}

// of is the text of an argument.
func (c *converted) of(vs []*column.Vector, i int) (string, error) {
	const most = 10_000 // of characters that a width or a precision asks for
	if c.width > most || c.precision > most {
		return "", c.wrong("asks for too many characters")
	}
	switch c.letter {
	case '%':
		return c.padded("%"), nil
	case 'n':
		return "\n", nil
	}
	if c.argument < 1 || c.argument >= len(vs) {
		return "", c.wrong("has no argument")
	}
	v := vs[c.argument]
	if v.Null(i) {
		return c.padded(map[bool]string{true: "false", false: "null"}[c.letter == 'b']), nil
	}
	switch c.letter {
	case 's', 'S':
		s := string(column.AppendText(nil, v, i))
		if r := []rune(s); c.precision >= 0 && c.precision < len(r) {
			s = string(r[:c.precision])
		}
		if c.letter == 'S' {
			s = strings.ToUpper(s)
		}
		return c.padded(s), nil
	case 'b':
		return c.padded(strconv.FormatBool(v.Type.Kind != types.Boolean || v.Bools[i])), nil
	case 'd', 'x', 'X', 'o', 'c':
		return c.whole(v, i)
	case 'f', 'e', 'E', 'g':
		return c.fraction(v, i)
	}
	return "", c.wrong("is not known")
}

func (c *converted) whole(v *column.Vector, i int) (string, error) {
	if !v.Type.IsInteger() {
		return "", c.wrong("needs a whole number, not " + v.Type.String())
	}
	switch n := v.Ints[i]; c.letter {
	case 'd':
		return c.signed(strconv.FormatInt(n, 10)), nil
	case 'c':
		return c.padded(string(rune(n))), nil
	default:
		u := uint64(n)
		if v.Type.Kind == types.Int {
			u = uint64(uint32(n))
		}
		s := strconv.FormatUint(u, map[byte]int{'x': 16, 'X': 16, 'o': 8}[c.letter])
		if c.letter == 'X' {
			s = strings.ToUpper(s)
		}
		return c.signed(s), nil
	}
}

func (c *converted) fraction(v *column.Vector, i int) (string, error) {
	if !v.Type.IsNumeric() {
		return "", c.wrong("needs a number, not " + v.Type.String())
	}
	x, err := strconv.ParseFloat(string(column.AppendText(nil, v, i)), 64)
	if err != nil {
		return "", c.wrong("needs a number")
	}
	digits := c.precision
	if digits < 0 {
		digits = 6
	}
	return c.signed(fmt.Sprintf("%.*"+string(c.letter), digits, x)), nil
}

// signed writes a number with what the flags ask for: its sign, groups of three, and zeros up to the width.
func (c *converted) signed(s string) string {
	sign, has := "", func(flag string) bool { return strings.Contains(c.flags, flag) }
	if s[0] == '-' {
		sign, s = "-", s[1:]
	} else if has("+") {
		sign = "+"
	} else if has(" ") {
		sign = " "
	}
	if whole, rest, _ := strings.Cut(s, "."); has(",") {
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + "," + whole[at:]
		}
		if s = whole; rest != "" {
			s += "." + rest
		}
	}
	end := ""
	if sign == "-" && has("(") {
		sign, end = "(", ")"
	}
	if missing := c.width - len(sign) - len(s) - len(end); has("0") && !has("-") && missing > 0 {
		s = strings.Repeat("0", missing) + s
	}
	return c.padded(sign + s + end)
}

func (c *converted) padded(s string) string {
	missing := c.width - len([]rune(s))
	if missing <= 0 {
		return s
	}
	if strings.Contains(c.flags, "-") {
		return s + strings.Repeat(" ", missing)
	}
	return strings.Repeat(" ", missing) + s
}
