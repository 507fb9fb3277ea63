package conf

import (
	"cmp"
	"strings"
)

// booleans are the words for true and false, for choices that have these two.
var booleans = map[string]string{"on": "true", "yes": "true", "1": "true", "off": "false", "no": "false", "0": "false"}

// value checks what a statement gives.
func (s *Setting) value(text string) (any, error) {
	return s.parse(cmp.Or(s.Words[strings.ToLower(strings.TrimSpace(text))], text))
}
