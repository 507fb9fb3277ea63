package clients

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestSlipstream sends what is publicly known of Slipstream's language, as it is printed there:
// the files of testdata/slipstream, in the form of TestScripts. In front of each statement stands
// where it is from: [the section of facts and the tags of its sources], or [input], for what a statement needs.
// Each statement works, or is refused by name with a hint: no text is a fault of syntax, an
// internal one, or one that leaves its writer alone.
func TestSlipstream(t *testing.T) {
	eachScript(t, "testdata/slipstream/*.txt", func(t *testing.T, file string) {
		playFile(t, file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		attested(t, string(text))
	})
}

var (
	sourced = regexp.MustCompile(`^\[(input|[\d.]+(, [A-Z]\d?( [A-Z]\d?)*)?|[A-Z]\d?( [A-Z]\d?)*)\] `)
	refused = regexp.MustCompile(`(?m)^(ERROR|FATAL) (\w+)[^\n]*(\n  detail:[^\n]*)?(\n  hint: .)?`)
)

// attested checks what must hold of every script: a source for each statement, and help with each refusal.
func attested(t *testing.T, script string) {
	t.Helper()
	for _, block := range strings.Split(strings.TrimSpace(script), "\n\n") {
		message, answer, _ := strings.Cut(block, "\n----")
		if !sourced.MatchString(message) {
			t.Errorf("%s\nsays no source: [section, tags] and what it is", message)
		}
		for _, m := range refused.FindAllStringSubmatch(answer, -1) {
			switch {
			case m[2] == "XX000" || m[2] == "42601" && !strings.Contains(m[0], "typographic character"):
				t.Errorf("%s\nis not understood:\n%s", message, m[0])
			case m[4] == "":
				t.Errorf("%s\nis refused without a hint:\n%s", message, m[0])
			}
		}
	}
}
