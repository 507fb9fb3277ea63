package format

import (
	"bytes"
	"encoding/json"
)

// How far values reach in JSON text, and whether they are well formed.

func space(v []byte, i int) int {
	for i < len(v) && (v[i] == ' ' || v[i] == '\n' || v[i] == '\t' || v[i] == '\r') {
		i++
	}
	return i
}

// stringEnd gives the offset behind the closing quote of the string at i.
func stringEnd(v []byte, i int) (end int, escaped bool, err error) {
	at, quote := i+1, i // quote: the next one, looked for again only when it is passed
	for {
		if quote < at {
			q := bytes.IndexByte(v[min(at, len(v)):], '"')
			if q < 0 {
				return 0, false, malformed("a string does not end")
			}
			quote = at + q
		}
		s := bytes.IndexByte(v[at:quote], '\\')
		if s < 0 {
			return quote + 1, escaped, nil
		}
		escaped = true
		at += s + 2
	}
}

// maxDepth bounds nesting.
const maxDepth = 1000

// skip gives the offset behind the value at i.
func skip(v []byte, i, depth int) (int, error) {
	switch c := v[i]; {
	case c == '"':
		return skipString(v, i)
	case c == '{' || c == '[':
		return skipNested(v, i, depth)
	case c == '-' || c >= '0' && c <= '9':
		end := numberEnd(v, i)
		if !validNumber(v[i:end]) {
			return i, malformed("a number")
		}
		return end, nil
	}
	for _, word := range []string{"null", "true", "false"} {
		if len(v)-i >= len(word) && string(v[i:i+len(word)]) == word {
			return i + len(word), nil
		}
	}
	return i, malformed("a value is missing")
}

// skipString checks the escapes of a string that nobody needs.
func skipString(v []byte, i int) (int, error) {
	end, escaped, err := stringEnd(v, i)
	if err == nil && escaped && !json.Valid(v[i:end]) {
		return i, malformed("a string has a wrong escape")
	}
	return end, err
}

func skipNested(v []byte, i, depth int) (int, error) {
	if depth > maxDepth {
		return i, malformed("it is nested too deeply")
	}
	object := v[i] == '{'
	closing := v[i] + 2 // '{' -> '}', '[' -> ']'
	i = space(v, i+1)
	for first := true; i < len(v) && v[i] != closing; first = false {
		if !first {
			if v[i] != ',' {
				return i, malformed("a comma is missing")
			}
			i = space(v, i+1)
		}
		if object {
			if i >= len(v) || v[i] != '"' {
				return i, malformed("a key is missing")
			}
			end, err := skipString(v, i)
			if err != nil {
				return i, err
			}
			if i = space(v, end); i >= len(v) || v[i] != ':' {
				return i, malformed("a colon is missing")
			}
			i = space(v, i+1)
		}
		if i >= len(v) {
			break
		}
		var err error
		if i, err = skip(v, i, depth+1); err != nil {
			return i, err
		}
		i = space(v, i)
	}
	if i >= len(v) {
		return i, malformed("it ends too early")
	}
	return i + 1, nil
}

func numberEnd(v []byte, i int) int {
	for i < len(v) && (v[i] >= '0' && v[i] <= '9' || v[i] == '-' || v[i] == '+' || v[i] == '.' || v[i] == 'e' || v[i] == 'E') {
		i++
	}
	return i
}

// validNumber follows RFC 8259.
func validNumber(b []byte) bool {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	start := i
	if !digits() || b[start] == '0' && i > start+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}
