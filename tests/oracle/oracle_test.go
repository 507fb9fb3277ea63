package oracle

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node/nodetest"
)

func startSlipway(t *testing.T) *pgconn.PgConn {
	t.Helper()
	conn, err := connect("postgres://test@" + nodetest.Start(t).SQLAddress() + "/default?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// kind says how two answers are compared.
type kind int

const (
	exactly kind = iota
	asNumber
	asFloat
	asFloat32 // the two may write the same number with other digits
	rounded   // an exact number, of which the two keep different digits behind the point
	asTime
)

// expression is one in both dialects; {a} and its like stand for values.
type expression struct {
	ours, theirs string // "": as ours
	kind
}

var expressions = []expression{
	{"{i} + {j}", "", asNumber}, {"{i} - {j}", "", asNumber}, {"{i} * {j}", "", asNumber}, {"{i} div {j}", "{i} / nullif({j}, 0)", asNumber},
	{"{i} % {j}", "{i} % nullif({j}, 0)", asNumber},
	{"abs({i})", "", asNumber}, {"sign({i})", "", asNumber}, {"{i} < {j}", "", exactly}, {"{i} = {j}", "", exactly},
	{"{i} between {j} and {i}", "", exactly}, {"greatest({i}, {j})", "", asNumber}, {"nullif({i}, {j})", "", asNumber},
	{"{d} + {e}", "", asNumber}, {"{d} - {e}", "", asNumber}, {"{d} * {e}", "", asNumber}, {"{d} / {e}", "{d} / nullif({e}, 0)", rounded},
	{"{d} % {e}", "{d} % nullif({e}, 0)", asNumber}, {"{d} * {k}", "", asNumber}, {"{d} + {k}", "", asNumber},
	{"{w} + {w}", "", asNumber}, {"{w} * 3", "", asNumber}, {"{w} - {d}", "", asNumber}, {"{w} < {d}", "", exactly}, {"-{w}", "", asNumber},
	{"abs({w})", "", asNumber},
	{"round({d}, {n})", "", asNumber}, {"truncate({d}, {n})", "trunc({d}, {n})", asNumber}, {"round({w}, {n})", "", asNumber},
	{"truncate({w}, {n})", "trunc({w}, {n})", asNumber}, {"ceil({d})", "", asNumber}, {"floor({d})", "", asNumber}, {"ceil({w})", "", asNumber},
	{"{f} + {g}", "", asFloat}, {"{f} - {g}", "", asFloat}, {"{f} * {g}", "", asFloat}, {"{f} / {g}", "{f} / nullif({g}, 0)", asFloat},
	{"abs({f})", "", asFloat}, {"exp({x})", "", asFloat}, {"power({x}, {y})", "", asFloat}, {"floor({f})", "", asFloat},
	{"{f} < {g}", "", exactly}, {"{f} = {g}", "", exactly}, {"{f} >= {g}", "", exactly}, {"{i} + {f}", "", asFloat}, {"{d} * {f}", "", asFloat},
	{"cast({i} as int)", "", asNumber}, {"cast({i} as smallint)", "", asNumber}, {"cast({d} as bigint)", "", asNumber},
	{"cast({i} as decimal(12,2))", "", asNumber}, {"cast({d} as decimal(9,1))", "", asNumber}, {"cast({d} as double precision)", "", asFloat},
	{"cast({f} as real)", "", asFloat32}, {"cast({i} as double precision)", "", asFloat},
	{"cast({bt} as boolean)", "", exactly}, {"cast({it} as int)", "", asNumber}, {"cast({ft} as double precision)", "", asFloat},
	{"cast({ft} as real)", "", asFloat32}, {"cast({nt} as decimal(12,3))", "", asNumber}, {"cast({dt} as date)", "", exactly},
	{"cast({tt} as timestamp(6))", "", asTime},
	{"{f} = {ft}", "", exactly}, {"{i} = {it}", "", exactly}, {"true = {bt}", "", exactly}, {"{day} > {dt}", "", exactly}, {"{t} <= {tt}", "", exactly},
	{"cast({jt} as json)", "", exactly},
	{"{day} + interval '{m}' day", "cast({day} + interval '{m} day' as date)", exactly},
	{"{day} + interval '{m}' month", "cast({day} + interval '{m} month' as date)", exactly}, {"{t} + interval '{m}' hour", "", asTime},
	{"{t} - interval '{m}' second", "", asTime}, {"{t} + interval '{m}' month", "", asTime},
	{"datediff({day}, {day2})", "{day} - {day2}", asNumber}, {"year({t})", "extract(year from {t})", asNumber},
	{"month({t})", "extract(month from {t})", asNumber}, {"dayofyear({t})", "extract(doy from {t})", asNumber},
	{"quarter({t})", "extract(quarter from {t})", asNumber},
	{"weekday({t})", "extract(isodow from {t}) - 1", asNumber}, {"cast({t} as date)", "", exactly}, {"cast({day} as timestamp(6))", "", asTime},
	{"{t} < {day}", "", exactly},
	{"concat_ws({s}, {u}, {v}, null)", "", exactly}, {"replace({s}, {u}, {v})", "", exactly}, {"upper({s})", "", exactly},
	{"reverse({s})", "", exactly}, {"char_length({s})", "", asNumber}, {"lpad({s}, {p}, 'xy')", "", exactly}, {"rpad({s}, {p}, 'xy')", "", exactly},
	{"repeat({s}, {p})", "", exactly}, {"left({s}, {p})", "", exactly}, {"substring({s}, 1, {p})", "", exactly},
	{"instr({s}, 'a')", "strpos({s}, 'a')", asNumber}, {"{s} like concat('%', {u}, '%')", "", exactly},
	{"{s} < {u}", "{s} collate \"C\" < {u}", exactly}, {"{s} || {u}", "", exactly},
	{"case when {i} > {j} then {d} else {e} end", "", asNumber}, {"coalesce(null, {d}, {e})", "", asNumber},
	{"({i} > {j}) is not true and not ({f} < {g})", "", exactly}, {"null is unknown or ({i} = {j}) is unknown", "", exactly},
}

// values makes what the letters stand for, in both dialects the same text.
func values(r *rand.Rand) map[string]string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	typed := func(text, typ string) string { return fmt.Sprintf("cast('%s' as %s)", text, typ) }
	digits := func(n int) string {
		b := []byte(strconv.Itoa(1 + r.IntN(9)))
		for len(b) < n {
			b = append(b, byte('0'+r.IntN(10)))
		}
		return pick("", "-") + string(b)
	}
	whole := func() string {
		return pick(digits(1+r.IntN(18)), digits(1+r.IntN(4)), "0", "-1", "9223372036854775807", "-9223372036854775808", "4611686018427387904", "32768", "-2147483649")
	}
	exact := func(whole, fraction int) string {
		return pick("0", digits(1+r.IntN(whole))+"."+strings.TrimPrefix(digits(1+r.IntN(fraction)), "-"), digits(1+r.IntN(whole)))
	}
	float := func() string {
		return pick(exact(15, 6), fmt.Sprintf("%se%d", exact(1, 10), r.IntN(600)-300), "1e308", "-1.7e308", "1e-300", "NaN", "Infinity", "-Infinity", "0", "0.1")
	}
	day := func() string {
		return pick(fmt.Sprintf("%04d-%02d-%02d", 1900+r.IntN(200), 1+r.IntN(12), 1+r.IntN(28)), "2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31")
	}
	moment := func() string {
		return day() + pick(" ", "T") + fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60)) + pick("", "", fmt.Sprintf(".%06d", r.IntN(1e6)), fmt.Sprintf(".%d", r.IntN(1000)))
	}
	text := func() string {
		return "'" + pick("", "a", "abc", "banana", "Zürich", "中文字", "a%b_c", "  ", "ab"+digits(3)) + "'"
	}
	mangled := func(s string) string {
		return "'" + pick(s, s, s, " "+s, s+" ", s+"x", strings.ToUpper(s), "+"+s, s+"_0", "") + "'"
	}
	return map[string]string{
		"{i}": typed(whole(), "bigint"), "{j}": typed(whole(), "bigint"), "{k}": strconv.Itoa(r.IntN(1000)), "{n}": strconv.Itoa(r.IntN(8) - 3),
		"{m}": strconv.Itoa(r.IntN(4000) - 2000), "{p}": strconv.Itoa(r.IntN(12)),
		"{d}": typed(exact(9, 5), "decimal(15,5)"), "{e}": typed(exact(5, 2), "decimal(8,2)"), "{w}": typed(exact(26, 10), "decimal(38,10)"),
		"{f}": typed(float(), "double precision"), "{g}": typed(float(), "double precision"), "{x}": typed(exact(3, 3), "double precision"),
		"{y}":   typed(strings.TrimPrefix(exact(2, 1), "-"), "double precision"),
		"{bt}":  mangled(pick("true", "t", "y", "yes", "on", "1", "false", "f", "n", "no", "off", "0", "of", "o", "2", "tru", "maybe")),
		"{it}":  mangled(pick(whole(), digits(3), "1_0", "0x1")),
		"{ft}":  mangled(pick(float(), float(), "1e400", "1e-400", "inf", "-inf", "nan", ".5", "5.", "e5", "1e")),
		"{nt}":  mangled(pick(exact(12, 6), "1e3", "1e-3", ".5", "1.5e2", "1e99")),
		"{dt}":  mangled(pick(day(), "2026-13-01", "2026-02-30", "2026-01-02garbage", "2026-1-3")),
		"{tt}":  mangled(pick(moment(), moment(), "2026-01-02", "2026-01-02 25:00:00", "2026-01-02 10:20")),
		"{jt}":  mangled(pick(`{"a":[1,2]}`, "[]", `"x"`, "null", "17", "{bad", "[1,]", "{}{}", "tru", "01", `{"a"}`)),
		"{day}": typed(day(), "date"), "{day2}": typed(day(), "date"), "{t}": typed(moment(), "timestamp(6)"), "{s}": text(), "{u}": text(), "{v}": text(),
	}
}

func fill(template string, v map[string]string) string {
	for name, text := range v {
		template = strings.ReplaceAll(template, name, text)
	}
	return template
}

// answer is the one value of a SELECT, or an error's code and message.
type answer struct {
	text, code string
	null       bool
}

func ask(t *testing.T, c *pgconn.PgConn, expr string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	results, err := c.Exec(ctx, "SELECT "+expr).ReadAll()
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return answer{text: e.Message, code: e.Code}
	}
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	cell := results[0].Rows[0][0]
	return answer{text: string(cell), null: cell == nil}
}

func agree(k kind, ours, theirs answer) bool {
	if ours.code != "" || theirs.code != "" {
		return sameCode(ours, theirs)
	}
	return ours.null == theirs.null && (ours.null || same(k, ours.text, theirs.text))
}

// rounds is how many sets of random values every expression is computed over.
const rounds = 60

// TestValuesAgainstPostgres: where the dialects agree the answers do, and so do the codes of errors.
func TestValuesAgainstPostgres(t *testing.T) {
	postgres := startPostgres(t)
	slipway := startSlipway(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	faults, differences := 0, 0
	for range rounds {
		v := values(r)
		for _, e := range expressions {
			other := e.theirs
			if other == "" {
				other = e.ours
			}
			a, b := ask(t, slipway, fill(e.ours, v)), ask(t, postgres, fill(other, v))
			if a.code != "" {
				faults++
			}
			if agree(e.kind, a, b) {
				continue
			}
			if differences++; differences == 30 {
				t.Fatal("and more")
			}
			t.Errorf("%s\n  ours   %+v\n  theirs %+v", fill(e.ours, v), a, b)
		}
	}
	t.Logf("%d answers, %d of them errors", rounds*len(expressions), faults)
}

// sameCode compares SQLSTATEs, but for what docs/values.md says of the differences: a DECIMAL
// has 38 digits and a year four, a date or time that is none has one code, what is too
// small is zero where it is computed, and what has no real value is NULL.
func sameCode(ours, theirs answer) bool {
	timed := func(code string) bool { return code == "22007" || code == "22008" || code == "22009" }
	switch {
	case ours.code == theirs.code, timed(ours.code) && timed(theirs.code):
		return true
	case ours.code == "22003" && theirs.code == "" && strings.HasPrefix(ours.text, "DECIMAL(38"):
		whole, _, _ := strings.Cut(strings.TrimPrefix(theirs.text, "-"), ".")
		return len(whole) > 38-10
	case ours.code == "22008" && theirs.code == "":
		year, _, _ := strings.Cut(theirs.text, "-")
		return len(year) > 4 || strings.HasSuffix(theirs.text, " BC")
	case ours.code == "22P02" && theirs.code == "22003": // both: what is no number for another reason has digits beyond the range
		return true
	case theirs.code == "2201F":
		return ours.null
	}
	return theirs.code == "22003" && strings.Contains(theirs.text, "underflow") && strings.TrimPrefix(ours.text, "-") == "0"
}

func same(k kind, a, b string) bool {
	switch k {
	case asNumber, rounded:
		x, ok1 := new(big.Rat).SetString(a)
		y, ok2 := new(big.Rat).SetString(b)
		if !ok1 || !ok2 {
			return a == b
		}
		if k == asNumber {
			return x.Cmp(y) == 0
		}
		unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(behindPoint(a), behindPoint(b)))), nil))
		return x.Sub(x, y).Abs(x).Cmp(unit) <= 0
	case asFloat32:
		x, err1 := strconv.ParseFloat(a, 32)
		y, err2 := strconv.ParseFloat(b, 32)
		return err1 == nil && err2 == nil && float32(x) == float32(y) || a == b
	case asFloat:
		x, err1 := strconv.ParseFloat(a, 64)
		y, err2 := strconv.ParseFloat(b, 64)
		if err1 != nil || err2 != nil || math.IsNaN(x) || math.IsNaN(y) {
			return a == b
		}
		return x == y || math.Abs(x-y) <= 1e-13*math.Abs(x)
	}
	if k == asTime {
		return withoutZeros(a) == withoutZeros(b)
	}
	return strings.TrimSpace(a) == strings.TrimSpace(b) // PostgreSQL keeps the blanks around JSON
}

func withoutZeros(text string) string {
	if whole, fraction, ok := strings.Cut(text, "."); ok {
		return strings.TrimSuffix(whole+"."+strings.TrimRight(fraction, "0"), ".")
	}
	return text
}

func behindPoint(text string) int {
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction)
}
