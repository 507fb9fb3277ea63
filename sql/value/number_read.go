package value

import (
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// numberReader reads one number part by part.
type numberReader struct {
	*NumberTemplate
	in            string
	at            int
	sign          byte // '-', '+', or 0 as long as none is read
	digits        []byte
	before        int
	behind        int
	pointed, done bool
}

// Read gives the number that a text is by the template, as digits: -1234.5.
func (t *NumberTemplate) Read(text string) (string, error) {
	switch {
	case t.roman:
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "\"RN\" not supported for input")
	case t.exponent:
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "\"EEEE\" not supported for input")
	}
	r := numberReader{NumberTemplate: t, in: text}
	for _, p := range t.parts {
		if r.over() {
			break
		}
		r.part(p)
	}
	digits := strings.TrimSuffix(string(r.digits), ".")
	if digits == "" {
		return "", sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type numeric: \" \"")
	}
	if whole, _, _ := strings.Cut(digits, "."); len(strings.TrimLeft(whole, "0")) > t.before+t.shifted {
		return "", sqlerr.New(sqlerr.OutOfRange, "numeric field overflow")
	}
	if digits = movePoint(digits, t.shifted); r.sign == '-' {
		digits = "-" + digits
	}
	return digits, nil
}

// movePoint divides a number by a power of ten.
func movePoint(digits string, by int) string {
	if by == 0 {
		return digits
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.Repeat("0", max(0, by+1-len(whole))) + whole
	return whole[:len(whole)-by] + "." + whole[len(whole)-by:] + fraction
}

func (r *numberReader) over() bool { return r.at >= len(r.in) }

func (r *numberReader) isDigit(at int) bool {
	return at < len(r.in) && r.in[at] >= '0' && r.in[at] <= '9'
}

func (r *numberReader) part(p numberPart) {
	switch strings.ToUpper(p.key) {
	case "":
		_, n := utf8.DecodeRuneInString(r.in[r.at:])
		r.at += n
	case "9", "0", ".", "D":
		r.place(p.key)
		r.at++
	case ",", "G":
		if !r.fill && r.in[r.at] == ',' {
			r.at++
		}
	case "L":
		r.passOther(1)
	case "TH":
		if !r.point {
			r.passOther(2)
		}
	case "MI":
		r.ownSign("-")
	case "PL":
		r.ownSign("+")
	case "SG":
		r.ownSign("+-")
	}
}

// ownSign reads a sign that has a place of its own.
func (r *numberReader) ownSign(signs string) {
	if c := r.in[r.at]; strings.IndexByte(signs, c) >= 0 {
		r.sign = c
		r.at++
		return
	}
	r.passOther(1)
}

// passOther passes so many characters that belong to no number.
func (r *numberReader) passOther(n int) {
	for ; n > 0 && !r.over() && strings.IndexByte("0123456789.,+-", r.in[r.at]) < 0; n-- {
		_, size := utf8.DecodeRuneInString(r.in[r.at:])
		r.at += size
	}
}

// place reads what stands at the place of a digit or of the point; the last character that it looks at is left to be passed.
func (r *numberReader) place(key string) {
	if r.in[r.at] == ' ' {
		r.at++
	}
	if r.over() {
		return
	}
	if r.sign == 0 && (key == "0" || key == "9") && r.before+r.behind == 0 {
		r.signBefore()
	}
	if r.over() {
		return
	}
	read := r.digitOrPoint()
	if r.over() || r.done {
		r.done = false
		return
	}
	if r.sign == 0 && r.before+r.behind > 0 {
		r.signBehind(read)
	}
}

func (r *numberReader) signBefore() {
	c := r.in[r.at]
	switch {
	case c == '-', c == '<' && r.angles:
		r.sign = '-'
	case c == '+':
		r.sign = '+'
	default:
		return
	}
	r.at++
}

// digitOrPoint reads one of these.
func (r *numberReader) digitOrPoint() (read bool) {
	switch {
	case r.isDigit(r.at):
		if r.pointed && r.behind == r.NumberTemplate.behind {
			r.done = true
			return false
		}
		r.digits = append(r.digits, r.in[r.at])
		if r.pointed {
			r.behind++
		} else {
			r.before++
		}
		return true
	case r.point && !r.pointed && r.in[r.at] == '.':
		r.digits, r.pointed = append(r.digits, '.'), true
		return true
	}
	return false
}

// signBehind reads the sign behind the last digit, whose place no template says.
func (r *numberReader) signBehind(read bool) {
	next := r.at + 1
	switch {
	case r.NumberTemplate.sign != noSign && read && next < len(r.in) && !r.isDigit(next):
		if c := r.in[next]; c == '-' || c == '+' {
			r.sign, r.at = c, next
		}
	case !read && r.NumberTemplate.sign == noSign && (r.plus || r.minus):
		if c := r.in[r.at]; c == '-' || c == '+' {
			r.sign = c
		}
	}
}
