package value

import (
	"math"
	"strconv"
	"strings"

	"slipway/sql/sqlerr"
)

// AppendDecimal appends an exact number, a whole one divided by a power of ten, as the template says.
func (t *NumberTemplate) AppendDecimal(dst []byte, x Int128, scale int) ([]byte, error) {
	switch {
	case t.roman:
		v, ok := x.Rescale(scale, 0)
		n, fits := v.Int64()
		if !ok || !fits || int64(int32(n)) != n {
			return dst, sqlerr.New(sqlerr.OutOfRange, "integer out of range")
		}
		return t.appendRoman(dst, n), nil
	case t.exponent:
		return appendExponent(dst, string(AppendDecimal128(nil, x, scale)), t.behind), nil
	}
	text := string(AppendDecimal128(nil, x, scale))
	return t.appendDigits(dst, roundedText(text, t.shifted, t.behind), t.before+t.shifted, t.behind), nil
}

// AppendFloat appends a DOUBLE, of which 15 digits count.
func (t *NumberTemplate) AppendFloat(dst []byte, x float64) []byte {
	const counted = 15
	switch {
	case t.roman:
		return t.appendRoman(dst, int64(math.RoundToEven(x)))
	case t.exponent:
		text := strconv.FormatFloat(x, 'e', t.behind, 64)
		if text[0] != '-' {
			dst = append(dst, ' ')
		}
		return append(dst, text...)
	}
	for range t.shifted {
		x *= 10
	}
	whole := strings.TrimPrefix(strconv.FormatFloat(x, 'f', 0, 64), "-")
	behind := max(0, min(t.behind, counted-len(whole)))
	return t.appendDigits(dst, strconv.FormatFloat(x, 'f', behind, 64), t.before+t.shifted, behind)
}

// roundedText rounds a number in digits, times a power of ten, at digits behind the point; halves away from zero.
func roundedText(text string, shifted, digits int) string {
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	fraction += strings.Repeat("0", max(0, shifted+digits+1-len(fraction)))
	whole = strings.TrimLeft(whole+fraction[:shifted], "0")
	fraction = fraction[shifted:]
	up := fraction[digits] >= '5'
	kept := []byte("0" + whole + fraction[:digits])
	for i := len(kept) - 1; up; i-- {
		if up = kept[i] == '9'; up {
			kept[i] = '0'
		} else {
			kept[i]++
		}
	}
	whole, fraction = strings.TrimLeft(string(kept[:len(kept)-digits]), "0"), string(kept[len(kept)-digits:])
	if whole == "" {
		whole = "0"
	}
	if strings.Trim(whole+fraction, "0") == "" {
		sign = ""
	}
	if digits > 0 {
		whole += "." + fraction
	}
	return sign + whole
}

// appendExponent writes 1.23e+04.
func appendExponent(dst []byte, text string, digits int) []byte {
	if text[0] == '-' {
		dst, text = append(dst, '-'), text[1:]
	} else {
		dst = append(dst, ' ')
	}
	whole, fraction, _ := strings.Cut(text, ".")
	all := strings.TrimLeft(whole+fraction, "0")
	power := len(all) - len(fraction) - 1
	if all == "" {
		power, all = 0, "0"
	}
	mantissa := roundedText(all[:1]+"."+all[1:]+"0", 0, digits)
	if strings.HasPrefix(mantissa, "10") {
		power++
		mantissa = roundedText("1", 0, digits)
	}
	dst = append(dst, mantissa...)
	dst = append(dst, 'e', '+')
	if power < 0 {
		dst[len(dst)-1], power = '-', -power
	}
	if power < 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(power), 10)
}

var romanDigits = []struct {
	n    int64
	text string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

const widthOfRoman = 15

// appendRoman writes 1 to 3999 in Roman digits, filled up with blanks at the beginning.
func (t *NumberTemplate) appendRoman(dst []byte, n int64) []byte {
	text := strings.Repeat("#", widthOfRoman)
	if n >= 1 && n <= 3999 {
		text = ""
		for _, d := range romanDigits {
			for ; n >= d.n; n -= d.n {
				text += d.text
			}
		}
	}
	for _, p := range t.parts {
		switch strings.ToUpper(p.key) {
		case "":
			dst = append(dst, p.text...)
		case "RN":
			if p.key == "rn" {
				text = strings.ToLower(text)
			}
			if !t.fill {
				dst = append(dst, strings.Repeat(" ", widthOfRoman-len(text))...)
			}
			dst = append(dst, text...)
		case "L":
			dst = append(dst, ' ')
		case ",", "G", "MI", "PL":
			if !t.fill {
				dst = append(dst, ' ')
			}
		case "SG": // what PostgreSQL has no sign for ends the text
			return dst
		}
	}
	return dst
}

// numberWriter writes one number part by part.
type numberWriter struct {
	*NumberTemplate
	dst      []byte
	digits   string // 12.50
	at       int    // in digits
	negative bool
	// spaces are the places in front of the first digit; place is the number of the next one.
	spaces, place int
	// last is the last digit that is written with FM; -1: all are.
	last   int
	signed bool // the sign is written
	inside bool // a digit is
	where  numberSign
	places int
	angled bool
	// ended: a place was reached for which there is no digit, behind which PostgreSQL writes nothing.
	ended bool
}

// appendDigits writes a number that is given as 12.50 or -12.50.
func (t *NumberTemplate) appendDigits(dst []byte, text string, before, behind int) []byte {
	w := numberWriter{NumberTemplate: t, dst: dst, last: -1, where: t.sign, angled: t.angles}
	w.digits, w.negative = strings.CutPrefix(text, "-")
	whole, _, _ := strings.Cut(w.digits, ".")
	if n := len(whole); n <= before {
		w.spaces = before - n
	} else {
		w.digits = strings.Repeat("#", before) + "." + strings.Repeat("#", behind)
	}
	w.placeSign(before)
	w.findLast()
	if w.places = behind + before - 1; !w.signed && w.spaces == 0 {
		w.places++
	}
	for _, p := range t.parts {
		if w.part(p); w.ended {
			break
		}
	}
	return w.dst
}

// placeSign says whether the sign is one of a digit's place, and where that of S stands.
func (w *numberWriter) placeSign(before int) {
	if w.plus || w.minus {
		w.signed = w.minus
		return
	}
	w.angled = w.angles && (w.negative || !w.fill)
	w.signed = !w.negative && w.fill && w.where == noSign
	if w.where == signFirst && before == w.beforeSign {
		w.where = signLast
	}
}

// findLast finds the digit behind which FM leaves zeros away.
func (w *numberWriter) findLast() {
	if !w.fill || !w.point {
		return
	}
	if w.last = strings.IndexByte(w.digits, '.'); w.last < 0 {
		return
	}
	for i := w.last + 1; i < len(w.digits); i++ {
		if w.digits[i] != '0' {
			w.last = i
		}
	}
	if w.lastZero > w.spaces {
		w.last = max(w.last, min(len(w.digits)-1, w.lastZero-w.spaces))
	}
}

func (w *numberWriter) part(p numberPart) {
	switch key := strings.ToUpper(p.key); key {
	case "":
		w.dst = append(w.dst, p.text...)
	case "9", "0", ".", "D":
		w.digitPlace(key)
	case ",", "G":
		if w.inside {
			w.dst = append(w.dst, ',')
		} else {
			w.blank()
		}
	case "L":
		w.dst = append(w.dst, ' ')
	case "MI":
		w.either(w.negative, '-')
	case "PL":
		w.either(!w.negative, '+')
	case "SG":
		w.dst = append(w.dst, w.signSign())
	case "TH":
		w.ordinal(p.key)
	}
}

func (w *numberWriter) blank() {
	if !w.fill {
		w.dst = append(w.dst, ' ')
	}
}

func (w *numberWriter) either(is bool, c byte) {
	if is {
		w.dst = append(w.dst, c)
	} else {
		w.blank()
	}
}

func (w *numberWriter) signSign() byte {
	if w.negative {
		return '-'
	}
	return '+'
}

func (w *numberWriter) ordinal(key string) {
	if w.negative || w.point || w.digits[0] == '#' {
		return
	}
	n := len(w.digits)
	word := "th"
	if n < 2 || w.digits[n-2] != '1' {
		if k := strings.IndexByte("123", w.digits[n-1]); k >= 0 {
			word = [...]string{"st", "nd", "rd"}[k]
		}
	}
	if key == "TH" {
		word = strings.ToUpper(word)
	}
	w.dst = append(w.dst, word...)
}

// digitPlace writes what stands at one place: a blank, a zero, a digit or the point.
func (w *numberWriter) digitPlace(key string) {
	zeros := w.zeros - 1
	w.inside = false
	if !w.signed && (w.place >= w.spaces || w.zeros > 0 && zeros == w.place) && (!w.leadingZero() || w.endsAtPoint()) {
		w.writeSign()
	}
	switch {
	case w.place < w.spaces && (w.zeros == 0 || zeros > w.place):
		w.blank()
	case w.place < w.spaces:
		w.dst, w.inside = append(w.dst, '0'), true
	default:
		w.nextDigit(key)
	}
	w.place++
}

// leadingZero tells the 0 of 0.5, which is not written where no 0 of the template asks for it.
func (w *numberWriter) leadingZero() bool {
	return w.zeros == 0 && w.at == 0 && w.digits != "" && w.digits[0] == '0' && w.behind != 0
}

func (w *numberWriter) endsAtPoint() bool {
	return w.last >= 0 && w.last < len(w.digits) && w.digits[w.last] == '.'
}

func (w *numberWriter) writeSign() {
	switch {
	case w.where == signFirst:
		w.dst = append(w.dst, w.signSign())
	case w.where == signLast:
		return
	case w.angled && w.negative:
		w.dst = append(w.dst, '<')
	case w.negative:
		w.dst = append(w.dst, '-')
	default:
		w.blank()
	}
	w.signed = true
}

func (w *numberWriter) nextDigit(key string) {
	switch {
	case w.at < len(w.digits) && w.digits[w.at] == '.':
		w.dst = append(w.dst, '.')
	case w.last >= 0 && w.at > w.last && key != "0":
	case w.at >= len(w.digits):
		w.ended = true
		return
	case w.leadingZero():
		if !w.fill {
			w.dst = append(w.dst, ' ')
		} else if w.endsAtPoint() {
			w.dst = append(w.dst, '0')
		}
	default:
		w.dst, w.inside = append(w.dst, w.digits[w.at]), true
	}
	if w.at < len(w.digits) {
		w.at++
	}
	w.close()
}

// close writes what stands behind the last digit: an angle, or the sign.
func (w *numberWriter) close() {
	end := w.places
	if w.spaces > 0 {
		end++
	}
	if w.point {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.place
	}
	if w.place+1 != end {
		return
	}
	switch {
	case w.signed && w.angled && w.negative:
		w.dst = append(w.dst, '>')
	case w.signed && w.angled:
		w.dst = append(w.dst, ' ')
	case w.where == signLast:
		w.dst = append(w.dst, w.signSign())
	}
}
