package syntax

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/sql/sqlerr"
)

// shapes are the queries of a file, with ;; between them.
func shapes(t testing.TB, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n;;\n")
}

// TestShapes: what psql 15 asks for its commands is read, of a server that says 15 (psql15.sql) and of one that says 13, and what
// SQLAlchemy 2, pandas, asyncpg and pgJDBC 42.7 ask of the catalog (drivers.sql).
func TestShapes(t *testing.T) {
	for _, path := range []string{"testdata/psql15.sql", "testdata/psql13.sql", "testdata/drivers.sql"} {
		for _, text := range shapes(t, path) {
			if q, _, err := Parse(text); err != nil || q.Body == nil {
				t.Errorf("%s: %v\n%s", path, err, text)
			}
		}
	}
}

// dump shows a tree with a bracket round each operation.
func dump(v any) string {
	switch x := v.(type) {
	case *Literal:
		if x.Kind == Text {
			return "'" + x.Text + "'"
		}
		return strings.TrimSpace(x.Text + " ")
	case *Column:
		return strings.Join(append(append([]string{}, x.Qualifiers...), x.Name), ".")
	case *Param:
		return fmt.Sprintf("$%d", x.Number)
	case *Binary:
		return "(" + dump(x.L) + " " + x.Op + " " + dump(x.R) + ")"
	case *Unary:
		return "(" + x.Op + " " + dump(x.X) + ")"
	case *Cast:
		return fmt.Sprintf("%s::%s%s", dump(x.X), x.To.Name, map[bool]string{true: "[]"}[x.To.Array])
	case *Is:
		return fmt.Sprintf("(%s IS %t %s)", dump(x.X), !x.Not, x.What)
	case *Between:
		return fmt.Sprintf("(%s BETWEEN %s, %s)", dump(x.X), dump(x.Low), dump(x.High))
	case *In:
		return fmt.Sprintf("(%s IN %v)", dump(x.X), dumps(x.List))
	case *Call:
		return x.Name + dumps(x.Args)
	case *Subscript:
		return dump(x.X) + "[" + dump(x.Index) + "]"
	case *Field:
		return "(" + dump(x.X) + ")." + x.Name
	case *Quantified:
		return fmt.Sprintf("(%s %s each %s)", dump(x.X), x.Op, dump(x.Array))
	case *ArrayList:
		return "array" + dumps(x.Items)
	case *Row:
		return "row" + dumps(x.Items)
	case *Case:
		return fmt.Sprintf("case of %d", len(x.Whens))
	}
	return reflect.TypeOf(v).String()
}

func dumps(list []Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = dump(x)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// TestPrecedence: operators bind as PostgreSQL's table of them says.
func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		"1 + 2 * 3 - 4":                     "((1 + (2 * 3)) - 4)",
		"2 ^ 3 ^ 2":                         "((2 ^ 3) ^ 2)",
		"a or b and not c = d":              "(a OR (b AND (NOT (c = d))))",
		"not a is null":                     "(NOT (a IS true NULL))",
		"a = b is true":                     "((a = b) IS true TRUE)",
		"a || b = c || d":                   "((a || b) = (c || d))",
		"a + 1 between 2 and 3 + 4 and b":   "(((a + 1) BETWEEN 2, (3 + 4)) AND b)",
		"a in (1, 2) = b":                   "((a IN (1, 2)) = b)",
		"-a::int":                           "(- a::int)",
		"-1 * 2":                            "((- 1) * 2)",
		"(f(x)).n + 1":                      "((f(x)).n + 1)",
		"a.b.c":                             "a.b.c",
		"x operator(pg_catalog.~) 'y' || z": "((x ~ 'y') || z)",
		"a = any (b) and c":                 "((a = each b) AND c)",
		"a like 'x' || 'y'":                 "(a ~~ ('x' || 'y'))",
		"a not like b escape '!'":           "(a !~~ like_escape(b, '!'))",
		"a at time zone 'utc' + b":          "(timezone('utc', a) + b)",
		"extract(epoch from a - b)":         "date_part('epoch', (a - b))",
		"position('a' in b || c)":           "strpos((b || c), 'a')",
		"substring(a from 2 for 3)":         "substring(a, 2, 3)",
		"substring(a for 3)":                "substring(a, 1, 3)",
		"trim(leading 'x' from a)":          "ltrim(a, 'x')",
		"cast(a as character varying(20))":  "a::varchar",
		"timestamp with time zone '2026'":   "'2026'::timestamptz",
		"date '2026-01-01' < now()":         "('2026-01-01'::date < now())",
		"1 - -2":                            "(1 - (- 2))",
		"a<-1":                              "(a < (- 1))",
		"a @> b":                            "(a @> b)",
		"$1::int + $2":                      "($1::int + $2)",
		"current_schema":                    "current_schema()",
		"(a, b) = row(1, 2)":                "(row(a, b) = row(1, 2))",
		"array[1, 2][1]":                    "array(1, 2)[1]",
		"'a' 'b'":                           "'a'", // on one line they are two
	} {
		q, _, err := Parse("select " + text)
		if text == "'a' 'b'" {
			if err == nil {
				t.Errorf("%s is read", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := dump(q.Body.(*Core).Items[0].X); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestErrors: a fault is told with its place, counted from 1.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text    string
		at      int
		message string
	}{
		{"select 1 +", 11, "syntax error at end of input"},
		{"select from where", 13, `syntax error at or near "where"`},
		{"select (1", 10, "syntax error at end of input"},
		{"select 1 1", 10, `syntax error at or near "1"`},
		{"selec 1", 1, `syntax error at or near "selec"`},
		{"select 'abc", 8, `unterminated quoted string at or near "'abc"`},
		{`select "a`, 8, `unterminated quoted identifier at or near ""a"`},
		{"select /* a", 8, "unterminated /* comment"},
		{"select $$a", 8, "unterminated dollar-quoted string"},
		{"values (1), (1, 2)", 13, "VALUES lists must all be the same length"},
		{"select * from a join b", 23, "syntax error at end of input"},
		{"select case end", 13, `syntax error at or near "end"`},
		{"select $0", 8, "there is no parameter $0"},
		{"select 1; select 2", 11, `syntax error at or near "select"`},
		{"select a is b", 13, `syntax error at or near "b"`},
		{"select 1 \x01", 10, "syntax error at or near \"\\x01\""},
	} {
		_, _, err := Parse(c.text)
		var e *sqlerr.Error
		if !errors.As(err, &e) || e.Message != c.message || e.Position != c.at {
			t.Errorf("%s: %v at %d, want %s at %d", c.text, err, position(err), c.message, c.at)
		}
	}
}

func position(err error) int {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.Position
	}
	return 0
}

// TestDeep: what is nested deeply is refused, and soon; what is long is read.
func TestDeep(t *testing.T) {
	many := 100_000
	for name, text := range map[string]string{
		"brackets": "select " + strings.Repeat("(", many) + "1" + strings.Repeat(")", many),
		"queries":  strings.Repeat("(select ", many) + "1",
		"minus":    "select " + strings.Repeat("- ", many) + "1",
		"not":      "select " + strings.Repeat("not ", many) + "true",
		"from":     "select * from " + strings.Repeat("(select * from ", many),
		"arrays":   "select array" + strings.Repeat("[", many),
		"case":     "select " + strings.Repeat("case when ", many),
		"calls":    "select " + strings.Repeat("f(", many),
		"any":      "select 1 = " + strings.Repeat("any(1 = ", many),
	} {
		began := time.Now()
		_, _, err := Parse(text)
		var e *sqlerr.Error
		if !errors.As(err, &e) || e.Code != sqlerr.TooComplex && e.Code != sqlerr.ProgramLimit {
			t.Errorf("%s: %v", name, err)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s: it takes %v", name, d)
		}
	}
	if _, _, err := Parse("select 1" + strings.Repeat(" + 1", 20_000)); err != nil {
		t.Error(err)
	}
	if _, _, err := Parse("select " + strings.Repeat(" ", maxBytes)); err == nil {
		t.Error("a text above the bound is read")
	}
}

// FuzzParse: no text makes it panic or run on.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/psql15.sql", "testdata/psql13.sql", "testdata/drivers.sql"} {
		for _, text := range shapes(f, path) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, params, err := Parse(text)
		if (q == nil) != (err != nil) || params < 0 {
			t.Fatal(q, params, err)
		}
		var e *sqlerr.Error
		if errors.As(err, &e) && (e.Position < 0 || e.Position > len(text)+1) {
			t.Fatalf("position %d in %d bytes", e.Position, len(text))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := shapes(b, "testdata/psql13.sql")[3]
	for b.Loop() {
		if _, _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOperatorsOfSigns: PostgreSQL's rule for operators that end in + or -; half a million of them cost no more than their reading.
func TestOperatorsOfSigns(t *testing.T) {
	for text, want := range map[string]string{"+-": "+ -", "*+-": "* + -", "@+-": "@+-", "+-@-": "+-@-", "<=-": "<= -", "-+*-+": "-+* - +", "+@--": "+@", "=/**/-": "= -"} {
		list, err := lex(text)
		var got []string
		for _, tok := range list {
			if tok.kind == operator {
				got = append(got, tok.text)
			}
		}
		if s := strings.Join(got, " "); err != nil || s != want {
			t.Errorf("%s is cut into %s, want %s", text, s, want)
		}
	}
	if list, err := lex(strings.Repeat("+", 500_000)); err != nil || len(list) != 500_001 {
		t.Fatal(len(list), err)
	}
}
