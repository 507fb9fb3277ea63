package functions

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
)

// sameJSON: JSON that says the same, whatever its blanks.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y) || a == b
}

var jsonText = kind{types: text.types, as: sameJSON}

// realJSON is JSON alone, as PostgreSQL has a type for it.
var realJSON = kind{types: [3]string{"json", "json", ""}, as: sameJSON}

const keysOfJSON = "abc"

func randomJSON(r *rand.Rand, depth int) string {
	switch n := r.IntN(9); {
	case depth > 0 && n < 3:
		var parts []string
		for range r.IntN(4) {
			parts = append(parts, randomJSON(r, depth-1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case depth > 0 && n < 6:
		var parts []string
		for _, k := range keysOfJSON {
			if r.IntN(2) == 0 {
				parts = append(parts, fmt.Sprintf("%q: %s", k, randomJSON(r, depth-1)))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return []string{"1", "-2.5", "1e3", "0", `"x"`, `"é \" \\ \u00e9"`, `""`, "true", "false", "null", "12345678901"}[r.IntN(11)]
}

func randomPath(r *rand.Rand) string {
	path := "$"
	for range r.IntN(4) {
		path += []string{".a", ".b", `."c"`, "[0]", "[1]", "[2]"}[r.IntN(6)]
	}
	return path
}

func init() {
	edges := []string{"{}", "[]", `{"a":{"b":[1,{"c":null}]},"b":"x"}`, `[[1,2],[3]]`, ` {"a" : 1 } `, "1", `"a"`, "null", "true"}
	broken := []string{"", "{", "no", `{"a":}`, "[1,]"}
	generate("doc", generator{kind: text, edges: append(broken, edges...), random: func(r *rand.Rand) string { return randomJSON(r, 3) }})
	generate("json", generator{kind: realJSON, edges: edges, random: func(r *rand.Rand) string { return randomJSON(r, 3) }})
	generate("path", generator{kind: text, edges: []string{"$", "$.a", "$.a.b[1].c", "$[0]", `$."b"`}, random: randomPath, never: true})
	keys := []string{"a", "b", "c", "0", "1", "-1", "é"}
	generate("key", generator{kind: text, edges: []string{"a", "b", "", "0", "1"}, random: func(r *rand.Rand) string { return keys[r.IntN(len(keys))] }})
	places := []string{"0", "1", "-1", "-2", "100", "-100"}
	generate("at", generator{kind: integer, edges: places, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(7) - 3) }})
	quoted := []string{"", `"`, `""`, `"a"`, `a`, `"a\nb"`, `"\u00e9"`, "null"}
	generate("q", generator{kind: text, edges: quoted, random: func(r *rand.Rand) string { return randomJSON(r, 0) }})
	isValid := func(c call) bool { return json.Valid([]byte(c.args["doc"].text)) }
	intoScalar := func(c call, other dialect, here, there answer) bool {
		return other == mariadb && strings.Contains(c.args["path"].text, "[0]")
	}
	jsonLines(isValid, intoScalar)
}

func jsonLines(isValid func(call) bool, intoScalar func(call, dialect, answer, answer) bool) {
	nested := func(c call, other dialect, here, there answer) bool {
		parts := strings.HasPrefix(strings.TrimSpace(here.text), "{") || strings.HasPrefix(strings.TrimSpace(here.text), "[")
		return other == mariadb && (parts || here.text == "true" || here.text == "false" || intoScalar(c, other, here, there))
	}
	add(
		line{name: "json_value", ours: "json_value({doc}, {path})", mariadb: same, gives: text, differs: nested},
		line{name: "json_query", ours: "json_query({doc}, {path})", mariadb: same, gives: jsonText, differs: intoScalar},
		line{name: "json_exists", ours: "json_exists({doc}, {path})", mariadb: same, gives: boolean, differs: func(c call, other dialect, here, there answer) bool {
			return !isValid(c) || intoScalar(c, other, here, there)
		}},
		line{name: "json_extract", ours: "json_extract({doc}, {path})", mariadb: same, gives: jsonText, differs: intoScalar},
		line{name: "json_extract", ours: "json_extract({doc}, {path}, '$.a')", mariadb: same, gives: jsonText, differs: inMariaDB(func(c call) bool { return true })},
		line{name: "json_unquote", ours: "json_unquote({q})", mariadb: same, gives: text, differs: inMariaDB(func(c call) bool {
			return strings.HasPrefix(c.args["q"].text, `"`) && !json.Valid([]byte(c.args["q"].text))
		})},
		line{name: "json_quote", ours: "json_quote({q})", mariadb: same, gives: jsonText},
		line{name: "json_valid", ours: "json_valid({doc})", mariadb: same, gives: boolean},
		line{name: "json_type", ours: "json_type({doc})", mariadb: same, gives: text,
			differs: inMariaDB(func(c call) bool { return strings.Contains(c.args["doc"].text, "1e3") })},
		line{name: "json_length", ours: "json_length({doc})", mariadb: same, gives: bigint},
		line{name: "json_keys", ours: "json_keys({doc})", mariadb: same, gives: jsonText},
		line{name: "json_object", ours: "json_object('k', {q}, 'n', {at})", mariadb: same, gives: jsonText},
		line{name: "json_array", ours: "json_array({q}, {at})", mariadb: same, gives: jsonText},
		line{name: "json_build_object", ours: "json_build_object('k', {q}, 'n', {at}, 'j', {json})", postgres: same, gives: jsonText},
		line{name: "json_build_array", ours: "json_build_array({q}, {at}, {json})", postgres: same, gives: jsonText},
		line{name: "to_json", ours: "to_json({q})", postgres: same, gives: jsonText},
		line{name: "to_json", ours: "to_json({at})", postgres: same, gives: jsonText},
		line{name: "json_extract_path", ours: "json_extract_path({json}, {key}, 'a')", postgres: same, gives: jsonText},
		line{name: "json_extract_path_text", ours: "json_extract_path_text({json}, {key})", postgres: same, gives: jsonText},
		line{name: "json_array_length", ours: "json_array_length({json})", postgres: same, gives: bigint},
		line{name: "json_typeof", ours: "json_typeof({json})", postgres: same, gives: text},
	)
}
