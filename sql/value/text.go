package value

import "unicode/utf8"

// Characters gives a text whose bytes all belong to characters: each that belongs to none
// becomes one U+FFFD, as encoding/json has it. A text that is whole is given as it is.
func Characters(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return []byte(string([]rune(string(text))))
}
