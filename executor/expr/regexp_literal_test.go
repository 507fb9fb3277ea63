package expr

import (
	"regexp"
	"testing"
)

// TestLiteralRegexp: what is found from the literal on is what is found from the beginning.
func TestLiteralRegexp(t *testing.T) {
	patterns := []string{"(&|^)channel_id=([^&]*)", "ab", "(?i)ab", "^ab", "ab$", `\bab`, `\Bab\b`, "a?ab", "a*ab", "(a|bb)ab(.?)", "[^a]ab", ".ab", "(?m)^ab", "ab|b", "(x)?ab", "é(ab)", ".{1,2}ab", "^.ab", "(?s).ab", "", "a{0}ab"}
	texts := []string{"", "ab", "aab", "xab", "babab", "éab", "xéab", "\nab", "x\nab", "AB", "b", "x=1&channel_id=7&y", "channel_id=7", "xchannel_id=7&channel_id=8", "&channel_id=", "日本ab日",
		"aaaaaaaaaaab", "bbbbbbbbbbab", "ab ab", "xxxxxxxxxxxxxxxab ab", "\xf0\x9fab", "\xe9\xe9\xe9\xe9\xe9ab"}
	for _, p := range patterns {
		l, err := newLiteralRegexp(p)
		if err != nil {
			t.Fatal(err)
		}
		plain := regexp.MustCompile(p)
		for _, text := range texts {
			if got, want := l.match([]byte(text)), plain.MatchString(text); got != want {
				t.Errorf("%q in %q: %t, want %t", p, text, got, want)
			}
			want := plain.FindStringSubmatch(text)
			for n := range int64(plain.NumSubexp() + 2) {
				got, present := l.group([]byte(text), n)
				if there := want != nil && n <= int64(plain.NumSubexp()); present != there || there && string(got) != want[n] {
					t.Errorf("group %d of %q in %q: %q %t, want %q", n, p, text, got, present, want)
				}
			}
		}
	}
}
