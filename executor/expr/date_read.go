package expr

import (
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// timeFields are what was read of a time, by some pattern.
type timeFields struct {
	year, month, day, ofYear   int64
	hour, minute, second, part int64
	hasYear, half, after       bool // half: an hour of 12; after: noon
}

// micros puts the fields together. dated: a date must be there in whole, else month and day are 1 where they are missing.
func (f *timeFields) micros(dated bool) (int64, error) {
	bad := sqlerr.New(sqlerr.DatetimeOverflow, "a field of a time is out of range")
	if !dated {
		f.month, f.day = max(f.month, 1), max(f.day, 1)
	}
	days, ok := value.DateOf(f.year, f.month, f.day)
	if f.ofYear > 0 {
		first, fits := value.DateOf(f.year, 1, 1)
		days, ok = first+f.ofYear-1, fits && f.ofYear <= 366 && (f.ofYear < 366 || daysOfYear(f.year) == 366)
	}
	clock, right := f.clock()
	if !ok || !right {
		return 0, bad
	}
	return days*column.Day + clock, nil
}

func (f *timeFields) clock() (micros int64, ok bool) {
	hour := f.hour
	if f.half {
		if hour < 1 || hour > 12 {
			return 0, false
		}
		if hour %= 12; f.after {
			hour += 12
		}
	}
	ok = hour < 24 && f.minute < 60 && f.second < 60
	return hour*column.Hour + f.minute*column.Minute + f.second*column.Second + f.part, ok
}

// number reads up to so many digits.
func number(s string, most int) (n int64, rest string, digits int) {
	for digits < len(s) && digits < most && s[digits] >= '0' && s[digits] <= '9' {
		n = n*10 + int64(s[digits]-'0')
		digits++
	}
	return n, s[digits:], digits
}

// nameOf finds which of the names, whole or their first three letters, s begins with.
func nameOf(s string, short bool, name func(i int) string, count int) (i int, rest string) {
	for i := range count {
		w := name(i)
		if short {
			w = w[:3]
		}
		if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
			return i, s[len(w):]
		}
	}
	return -1, s
}

func monthAt(i int) string { return time.Month(i + 1).String() }
func dayAt(i int) string   { return time.Weekday(i).String() }

// fullYear is the year that two digits mean: 1970 to 2069.
func fullYear(n int64) int64 {
	if n < 70 {
		return n + 2000
	}
	return n + 1900
}

// template reads a text by PostgreSQL's template. What lies behind its end is not looked at.
func (f *timeFields) template(s string, parts []templatePart) bool {
	for i, p := range parts {
		if p.key == "" {
			s = skipped(s, p.text)
			continue
		}
		s = strings.TrimLeft(s, " ")
		if s == "" {
			break
		}
		last := i+1 == len(parts) || parts[i+1].key == ""
		var ok bool
		if s, ok = f.templateField(s, p.key, last); !ok {
			return false
		}
	}
	return f.hasYear
}

// skipped leaves out what a separator or text of the template stands for.
func skipped(s, text string) string {
	for _, c := range text {
		if c == ' ' {
			s = strings.TrimLeft(s, " ")
		} else if s != "" {
			alphanumeric := s[0] >= '0' && s[0] <= '9' || s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z'
			if wanted := c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'; wanted || !alphanumeric {
				s = s[1:]
			}
		}
	}
	return s
}

// templateField reads one field; open: what follows in the template is no number.
func (f *timeFields) templateField(s, key string, open bool) (rest string, ok bool) {
	switch key {
	case "MONTH", "MON":
		n, rest := nameOf(s, false, monthAt, 12)
		if n < 0 || key == "MON" {
			n, rest = nameOf(s, true, monthAt, 12)
		}
		f.month = int64(n) + 1
		return rest, n >= 0
	case "DAY", "DY":
		n, rest := nameOf(s, key == "DY", dayAt, 7)
		return rest, n >= 0
	case "AM", "PM", "A.M.", "P.M.":
		if len(s) < len(key) || s[0]|0x20 != 'a' && s[0]|0x20 != 'p' {
			return s, false
		}
		f.after = s[0]|0x20 == 'p'
		return s[len(key):], true
	}
	width, to := f.widthOf(key)
	if to == nil {
		return s, false
	}
	most := width
	if open && key != "MS" && key != "US" && key[0] != 'F' {
		most = 9
	}
	n, rest, digits := number(s, most)
	if digits == 0 {
		return s, false
	}
	switch {
	case key == "MS" || key == "US" || key[0] == 'F':
		n *= value.Pow10[6-digits]
	case key == "YY" && digits <= 2:
		n = fullYear(n)
	}
	*to = n
	return rest, true
}

// widthOf gives how many digits a key has and where the number goes.
func (f *timeFields) widthOf(key string) (int, *int64) {
	switch key {
	case "YYYY", "YY":
		f.hasYear = true
		return len(key), &f.year
	case "MM":
		return 2, &f.month
	case "DD":
		return 2, &f.day
	case "DDD":
		return 3, &f.ofYear
	case "HH24":
		return 2, &f.hour
	case "HH12", "HH":
		f.half = true
		return 2, &f.hour
	case "MI":
		return 2, &f.minute
	case "SS":
		return 2, &f.second
	case "MS":
		return 3, &f.part
	case "US":
		return 6, &f.part
	}
	if key[0] == 'F' {
		return int(key[2] - '0'), &f.part
	}
	return 0, nil
}

// mysql reads a text by MySQL's pattern; what lies behind its end is not looked at.
func (f *timeFields) mysql(s, pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		s = strings.TrimLeft(s, " ")
		switch c := pattern[i]; {
		case c == ' ':
		case s == "":
			return true // MySQL leaves the rest at zero
		case c != '%' || i+1 == len(pattern):
			if s[0] != c {
				return false
			}
			s = s[1:]
		default:
			i++
			var ok bool
			if s, ok = f.mysqlField(s, pattern[i]); !ok {
				return false
			}
		}
	}
	return true
}

var mysqlWidths = map[byte]int{'Y': 4, 'y': 2, 'm': 2, 'c': 2, 'd': 2, 'e': 2, 'H': 2, 'k': 2, 'h': 2, 'I': 2, 'l': 2, 'i': 2, 's': 2, 'S': 2, 'f': 6, 'j': 3}

func (f *timeFields) mysqlField(s string, c byte) (rest string, ok bool) {
	switch c {
	case 'M', 'b':
		n, rest := nameOf(s, c == 'b', monthAt, 12)
		f.month = int64(n) + 1
		return rest, n >= 0
	case 'W', 'a':
		n, rest := nameOf(s, c == 'a', dayAt, 7)
		return rest, n >= 0
	case 'p':
		if len(s) < 2 || s[1]|0x20 != 'm' || s[0]|0x20 != 'a' && s[0]|0x20 != 'p' {
			return s, false
		}
		f.after, f.half = s[0]|0x20 == 'p', true
		return s[2:], true
	case 'T', 'r':
		pattern := "%H:%i:%s"
		if c == 'r' {
			pattern = "%h:%i:%s %p"
		}
		end := strings.LastIndexAny(s, "0123456789mM") + 1
		return s[end:], f.mysql(s[:end], pattern)
	}
	n, rest, digits := number(s, mysqlWidths[c])
	if digits == 0 {
		return s, false
	}
	to := map[byte]*int64{'Y': &f.year, 'y': &f.year, 'm': &f.month, 'c': &f.month, 'd': &f.day, 'e': &f.day, 'H': &f.hour,
		'k': &f.hour, 'h': &f.hour, 'I': &f.hour, 'l': &f.hour,
		'i': &f.minute, 's': &f.second, 'S': &f.second, 'f': &f.part, 'j': &f.ofYear}[c]
	switch {
	case c == 'f':
		n *= value.Pow10[6-digits]
	case c == 'y', c == 'Y' && digits <= 2:
		n = fullYear(n)
	case c == 'h', c == 'I', c == 'l':
		f.half = true
	}
	*to = n
	return rest, true
}

// strToDate is MySQL's STR_TO_DATE: what is no time of the form is NULL.
func strToDate(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	f := new(timeFields)
	if !f.mysql(string(vs[0].Bytes(i)), string(vs[1].Bytes(i))) {
		return false, nil
	}
	if out.Type.Kind == types.Time {
		clock, ok := f.clock()
		out.Ints[i] = clock
		return ok, nil
	}
	micros, err := f.micros(true)
	out.Ints[i] = clockAs(micros, out.Type)
	return err == nil, nil
}
