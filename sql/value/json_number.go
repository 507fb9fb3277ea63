package value

import (
	"bytes"
	"cmp"
	"strconv"
)

// jsonNumber is a number of JSON as digits without zeros at either end, and the place of the point: 0.digits times
// 10^point. Of zero there are no digits.
type jsonNumber struct {
	negative bool
	digits   []byte
	point    int64
}

func readJSONNumber(text []byte) (n jsonNumber) {
	n.negative = text[0] == '-'
	text = bytes.TrimPrefix(text, []byte("-"))
	mantissa, exponent, found := bytes.Cut(bytes.ToLower(text), []byte("e"))
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	n.digits = append(bytes.Clone(whole), fraction...)
	n.point = int64(len(whole))
	if found { // one that is out of range is the greatest, or the least
		e, _ := strconv.ParseInt(string(exponent), 10, 40)
		n.point += e
	}
	for len(n.digits) > 0 && n.digits[0] == '0' {
		n.digits = n.digits[1:]
		n.point--
	}
	n.digits = bytes.TrimRight(n.digits, "0")
	if len(n.digits) == 0 {
		return jsonNumber{}
	}
	return n
}

// CompareJSONNumbers compares by value: 1.0 is 1, and 1e2 is 100.
func CompareJSONNumbers(a, b []byte) int {
	x, y := readJSONNumber(a), readJSONNumber(b)
	switch {
	case x.sign() != y.sign() || x.sign() == 0:
		return cmp.Compare(x.sign(), y.sign())
	case x.negative:
		return y.compare(x)
	}
	return x.compare(y)
}

func (n jsonNumber) sign() int {
	switch {
	case len(n.digits) == 0:
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// compare is of what is no zero, without regard to the sign.
func (n jsonNumber) compare(o jsonNumber) int {
	return cmp.Or(cmp.Compare(n.point, o.point), bytes.Compare(n.digits, o.digits))
}

// mostPlainDigits is how long a number with an exponent may become without it.
const mostPlainDigits = 400

// appendPlainNumber writes a number without an exponent, as PostgreSQL's numeric is written.
func appendPlainNumber(dst, text []byte) []byte {
	mantissa, exponent, found := bytes.Cut(bytes.ToLower(text), []byte("e"))
	e, err := strconv.Atoi(string(exponent))
	if found && (err != nil || e > mostPlainDigits || e < -mostPlainDigits) {
		return append(dst, text...)
	}
	if mantissa[0] == '-' {
		if mantissa = mantissa[1:]; readJSONNumber(mantissa).sign() != 0 {
			dst = append(dst, '-')
		}
	}
	if !found {
		return append(dst, mantissa...)
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits, point := append(bytes.Clone(whole), fraction...), len(whole)+e
	for ; point < 1; point++ {
		digits = append([]byte{'0'}, digits...)
	}
	for len(digits) < point {
		digits = append(digits, '0')
	}
	for len(digits) > 1 && point > 1 && digits[0] == '0' {
		digits, point = digits[1:], point-1
	}
	dst = append(dst, digits[:point]...)
	if point < len(digits) {
		dst = append(append(dst, '.'), digits[point:]...)
	}
	return dst
}
