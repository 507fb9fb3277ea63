package value_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/sql/value"
)

// TestJSONTree: what is read and written says the same, with members in PostgreSQL's order.
func TestJSONTree(t *testing.T) {
	for text, want := range map[string]string{
		` { "bb" : 1, "a":[ ], "c" : {"x":null , "x":"\u00e9\n"} } `: `{"a":[],"c":{"x":"é\n"},"bb":1}`,
		"[1.50, true,[{}],\"a,]\"]":                                  `[1.50,true,[{}],"a,]"]`, " 5 ": "5", `"x"`: `"x"`, "null": "null",
	} {
		tree := value.JSONTreeOf([]byte(text))
		if got := string(tree.Append(nil)); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestJSONTreeOfDeepText: time and memory are bounded where each level would be read again.
func TestJSONTreeOfDeepText(t *testing.T) {
	const depth = 9_000
	text := strings.Repeat("[", depth) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat("]", depth)
	begin := time.Now()
	tree := value.JSONTreeOf([]byte(text))
	if got := string(tree.Append(nil)); got != text {
		t.Errorf("%d bytes, want %d", len(got), len(text))
	}
	if n := len(tree.AppendPretty(nil, 0, 1<<20)); n > 2<<20 {
		t.Errorf("%d bytes of lines", n)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// FuzzJSONTree: any JSON says the same behind it.
func FuzzJSONTree(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}],"a":2}`, `[ "x\"y", -1e-5 , {} ]`, " null ", "{\"\ufffd\":[1,{}],\"\xff\":2}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after any
		if !json.Valid(text) || json.Unmarshal(text, &before) != nil {
			return
		}
		tree := value.JSONTreeOf(text)
		if got := tree.Append(nil); json.Unmarshal(got, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s is %s", text, got)
		}
		if tree = tree.Joined(&tree); !json.Valid(tree.Append(nil)) || !json.Valid(tree.AppendPretty(nil, 0, 1<<30)) {
			t.Errorf("%s: %s", text, tree.Append(nil))
		}
	})
}
