package expr

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// likeExpression is a pattern of LIKE as a regular expression.
func likeExpression(pattern, escape string, fold bool) *regexp.Regexp {
	var b strings.Builder
	esc, _ := utf8.DecodeRuneInString(escape)
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case escape != "" && c == esc && i+1 < len(runes):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		case c == '%':
			b.WriteString("(?s:.*)")
		case c == '_':
			b.WriteString("(?s:.)")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	flags := ""
	if fold {
		flags = "(?i)"
	}
	return regexp.MustCompile(flags + "^" + b.String() + "$")
}

// TestLikePatterns: random patterns take the texts that their regular expressions take. K and s have letters beside them that
// differ by case alone and have more bytes.
func TestLikePatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	text := func(letters []string, most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	letters := []string{"a", "b", "é", "É", "k", "K", "\u212a", "s", "\u017f", "\n", "%", "_"}
	signs := append([]string{"%", "_", "%", "_", "\\", "!"}, letters[:8]...)
	matched := 0
	for range 50_000 {
		pattern, escape, fold := text(signs, 7), []string{"\\", "!", "", "a", "%"}[r.IntN(5)], r.IntN(2) == 0
		p, want := newLikePattern([]byte(pattern), escape, fold), likeExpression(pattern, escape, fold)
		for range 4 {
			s := text(letters[:2+r.IntN(len(letters)-1)], 8)
			got := p.match([]byte(s))
			if got != want.MatchString(s) {
				t.Fatalf("%q LIKE %q ESCAPE %q (any case: %v): %v", s, pattern, escape, fold, got)
			}
			if got {
				matched++
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d texts were like their pattern", matched)
	}
}

// BenchmarkLike: patterns of several parts over a text of 60 bytes.
func BenchmarkLike(b *testing.B) {
	text := []byte("https://www.nexmark.com/tvq/dlk/jhu/item.htm?query=1&channel_id=3")
	for _, pattern := range []string{"https://%", "%item%", "https://%/item.htm?query=_%channel%"} {
		for name, match := range map[string]func([]byte) bool{"LIKE": newLikePattern([]byte(pattern), "\\", false).match,
			"ILIKE": newLikePattern([]byte(pattern), "\\", true).match, "expression": likeExpression(pattern, "\\", false).Match} {
			b.Run(name+" "+pattern, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					match(text)
				}
			})
		}
	}
}
