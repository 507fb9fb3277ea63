package functions

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// What PostgreSQL alone has.

func init() {
	generate("template", generator{kind: text, edges: []string{"", "%s", "%%", "%I", "%L", "%s and %s", "%2$s %1$s", "%10s|", "%-10s|", "%*s", "%*2$s", "a%", "%d", "%3$s", "%0$s", "%1$10L|", "%s%s%s", "ü%-3s中", "%--5s|", "%1s", "%1$", "%99999999999s", "%*1s"}, random: func(r *rand.Rand) string {
		return pick(r, []string{"", "a", "%%"}) + pick(r, []string{"%s", "%I", "%L", "%2$L", "%5s"}) + pick(r, []string{"", "-%s", "%-4L", "%1$I"})
	}})
	generate("picture", generator{kind: text, never: true, edges: []string{"9,999.99", "999D99S", "S999.99", "FM999.99", "FM90.0", "0000.00", "999PR", "9.99", ".99", "0.9", "9", "99V99", "FMRN", "RN", "rn",
		"999th", "99TH", "FM9999.9999S", "SG999", "MI99.9", "PL99", "99.9MI", "FM99.9MI", "FM000.0099", "S0.9", "FM.99", "FM9.", "9.", "FM9,999,999", "999,999,999.99", "L999.99", "0,000", "S099", "PR", "99PR",
		`9"x\"y"9`, "FM9.9PR", "9.9.9", "S9S", "9PR9", "", "9xü9", "9.9V9", "MI9S", "FM9999MI."}, random: func(r *rand.Rand) string {
		digits := func(n int) (out string) {
			for range r.IntN(n) {
				out += pick(r, []string{"9", "9", "9", "0", ","})
			}
			return out
		}
		return pick(r, []string{"", "FM", "S", "MI"}) + "9" + digits(7) + pick(r, []string{"", ".", "D", "V"}) + digits(4) + pick(r, []string{"", "S", "MI", "PR", "PL", "SG", "x"})
	}})
	generate("written", generator{kind: text, edges: []string{"12,454.8-", "12.5", "-12.5", "<12>", "1,234", "  15", "15 ", "0.5", ".5", "abc", "12abc", "+7", "7+", "7-", "$12.30", "1st", "12th", "12.3.4", "", "-", "- 5", "1 2", "123456.789", "00012", "0012.50-"}, random: func(r *rand.Rand) string {
		return pick(r, []string{"", "-", "+", " "}) + strconv.Itoa(r.IntN(20000)) + pick(r, []string{"", ".5", ".25", ",000"}) + pick(r, []string{"", "", "-"})
	}})
	generate("money", generator{kind: exact, edges: []string{"0", "0.5", "-0.5", "12", "-12", "123.456", "-0.001", "1234567.891", "99.995", "0.05", "1000", "3999", "485", "-485", "4000"}, random: func(r *rand.Rand) string {
		return fmt.Sprintf("%.3f", (r.Float64()-0.5)*math.Pow(10, float64(r.IntN(7))))
	}})
	generate("arrayb", generators["array"])
	generate("ofyear", generator{kind: integer, edges: []string{"0", "1", "60", "366", "400", "-1", "100000"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(800)) }})
	for _, name := range []string{"period", "periodb"} {
		generate(name, generator{kind: integer, edges: []string{"202411", "7001", "6912", "999912", "2001", "102"}, random: func(r *rand.Rand) string {
			return strconv.Itoa((1900+r.IntN(200))*100 + 1 + r.IntN(12))
		}})
	}
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
		line{name: "to_char", ours: "to_char({money}, {picture})", postgres: same, gives: text},
		line{name: "to_char", ours: "to_char({n}, {picture})", postgres: same, gives: text, differs: inPostgres(func(c call) bool { return strings.Contains(c.args["picture"].text, "V") })},
		line{name: "to_char", ours: "to_char({i}, {picture})", postgres: same, gives: text, differs: inPostgres(func(c call) bool { return strings.Contains(c.args["picture"].text, "V") })},
		line{name: "to_char", ours: "to_char({g}, {picture})", postgres: same, gives: text},
		line{name: "to_char", ours: "to_char({d}, '9.999EEEE')", postgres: same, gives: text, differs: roundedUp},
		line{name: "to_number", ours: "to_number({written}, {picture})", postgres: same, gives: number},
		line{name: "to_number", ours: "to_number({written}, '99,999.9S')", postgres: same, gives: number},
		line{name: "num_nulls", ours: "num_nulls({s}, {n}, {d})", postgres: same, gives: bigint},
		line{name: "num_nonnulls", ours: "num_nonnulls({s}, {n}, {array})", postgres: same, gives: bigint},
		line{name: "quote_nullable", ours: "quote_nullable({s})", postgres: same, gives: text},
		line{name: "array_positions", ours: "array_positions({array}, {item})", postgres: same, gives: numbers},
		line{name: "array_replace", ours: "array_replace({array}, {item}, {few})", postgres: same, gives: numbers},
		line{name: "trim_array", ours: "trim_array({array}, {few})", postgres: same, gives: numbers},
		line{name: "array_union", ours: "sort_array(array_union({array}, {arrayb}))", gives: numbers,
			postgres: "case when {array} is not null and {arrayb} is not null then array(select x from unnest({array}) as u (x) union select x from unnest({arrayb}) as v (x) order by 1) end"},
		line{name: "array_intersect", ours: "sort_array(array_intersect({array}, {arrayb}))", gives: numbers,
			postgres: "case when {array} is not null and {arrayb} is not null then array(select x from unnest({array}) as u (x) intersect select x from unnest({arrayb}) as v (x) order by 1) end"},
		line{name: "array_except", ours: "sort_array(array_except({array}, {arrayb}))", gives: numbers,
			postgres: "case when {array} is not null and {arrayb} is not null then array(select x from unnest({array}) as u (x) except select x from unnest({arrayb}) as v (x) order by 1) end"},
		line{name: "makedate", ours: "makedate({yr}, {ofyear})", mariadb: same, gives: day},
		line{name: "period_add", ours: "period_add({period}, {months})", mariadb: same, gives: bigint},
		line{name: "period_diff", ours: "period_diff({period}, {periodb})", mariadb: same, gives: bigint},
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

var number = kind{types: exact.types, as: sameNumber}

// roundedUp is where PostgreSQL writes ten digits in front of the point.
func roundedUp(_ call, other dialect, _, there answer) bool {
	return other == postgres && strings.Contains(there.text, "10.0")
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
