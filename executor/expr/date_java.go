package expr

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/function"
)

// JavaPattern is a Java date pattern, such as yyyy-MM-dd'T'HH:mm:ss.SSS: parts of a time and the text between them.
type JavaPattern []javaPart

// javaPart is one of the three.
type javaPart struct {
	layout string // of Go's time package
	text   string // as it is, whatever Go's layouts would make of it
	digits int    // so many of the fraction of a second
}

// ReadJavaPattern takes a pattern apart. What has no meaning is text.
func ReadJavaPattern(pattern string) (out JavaPattern) {
	for pattern != "" {
		part, rest := nextJavaPart(pattern)
		out, pattern = out.with(part), rest
	}
	return out
}

// with adds a part; text goes to the text before it.
func (p JavaPattern) with(part javaPart) JavaPattern {
	if last := len(p) - 1; part.text != "" && last >= 0 && p[last].text != "" {
		p[last].text += part.text
		return p
	}
	if part == (javaPart{}) {
		return p
	}
	return append(p, part)
}

func nextJavaPart(s string) (part javaPart, rest string) {
	if s[0] == '\'' {
		return quotedText(s[1:])
	}
	for _, name := range function.JavaParts {
		if rest, ok := strings.CutPrefix(s, name); ok {
			if name[0] == 'S' {
				return javaPart{digits: len(name)}, rest
			}
			return javaPart{layout: javaLayouts[name]}, rest
		}
	}
	return javaPart{text: s[:1]}, s[1:]
}

// quotedText reads up to the closing quote; two of them are one, also where nothing is quoted.
func quotedText(s string) (part javaPart, rest string) {
	text, rest, _ := strings.Cut(s, "'")
	for text != "" && strings.HasPrefix(rest, "'") {
		more, behind, _ := strings.Cut(rest[1:], "'")
		text, rest = text+"'"+more, behind
	}
	if text == "" && s != "" {
		text = "'"
	}
	return javaPart{text: text}, rest
}

// javaLayouts are the parts' layouts of Go's time package.
var javaLayouts = map[string]string{
	"yyyy": "2006", "uuuu": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "dd": "02", "d": "2",
	"HH": "15", "hh": "03", "mm": "04", "ss": "05", "a": "PM", "EEEE": "Monday", "EEE": "Mon", "XXX": "Z07:00", "Z": "-0700",
}

// Append writes a time.
func (p JavaPattern) Append(dst []byte, t time.Time) []byte {
	for _, part := range p {
		switch {
		case part.layout != "":
			dst = t.AppendFormat(dst, part.layout)
		case part.digits > 0:
			all := t.AppendFormat(nil, ".000000000")
			dst = append(dst, all[1:1+part.digits]...)
		default:
			dst = append(dst, part.text...)
		}
	}
	return dst
}

// step is how long a written time surely holds, in microseconds; 0: for that one.
func (p JavaPattern) step() int64 {
	step := int64(column.Day)
	for _, part := range p {
		if part.digits > 0 {
			return 0
		}
		step = min(step, layoutStep(part.layout))
	}
	return step
}

// Parse reads a time as Append writes it.
func (p JavaPattern) Parse(text string) (time.Time, error) {
	head, n := p.bareFraction()
	if n == 0 || len(text) < n {
		return time.Parse(p.goLayout(), text)
	}
	cut := len(text) - n
	at, err := time.Parse(head.goLayout(), text[:cut])
	fraction, wrong := strconv.ParseUint(text[cut:], 10, 32)
	for range 9 - n {
		fraction *= 10
	}
	return at.Add(time.Duration(fraction)), errors.Join(err, wrong)
}

// bareFraction gives the number of digits of a fraction at the end with no point in front, and the pattern before it: Go has
// no layout for it.
func (p JavaPattern) bareFraction() (before JavaPattern, digits int) {
	last := len(p) - 1
	if last < 1 || p[last].digits == 0 || strings.HasSuffix(p[last-1].text, ".") || strings.HasSuffix(p[last-1].text, ",") {
		return nil, 0
	}
	return p[:last], p[last].digits
}

// goLayout is that of Go's time package for reading.
func (p JavaPattern) goLayout() string {
	var b strings.Builder
	for _, part := range p {
		b.WriteString(part.layout + part.text + strings.Repeat("0", part.digits))
	}
	return b.String()
}
