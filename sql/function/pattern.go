package function

import (
	"fmt"
	"strings"
)

// JavaParts are the parts of a Java date pattern that mean something, longer ones first.
var JavaParts = []string{"yyyy", "uuuu", "yy", "MMMM", "MMM", "MM", "M", "dd", "d", "HH", "hh", "mm", "ss", "SSSSSS", "SSS", "a", "EEEE", "EEE", "XXX", "Z"}

// MySQLParts are the letters that mean something behind the per cent sign.
const MySQLParts = "YymcdeHhIisSfMbWapTrjDklUuVvXxw%"

// DatePattern says what is wrong with a pattern of DATE_FORMAT, empty if nothing is. A letter
// without a meaning would stand in the result as it is, which nobody wants.
func DatePattern(pattern string) string {
	if strings.Contains(pattern, "%") {
		return mysqlPattern(pattern)
	}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch n := javaPart(pattern[i:]); {
		case n > 0:
			i += n
		case c == '\'':
			end := strings.IndexByte(pattern[i+1:], '\'')
			if end < 0 {
				return ""
			}
			i += end + 2
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			return fmt.Sprintf("the letters %q have no meaning in a date pattern; text stands in quotes: '%c'", run(pattern[i:]), c)
		default:
			i++
		}
	}
	return ""
}

// javaPart is the length of the part at the beginning of s, 0 if there is none.
func javaPart(s string) int {
	for _, p := range JavaParts {
		if strings.HasPrefix(s, p) {
			return len(p)
		}
	}
	return 0
}

// run is the same letter repeated at the beginning of s.
func run(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, s[:1]))]
}

func mysqlPattern(pattern string) string {
	for i := 0; i+1 < len(pattern); i++ {
		if pattern[i] != '%' {
			continue
		}
		i++
		if c := pattern[i]; (c|0x20 >= 'a' && c|0x20 <= 'z') && !strings.Contains(MySQLParts, string(c)) {
			return fmt.Sprintf("%%%c has no meaning in a date pattern", c)
		}
	}
	return ""
}
