package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normalize brings a password to the form of SASLprep (RFC 4013), as clients do before they
// compute their proof. What SASLprep refuses is taken as it is, as PostgreSQL does.
func normalize(password string) string {
	if !utf8.ValidString(password) || strings.IndexFunc(password, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return password
	}
	out := norm.NFKC.String(strings.Map(mapped, password))
	if out == "" || strings.IndexFunc(out, prohibited) >= 0 {
		return password
	}
	return out
}

// mapped is RFC 4013, 2.1: other blanks are a blank, what is commonly not seen is nothing.
func mapped(r rune) rune {
	switch {
	case r != ' ' && unicode.Is(unicode.Zs, r) || r == '\u200B':
		return ' '
	case r == '\u00AD', r == '\u034F', r == '\u1806', r >= '\u180B' && r <= '\u180D', r == '\u200C', r == '\u200D', r == '\u2060',
		r >= '\uFE00' && r <= '\uFE0F', r == '\uFEFF':
		return -1
	}
	return r
}

// prohibited is RFC 4013, 2.3, by the classes of characters that its tables are made of.
func prohibited(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point) ||
		r >= '\u2028' && r <= '\u202E' || r >= '\u206A' && r <= '\u206F' || r == '\u0340' || r == '\u0341' || r == '\u200E' || r == '\u200F' ||
		r >= '\uFFF9' && r <= '\uFFFD' || r >= '\u2FF0' && r <= '\u2FFB' || r == '\u06DD' || r == '\u070F' || r == '\u180E' ||
		r >= '\u2061' && r <= '\u2063' || r >= 0x1D173 && r <= 0x1D17A || r >= 0xE0001 && r <= 0xE007F
}
