package parser

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

var seeds = []string{
	"SELECT a, count(*) FROM s GROUP BY tumble(ts, INTERVAL '1' MINUTE)",
	"select x，y from t", "select 'it''s', E'a\\nb', $$x$$, x'ff', \"q\", `r`, $1 -- c\n, 2 # d",
	"CREATE STREAM s (id INT, key STRING COMMENT 'k', WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' TBLPROPERTIES (\"a\"=\"b\")",
	"CREATE STREAMJOB j AS (\"insert into a select \"\"b\"\" from c\") JOBPROPERTIES ('a'='b',--注释\n'c'=1)",
	"CREATE STREAMJOB j AS (E'insert into a select \\'x\\' from c')", "select a is distinct from b from t full join u using (c)",
	"select * from table(hop(table s, descriptor(ts), interval '1' second, interval '2' second)) w", "start streamjob 1a from checkpoint 3",
	"select a from s streamwindow w as (length '1' second slide '1' second)", "with a as (select 1) select * from (values (1)) v(x), a",
	"select id, sum(v) from s sessionwindow w as (init[op='login' exclude] end[m['k'][2] > 1 exclude] keyedby(id, a) timeout '10' minute) where v > 1 group by op",
	"COPY (SELECT 1) TO STDOUT WITH (FORMAT csv)", "FETCH 10 FROM c WITH (TIMEOUT = '1s')", "SET TIME ZONE 'UTC'", "select ((1", "select -a.b::int::text, f(x)::numeric, case when a then b end::date from t where a !~* 'x'::text limit all offset $1::int", "select int '5' offset 1 limit 2", "/* /* */",
	"select * from t x match_recognize (partition by k order by ts measures first(a.x) as m all rows per match after match skip to last b pattern ((a | b c+?){2,} {- d -}) within interval '1' hour define a as a.x > prev(a.x)) m",
	"select sum(a) filter (where b) over (w order by c nulls last range between interval '1' day preceding and unbounded following), array[1, m['k'][2]], (x).y[1].z::int[] from t window w as (partition by b)",
	"select row(1, a) = any (select 1), ts at time zone 'UTC', interval '1' day to hour, a.b.c.d from s for system_time as of o.ts as d natural full join unnest(x) with ordinality u (v) join lateral (select 1) y on a is distinct from b + 1",
	"select a from t group by grouping sets ((a, b), (), rollup (c)), cube (d)", "create stream s (a int[], b time(3), c timestamp with time zone, d struct<x map<string, int>>)",
	"select cast(a as decimal(3,1)), try_cast(b as array<map<int,string>>)", "select 1 union (select 2 intersect select 3) order by 1 limit 1 offset 2",
}

// FuzzLex: the lexer and splitter never panic, and tokens follow one another within the text.
func FuzzLex(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		toks, err := lex(&source{text: text})
		if err != nil {
			checkErrorPosition(t, text, err)
			return
		}
		end := 0
		for _, tok := range toks {
			if tok.start < end || tok.end < tok.start || tok.end > len(text) {
				t.Fatalf("token %+v behind %d in %q", tok, end, text)
			}
			end = tok.end
		}
		if _, err := split(text); err != nil {
			t.Fatalf("lexed, but not split: %v", err)
		}
	})
}

// FuzzDDL: whatever follows the words of our own statements.
func FuzzDDL(f *testing.F) {
	heads := []string{"CREATE STREAM ", "CREATE STREAMJOB j AS ", "CREATE STREAM s (", "SHOW ", "START STREAMJOB ", "SET ", "COPY ", "FETCH "}
	for i, s := range seeds {
		f.Add(uint8(i), s)
	}
	f.Fuzz(func(t *testing.T, head uint8, text string) { checkParse(t, heads[int(head)%len(heads)]+text) })
}

// FuzzParse: no panic, positions within the text, and a normal form that is stable.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(checkParse)
}

// FuzzSplice: as FuzzParse, for texts that are made of words: some of one seed stand in another.
func FuzzSplice(f *testing.F) {
	for i := range seeds {
		f.Add(uint8(i), uint8(i+1), uint8(i), uint8(3), uint8(2*i), uint8(i%2))
	}
	f.Fuzz(func(t *testing.T, into, of, from, n, at, drop uint8) {
		inner, outer := wordsOf(seeds[int(of)%len(seeds)]), wordsOf(seeds[int(into)%len(seeds)])
		if len(inner) == 0 || len(outer) == 0 {
			return
		}
		begin, place := int(from)%len(inner), int(at)%len(outer)
		end, behind := min(begin+int(n)%8, len(inner)), min(place+int(drop)%4, len(outer))
		checkParse(t, strings.Join(slices.Concat(outer[:place], inner[begin:end], outer[behind:]), " "))
	})
}

// wordsOf cuts a text into its tokens as they stand.
func wordsOf(text string) (words []string) {
	toks, err := lex(&source{text: text})
	if err != nil {
		return strings.Fields(text)
	}
	for _, tok := range toks[:len(toks)-1] {
		words = append(words, text[tok.start:tok.end])
	}
	return words
}

func checkParse(t *testing.T, text string) {
	list, err := Parse(text)
	if err != nil {
		checkErrorPosition(t, text, err)
		return
	}
	for _, s := range list {
		eachPosition(reflect.ValueOf(s), func(name string, at int) {
			if at < ast.NoPos || at > len(text) {
				t.Fatalf("%s = %d is outside of %q", name, at, text)
			}
		})
		normal := s.String()
		again, err := ParseOne(normal)
		if err != nil {
			if code := sqlerr.From(err).Code; code == sqlerr.TooComplex || code == sqlerr.ProgramLimit {
				return // the normal form has more brackets
			}
			t.Fatalf("%q has the normal form %q, which fails: %v", text, normal, err)
		}
		if again.String() != normal {
			t.Fatalf("normal form of %q changes:\n%q\n%q", text, normal, again)
		}
	}
}

func checkErrorPosition(t *testing.T, text string, err error) {
	t.Helper()
	e := sqlerr.From(err)
	if e.Position < 0 || e.Position > len(text)+1 {
		t.Fatalf("position %d is outside of %q", e.Position, text)
	}
	if e.Code == sqlerr.Internal {
		t.Fatalf("%q: %v (%v)", text, err, e.Cause)
	}
}
