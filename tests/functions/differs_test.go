package functions

import (
	"net/netip"
	"strings"
)

// The conditions under which another server does otherwise.

type condition = func(c call, other dialect, here, there answer) bool

// inPostgres is a difference to PostgreSQL alone.
func inPostgres(f func(c call) bool) condition {
	return func(c call, other dialect, _, _ answer) bool { return other == postgres && f(c) }
}

func inMariaDB(f func(c call) bool) condition {
	return func(c call, other dialect, _, _ answer) bool { return other == mariadb && f(c) }
}

func either(list ...condition) condition {
	return func(c call, other dialect, here, there answer) bool {
		for _, f := range list {
			if f(c, other, here, there) {
				return true
			}
		}
		return false
	}
}

// code is a difference to PostgreSQL alone, which refuses with a code what is NULL here.
func code(codes ...string) condition {
	return func(_ call, other dialect, here, there answer) bool {
		return other == postgres && here.null && strings.Contains(strings.Join(codes, " "), there.code) && there.code != ""
	}
}

func isNegative(d datum) bool { return !d.null && strings.HasPrefix(d.text, "-") }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func negative(name string) condition {
	return inPostgres(func(c call) bool { return isNegative(c.args[name]) })
}

// emptyText is a difference to both.
func emptyText(name string) condition {
	return func(c call, _ dialect, _, _ answer) bool { return !c.args[name].null && c.args[name].text == "" }
}

// infinite is where PostgreSQL gives an infinity.
func infinite(_ call, other dialect, here, there answer) bool {
	return other == postgres && (here.null || here.code == "22003") && strings.HasSuffix(there.text, "Infinity")
}

// refused is where MariaDB refuses what is refused here with a code.
func refused(code string) condition {
	return func(_ call, other dialect, here, there answer) bool {
		return other == mariadb && here.code == code && there.code != ""
	}
}

// severalChars tells an argument of more than one character.
func severalChars(name string) func(c call) bool {
	return func(c call) bool { return len([]rune(c.args[name].text)) > 1 }
}

func anyNull(c call) bool {
	for _, d := range c.args {
		if d.null {
			return true
		}
	}
	return false
}

// beyond is an error of PostgreSQL's 22003 that says a word, where there is a value here.
func beyond(word string) condition {
	return func(_ call, other dialect, here, there answer) bool {
		return other == postgres && here.code == "" && there.code == "22003" && strings.Contains(there.text, word)
	}
}

// singleZero tells addresses that differ in how one group of zeros is written.
func singleZero(_ call, other dialect, here, there answer) bool {
	full := func(s string) string {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return s
		}
		return a.StringExpanded()
	}
	return other == mariadb && full(here.text) == full(there.text)
}
