package value_test

import (
	"encoding/json"
	"strings"
	"testing"

	"slipway/sql/value"
)

func found(t *testing.T, path, text string) string {
	t.Helper()
	p, ok := value.ParseJSONPath(path)
	if !ok {
		return "no path"
	}
	var out []string
	if !p.Each([]byte(text), func(v []byte) bool { out = append(out, string(v)); return true }) {
		out = append(out, "missed")
	}
	if !p.Several {
		if first := string(p.First([]byte(text))); first != strings.TrimSuffix(strings.Join(out, " "), "missed") {
			t.Errorf("%s in %s: the first is %q, each %q", path, text, first, out)
		}
	}
	return strings.Join(out, " ")
}

func TestJSONPath(t *testing.T) {
	const text = ` {"a":{"b":[1,2,{"c d":null}]},"x":[], "a b" : "q" , "é":1,"e":{},"d":1,"d":2} `
	for path, want := range map[string]string{
		"$": text[1 : len(text)-1], "$.a.b[0]": "1", "$.a.b[last]": `{"c d":null}`, "$.a.b[ last - 1 ]": "2", "$.a.b[3]": "missed", "$.a.b[last-3]": "missed",
		`$.a.b[2]."c d"`: "null", `$."a b"`: `"q"`, "$.é": "1", "$.a.b[*]": `1 2 {"c d":null}`, "$.a.*": `[1,2,{"c d":null}]`, "$.x[*]": "", "$.e.*": "",
		"$.d": "2", "$.x.y": "missed", "$.nothing": "missed", "$[0]": "missed", "lax $.d": "2", "strict$.d": "2", "$.a.b[*].c": "missed missed missed",
		"a": "no path", "": "no path", "$a": "no path", "$.": "no path", "$[": "no path", "$[-1]": "no path", "$..a": "no path", "$.a[x]": "no path", `$."a`: "no path", "$[99999999999]": "no path",
	} {
		if got := found(t, path, text); got != want && strings.Count(want, "missed") < 2 {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{
		"$.a.b ? (@ > 1)": "2", "$.a.b[*] ? (@ >= 1 && @ < 2)": "1", `$ ? (@."a b" == "q").d`: "2", "$.a ? (@.b == 2).b[0]": "1", "$.x ? (@ > 1)": "", "strict $.a.b ? (@ > 1)": "",
		"$.d ? (@ == $.a.b[1])": "2", "$.a.b ? ((@ > 1) is unknown)": `{"c d":null}`, `$."a b" ? (@ like_regex "^Q" flag "i")`: `"q"`, "$.é ? (!(@ == 1))": "", "$.a ? (exists (@.b ? (@ == 1))).b[last].\"c d\"": "null",
		"$.a ? ()": "no path", "$.a ? (@ >)": "no path", "$.a ? (@ == x)": "no path", "$.a ? (@ == 1": "no path", `$.a ? (@ like_regex "(")`: "no path", "$.a ? (@ == 1) b": "no path",
		"$.a ? " + strings.Repeat("(", 60) + "@ == 1" + strings.Repeat(")", 60): "no path",
	} {
		if got := found(t, path, text); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if _, ok := value.ParseJSONPath("$" + strings.Repeat(".a", 101)); ok {
		t.Error("a path of 101 steps is taken")
	}
}

// FuzzJSONPath: a path leads into any JSON to JSON that lies in it, and to no panic.
func FuzzJSONPath(f *testing.F) {
	for _, seed := range [][2]string{{"$.a[0]", `{"a":[1]}`}, {`$."x y".*[last - 1]`, `{"x y":{"b":[1,2]}}`}, {"strict $[*]", "[{}, 1e5, \"\\u0061\"]"}, {"$", " null "}, {`$.a ? (@.b[*] > 1 && !(@ == "x") || exists (@.c))`, `{"a":[{"b":[1,2]}]}`}} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, path string, text []byte) {
		p, ok := value.ParseJSONPath(path)
		if !ok || !json.Valid(text) {
			return
		}
		n := 0
		p.Each(text, func(v []byte) bool {
			if !json.Valid(v) {
				t.Errorf("%s leads in %s to %s", path, text, v)
			}
			n++
			return n < 100
		})
		if first := p.First(text); !p.Several && (first != nil) != (n == 1) {
			t.Errorf("%s in %s: first %s, and %d", path, text, first, n)
		}
	})
}

// TestJSONFilterUnwraps: an array that is compared is its elements in a lax path, also one that is a variable's; one that EXISTS asks for is there when empty.
func TestJSONFilterUnwraps(t *testing.T) {
	for path, want := range map[string]bool{
		`$.* ? (@ == [[], "x"])`: true, `strict $.b ? (@ == ["x"])`: false, `$ ? (exists(@.e))`: true, `$ ? (exists(@.e[*]))`: false, `$ ? (@.e == 1)`: false,
	} {
		p, ok := value.ParseStandardJSONPath(path)
		if !ok {
			t.Fatal(path)
		}
		found := false
		p.Each([]byte(`{"a":[[],"x"],"b":"x","e":[]}`), func([]byte) bool {
			found = true
			return false
		})
		if found != want {
			t.Errorf("%s: %v, want %v", path, found, want)
		}
	}
}
