package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/value"
)

// dateFormat takes MySQL's patterns (%Y-%m-%d) and Java's (yyyy-MM-dd), told apart by the per cent
// sign. Neighbours mostly have one pattern and lie in one day or one minute: the pattern is read
// when it is another one than before, and a text is made when the last one does not hold any more.
type dateFormat struct {
	pattern string
	java    JavaPattern // unused for MySQL's patterns
	step    int64       // a text holds for so many microseconds, from a multiple of them on; 0: for one

	text     []byte
	from, to int64 // it is that of the times in between, to excluded
}

func (d *dateFormat) append(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	if p := vs[1].Bytes(i); string(p) != d.pattern {
		d.take(string(p))
	}
	at := vs[0].Ints[i]
	if at < d.from || at >= d.to {
		d.format(at)
	}
	return append(dst, d.text...), true
}

// take reads a pattern.
func (d *dateFormat) take(pattern string) {
	*d = dateFormat{pattern: pattern, text: d.text}
	if strings.Contains(pattern, "%") {
		d.step = mysqlStep(pattern)
		return
	}
	d.java = ReadJavaPattern(pattern)
	d.step = d.java.step()
}

func (d *dateFormat) format(at int64) {
	if t := value.ToTime(at); strings.Contains(d.pattern, "%") {
		d.text = mysqlFormat(d.text[:0], t, d.pattern)
	} else {
		d.text = d.java.Append(d.text[:0], t)
	}
	d.from, d.to = at, at+1
	if d.step > 0 {
		d.from = at - (at%d.step+d.step)%d.step
		d.to = d.from + d.step
	}
}

var (
	withoutDays    = strings.NewReplacer("2006", "", "01", "", "02", "")
	withoutMinutes = strings.NewReplacer("2006", "", "01", "", "02", "", "15", "", "03", "", "04", "")
	withoutSeconds = strings.NewReplacer("2006", "", "01", "", "02", "", "15", "", "03", "", "04", "", "05", "")
)

const digits = "0123456789"

// layoutStep is how long a text by a layout of Go's time package surely holds, in microseconds: there
// every digit that is left is taken for a part of the time, whatever it may mean.
func layoutStep(layout string) int64 {
	switch {
	case !strings.ContainsAny(withoutDays.Replace(layout), digits+"Pp"):
		return column.Day
	case !strings.ContainsAny(withoutMinutes.Replace(layout), digits):
		return column.Minute
	case !strings.ContainsAny(withoutSeconds.Replace(layout), digits):
		return column.Second
	}
	return 0
}

// mysqlStep is the same of one of MySQL's patterns.
func mysqlStep(pattern string) int64 {
	step := int64(column.Day)
	for i := 0; i+1 < len(pattern); i++ {
		if pattern[i] != '%' {
			continue
		}
		i++
		switch pattern[i] {
		case 'f':
			return 0
		case 's', 'S', 'T', 'r':
			step = min(step, column.Second)
		case 'H', 'h', 'I', 'i', 'p', 'k', 'l':
			step = min(step, column.Minute)
		}
	}
	return step
}

var mysqlParts = map[byte]string{'Y': "2006", 'y': "06", 'm': "01", 'c': "1", 'd': "02", 'e': "2", 'H': "15", 'h': "03", 'I': "03", 'i': "04",
	's': "05", 'S': "05", 'f': "000000", 'M': "January", 'b': "Jan", 'W': "Monday", 'a': "Mon", 'p': "PM", 'T': "15:04:05", 'r': "03:04:05 PM"}

func mysqlFormat(dst []byte, t time.Time, pattern string) []byte {
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			dst = append(dst, pattern[i])
			continue
		}
		i++
		layout, ok := mysqlParts[pattern[i]]
		switch {
		case pattern[i] == 'f':
			dst = t.AppendFormat(dst, ".000000")
			dst = append(dst[:len(dst)-7], dst[len(dst)-6:]...)
		case ok:
			dst = t.AppendFormat(dst, layout)
		case pattern[i] == 'j':
			dst = t.AppendFormat(dst, "002")
		case strings.IndexByte(mysqlNumbers, pattern[i]) >= 0:
			dst = mysqlNumber(dst, t, pattern[i])
		default:
			dst = append(dst, pattern[i])
		}
	}
	return dst
}

// mysqlNumbers are the letters for which Go has no layout.
const mysqlNumbers = "DklUuVvXxw"

func mysqlNumber(dst []byte, t time.Time, c byte) []byte {
	days := column.FloorDiv(t.UnixMicro(), column.Day)
	switch c {
	case 'D':
		return append(strconv.AppendInt(dst, int64(t.Day()), 10), ordinal(int64(t.Day()))...)
	case 'k':
		return strconv.AppendInt(dst, int64(t.Hour()), 10)
	case 'l':
		return strconv.AppendInt(dst, int64(t.Hour()+11)%12+1, 10)
	case 'w':
		return strconv.AppendInt(dst, int64(t.Weekday()), 10)
	}
	mode := modeOf(map[byte]int64{'U': 0, 'u': 1, 'V': 2, 'v': 3, 'X': 2, 'x': 3}[c])
	year, week := mode.week(days)
	if c == 'X' || c == 'x' {
		return append(dst, fmt.Sprintf("%04d", year)...)
	}
	return append(dst, fmt.Sprintf("%02d", week)...)
}
