package functions

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// jsonb is JSON as PostgreSQL's operators take it.
var jsonb = kind{types: [3]string{"jsonb", "jsonb", ""}, as: sameJSON}

var namesOf = kind{types: [3]string{"text[]", "text[]", ""}}

func randomNames(r *rand.Rand, of []string, most int) string {
	var list []string
	for range r.IntN(most + 1) {
		list = append(list, of[r.IntN(len(of))])
	}
	return "{" + strings.Join(list, ",") + "}"
}

func init() {
	edges := []string{"{}", "[]", "[[]]", "[{}]", `{"a":{"b":[1,{"c":null}]},"b":"x"}`, `[[1,2],[3]]`, `["a","b","a"]`, `{"a":1,"a":{"b":2}}`, `[1.0, 1e0, 100]`, "1", `"a"`, "null", "true"}
	others := []string{"{}", "[]", `{"a":{}}`, `{"a":{"b":[1]}}`, `[[2]]`, `["a"]`, "[1]", "1e2", "1.00", `"a"`, "null", `{"a":{"b":2}}`, `[{}]`}
	generate("jsonb", generator{kind: jsonb, edges: edges, random: func(r *rand.Rand) string { return randomJSON(r, 3) }})
	generate("other", generator{kind: jsonb, edges: others, random: func(r *rand.Rand) string { return randomJSON(r, 2) }})
	steps := []string{"a", "b", "c", "0", "1", "-1", "2", "-5", "9"}
	generate("steps", generator{kind: namesOf, edges: []string{"{}", "{a}", "{a,b}", "{a,b,0}", "{a,b,-1}", "{0}", "{-1}", "{1,0}", "{5}", "{-5}", "{NULL}", "{a,NULL}", "{z}", "{0x}"},
		random: func(r *rand.Rand) string { return randomNames(r, steps, 3) }})
	generate("members", generator{kind: namesOf, edges: []string{"{}", "{a}", "{a,NULL}", "{NULL}", "{a,z}"},
		random: func(r *rand.Rand) string { return randomNames(r, []string{"a", "b", "c", "x", "é"}, 3) }})
	generate("yes", generator{kind: boolean, edges: []string{"true", "false"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(2) == 0) }})
	generate("some", generator{kind: numbers, edges: []string{"{}", "{1}", "{NULL}", "{1,NULL}", "{3,1}"}, random: func(r *rand.Rand) string { return randomNames(r, []string{"0", "1", "2", "NULL"}, 2) }})
	generate("bound", generator{kind: integer, edges: []string{"0", "1", "-1", "2", "3", "100"}, random: func(r *rand.Rand) string { return fmt.Sprint(r.IntN(6) - 1) }})
	add(
		line{name: "jsonb_contains", ours: "jsonb_contains({jsonb}, {other})", postgres: same, gives: boolean},
		line{name: "jsonb_contains", sign: "@>", ours: "{jsonb} @> {other}", postgres: same, gives: boolean},
		line{name: "jsonb_contained", sign: "<@", ours: "{other} <@ {jsonb}", postgres: same, gives: boolean},
		line{name: "jsonb_exists", sign: "?", ours: "{jsonb} ? {key}", postgres: same, gives: boolean},
		line{name: "jsonb_exists_any", sign: "?|", ours: "{jsonb} ?| {members}", postgres: same, gives: boolean},
		line{name: "jsonb_exists_all", sign: "?&", ours: "{jsonb} ?& {members}", postgres: same, gives: boolean},
		line{name: "jsonb_concat", sign: "||", ours: "{jsonb} || {other}", postgres: same, gives: jsonb},
		line{name: "jsonb_delete", sign: "-", ours: "{jsonb} - {key}", postgres: same, gives: jsonb},
		line{name: "jsonb_delete", sign: "-", ours: "{jsonb} - {at}", postgres: same, gives: jsonb},
		line{name: "jsonb_delete", sign: "-", ours: "{jsonb} - {members}", postgres: same, gives: jsonb},
		line{name: "jsonb_delete", sign: "-", ours: "{jsonb} || {other} - {key} || {jsonb}", postgres: same, gives: jsonb},
		line{name: "jsonb_delete_path", ours: "jsonb_delete_path({jsonb}, {steps})", postgres: same, gives: jsonb},
		line{name: "jsonb_delete_path", sign: "#-", ours: "{jsonb} #- '{a,b}'", postgres: same, gives: jsonb},
		line{name: "jsonb_set", ours: "jsonb_set({jsonb}, {steps}, {other})", postgres: same, gives: jsonb},
		line{name: "jsonb_set", ours: "jsonb_set({jsonb}, {steps}, {other}, {yes})", postgres: same, gives: jsonb},
		line{name: "jsonb_insert", ours: "jsonb_insert({jsonb}, {steps}, {other})", postgres: same, gives: jsonb},
		line{name: "jsonb_insert", ours: "jsonb_insert({jsonb}, {steps}, {other}, {yes})", postgres: same, gives: jsonb},
		line{name: "jsonb_pretty", ours: "jsonb_pretty({jsonb})", postgres: same, gives: text},
		line{name: "json_strip_nulls", ours: "json_strip_nulls({json})", postgres: same, gives: jsonb},
		line{name: "arraycontains", ours: "arraycontains({array}, {some})", postgres: same, gives: boolean},
		line{name: "arraycontains", sign: "@>", ours: "{array} @> {some}", postgres: same, gives: boolean},
		line{name: "arraycontained", sign: "<@", ours: "{some} <@ {array}", postgres: same, gives: boolean},
		line{name: "arrayoverlap", sign: "&&", ours: "{array} && {some}", postgres: same, gives: boolean},
		line{name: "array_slice", sign: ":", ours: "({array})[{bound}:{at}]", postgres: same, gives: numbers},
		line{name: "array_slice", sign: ":", ours: "({array})[:{at}]", postgres: same, gives: numbers},
		line{name: "array_slice", sign: ":", ours: "({array})[{bound}:]", postgres: same, gives: numbers},
		line{name: "array_slice", ours: "array_slice({array}, {bound}, {at})", postgres: "({array})[{bound}:{at}]", gives: numbers},
	)
}
