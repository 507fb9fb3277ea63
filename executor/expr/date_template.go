package expr

import (
	"strconv"
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

// PostgreSQL's templates (YYYY-MM-DD HH24:MI:SS), for TO_CHAR, TO_TIMESTAMP and TO_DATE.

// templateKeys are what means something, longer ones first. Numbers may be written in small letters; names are
// given as they are spelled: MONTH, Month, month.
var templateKeys = strings.Fields("Y,YYY SSSSS MONTH HH24 HH12 SSSS YYYY IYYY IDDD A.M. P.M. " +
	"DAY MON DDD YYY IYY FF1 FF2 FF3 FF4 FF5 FF6 HH MI SS MS US AM PM YY IY MM DY DD ID WW IW CC Y I D W Q J")

// keysByLetter are those that begin with a capital, in their order.
var keysByLetter = func() (out [256][]string) {
	for _, k := range templateKeys {
		out[k[0]] = append(out[k[0]], k)
	}
	return out
}()

// templatePart is a key, or a text that stands for itself.
type templatePart struct {
	key     string // in capitals
	spelled string
	text    string
	fill    bool   // FM: without blanks and zeros in front
	ordinal string // TH or th
}

// template is a pattern that was read; neighbours mostly have one.
type template struct {
	pattern string
	parts   []templatePart
}

func (t *template) read(pattern []byte) {
	if t.parts != nil && string(pattern) == t.pattern {
		return
	}
	t.pattern, t.parts = string(pattern), []templatePart{}
	fill := false
	for s := t.pattern; s != ""; {
		switch key := templateKey(s); {
		case len(s) >= 2 && strings.EqualFold(s[:2], "FM"):
			fill, s = true, s[2:]
		case key != "":
			p := templatePart{key: key, spelled: s[:len(key)], fill: fill}
			if s, fill = s[len(key):], false; strings.HasPrefix(s, "TH") || strings.HasPrefix(s, "th") {
				p.ordinal, s = s[:2], s[2:]
			}
			t.parts = append(t.parts, p)
		case s[0] == '"':
			text, rest, _ := strings.Cut(s[1:], `"`)
			t.parts, s = append(t.parts, templatePart{text: text}), rest
		default:
			t.parts, s = append(t.parts, templatePart{text: s[:1]}), s[1:]
		}
	}
}

func templateKey(s string) string {
	for _, k := range keysByLetter[s[0]&^('a'-'A')] {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			return k
		}
	}
	return ""
}

// toChar makes a kernel of TO_CHAR.
func toChar() kernel {
	t := new(template)
	k := text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		t.read(vs[1].Bytes(i))
		at := vs[0].Ints[i]
		for _, p := range t.parts {
			dst = p.append(append(dst, p.text...), at)
		}
		return dst, true
	})
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if err := checkTemplate(vs[1].Bytes(i)); err != nil {
			return false, err
		}
		return k(vs, out, i)
	}
}

func (p templatePart) append(dst []byte, at int64) []byte {
	if p.key == "" {
		return dst
	}
	days := column.FloorDiv(at, column.Day)
	y, m, d := value.CivilFromDays(days)
	switch p.key {
	case "MONTH":
		return p.name(dst, time.Month(m).String(), 9)
	case "MON":
		return p.name(dst, time.Month(m).String()[:3], 0)
	case "DAY":
		return p.name(dst, time.Weekday(ofWeek(days, 4)).String(), 9)
	case "DY":
		return p.name(dst, time.Weekday(ofWeek(days, 4)).String()[:3], 0)
	case "AM", "PM", "A.M.", "P.M.":
		return p.halfOfDay(dst, at-days*column.Day)
	case "Y,YYY":
		return append(strconv.AppendInt(append(dst, byte('0'+y/1000), ','), 1000+y%1000, 10)[:len(dst)+2], strconv.Itoa(int(1000 + y%1000))[1:]...)
	}
	n, width := p.dateNumber(y, m, d, days)
	if width < 0 {
		n, width = p.clockNumber(at - days*column.Day)
	}
	return p.number(dst, n, width)
}

// name writes a name as it is spelled: in capitals, in small letters, or with one capital.
func (p templatePart) name(dst []byte, name string, width int) []byte {
	switch {
	case p.spelled == strings.ToUpper(p.spelled):
		name = strings.ToUpper(name)
	case p.spelled == strings.ToLower(p.spelled):
		name = strings.ToLower(name)
	}
	dst = append(dst, name...)
	for n := len(name); n < width && !p.fill; n++ {
		dst = append(dst, ' ')
	}
	return dst
}

func (p templatePart) halfOfDay(dst []byte, clock int64) []byte {
	word := "AM"
	if clock >= column.Day/2 {
		word = "PM"
	}
	if len(p.key) == 4 {
		word = word[:1] + "." + word[1:] + "."
	}
	if p.spelled == strings.ToLower(p.spelled) {
		word = strings.ToLower(word)
	}
	return append(dst, word...)
}

// dateNumber gives a number of the date and its width; a negative width where it is one of the time.
func (p templatePart) dateNumber(y, m, d, days int64) (n int64, width int) {
	isoYear, isoNumber := isoWeek(days)
	ofYear := days - value.DaysFromCivil(y, 1, 1) + 1
	switch p.key {
	case "YYYY":
		return y, 4
	case "YYY", "YY", "Y":
		return y % value.Pow10[len(p.key)], len(p.key)
	case "IYYY":
		return isoYear, 4
	case "IYY", "IY", "I":
		return isoYear % value.Pow10[len(p.key)], len(p.key)
	case "MM":
		return m, 2
	case "DDD":
		return ofYear, 3
	case "IDDD":
		return (isoNumber-1)*7 + ofWeek(days, 3) + 1, 3
	case "DD":
		return d, 2
	case "D":
		return ofWeek(days, 4) + 1, 1
	case "ID":
		return ofWeek(days, 3) + 1, 1
	case "WW":
		return (ofYear-1)/7 + 1, 2
	case "IW":
		return isoNumber, 2
	case "W":
		return (d-1)/7 + 1, 1
	case "CC":
		return (y + 99) / 100, 2
	case "Q":
		return (m + 2) / 3, 1
	case "J":
		return days + 2440588, 1
	}
	return 0, -1
}

func (p templatePart) clockNumber(clock int64) (n int64, width int) {
	hour := clock / column.Hour
	switch p.key {
	case "HH24":
		return hour, 2
	case "HH12", "HH":
		return (hour+11)%12 + 1, 2
	case "MI":
		return clock / column.Minute % 60, 2
	case "SS":
		return clock / column.Second % 60, 2
	case "SSSSS", "SSSS":
		return clock / column.Second, 1
	case "MS":
		return clock % column.Second / 1000, 3
	case "US":
		return clock % column.Second, 6
	}
	digits := int(p.key[2] - '0') // FF1 to FF6
	return clock % column.Second / value.Pow10[6-digits], digits
}

func (p templatePart) number(dst []byte, n int64, width int) []byte {
	digits := strconv.FormatInt(n, 10)
	if fraction := p.key == "MS" || p.key == "US" || p.key[0] == 'F'; !p.fill || fraction {
		dst = append(dst, strings.Repeat("0", max(0, width-len(digits)))...)
	}
	dst = append(dst, digits...)
	if p.ordinal != "" {
		suffix := ordinal(n)
		if p.ordinal == "TH" {
			suffix = strings.ToUpper(suffix)
		}
		dst = append(dst, suffix...)
	}
	return dst
}

// ordinal is what stands behind a number in English: 1st, 2nd, 11th.
func ordinal(n int64) string {
	if n%100/10 != 1 {
		switch n % 10 {
		case 1:
			return "st"
		case 2:
			return "nd"
		case 3:
			return "rd"
		}
	}
	return "th"
}

// readByPattern makes a kernel of TO_TIMESTAMP and TO_DATE: of a text, of a text by a pattern, or of seconds.
func readByPattern() kernel {
	t := new(template)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if vs[0].Type.IsNumeric() {
			return fromEpoch(vs, out, i)
		}
		if len(vs) == 1 {
			return parseInto(vs, out, i)
		}
		micros, err := t.moment(vs[0].Bytes(i), vs[1].Bytes(i))
		out.Ints[i] = clockAs(micros, out.Type)
		return true, err
	}
}

// moment reads a text by MySQL's pattern (with a per cent sign), Java's (with a small y), or PostgreSQL's.
func (t *template) moment(text, pattern []byte) (micros int64, err error) {
	wrong := sqlerr.New(sqlerr.InvalidDatetime, "%q is no time of the form %q", text, pattern)
	switch {
	case strings.ContainsRune(string(pattern), '%'):
		f := new(timeFields)
		if !f.mysql(string(text), string(pattern)) {
			return 0, wrong
		}
		return f.micros(false)
	case strings.ContainsRune(string(pattern), 'y'):
		at, err := ReadJavaPattern(string(pattern)).Parse(strings.TrimSpace(string(text)))
		if err != nil {
			return 0, wrong
		}
		if micros = at.UnixMicro(); !value.TimeInRange(micros) {
			return 0, wrong
		}
		return micros, nil
	}
	t.read(pattern)
	f := new(timeFields)
	if !f.template(string(text), t.parts) {
		return 0, wrong
	}
	return f.micros(false)
}
