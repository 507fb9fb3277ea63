package parser

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// TestScripts runs the scripts of testdata/scripts: parse prints the tag and the normal
// form of every statement, or the error with a caret under the place it points at;
// positions prints what every position of the tree points at; split the pieces.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/scripts", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			input := strings.ReplaceAll(d.Input, "<nbsp>", "\u00a0")
			switch d.Cmd {
			case "parse":
				return runParse(t, input)
			case "positions":
				return runPositions(t, input)
			case "split":
				return runSplit(input)
			}
			d.Fatalf(t, "unknown command %q", d.Cmd)
			return ""
		})
	})
}

func runParse(t *testing.T, text string) string {
	list, err := Parse(text)
	if err != nil {
		return caret(text, err)
	}
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s: %s\n", s.Tag(), s)
		checkRoundTrip(t, s)
		checkOrigin(t, text, s)
	}
	return b.String()
}

// checkRoundTrip: the normal form parses to a tree with the same normal form.
func checkRoundTrip(t *testing.T, s ast.Statement) {
	t.Helper()
	again, err := ParseOne(s.String())
	if err != nil {
		t.Errorf("normal form %q does not parse: %v", s, err)
		return
	}
	if again.String() != s.String() {
		t.Errorf("normal form changes:\n%s\n%s", s, again)
	}
	if !reflect.DeepEqual(withoutPositions(s), withoutPositions(again)) {
		t.Errorf("normal form %q parses to another tree", s)
	}
}

func checkOrigin(t *testing.T, text string, s ast.Statement) {
	t.Helper()
	o := s.Origin()
	if o.Text != text[o.Offset:o.Offset+len(o.Text)] {
		t.Errorf("origin %q is not at offset %d", o.Text, o.Offset)
	}
}

// caret draws an error as psql does.
func caret(text string, err error) string {
	e := sqlerr.From(err)
	out := fmt.Sprintf("ERROR %s: %s\n", e.Code, e.Message)
	if at := e.Position - 1; at >= 0 && at <= len(text) {
		from := strings.LastIndexByte(text[:at], '\n') + 1
		line, _, _ := strings.Cut(text[from:], "\n")
		prefix := fmt.Sprintf("LINE %d: ", strings.Count(text[:at], "\n")+1)
		out += prefix + line + "\n" + strings.Repeat(" ", len(prefix)+width(text[from:at])) + "^\n"
	}
	if e.Detail != "" {
		out += "DETAIL: " + e.Detail + "\n"
	}
	if e.Hint != "" {
		out += "HINT: " + e.Hint + "\n"
	}
	return out
}

// width counts the columns of a terminal.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

func runPositions(t *testing.T, text string) string {
	list, err := Parse(text)
	if err != nil {
		return caret(text, err)
	}
	var b strings.Builder
	for _, s := range list {
		eachPosition(reflect.ValueOf(s), func(name string, at int) {
			if at == ast.NoPos {
				fmt.Fprintf(&b, "%s: none\n", name)
				return
			}
			rest, _, _ := strings.Cut(text[at:], "\n")
			if r := []rune(rest); len(r) > 16 {
				rest = string(r[:16]) + "…"
			}
			fmt.Fprintf(&b, "%s: %s\n", name, rest)
		})
	}
	return b.String()
}

// eachPosition visits every position of a tree.
func eachPosition(v reflect.Value, visit func(name string, at int)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachPosition(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachPosition(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if strings.HasSuffix(f.Name, "Pos") && f.Type.Kind() == reflect.Int {
				visit(v.Type().Name()+"."+f.Name, int(v.Field(i).Int()))
				continue
			}
			eachPosition(v.Field(i), visit)
		}
	}
}

// withoutPositions copies a tree and clears what depends on the text's shape.
func withoutPositions(s ast.Statement) any { return strip(reflect.ValueOf(s)).Interface() }

func strip(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(strip(v.Elem()))
		return p
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		return strip(v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			return reflect.Zero(v.Type())
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(strip(v.Index(i)))
		}
		return out
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[types.Type]() { // a value, not a tree
			return stripStruct(v)
		}
	}
	return v
}

// textFields say how the user wrote it, not what it means.
var textFields = map[string]bool{"Source": true, "Inner": true, "Text": true, "QueryText": true, "BodyText": true, "Body": true, "Map": true, "Quoted": true}

func stripStruct(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		_, literal := v.Interface().(ast.Literal)
		if strings.HasSuffix(f.Name, "Pos") || textFields[f.Name] && !literal && v.Type().Name() != "Delimiter" {
			continue
		}
		out.Field(i).Set(strip(v.Field(i)))
	}
	return out
}

func runSplit(text string) string {
	list, err := split(text)
	if err != nil {
		return caret(text, err)
	}
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%d: %q\n", s.Offset, s.Text)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	joins := func(n int) string { return "SELECT 1 FROM t" + many(" JOIN t ON a", n) }
	for name, tt := range map[string]struct {
		text string
		code sqlerr.Code // empty: it parses
	}{
		"text":              {"SELECT '" + many("x", maxText) + "'", sqlerr.ProgramLimit},
		"tokens":            {"SELECT 1" + many(",1", maxTokens), sqlerr.ProgramLimit},
		"long list":         {"SELECT 1" + many(",1", 20_000), ""},
		"brackets":          {"SELECT " + many("(", 500_000), sqlerr.ProgramLimit},
		"nesting":           {"SELECT " + many("(", 300) + "1" + many(")", 300), sqlerr.TooComplex},
		"nesting in bounds": {"SELECT " + many("(", 190) + "1" + many(")", 190), ""},
		"selects":           {many("SELECT (", 300) + "1" + many(")", 300), sqlerr.TooComplex},
		"cases":             {"SELECT " + many("CASE WHEN ", 300) + "1", sqlerr.TooComplex},
		"unary minus":       {"SELECT " + many("- ", 300) + "1", sqlerr.TooComplex},
		"unary not":         {"SELECT " + many("NOT ", 300) + "1", sqlerr.TooComplex},
		"mixed unary":       {"SELECT " + many("- (- ", 50) + "1" + many(")", 50), ""},
		"joins":             {joins(65), sqlerr.TooComplex},
		"joins in bounds":   {joins(64), ""},
		"comma joins":       {"SELECT 1 FROM t" + many(", t", 400), sqlerr.TooComplex},
		"chain":             {"SELECT 1" + many("+1", 1001), sqlerr.TooComplex},
		"chain in bounds":   {"SELECT 1" + many("+1", 999), ""},
		"or chain":          {"SELECT 1 FROM t WHERE a = 1" + many(" OR a = 1", 600), sqlerr.TooComplex},
		"unions":            {"SELECT 1" + many(" UNION ALL SELECT 1", 257), sqlerr.TooComplex},
		"unions in bounds":  {"SELECT 1" + many(" UNION ALL SELECT 1", 256), ""},
		"types":             {"CREATE STREAM s (a " + many("ARRAY<", 50) + "INT" + many(">", 50) + ")", sqlerr.TooComplex},
		"body":              {"CREATE STREAMJOB j AS ('INSERT INTO a SELECT " + many("(", 300) + "1" + many(")", 300) + "')", sqlerr.TooComplex},
		"many statements":   {many("SELECT 1+1;", 2000), ""},
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

// TestResultsAreOwn: the library hands out a slice that its next call overwrites.
func TestResultsAreOwn(t *testing.T) {
	first, err := ParseQuery("SELECT 包, 删 FROM 流", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := ParseQuery("SELECT x FROM y", nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := first.(*ast.Select).Items[1].X.(*ast.ColumnRef).Column(); got != "删" {
		t.Errorf("second column is %q", got)
	}
}

func TestReservedWordsAreTheLibrarys(t *testing.T) {
	for _, w := range strings.Fields("SELECT FROM KEY PARTITION RANK ROW GROUPS ARRAY TABLESAMPLE") {
		if !ast.Reserved(w) {
			t.Errorf("%s should be reserved", w)
		}
	}
	for w, c := range classes {
		if c&keyword == 0 {
			continue
		}
		if _, err := ParseQuery("SELECT a AS "+ast.QuoteName(strings.ToLower(w))+" FROM t", nil); err != nil {
			t.Errorf("%s as an alias in its normal form: %v", w, err)
		}
		if _, err := ParseQuery("SELECT "+ast.QuoteName(strings.ToLower(w))+", t."+strings.ToLower(w)+" FROM t", nil); err != nil {
			t.Errorf("%s as a column in its normal form: %v", w, err)
		}
	}
}

func TestParseExprAndMap(t *testing.T) {
	e, err := parseExpr("a + b", ast.OffsetMap{{At: 0, From: 100}, {At: 4, From: 200}})
	if err != nil {
		t.Fatal(err)
	}
	b := e.(*ast.Binary)
	if b.L.Position() != 100 || b.OpPos != 102 || b.R.Position() != 200 {
		t.Errorf("positions %d %d %d, want 100 102 200", b.L.Position(), b.OpPos, b.R.Position())
	}
	for _, text := range []string{"", "a, b", "a b", "a FROM t", "a;b", "*", "a AS b", "SELECT 1", "a UNION SELECT b"} {
		if _, err := parseExpr(text, nil); err == nil {
			t.Errorf("%q was read as an expression", text)
		}
	}
}

func TestNormalForm(t *testing.T) {
	same := []string{"select A from T where b=1 -- x", "SELECT A\nFROM t WHERE ((b) = (1));", "select `A` from \"T\" where b /* y */ = 1"}
	for _, text := range same {
		got, err := normalForm(text)
		if err != nil || got != "SELECT A FROM t WHERE b = 1" {
			t.Errorf("normalForm(%q) = %q, %v", text, got, err)
		}
	}
}
