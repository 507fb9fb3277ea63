package conf

import (
	"strings"
	"testing"
)

var (
	limit  = IntOption("limit", "10", 1, 20, "rows", "O", "Rows.")
	secret = SecretOption("entry", "O", "What opens the door.")
	fields = FamilyOption("fields.", "O", "Of columns.")
	words  = ChoiceOption("words", "short", "short long", "O", "How it is said.")
)

func init() {
	limit.Aliases = []string{"max-rows"}
	limit.Elsewhere = []string{"row.limit"}
}

func scope() Scope { return Of(Stream).With(limit.Setting, secret.Setting, fields, words.Setting) }

// TestOptionsAreSettings: what a connector declares is checked, guessed at and hidden as what
// is declared here, and only in its scope.
func TestOptionsAreSettings(t *testing.T) {
	for _, c := range []struct {
		name      string
		list      []Property
		err, hint string
	}{
		{"good", []Property{P("LIMIT", "3"), P("connector", "x")}, "", ""},
		{"a family", []Property{P("fields.a.min", "3"), P("fields.b.max", "1")}, "", ""},
		{"out of bounds", []Property{P("limit", "30")}, "30 is not between 1 and 20", ""},
		{"unknown", []Property{P("limitt", "3")}, `unknown stream property "limitt"`, `Perhaps you meant "limit"`},
		{"another system's", []Property{P("Row.Limit", "3")}, `unknown stream property "Row.Limit"`, `Here it is "limit".`},
		{"twice by its alias", []Property{P("limit", "3"), P("max-rows", "4")}, "given twice", ""},
		{"no choice", []Property{P("words", "none")}, `"none" is none of short, long`, ""},
	} {
		_, _, err := scope().Parse(c.list)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), c.hint)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, _, err := Parse(Stream, []Property{P("limit", "3")}); err == nil {
		t.Error("an option is known where its connector is not")
	}
}

// TestReadingWhatWasStored: it is read whatever a former build let pass.
func TestReadingWhatWasStored(t *testing.T) {
	v := scope().Read([]Property{P("max-rows", "7"), P("Words", "LONG"), P("fields.A.min", "1"), P("topic", "x"), P("Their.Password", "planted"),
		P("entry", "planted")})
	if limit.Get(v) != 7 || words.Get(v) != "long" || v.Family("fields.")["A.min"] != "1" {
		t.Errorf("%v", v.Properties())
	}
	for _, p := range v.Redacted() {
		if strings.Contains(p.Value, "planted") {
			t.Errorf("%s is shown", p.Key)
		}
	}
	m := v.Map()
	if m["limit"] != "7" || m["words"] != "long" || m["topic"] != "x" || m["fields.a.min"] != "1" || len(m) != 6 {
		t.Errorf("%v", m)
	}
	again := scope().ReadMap(m)
	if limit.Get(again) != 7 || words.Get(again) != "long" {
		t.Errorf("%v", again.Properties())
	}
	bad := scope().Read([]Property{P("limit", "no number"), P("words", "neither")})
	if limit.Get(bad) != 10 || limit.IsSet(bad) || words.Get(bad) != "short" {
		t.Errorf("%d %s", limit.Get(bad), words.Get(bad))
	}
	other := v.With("limit", "8")
	if limit.Get(other) != 8 || limit.Get(v) != 7 || words.Get(other) != "long" {
		t.Error("With changes what it was made of")
	}
}
