package parser

import (
	"strings"
	"testing"
)

// TestSplit: the statements of a text between bars, the last with … if it is not ended.
func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                 "",
		" -- nothing\n;;":                                  "",
		"select 1":                                         "select 1…",
		"select 1;":                                        "select 1",
		"select 1; ;select 2 ; ":                           "select 1|select 2",
		"select ';' ; select \"a;b\"; x":                   `select ';'|select "a;b"|x…`,
		"select 1 -- a;b\n; select 2":                      "select 1|select 2…",
		"select /* ; */ 1; /* open ; ":                     "select /* ; */ 1|/* open ; …",
		"select 'open; ":                                   "select 'open; …",
		"select 1; 'open; ":                                "select 1|'open; …",
		"select $$ ; $$; select $a$ ; $$;":                 "select $$ ; $$|select $a$ ; $$;…",
		"select E'\\'; ' ; select 2;":                      `select E'\'; '|select 2`,
		"select E'\\u12; ' ; select 2;":                    `select E'\u12; '|select 2`,
		"select 中文 ， 1; select £ 2;":                       "select 中文 ， 1|select £ 2",
		"select '\xff;'; 2;":                               "select '\xff;'|2",
		"insert into s values (1;2), (;":                   "insert into s values (1|2), (",
		"EXECUTE STATEMENT SET BEGIN a; b;":                "EXECUTE STATEMENT SET BEGIN a; b;…",
		"EXECUTE STATEMENT SET BEGIN a; END":               "EXECUTE STATEMENT SET BEGIN a; END…",
		"EXECUTE STATEMENT SET BEGIN a; b; END; select 1;": "EXECUTE STATEMENT SET BEGIN a; b; END|select 1",
	} {
		var got []string
		for _, p := range Split(text) {
			s := text[p.From:p.To]
			if !p.Ended {
				s += "…"
			}
			got = append(got, s)
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%q: %q, want %q", text, g, want)
		}
	}
	p := Split("COPY s FROM ':a' :b ::int x[:c] := /* :d */ ; rest")[0]
	if strings.Join(p.Words, " ") != "COPY S FROM B INT X C" || len(p.Colons) != 2 || p.Next != 45 {
		t.Errorf("%+v", p)
	}
}

// FuzzSplit: whatever the text, parts stand one behind the other within it.
func FuzzSplit(f *testing.F) {
	f.Add("select 1; 'x")
	f.Add("000000000$\"0")
	f.Add("EXECUTE STATEMENT SET BEGIN E'\\u';")
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, p := range Split(text) {
			if p.From < at || p.To <= p.From || p.Next < p.To || p.Next > len(text) {
				t.Fatalf("%q: %+v behind %d", text, p, at)
			}
			at = p.Next
		}
	})
}
