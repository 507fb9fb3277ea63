package functions

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dialect is whose text a value or an expression is.
type dialect int

const (
	ours dialect = iota
	postgres
	mariadb
)

// kind is a type of values, by its name in CAST of each dialect; where it is empty, the text stands as it is.
type kind struct {
	types [3]string
	// as compares two answers that are texts; nil: they must be equal.
	as func(a, b string) bool
}

var (
	text    = kind{types: [3]string{"string", "text", "char"}}
	bigint  = kind{types: [3]string{"bigint", "bigint", "signed"}, as: sameNumber}
	integer = kind{types: [3]string{"int", "int", "signed"}, as: sameNumber}
	double  = kind{types: [3]string{"double", "double precision", "double"}, as: sameFloat}
	exact   = kind{types: [3]string{"decimal(18,4)", "decimal(18,4)", "decimal(18,4)"}, as: sameNumber}
	boolean = kind{types: [3]string{"boolean", "boolean", "signed"}, as: sameTruth}
)

// datum is one argument.
type datum struct {
	kind
	text string
	null bool
}

func null(k kind) datum { return datum{kind: k, null: true} }
func of(k kind, texts ...string) (list []datum) {
	for _, t := range texts {
		list = append(list, datum{kind: k, text: t})
	}
	return list
}

// in writes a value as the dialect wants it.
func (d datum) in(to dialect) string {
	quoted := "'" + strings.ReplaceAll(d.text, "'", "''") + "'"
	switch {
	case d.null:
		quoted = "NULL"
	case d.types[to] == "":
		return d.text
	case d.types == text.types && to == mariadb:
		return "CONVERT(" + quoted + " USING utf8mb4) COLLATE utf8mb4_nopad_bin"
	case (d.types == bigint.types || d.types == integer.types) && to == mariadb:
		return d.text
	}
	return "cast(" + quoted + " as " + d.types[to] + ")"
}

// generator makes the arguments of one name: its edges, which come first, and others.
type generator struct {
	kind
	edges  []string
	random func(*rand.Rand) string
	never  bool // NULL
}

var generators = map[string]generator{}

// generate declares what {name} stands for.
func generate(name string, g generator) {
	if _, twice := generators[name]; twice {
		panic("{" + name + "} is generated twice")
	}
	generators[name] = g
}

func init() {
	generate("s", generator{kind: text, edges: texts, random: randomText})
	generate("u", generator{kind: text, edges: texts, random: randomText})
	generate("part", generator{kind: text, edges: []string{"a", "", "ab", "ü", ",", "zz", "A"}, random: randomPart})
	generate("by", generator{kind: text, edges: []string{"x", "", "äö", "long-er", "'"}, random: randomPart})
	generate("list", generator{kind: text, edges: []string{"a,b,c", "", ",", "a,,b", "ü,a"}, random: func(r *rand.Rand) string { return strings.Join([]string{randomPart(r), randomPart(r), "a"}, ",") }})
	generate("n", generator{kind: integer, edges: []string{"0", "1", "-1", "2", "3", "7", "-3", "100", "-2147483648", "2147483647"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(14) - 4) }})
	generate("few", generator{kind: integer, edges: []string{"0", "1", "-1", "2", "5"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(12)) }})
	generate("i", generator{kind: bigint, edges: bigs, random: randomBig})
	generate("j", generator{kind: bigint, edges: bigs, random: randomBig})
	generate("d", generator{kind: exact, edges: []string{"0", "1.5", "-1.5", "2.5", "-0.0001", "99999999999999.9999", "-99999999999999.9999", "1234567.8951"}, random: func(r *rand.Rand) string {
		return fmt.Sprintf("%d.%04d", r.IntN(200000)-100000, r.IntN(10000))
	}})
	generate("f", generator{kind: double, edges: []string{"0", "1", "-1", "0.5", "-0.5", "2", "1e300", "-1e300", "1e-300", "100", "3.141592653589793"}, random: randomFloat})
	generate("g", generator{kind: double, edges: []string{"0", "1", "-1", "0.5", "2", "10", "1e-9"}, random: randomFloat})
	generate("unit", generator{kind: double, edges: []string{"0", "1", "-1", "0.5", "-0.5", "1.0000001", "-2", "0.99999999", "0.9999571608166598"}, random: func(r *rand.Rand) string { return strconv.FormatFloat(r.Float64()*2-1, 'g', -1, 64) }})
	generate("angle", generator{kind: double, edges: []string{"0", "90", "-90", "45", "180", "360", "30", "60", "-720"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(2000) - 1000) }})
}

var (
	texts = []string{"", "a", "abc", "ABC", "Zürich", "中文字", "a😀b", " two words ", "tab\there", "O'Reilly", `back\slash`, "per%cent_", "aaaa", "hello, WORLD-wide x2y", strings.Repeat("long ", 60), "é", "ß", "123", "\n"}
	bigs  = []string{"0", "1", "-1", "2", "7", "-7", "255", "256", "65", "1000000", "2147483648", "9223372036854775807", "-9223372036854775808", "-9223372036854775807", "4611686018427387904"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(pick(r, []string{"a", "b", "c", "A", "Z", "x", "1", "9", " ", "-", ",", "ü", "中", "😀", "ab", "'"}))
	}
	return b.String()
}

func randomPart(r *rand.Rand) string {
	return pick(r, []string{"a", "b", "ab", "ü", "x", "中", " ", "1"})
}

func randomBig(r *rand.Rand) string {
	return strconv.FormatInt(r.Int64N(1<<r.IntN(63)+1)*int64(1-2*r.IntN(2)), 10)
}

func randomFloat(r *rand.Rand) string {
	return strconv.FormatFloat((r.Float64()*2-1)*[]float64{1, 10, 1000, 1e6}[r.IntN(4)], 'g', -1, 64)
}

var argument = regexp.MustCompile(`\{([a-z]+)\}`)

// call is an expression with its arguments.
type call struct {
	template string
	args     map[string]datum
}

// in writes it in a dialect.
func (c call) in(d dialect) string {
	return argument.ReplaceAllStringFunc(c.template, func(name string) string { return c.args[name[1:len(name)-1]].in(d) })
}

// names lists the arguments of a template, each once.
func names(template string) (list []string) {
	for _, m := range argument.FindAllStringSubmatch(template, -1) {
		if !slices.Contains(list, m[1]) {
			list = append(list, m[1])
		}
	}
	return list
}

// arguments makes sets of arguments: every edge of every one of them beside others, NULLs, and random values.
func arguments(r *rand.Rand, list []string, n int) (sets []map[string]datum) {
	add := func(fixed string, d datum) {
		set := map[string]datum{}
		for _, name := range list {
			set[name] = generators[name].any(r)
		}
		if fixed != "" {
			set[fixed] = d
		}
		sets = append(sets, set)
	}
	for _, name := range list {
		g := generators[name]
		for _, e := range of(g.kind, g.edges...) {
			add(name, e)
			if len(list) > 1 {
				add(name, e)
			}
		}
		if !g.never {
			add(name, null(g.kind))
		}
	}
	for range n {
		add("", datum{})
	}
	return sets
}

func (g generator) any(r *rand.Rand) datum {
	switch n := r.IntN(20); {
	case n == 0 && !g.never:
		return null(g.kind)
	case n < 8:
		return datum{kind: g.kind, text: pick(r, g.edges)}
	}
	return datum{kind: g.kind, text: g.random(r)}
}
