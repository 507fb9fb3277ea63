package functions

import (
	"math/rand/v2"
	"strings"
)

// What PostgreSQL alone has.

func init() {
	generate("template", generator{kind: text, edges: []string{"", "%s", "%%", "%I", "%L", "%s and %s", "%2$s %1$s", "%10s|", "%-10s|", "%*s", "%*2$s", "a%", "%d", "%3$s", "%0$s", "%1$10L|", "%s%s%s", "ü%-3s中", "%--5s|", "%1s", "%1$", "%99999999999s", "%*1s"}, random: func(r *rand.Rand) string {
		return pick(r, []string{"", "a", "%%"}) + pick(r, []string{"%s", "%I", "%L", "%2$L", "%5s"}) + pick(r, []string{"", "-%s", "%-4L", "%1$I"})
	}})
	generate("unescaped", generator{kind: text, edges: []string{"", "a", `\0061`, `\+01F600`, `\u00e9`, `\U0001F600`, `\\`, `\d83d\de00`, `\d83d`, `\de00`, `\d83dx`, `\d83d\0061`, `\0000`, `\+110000`, `\U00110000`, `\zzzz`, `\12`, `a\`, `\\\\0061`, `\004G`, `\u12`, "ü"}, random: func(r *rand.Rand) string {
		return randomPart(r) + pick(r, []string{`\0062`, `\\`, `\+000063`, ""}) + randomPart(r)
	}})
	generate("similar", generator{kind: text, never: true, edges: []string{"", "%", "_", "a%", "%a", "a_c", "(a|b)c?", "%(b|c)%", "[a-c]+", "[^a]%", `\%`, `a\_%`, "a{2,4}", "a.c", "^a$", "(", "[]a]", `[\]]`, "_*", "a|b", "[[:alpha:]]+", "%\\"}, random: randomPart})
	generate("escaping", generator{kind: text, never: true, edges: []string{"", "!", `\`, "#"}, random: func(*rand.Rand) string { return "!" }})
	generate("divided", generator{kind: text, never: true, edges: []string{`%#"a_#"%`, `#"%#"`, `a#"%#"c`, "%", `#"[a-c]+#"%`, `%#"b#"`, `a#"b`, `#"#"#"`, "a##%"}, random: randomPart})
	generate("put", generator{kind: text, edges: []string{"", "x", `<\1>`, `\&\&`, `\\`, `\`, `\9`, "$1", `\z`}, random: randomPart})
	generate("gflag", generator{kind: text, edges: []string{"", "g", "i", "gi", "c"}, random: func(*rand.Rand) string { return "g" }})
	add(
		line{name: "format", ours: "format({template}, {s}, {by})", postgres: same, gives: text},
		line{name: "format", ours: "format({template}, {n}, {d})", postgres: same, gives: text},
		line{name: "unistr", ours: "unistr({unescaped})", postgres: same, gives: text},
		line{name: "to_hex", ours: "to_hex({i})", postgres: same, gives: text},
		line{name: "to_hex", ours: "to_hex({n})", postgres: same, gives: text},
		line{name: "isfinite", ours: "isfinite({ts})", postgres: same, gives: boolean},
		line{name: "isfinite", ours: "isfinite({span})", postgres: same, gives: boolean},
		line{name: "date_bin", ours: "date_bin('90 minutes', {ts}, '2001-01-01')", postgres: same, gives: moment},
		line{name: "make_interval", ours: "make_interval(days => {few}, secs => {factor})", postgres: same, gives: timeSpan},
		line{name: "make_date", ours: "make_date(day => {dom}, year => {yr}, month => {mo})", postgres: same, gives: day},
		line{name: "similar_to", ours: "/* similar_to */ {s} similar to {similar}", postgres: same, gives: boolean, differs: alphabet("similar")},
		line{name: "similar_to", ours: "/* similar_to */ {s} not similar to {similar} escape '!'", postgres: same, gives: boolean, differs: alphabet("similar")},
		line{name: "substring", ours: "substring({s} from {pattern})", postgres: same, gives: text, differs: newline},
		line{name: "substring", ours: "substring({s} from {divided} for '#')", postgres: same, gives: text},
		line{name: "substring", ours: "substring({s} similar {divided} escape '#')", postgres: same, gives: text},
		line{name: "substring", ours: "substring({s} from {similar} for {escaping})", postgres: same, gives: text, differs: alphabet("similar")},
		line{name: "regexp_replace", ours: "regexp_replace({s}, {pattern}, {put}, {gflag})", postgres: same, gives: text, differs: either(newline, emptyMatches)},
		line{name: "regexp_replace", ours: "regexp_replace({s}, {unanchored}, {by}, {from}, {few})", postgres: same, gives: text, differs: negative("few")},
		line{name: "regexp_matches", ours: "array(select array_to_string(m, '|', 'none') from regexp_matches({s}, {pattern}, {gflag}) as t (m))", postgres: same, gives: text, differs: either(newline, emptyMatches)},
		line{name: "regexp_split_to_table", ours: "array(select m from regexp_split_to_table({s}, {unanchored}) as t (m))", postgres: same, gives: text},
		line{name: "regexp_split_to_array", ours: "regexp_split_to_array({s}, {unanchored}, {flag})", postgres: same, gives: text},
	)
}

// alphabet is where a class has other letters than those of ASCII.
func alphabet(pattern string) condition {
	return inPostgres(func(c call) bool {
		return strings.Contains(c.args[pattern].text, "[:alpha:]") && !isASCII(c.args["s"].text)
	})
}

// emptyMatches is where an empty match behind another one counts in PostgreSQL.
func emptyMatches(c call, other dialect, _, _ answer) bool {
	return other == postgres && strings.Contains(c.args["gflag"].text, "g") && strings.ContainsAny(c.args["pattern"].text, "*?")
}
