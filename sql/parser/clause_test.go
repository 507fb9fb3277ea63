package parser

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	tidb "github.com/pingcap/tidb/pkg/parser"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// TestWordsStandOnce: wordTable names each word once.
func TestWordsStandOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range wordTable {
		for _, w := range strings.Fields(line.words) {
			if seen[w] {
				t.Errorf("%s stands twice", w)
			}
			seen[w] = true
		}
	}
}

// TestClausesAreReached: no line of clauseTable lies behind one that takes all it begins with.
func TestClausesAreReached(t *testing.T) {
	everywhere := reflect.ValueOf(anywhere).Pointer()
	for word, list := range clauses {
		for i, cl := range list {
			for _, before := range list[:i] {
				takesAll := reflect.ValueOf(before.where).Pointer() == everywhere
				if takesAll && len(before.behind) <= len(cl.behind) && slices.Equal(before.behind, cl.behind[:len(before.behind)]) {
					t.Errorf("%s %v is never reached behind %q", word, cl.behind, before.begins)
				}
			}
		}
	}
}

// TestSpellings: a beginning is spelled out in all its ways.
func TestSpellings(t *testing.T) {
	var got []string
	for _, words := range spellings(strings.Fields("A|B [NOT] C|D")) {
		got = append(got, strings.Join(words, " "))
	}
	if want := "A C,A D,A NOT C,A NOT D,B C,B D,B NOT C,B NOT D"; strings.Join(got, ",") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestScannerTellsItsPlace: the library keeps the place of the token at which it stopped.
func TestScannerTellsItsPlace(t *testing.T) {
	if scanOffset == nil {
		t.Fatal("the scanner of this release of the TiDB parser has no lastScanOffset: see stoppedAt")
	}
	for text, want := range map[string]int{"SELECT a b c": 11, "SELECT 'x\ny', FROM t": 14, "SELECT 1 +": 10, "SELECT 列 列 列": 15} {
		p := tidb.New()
		if _, _, err := p.ParseSQL(text); err == nil || stoppedAt(p) != want {
			t.Errorf("%q: stopped at %d (%v), want %d", text, stoppedAt(p), err, want)
		}
	}
}

// TestPlacesOfErrors: the place of an error is that of the token, in long texts, of several lines, and
// whatever the text around it says.
func TestPlacesOfErrors(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, text := range []string{
		"SELECT a b ^c FROM t", "SELECT 'near \"x\" (total length 9)', a b ^c", "SELECT '" + long + "', a = ^, b", "SELECT a b ^c, '" + long + "' FROM t",
		"SELECT '中文',\n  乙 丙 ^丁\nFROM 表", "SELECT a FROM t WHERE b = 1 AND ^ORDER BY c", "SELECT count(*) FILTER (WHERE a b ^c) FROM t",
		"SELECT sum(a) OVER (ORDER BY b + ^) FROM t", "SELECT a[1 + ^] FROM t", "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a PATTERN (x) DEFINE x AS b c ^d)",
		"CREATE STREAMJOB j AS ('INSERT INTO a SELECT ''x'' b ^c FROM t')",
	} {
		at := strings.IndexByte(text, '^')
		_, err := Parse(text[:at] + text[at+1:])
		if err == nil || sqlerr.From(err).Position != at+1 {
			t.Errorf("%.60s: error %v at %d, want %d", text, err, sqlerr.From(err).Position, at+1)
		}
	}
}

// TestCutsLeadBack: a cut that no node is made of is an error, not a clause that is lost.
func TestCutsLeadBack(t *testing.T) {
	for name, lose := range map[string]func(*rewriter){
		"cut":  func(r *rewriter) { r.cuts = append(r.cuts, cut{what: &ast.Param{N: 1}}) },
		"call": func(r *rewriter) { r.calls = map[int]*ast.FuncCall{0: {}} },
		"join": func(r *rewriter) { r.joins = map[int]joinCut{0: {}} },
	} {
		c, err := inner("SELECT a IS DISTINCT FROM b, CAST(c AS INT), sum(d) OVER () FROM t FULL JOIN u USING (e)", nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := newRewriter(c, c.to)
		if err == nil {
			err = r.run()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.query(&converter{r: r}); err != nil {
			t.Errorf("nothing is lost: %v", err)
		}
		lose(r)
		if err := r.checkCuts(); err == nil || sqlerr.From(err).Code != sqlerr.Internal {
			t.Errorf("a lost %s: %v", name, err)
		}
	}
}

// TestLimitsOfClauses: what nests or repeats in the clauses is bounded before anything recurses.
func TestLimitsOfClauses(t *testing.T) {
	many := strings.Repeat
	pattern := func(p string) string { return "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a PATTERN (" + p + "))" }
	for name, tt := range map[string]struct {
		text string
		code sqlerr.Code // empty: it parses
	}{
		"subscripts":           {"SELECT " + many("a[", 300) + "1" + many("]", 300), sqlerr.TooComplex},
		"subscripts in bounds": {"SELECT " + many("a[", 190) + "1" + many("]", 190), ""},
		"open subscripts":      {"SELECT " + many("a[", 400_000), sqlerr.ProgramLimit},
		"subscripts in a row":  {"SELECT a" + many("[1]", 150), sqlerr.TooComplex},
		"fields in a row":      {"SELECT (a)" + many(".b", 150), sqlerr.TooComplex},
		"zones in a row":       {"SELECT a" + many(" AT TIME ZONE 'UTC'", 150), sqlerr.TooComplex},
		"arrays":               {"SELECT " + many("ARRAY[", 300) + many("]", 300), sqlerr.TooComplex},
		"rows":                 {"SELECT " + many("ROW(", 300) + many(")", 300), sqlerr.TooComplex},
		"filters":              {"SELECT " + many("f(x) FILTER (WHERE ", 300) + "1" + many(")", 300), sqlerr.TooComplex},
		"filters in bounds":    {"SELECT " + many("f(x) FILTER (WHERE ", 100) + "1" + many(")", 100), ""},
		"windows":              {"SELECT " + many("f(x) OVER (ORDER BY ", 300) + "1" + many(")", 300), sqlerr.TooComplex},
		"grouping sets":        {"SELECT a FROM t GROUP BY " + many("GROUPING SETS (", 300) + "a" + many(")", 300), sqlerr.TooComplex},
		"patterns":             {pattern(many("(", 300) + "a" + many(")", 300)), sqlerr.TooComplex},
		"patterns in bounds":   {pattern(many("(", 150) + "a" + many(")", 150)), ""},
		"exclusions":           {pattern(many("{- ", 300) + "a" + many(" -}", 300)), sqlerr.TooComplex},
		"quantifier":           {pattern("a{100000}"), sqlerr.TooComplex},
		"long pattern":         {pattern(many("a ", 20_000)), ""},
		"unnests":              {"SELECT 1 FROM t" + many(", UNNEST(a)", 200), sqlerr.TooComplex},
		"laterals":             {many("SELECT 1 FROM LATERAL (", 300) + "SELECT 1" + many(")", 300), sqlerr.TooComplex},
		"matched queries":      {many("SELECT 1 FROM (", 60) + "SELECT 1" + many(") MATCH_RECOGNIZE (ORDER BY a PATTERN (a))", 60), ""},
		"array types":          {"SELECT a::int" + many("[]", 50), sqlerr.TooComplex},
	} {
		_, err := Parse(tt.text)
		code := sqlerr.Code("")
		if err != nil {
			code = sqlerr.From(err).Code
		}
		if code != tt.code {
			t.Errorf("%s: SQLSTATE %q (%v), want %q", name, code, err, tt.code)
		}
	}
}
