package functions

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

func init() {
	generate("pattern", generator{kind: text, never: true, edges: []string{"a", "[0-9]+", "^a", "a$", "(a|b)c?", "ab*", "[^a]", "a.c", "x", "(a)(b)?", "[[:alpha:]]+", "ü|中", "^$", "(", "a{2,3}", "b+"}, random: randomPart})
	generate("flag", generator{kind: text, edges: []string{"i", "c", "ic", "ci", ""}, random: func(*rand.Rand) string { return "i" }})
	generate("from", generator{kind: integer, edges: []string{"1", "2", "5", "400"}, random: func(r *rand.Rand) string { return strconv.Itoa(1 + r.IntN(8)) }})
	generate("unanchored", generator{kind: text, edges: []string{"a", "[0-9]+", "a$", "(a|b)c?", "ab*", "[^a]", "b+"}, random: randomPart})
	add(
		line{name: "regexp_like", ours: "regexp_like({s}, {pattern})", postgres: same, mariadb: "{s} regexp {pattern}", gives: boolean, differs: either(newline, noPattern)},
		line{name: "regexp_like", ours: "regexp_like({s}, {pattern}, {flag})", postgres: same, gives: boolean, differs: newline},
		line{name: "regexp_count", ours: "regexp_count({s}, {pattern})", postgres: same, gives: bigint, differs: newline},
		line{name: "regexp_count", ours: "regexp_count({s}, {unanchored}, {from})", postgres: same, gives: bigint},
		line{name: "regexp_substr", ours: "regexp_substr({s}, {pattern})", postgres: same, mariadb: same, gives: text, differs: either(newline, noPattern, emptyForNull)},
		line{name: "regexp_substr", ours: "regexp_substr({s}, {unanchored}, {from}, {buckets})", postgres: same, gives: text},
		line{name: "regexp_instr", ours: "regexp_instr({s}, {pattern})", postgres: same, mariadb: same, gives: bigint, differs: either(newline, noPattern)},
		line{name: "regexp_instr", ours: "regexp_instr({s}, {unanchored}, {from}, {buckets}, 1)", postgres: same, gives: bigint},
		line{name: "regexp_match", ours: "regexp_match({s}, {pattern})", postgres: same, gives: text, differs: newline},
		line{name: "regexp_split_to_array", ours: "regexp_split_to_array({s}, {pattern})", postgres: same, gives: text, differs: newline},
		line{name: "split", ours: "split({s}, ' *')", postgres: "regexp_split_to_array({s}, ' *')", gives: text},
	)
}

// newline is where a . of PostgreSQL's may be one, a class has other letters than those of ASCII, or
// MariaDB takes the $ for one at the end.
func newline(c call, other dialect, _, _ answer) bool {
	class := strings.Contains(c.args["pattern"].text, "[:alpha:]") && !isASCII(c.args["s"].text)
	end := other == mariadb && strings.HasSuffix(c.args["s"].text, "\n") && strings.Contains(c.args["pattern"].text, "$")
	return class || end || other == postgres && strings.Contains(c.args["s"].text, "\n") && c.args["pattern"].text == "a.c"
}

// noPattern is what MariaDB refuses too.
func noPattern(_ call, other dialect, here, there answer) bool {
	return other == mariadb && (here.code == "2201B" || here.null) && strings.Contains(there.text, "Regex error")
}

func emptyForNull(_ call, other dialect, here, there answer) bool {
	return other == mariadb && here.null && there.text == "" && there.code == ""
}
